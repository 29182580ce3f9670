#!/usr/bin/env bash
# Walks an exported log with nothing but coreutils, xargs, jq and xxd: every entry must carry the
# hash of the entry before it, and the hashes of all entries must fold to the checkpoint's root.
# Who signed the checkpoint is a question for other tools.
#
# usage: walk.sh DIR
set -euo pipefail
export LC_ALL=C

refuse() {
    echo "walk: refused: $*" >&2
    exit 1
}

# 1234067 -> x001/x234/067
tile_name() {
    local name rest=$(($1 / 1000))
    printf -v name '%03d' $(($1 % 1000))
    while ((rest > 0)); do
        printf -v name 'x%03d/%s' $((rest % 1000)) "$name"
        rest=$((rest / 1000))
    done
    echo "$name"
}

# split_bundle FILE FIRST WIDTH: one file per entry in $scratch/leaves, 0x00 before its bytes
split_bundle() {
    [[ -r $1 ]] || refuse "$1 cannot be read"
    local bytes length seq
    bytes=$(xxd -p "$1" | tr -d '\n')
    for ((seq = $2; seq < $2 + $3; seq++)); do
        length=$((16#0${bytes:0:4} * 2))
        ((length > 0 && ${#bytes} >= 4 + length)) || refuse "entry $seq is cut short"
        xxd -r -p <<<"00${bytes:4:length}" >"$scratch/leaves/$(printf '%010d' "$seq")"
        bytes=${bytes:4+length}
    done
    [[ -z $bytes ]] || refuse "bytes are left after the last entry in $1"
}

# The SHA-256 of every file in a folder, in the order of their names
hashes() { (cd "$1" && printf '%s\0' * | xargs -0 sha256sum | cut -c 1-64); }

# Reads one hash per line and prints the root: node = SHA-256(0x01, left, right), level by level;
# the last of an odd number goes up as it is.
fold() {
    local level odd
    mapfile -t level
    while ((${#level[@]} > 1)); do
        odd=()
        ((${#level[@]} % 2 == 0)) || { odd=("${level[-1]}") && unset 'level[-1]'; }
        rm -rf "$scratch/nodes" && mkdir "$scratch/nodes"
        printf '01%s%s' "${level[@]}" | xxd -r -p | split -a 6 -b 65 - "$scratch/nodes/"
        mapfile -t level < <(hashes "$scratch/nodes")
        level+=("${odd[@]}")
    done
    echo "${level[0]}"
}

dir=${1:?usage: walk.sh DIR}
[[ -r $dir/checkpoint ]] || refuse "$dir/checkpoint cannot be read"
{ read -r origin && read -r size && read -r root; } <"$dir/checkpoint"
[[ $size =~ ^[1-9][0-9]{0,9}$ ]] || refuse "the checkpoint has no size"
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
mkdir "$scratch/leaves"

for ((first = 0; first < size; first += 256)); do
    width=$((size - first < 256 ? size - first : 256))
    bundle=$dir/tile/entries/$(tile_name $((first / 256)))
    ((width == 256)) || bundle=$bundle.p/$width
    split_bundle "$bundle" "$first" "$width"
done

hashes "$scratch/leaves" >"$scratch/found"
(cd "$scratch/leaves" && printf '%s\0' * | xargs -0 tail -q -c +2) |
    jq -r .prev >"$scratch/named" || refuse "an entry is not JSON"
{ printf '0%.0s' {1..64} && echo && head -n -1 "$scratch/found"; } >"$scratch/expected"
broken=$(cmp "$scratch/expected" "$scratch/named" 2>&1) ||
    refuse "entry $((${broken##* } - 1)) does not name the entry before it"

folded=$(fold <"$scratch/found" | xxd -r -p | base64)
[[ $folded == "$root" ]] || refuse "the entries fold to $folded, the checkpoint says $root"
echo "walk: $origin, $size entries, every link holds, root $root"
