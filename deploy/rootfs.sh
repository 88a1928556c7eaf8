#!/bin/sh
# Puts together all that a node needs in an image: the program, the libraries that it is linked to, the web's authorities,
# names of hosts, and an account of its own.
#
# Usage: deploy/rootfs.sh PATH_OF_HALLPASS FOLDER
set -eu
program=$1 into=$2

install -d -m 755 "$into/etc/ssl/certs" "$into/etc/hallpass" "$into/usr/local/bin"
install -m 755 "$program" "$into/usr/local/bin/hallpass"

ldd "$program" | grep -o '/[^ )]*' | while read -r library; do
    install -D -m 755 "$(readlink -f "$library")" "$into$library"
done
install -m 644 /etc/ssl/certs/ca-certificates.crt "$into/etc/ssl/certs/"
echo 'hosts: files dns' >"$into/etc/nsswitch.conf"
echo 'hallpass:x:65532:65532::/var/lib/hallpass:/sbin/nologin' >"$into/etc/passwd"
echo 'hallpass:x:65532:' >"$into/etc/group"
chmod 644 "$into/etc/nsswitch.conf" "$into/etc/passwd" "$into/etc/group"
