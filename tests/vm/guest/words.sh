# Words for scenarios; put before every script that the driver runs in the guest.
export SEALDOCK_STATION=/var/lib/sealdock SEALDOCK_LOG=warn LC_ALL=C.UTF-8
PINS=/etc/sealdock/pins

# So many clips are in custody.
stored() {
    local count
    count=$(sealdock clip list --json | jq '.clips | length')
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

# What `status` says of a bay matches an expression: `said bay-1 '完成'`.
said() {
    sealdock status --json | jq -e --arg bay "$1" --arg words "$2" \
        '[.docked[] | select(.bay == $bay) | .text | test($words)] | any' >/dev/null && return
    sealdock status
    return 1
}

# The operator reads that what is at a bay's port was not let in, or is not mounted.
refused() {
    sealdock status --json | jq -e --arg bay "$1" '[.ports[] | select(.bay == $bay)] | length > 0' >/dev/null && return
    sealdock status
    return 1
}

# Nothing is being docked any more.
settled() {
    systemctl is-active --quiet sealdock.service || return 0
    sealdock status --json | jq -e '[.docked[] | select(.state == "running")] | length == 0' >/dev/null && return
    sealdock status
    return 1
}

# USB devices at a port of the dock, on either of its two buses.
devices_at() { ls -d /sys/bus/usb/devices/[0-9]*-"$1" 2>/dev/null; }

unauthorised() {
    local device seen=1
    for device in $(devices_at "$1"); do
        seen=0
        [ "$(cat "$device/authorized")" = 0 ] || { echo "$device is authorised"; return 1; }
    done
    [ $seen = 0 ] || echo "nothing at port $1"
    return $seen
}

authorised() {
    local device seen=1
    for device in $(devices_at "$1"); do
        seen=0
        [ "$(cat "$device/authorized")" = 1 ] || { echo "$device is not authorised"; return 1; }
    done
    return $seen
}

# Interfaces at a port that a driver took.
bound() { ls -d /sys/bus/usb/devices/[0-9]*-"$1":*/driver 2>/dev/null; }

check_deep() { sealdock check --deep; }

# For the report of a scenario that failed.
tell_everything() {
    sealdock status
    sealdock log show --count 40
    sealdock session list
    lsblk -f
    findmnt
    lsusb -t
    find /run/sealdock -type f -name '*.json' -exec head -c 2000 {} +
    systemctl list-units --all --no-pager 'sealdock*'
    journalctl -b --no-pager -n 400
    dmesg | tail -n 100
}
