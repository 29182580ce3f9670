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

# What `status` says of a bay's port matches an expression: `told bay-1 '键盘'`.
told() {
    sealdock status --json | jq -e --arg bay "$1" --arg words "$2" \
        '[.ports[] | select(.bay == $bay) | .text | test($words)] | any' >/dev/null && return
    sealdock status
    return 1
}

# What was not let in at a bay stands in the chain, for good: `alarmed bay-1`.
alarmed() {
    sealdock log show --json --count 50 | jq -e --arg bay "$1" \
        '[.. | objects | select(.type? == "dock.refused" and (tostring | contains($bay)))] | length > 0' >/dev/null && return
    sealdock log show --count 10
    return 1
}

# At least so many sessions ended in the middle of the work: `interrupted 50`.
interrupted() {
    local count
    count=$(sealdock log show --json --from 0 --count 10000 | jq \
        '[.entries[].event | select(.type == "session.closed" and (tostring | test("interrupted with")))] | length')
    [ "$count" -ge "$1" ] && return
    echo "$count sessions were interrupted, not $1"
    return 1
}

# The last session's sentence matches: `ended '中断'`.
ended() {
    sealdock session list --json | jq -e --arg words "$1" '.sessions[0].summary | test($words)' >/dev/null && return
    sealdock session list
    return 1
}

# Nothing is being docked any more.
settled() {
    systemctl is-active --quiet sealdock.service || return 0
    sealdock status --json | jq -e '[.docked[] | select(.state == "running")] | length == 0' >/dev/null && return
    sealdock status
    return 1
}

# USB devices at a port of the dock, on either of its two buses; `locked` and `plain` are the ports at which
# the guest plugs in its own recorders.
devices_at() {
    case $1 in
    locked) ls -d /sys/devices/platform/dummy_hcd.0/usb*/*-1 2>/dev/null ;;
    plain) ls -d /sys/devices/platform/dummy_hcd.1/usb*/*-1 2>/dev/null ;;
    *) ls -d /sys/devices/pci0000:00/0000:00:04.0/usb*/*-"$1" 2>/dev/null ;;
    esac
}

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
bound() {
    local device
    for device in $(devices_at "$1"); do
        ls -d "$device"/*:*/driver 2>/dev/null
    done
}

# Plugs in a recorder that the guest plays itself, with the card that `inside` gave it:
# `fake locked a password=123456` at the port that is bound to its profile, `fake composite a`, or another
# port with `port=plain`. See fake-recorder.py.
fake() {
    local what=$1 card=$2 port
    shift 2
    [ "$what" = locked ] && port=dummy_udc.0 || port=dummy_udc.1
    [ "$1" = port=plain ] && port=dummy_udc.1 && shift
    rm -f /run/fake.log
    fake-recorder "$what" "$port" "/dev/disk/by-id/virtio-$card" "$@" >/run/fake.err 2>&1 &
    echo $! >/run/fake.pid
    for _ in $(seq 200); do
        grep -q ready /run/fake.log 2>/dev/null && return
        sleep 0.1
    done
    cat /run/fake.err
    return 1
}

# Pulls it out and takes it apart.
fake_stop() {
    local gadget=/sys/kernel/config/usb_gadget file
    kill "$(cat /run/fake.pid)" 2>/dev/null
    for file in "$gadget"/fake-*/UDC; do
        [ -z "$(cat "$file")" ] || echo >"$file"
    done
    find "$gadget"/fake-*/configs -type l -delete
    for file in "$gadget"/fake-*; do
        rmdir "$file"/configs/c.1 "$file"/strings/0x409 2>/dev/null
    done
    ! mountpoint -q /run/fake-functionfs || umount -l /run/fake-functionfs
    find "$gadget"/fake-*/functions -mindepth 1 -maxdepth 1 -exec rmdir {} +
    rmdir "$gadget"/fake-*
}

# So many transfers reached it; so many with these bytes: `transfers 0`, `transfers 1 a1b2c3d400e10010`.
transfers() {
    local count
    count=$(grep -c "^said .*${2:-}" /run/fake.log)
    [ "$count" -eq "$1" ] && return
    echo "$count transfers, not $1"
    cat /run/fake.log
    return 1
}

