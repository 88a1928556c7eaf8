#!/bin/sh
# Becomes a machine: this one's files with a layer on top, and systemd as process 1.
#
# Usage: boot.sh NAME FOLDER CHECKOUT     in new namespaces; the layer goes into FOLDER, CHECKOUT to /srv/hallpass
set -eu
name=$1 folder=$2 checkout=$3
root=$folder/root

mount -t tmpfs -o mode=755 layer "$folder"
mkdir "$folder/upper" "$folder/work" "$root"
mount -t overlay -o "lowerdir=/,upperdir=$folder/upper,workdir=$folder/work" machine "$root"
cp -a "$checkout" "$root/srv/hallpass"

mount -t proc proc "$root/proc"
mount --bind "$root/proc/sys" "$root/proc/sys"
mount -o remount,bind,ro "$root/proc/sys"
mount -t sysfs -o ro sysfs "$root/sys"
mount -t cgroup2 cgroup "$root/sys/fs/cgroup"
mount -t tmpfs -o mode=755 run "$root/run"
mount -t tmpfs -o mode=1777 tmp "$root/tmp"
mount -t tmpfs -o mode=755 dev "$root/dev"
for device in null zero full random urandom tty; do
    touch "$root/dev/$device"
    mount --bind "/dev/$device" "$root/dev/$device"
done
mkdir "$root/dev/pts" "$root/dev/shm"
mount -t devpts -o newinstance,mode=620,ptmxmode=666 devpts "$root/dev/pts"
mount -t tmpfs -o mode=1777 shm "$root/dev/shm"
ln -s pts/ptmx "$root/dev/ptmx"
ln -s /proc/self/fd "$root/dev/fd"

# Nothing that this machine starts by itself is started there, and nothing there reaches for the kernel.
rm -rf "$root"/etc/systemd/system/*.wants
for unit in binfmt modules-load remount-fs sysctl udevd; do
    ln -sf /dev/null "$root/etc/systemd/system/systemd-$unit.service"
done
: >"$root/etc/machine-id"
echo "$name" >"$root/etc/hostname"
printf '127.0.0.1 localhost\n' >"$root/etc/hosts"
hostname "$name"

# Turned round, not only shut in: a process in a chroot may make no namespace of users.
mkdir "$root/before"
cd "$root"
pivot_root . before
umount -l /before
rmdir /before
# What is mounted in one place is seen in all, as systemd expects: it hands over secrets that way.
mount --make-rshared /
exec /usr/bin/env -i container=hallpass PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin \
    /lib/systemd/systemd --system --unit=basic.target --log-target=journal --show-status=no
