#!/usr/bin/env bash
# Holds the pages that are not generated against the program: exit codes and errors against what `hallpass` says of itself,
# and the endpoints against a running server.
#
# Usage: tests/docs.sh PATH_OF_HALLPASS
set -euo pipefail

hallpass=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/.."
TARGET=${CARGO_TARGET_DIR:-$PWD/target}
SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/hallpass-docs.XXXXXX")
server=
leave() {
    [ -z "$server" ] || kill "$server" 2>/dev/null || true
    rm -rf "$SCRATCH"
}
trap leave EXIT
trap 'exit 130' INT TERM
exec </dev/null

"$hallpass" dev --json --data "$SCRATCH/house" --listen 127.0.0.1:0 >"$SCRATCH/ready" 2>"$SCRATCH/log" &
server=$!
for ((tries = 0; tries < 300; tries++)); do
    [ ! -s "$SCRATCH/ready" ] || break
    sleep 0.1
done
if [ ! -s "$SCRATCH/ready" ]; then
    cat "$SCRATCH/log" >&2
    exit 1
fi
python=python3
[ ! -x "$TARGET/tools/bin/python3" ] || python=$TARGET/tools/bin/python3
"$python" tests/docs.py "$hallpass" "$SCRATCH/ready"
