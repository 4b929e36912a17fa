#!/usr/bin/env bash
# A rehearsal of first.sh and second.sh on the emulated device, outside of the repository, each time from the packed bundle: twice whole, then with a planted
# failure and a planted hang.
#   rehearse.sh BUNDLE.tar.xz [OUT]
# Every command ends within 600 s, as on a rented machine. Exit status: 0 when all did what they should.
set -uo pipefail
[[ $# -ge 1 && -f $1 ]] || { sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
bundle=$(realpath "$1") out=${2:-$(mktemp -d)} status=0
export CUDATTS_TEST_DEVICE=emulated
unset CUDATTS_GOLDEN CUDATTS_DECODER CUDATTS_PLANT
mkdir -p "$out" && out=$(realpath "$out") || exit 2

# NAME SCRIPT EXPECTED-STATUS [ARGUMENT...]
rehearse() {
    local name=$1 script=$2 expected=$3 folder found
    shift 3
    folder=$(mktemp -d)
    echo "=== $name"
    (cd "$folder" && tar -xf "$bundle" && timeout 600 bash "gpu-bundle/$script" "$out/$name" "$@")
    found=$?
    echo "=== $name: exit status $found, $(find "$out/$name" -type f | wc -l) files, $(du -sk "$out/$name" | cut -f1) KB"
    [[ $found -eq $expected ]] || { echo "=== $name: expected $expected" && status=1; }
    rm -rf "$folder"
}

rehearse first-1 first.sh 0
rehearse first-2 first.sh 0
CUDATTS_PLANT=persistent:fail rehearse planted-failure first.sh 1
CUDATTS_PLANT=sequence:hang rehearse planted-hang first.sh 1
rehearse second second.sh 0
echo "rehearse.sh: $out"
exit "$status"
