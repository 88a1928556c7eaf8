#!/usr/bin/env bash
# Runs the commands of a page as they stand there, on ports that are free and with a database of their own.
#
# Usage: tests/readme.sh [PAGE]      README.md unless one is named
#
# Blocks of `sh` run one after the other, in one shell. A comment above a block says what is different about it:
#   <!-- test: serves URL -->     it goes on; the next block runs once URL answers
#   <!-- test: file NAME -->      it is the file NAME; from there on, commands run in that file's folder
#   <!-- test: not from here -->  it is left out
# Blocks of `rust` are compiled.
set -euo pipefail

cd "$(dirname "${BASH_SOURCE[0]}")/.."
ROOT=$PWD
PAGE=${1:-README.md}
TARGET=${CARGO_TARGET_DIR:-$ROOT/target}
export CARGO_TARGET_DIR=$TARGET
SCRATCH=$(mktemp -d "${TMPDIR:-/tmp}/hallpass-readme.XXXXXX")
serving=()

stop_serving() {
    local pid
    for pid in ${serving[@]+"${serving[@]}"}; do
        kill -- "-$pid" 2>/dev/null || true
        wait "$pid" 2>/dev/null || true
    done
    serving=()
}

leave() {
    stop_serving
    rm -rf "$SCRATCH"
}
trap leave EXIT
trap 'exit 130' INT TERM
exec </dev/null
set -m # Each server is a process group of its own, so that it can be stopped with what cargo started for it.

free_port() {
    python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
first=$(free_port)
second=$(free_port)
third=$(free_port)

# One file for each block: its language, what the comment above says, and its lines.
awk -v folder="$SCRATCH" -v first="$first" -v second="$second" -v third="$third" -v target="$TARGET" '
    /^<!-- test: .* -->$/ { sub(/^<!-- test: /, ""); sub(/ -->$/, ""); note = $0; next }
    /^```/ && !inside { inside = 1; language = substr($0, 4); file = sprintf("%s/%02d", folder, ++count)
                        print language > (file ".language"); print note > (file ".note"); printf "" > (file ".lines")
                        note = ""; next }
    /^```$/ { inside = 0; close(file ".lines"); next }
    { gsub(/127\.0\.0\.1:8080/, "127.0.0.1:" first); gsub(/127\.0\.0\.1:9000/, "127.0.0.1:" second)
      gsub(/127\.0\.0\.1:8090/, "127.0.0.1:" third)
      gsub(/target\/release/, target "/release") }
    inside { print > (file ".lines") }
    END { print count > (folder "/count") }
' "$PAGE"
sed -i "s#127.0.0.1:8080#127.0.0.1:$first#; s#127.0.0.1:9000#127.0.0.1:$second#; s#127.0.0.1:8090#127.0.0.1:$third#" "$SCRATCH"/*.note

# A developer's own database and root key are left alone.
mkdir "$SCRATCH/house"
export HALLPASS_DATABASE_URL=sqlite:$SCRATCH/house/hallpass.db HALLPASS_ROOT_KEY_FILE=$SCRATCH/house/root.key
export HALLPASS_SERVER_LISTEN=127.0.0.1:$first HALLPASS_METRICS_LISTEN=127.0.0.1:0

# An answer that says no is a failure here.
curl() {
    command curl --silent --show-error --fail-with-body "$@"
    echo
}

wait_for() {
    local url=$1 pid=$2 tries
    for ((tries = 0; tries < 12000; tries++)); do
        ! command curl --silent --output "$SCRATCH/answer" --max-time 2 "$url" || return 0
        kill -0 "$pid" 2>/dev/null || break
        sleep 0.1
    done
    echo "readme.sh: $url does not answer" >&2
    return 1
}

ran=0
for ((at = 1; at <= $(<"$SCRATCH/count"); at++)); do
    block=$(printf '%s/%02d' "$SCRATCH" "$at")
    language=$(<"$block.language")
    note=$(<"$block.note")
    case "$language/$note" in
        rust/)
            echo "-- compiles:"
            cat "$block.lines"
            (
                cd "$ROOT"
                # As the tests are built, so that nothing is built again.
                cargo build --quiet --workspace --all-features --lib --bins --tests 2>"$SCRATCH/build.log" || {
                    cat "$SCRATCH/build.log" >&2
                    exit 1
                }
                { echo '```rust,no_run' && cat "$block.lines" && echo '```'; } >"$block.md"
                rustdoc --edition 2024 --test "$block.md" -L "dependency=$TARGET/debug/deps" \
                    --extern "hallpass_verifier=$TARGET/debug/libhallpass_verifier.rlib" \
                    --extern "hallpass_client=$TARGET/debug/libhallpass_client.rlib"
            )
            ;;
        sh/serves*)
            # Whoever served on this address before has been shown enough.
            if command curl --silent --output "$SCRATCH/answer" --max-time 2 "${note#serves }"; then
                stop_serving
            fi
            echo "-- serves:"
            cat "$block.lines"
            # shellcheck source=/dev/null
            (source "$block.lines") >"$block.log" 2>&1 &
            serving+=($!)
            wait_for "${note#serves }" $! || {
                cat "$block.log" >&2
                exit 1
            }
            ;;
        sh/)
            echo "-- runs:"
            cat "$block.lines"
            # shellcheck source=/dev/null
            source "$block.lines"
            ;;
        */file*)
            mkdir "$SCRATCH/folder"
            cp "$block.lines" "$SCRATCH/folder/${note#file }"
            cd "$SCRATCH/folder"
            unset HALLPASS_DATABASE_URL HALLPASS_ROOT_KEY_FILE HALLPASS_SERVER_LISTEN
            ;;
        json/ | text/ | yaml/ | rust,ignore/ | sh/not*) continue ;;
        *)
            echo "readme.sh: what is to be done with a block of '$language' ($note)?" >&2
            exit 1
            ;;
    esac
    ran=$((ran + 1))
done
echo "$ran blocks of $PAGE work"
[ "$ran" -gt 0 ]
