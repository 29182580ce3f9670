#!/bin/bash
# Makes a debootstrapped tree into the guest: prepare.sh ROOTFS GUEST_FOLDER. No mount, no loop device.
set -euo pipefail
root=$1 guest=$2
install -m 755 "$guest/vm-shell" "$root/usr/local/sbin/vm-shell"
install -m 644 "$guest/vm-shell.service" "$root/etc/systemd/system/vm-shell.service"
mkdir -p "$root/etc/systemd/system/sysinit.target.wants"
ln -sf ../vm-shell.service "$root/etc/systemd/system/sysinit.target.wants/vm-shell.service"
printf 'virtio_blk\nvirtio_pci\nvirtio_console\n' >>"$root/etc/initramfs-tools/modules"
# Every module would triple the time in which the initial file system is unpacked.
sed -i 's/^MODULES=.*/MODULES=list/' "$root/etc/initramfs-tools/initramfs.conf"
printf 'ext4\ncrc32c_generic\n' >>"$root/etc/initramfs-tools/modules"
printf '/dev/vda / ext4 rw,relatime 0 1\n' >"$root/etc/fstab"
echo station >"$root/etc/hostname"
printf '127.0.0.1 localhost station\n' >"$root/etc/hosts"
echo 'Asia/Shanghai' >"$root/etc/timezone"
# What a station would not have either, and what only costs time under emulation.
for unit in apt-daily.timer apt-daily-upgrade.timer e2scrub_all.timer fstrim.timer dpkg-db-backup.timer \
    getty@tty1.service systemd-timesyncd.service; do
    ln -sf /dev/null "$root/etc/systemd/system/$unit"
done
chroot "$root" update-initramfs -u -k all
rm -rf "$root/var/cache/apt/archives/"*.deb "$root/var/lib/apt/lists/"* "$root/usr/share/doc" "$root/usr/share/locale" \
    "$root/usr/share/man"
