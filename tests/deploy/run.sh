#!/usr/bin/env bash
# Deploys by the page, on machines that are namespaces of this one. Needs root, systemd, iproute2, nginx, PostgreSQL,
# Prometheus and buildah.
#
# Usage: tests/deploy/run.sh PATH_OF_HALLPASS
set -euo pipefail

hallpass=$(realpath "$1")
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/hallpass-deploy.XXXXXX")
trap 'rm -rf "$SCRATCH"' EXIT
trap 'exit 130' INT TERM
exec </dev/null

# Each alert alone first: whether it comes when it should, and not when it should not.
mkdir "$SCRATCH/alerts"
cp deploy/prometheus/alerts.yml tests/deploy/alerts.test.yml "$SCRATCH/alerts/"
(cd "$SCRATCH/alerts" && promtool test rules alerts.test.yml)

mkdir -p "$SCRATCH/checkout/target/dist"
cp -r deploy "$SCRATCH/checkout/"
strip --output-file="$SCRATCH/checkout/target/dist/hallpass" "$hallpass"

python=python3
[ ! -x "${CARGO_TARGET_DIR:-target}/tools/bin/python3" ] || python=${CARGO_TARGET_DIR:-$PWD/target}/tools/bin/python3
# What is mounted and started in there goes with it.
PYTHONDONTWRITEBYTECODE=1 unshare --mount --mount-proc --net --pid --fork --kill-child \
    "$python" tests/deploy/run.py "$SCRATCH/checkout" "$SCRATCH"
