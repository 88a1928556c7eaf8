#!/usr/bin/env bash
# Holds the pages against the program: the reference against what `hallpass` says of itself, the endpoints against a
# running server, and the snippets in other languages against its tokens.
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
of() {
    python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$SCRATCH/ready" "$1"
}
issuer=$(of issuer)

python=python3
[ ! -x "$TARGET/tools/bin/python3" ] || python=$TARGET/tools/bin/python3
"$python" tests/docs.py "$hallpass" "$SCRATCH/ready"

# --- Strangers accept tokens of each profile, and refuse one that was changed ---------------------------------------

ours() {
    "$hallpass" --data "$SCRATCH/house" "$@" >/dev/null 2>"$SCRATCH/said" || {
        cat "$SCRATCH/said" >&2
        return 1
    }
}
ours resources create https://compat.example --scope orders:read --profile compat
ours resources create https://modern.example --scope orders:read --profile modern
ours apps update demo --resource "$(of resource)" --resource https://compat.example --resource https://modern.example
HALLPASS_API_KEY=$(
    "$hallpass" --data "$SCRATCH/house" keys create demo --name docs --env test --scope orders:read 2>/dev/null
)
export HALLPASS_API_KEY

verify() {
    case $1 in
        py) "$TARGET/strangers/venv/bin/python" tests/strangers/verify.py "${@:2}" ;;
        mjs) (cd "$TARGET/strangers" && node verify.mjs "${@:2}") ;;
    esac
}
cp tests/strangers/verify.mjs "$TARGET/strangers/"
for audience in "$(of resource) at+jwt" "https://compat.example JWT" "https://modern.example at+jwt"; do
    read -r resource typ <<<"$audience"
    "$hallpass" token get --issuer "$issuer" --resource "$resource" >"$SCRATCH/token"
    sed 's/^\([^.]*\.[^.]*\.\)\(.\)/\1_\2/' "$SCRATCH/token" >"$SCRATCH/changed"
    for language in py mjs; do
        claims=$(verify "$language" "$issuer" "$resource" "$typ" <"$SCRATCH/token")
        [[ $claims == *'"client_id":'*demo* ]]
        for bad in "changed $resource $typ" "token https://other.example $typ" "token $resource other"; do
            read -r file wrong_resource wrong_typ <<<"$bad"
            if verify "$language" "$issuer" "$wrong_resource" "$wrong_typ" <"$SCRATCH/$file" >"$SCRATCH/said" 2>&1; then
                echo "docs.sh: verify.$language accepted $bad" >&2
                exit 1
            fi
        done
        echo "verify.$language accepts a token for $resource, and no other"
    done
done