# From now on a system call of the daemon takes longer, before (`enter`) or after (`exit`) it is done:
# `slow renameat2 exit 10 [PATH]`. What was called is in /run/slow.log.
slow() {
    local daemon paths=()
    daemon=$(systemctl show --property=MainPID --value sealdock.service)
    [ -z "$4" ] || paths=(-P "$4")
    strace -f -qq -p "$daemon" -o /run/slow.log "${paths[@]}" -e trace="$1" \
        -e inject="$1:delay_$2=${3}000000" >/run/slow.err 2>&1 &
    echo $! >/run/slow.pid
    for _ in $(seq 100); do
        grep -q '^TracerPid:\s*[1-9]' "/proc/$daemon/status" && return
        sleep 0.1
    done
    cat /run/slow.err
    return 1
}

swift() { kill "$(cat /run/slow.pid)"; }

# Reads the beginning of a FAT card, its table among it, through a loop device as the station does, for so many
# seconds while the machine has more to do than it can, and against the disk itself: `table_read_right 2 200`.
table_read_right() {
    local disk loop busy=() round=0 wrong=0 end=$((SECONDS + $2))
    disk=/dev/$(disk_at "$1") || return 1
    mkdir -p /mnt/card
    dd if="$disk" of=/run/table bs=64k count=12 iflag=direct 2>/dev/null
    for _ in 1 2 3; do sha256sum /dev/zero & busy+=($!); done
    while [ "$SECONDS" -lt "$end" ]; do
        round=$((round + 1))
        loop=$(losetup --find --show --read-only --direct-io=on "$disk") && mount -o ro "$loop" /mnt/card || break
        # Counts what is free, which reads the whole table.
        stat -f /mnt/card >/dev/null
        dd if="$loop" bs=64k count=12 2>/dev/null | cmp /run/table - || wrong=$((wrong + 1))
        umount /mnt/card && losetup -d "$loop" && blockdev --flushbufs "$disk" || break
    done
    kill "${busy[@]}"
    echo "$wrong of $round readings were wrong"
    [ "$SECONDS" -ge "$end" ] && [ "$round" -ge 10 ] && [ "$wrong" -eq 0 ]
}

check_deep() { sealdock check --deep; }

# For the report of a scenario that failed.
tell_everything() {
    sealdock status
    sealdock log show --count 40
    sealdock session list
    lsblk -f
    cat /run/fake.log /run/fake.err /run/slow.log /run/slow.err 2>/dev/null
    findmnt
    lsusb -t
    find /run/sealdock -type f -name '*.json' -exec head -c 2000 {} +
    systemctl list-units --all --no-pager 'sealdock*'
    journalctl -b --no-pager -n 400
    dmesg | tail -n 100
}

# The packaged daemon, in its sandbox, answers a browser of this machine, and nobody at another address of it.
console_answers() {
    local conf=/var/lib/sealdock/station.toml answer
    sed -i '1a console = "127.0.0.1:8420"' "$conf" && systemctl restart sealdock.service || return 1
    for _ in $(seq 50); do
        answer=$(console_says 127.0.0.1) && [ -n "$answer" ] && break
        sleep 0.2
    done
    grep -q '</html>' <<<"$answer" || { echo "$answer"; return 1; }
}

console_says() {
    exec 9<>"/dev/tcp/$1/8420" || return 1
    printf 'GET / HTTP/1.1\r\nHost: 127.0.0.1:8420\r\nConnection: close\r\n\r\n' >&9
    timeout 20 cat <&9
    exec 9>&-
}

# A copy for a court onto a fresh stick with a file system, mounted as a desktop mounts it; then pulled, and read again as
# the court does: `court_copy exfat`.
court_copy() {
    local kind=$1 image=/var/tmp/court.$1 place=/media/court-$1 clip asked
    truncate -s 64M "$image" && "mkfs.$kind" "$image" >/dev/null || return 1
    mkdir -p "$place" && mount -o loop,uid=sealdock,gid=sealdock "$image" "$place" || return 1
    clip=C$(sealdock clip list --json | jq -r '.clips[0].seq')
    sealdock access request --who authority --for copy --clip "$clip" --name Zhao --unit Court --phone 0 --matter 1 \
        --reason hearing --as G01 --pin-file "$PINS/clerk" || return 1
    asked=V$(sealdock access list --open --json | jq -r '.requests[0].seq')
    sealdock access approve "$asked" --as U01 --pin-file "$PINS/head" || return 1
    sealdock export "$asked" --to "$place/court" --as G01 --pin-file "$PINS/clerk" || return 1
    umount "$place" && mount -o loop,ro "$image" "$place" || return 1
    sealdock-verify "$place/court" --key "$(sealdock log vkey)" --json --whole |
        jq -e '.word == "UNANCHORED"' || { sealdock-verify "$place/court" --key "$(sealdock log vkey)"; return 1; }
    umount "$place"
}
