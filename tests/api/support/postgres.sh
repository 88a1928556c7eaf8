# A private PostgreSQL cluster in the folder $1, reached by a socket there. It ends, and the folder goes, when the file
# `alive` has not been touched for a minute. initdb refuses root, so root steps down to the account `postgres`.
folder=$1
exec >"$folder/log" 2>&1
bin=$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -V | tail -1)
[ -n "$bin" ] || bin=$(dirname "$(command -v postgres)")
as=
if [ "$(id -u)" = 0 ]; then
    chown postgres "$folder"
    as="setpriv --reuid=postgres --regid=postgres --clear-groups"
fi
export LC_ALL=C.UTF-8
$as "$bin/initdb" -D "$folder/data" -U postgres -A trust -E UTF8 --no-sync || exit 1
$as "$bin/postgres" -D "$folder/data" -k "$folder" -c listen_addresses= -c max_connections=400 -c fsync=off \
    -c shared_buffers=64MB &
server=$!
while kill -0 "$server" 2>/dev/null; do
    sleep 5
    if [ -z "$(find "$folder/alive" -newermt '60 seconds ago' 2>/dev/null)" ]; then
        kill -INT "$server"
        wait "$server"
        rm -rf "$folder"
    fi
done
