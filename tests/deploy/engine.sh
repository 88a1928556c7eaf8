#!/usr/bin/env bash
# Does what the page says of containers, on the engine that is here. Needs root, docker with Compose 2, port 443 and the
# addresses 10.83.0.0/24.
#
# Usage: tests/deploy/engine.sh
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/../.."
SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/hallpass-containers.XXXXXX")
# A project of its own: whoever has deployed on this machine keeps what they have.
export COMPOSE_PROJECT_NAME=hallpass-test PYTHONDONTWRITEBYTECODE=1
clear() {
    (cd "$SCRATCH/checkout/deploy" && docker compose down --volumes --rmi local) || true
    rm -rf "$SCRATCH"
}
trap clear EXIT
trap 'exit 130' INT TERM

mkdir "$SCRATCH/checkout"
git ls-files -z --cached --others --exclude-standard | tar --null --files-from=- --create |
    tar --extract --directory "$SCRATCH/checkout"
printf '127.0.0.1 localhost id.example\n' >"$SCRATCH/hosts"
# shellcheck disable=SC2016
unshare --mount sh -c 'mount --bind "$1/hosts" /etc/hosts && exec python3 tests/deploy/engine.py "$1/checkout"' sh "$SCRATCH"
