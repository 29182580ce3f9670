#!/bin/sh
# What the court of the demo may ask for next: after `sealdock demo --once --dir DIR` its station has a head stamped by an
# authority (`tsa.sh`) and cosigned by a witness, and hands out one clip whole and another in part, into DIR/court/second.
#
#   anchored.sh DIR      sealdock is on the path
set -eu
umask 077
dir=$1
here=$(dirname "$0")
export SEALDOCK_STATION="$dir/station"
clerk="--as 000201 --pin-file $dir/pins/000201"

# A clip of several pieces, which an excerpt can be cut from: a film with 12 MiB behind it that none of its samples is in.
mkdir "$dir/later"
{
    cat "$here/../../fixtures/clips/h264-aac.mp4"
    printf '\000\300\000\010mdat'
    head -c 12582912 /dev/zero
} > "$dir/later/PART_0009.MP4"
sealdock ingest "$dir/later" --recorder J800001 --officer 000101 --pin-file "$dir/pins/000101" > /dev/null 2>&1

sh "$here/tsa.sh" found "$dir/tsa"
sealdock witness init "$dir/witness" --name court.example/w1 > "$dir/witness.key"
sealdock witness add-log "$dir/witness" "$(cat "$dir/station.vkey")"
printf 'witness one %s\nquorum one\n' "$(cat "$dir/witness.key")" > "$dir/policy"
sealdock anchor witnesses "$dir/policy"
sealdock anchor request --out "$dir/stick"
cp "$dir/tsa/root.pem" "$dir/station/anchors/tsa-chain.pem"
sealdock witness answer "$dir/witness" "$dir/stick"
sh "$here/tsa.sh" answer "$dir/tsa" "$dir"/stick/*.tsq "$dir/stick/back.tsr"
sealdock anchor take "$dir/stick"
sealdock anchor take "$dir/stick/back.tsr"

number() { sealdock clip list --json | jq -r ".clips[] | select(.name | endswith(\"$1\")) | \"C\(.seq)\"" | head -n 1; }
whole=$(number _0001.MP4)
part=$(number PART_0009.MP4)
# shellcheck disable=SC2086
sealdock access request --who authority --for copy --clip "$whole" --clip "$part" --name 赵法官 --unit 示范区人民法院 \
    --phone 0000-110 --matter '(2026)示1号' --reason 补充举证 $clerk
asked=V$(sealdock access list --open --json | jq -r '.requests[0].seq')
sealdock access approve "$asked" --as 000301 --pin-file "$dir/pins/000301"
# shellcheck disable=SC2086
sealdock export "$asked" --to "$dir/court/second" --excerpt "$part=0..1" --receipt "$dir/receipt" $clerk
