# Words for scenarios; put before every script that the driver runs in the guest.
export SEALDOCK_STATION=/var/lib/sealdock/station SEALDOCK_LOG=warn LC_ALL=C.UTF-8
PINS=/etc/sealdock/pins

# So many clips are in custody.
stored() {
    local count
    count=$(sealdock clip list --json | grep -o '"clip": *"C' | wc -l)
    [ "$count" -eq "$1" ] || { echo "$count clips are stored, not $1"; return 1; }
}

# The disk behind a dock port, or nothing: `disk_at 1` prints sda.
disk_at() {
    local link
    for link in /dev/disk/by-path/pci-0000:00:04.0-usb-0:"$1":1.0-scsi-0:0:0:0; do
        [ -e "$link" ] && basename "$(readlink -f "$link")"
    done
}

# Mounts the volume of a port by hand, as sealdock's own unit would.
mount_port() {
    local disk
    disk=$(disk_at "$1") && [ -n "$disk" ] || { echo "no disk at port $1"; return 1; }
    mkdir -p /mnt/card && mount -o "${2:-ro},nodev,nosuid,noexec" "/dev/$disk" /mnt/card
}

# Digests of everything kept, from the disk itself.
kept_digests() { find "$SEALDOCK_STATION/vault/kept" -type f -exec sha256sum {} +; }

# Nothing is being docked any more.
settled() { :; }

check_deep() { sealdock check --deep; }

# For the report of a scenario that failed.
tell_everything() {
    sealdock status
    sealdock log show --count 40
    sealdock session list
    lsblk -f
    findmnt
    lsusb -t
    journalctl -b --no-pager -n 400
    dmesg | tail -n 100
}
