#!/usr/bin/env bash
# Installs the CUDA compiler (nvcc, ptxas and their headers, no driver and no libraries) into ${XDG_CACHE_HOME:-~/.cache}/cudatts, where
# kernels/Kernels.targets looks for it, unless the machine has one already. A folder outside the tree, so that `git clean` does not cost a download.
# Needs apt and a Debian mirror in its configuration; no root: the packages are fetched with an apt state of our own and unpacked, never installed.
#   kernels/toolchain.sh [RELEASE...]   the Debian releases to try, in this order; the default is 12.4 of trixie, then 11.8 of bookworm
set -euo pipefail

cache=${XDG_CACHE_HOME:-$HOME/.cache}/cudatts

fail() {
    echo "toolchain: $*" >&2
    exit 1
}

report() {
    echo "CUDA compiler $("$1" --version | sed -n 's/.*, V\([0-9.]*\)$/\1/p') in $(dirname "$(dirname "$1")")"
}

# The order of kernels/Kernels.targets.
find_nvcc() {
    local candidate
    for candidate in "${CUDA_PATH:-/nowhere}/bin/nvcc" "$(command -v nvcc || true)" /usr/local/cuda/bin/nvcc "$cache/cuda/bin/nvcc"; do
        if [[ -x $candidate ]] && "$candidate" --version >/dev/null 2>&1; then
            echo "$candidate"
            return
        fi
    done
    return 1
}

# An apt that reads $work alone: the machine's own lists, cache and status stay as they are. Its mirror is the machine's own.
configure_apt() {
    local mirror=$1 release=$2 keyring=/usr/share/keyrings/debian-archive-keyring.gpg signed=
    [[ ! -r $keyring ]] || signed="[signed-by=$keyring]"
    mkdir -p "$work"/state/lists/partial "$work"/cache/archives/partial
    : >"$work/status"
    echo "deb $signed $mirror $release main non-free" >"$work/sources.list"
    cat >"$work/apt.conf" <<EOF
Dir::Etc::sourcelist "$work/sources.list";
Dir::Etc::sourceparts "/dev/null";
Dir::State "$work/state";
Dir::State::status "$work/status";
Dir::Cache "$work/cache";
APT::Sandbox::User "root";
Acquire::Languages "none";
Acquire::Retries "3";
#clear APT::Update::Post-Invoke;
#clear APT::Update::Post-Invoke-Success;
#clear Acquire::IndexTargets::deb::DEP-11;
#clear Acquire::IndexTargets::deb::DEP-11-icons;
EOF
}

private_apt() {
    local program=$1
    shift
    "$program" -c="$work/apt.conf" "$@"
}

# One package of $work's sources, and of its files only those that match the patterns, into $work/files.
unpack() {
    local package=$1
    shift
    (cd "$work" && private_apt apt-get -qq download "$package") >&2
    mkdir -p "$work/files"
    dpkg-deb --fsys-tarfile "$work/${package}"_*.deb | tar -x -C "$work/files" --wildcards "$@"
    rm -f "$work/${package}"_*.deb
}

# 11.8 takes no compiler newer than g++-11. nvcc finds these scripts before the machine's gcc.
use_older_compiler() {
    local folder=$1 name
    if ! command -v g++-11 >/dev/null; then
        [[ $(id -u) -eq 0 ]] || { echo "toolchain: CUDA 11.8 wants g++-11: install it, then run this again" >&2; return 1; }
        apt-get -qq update >&2 && DEBIAN_FRONTEND=noninteractive apt-get -qq install -y --no-install-recommends g++-11 >&2 || return 1
    fi
    for name in gcc g++; do
        printf '#!/bin/sh\nexec %s-11 "$@"\n' "$name" >"$folder/bin/$name"
        chmod +x "$folder/bin/$name"
    done
}

# The layout of NVIDIA's own toolkit, which nvcc finds its parts in by the profile beside it.
arrange() {
    local files=$1 folder=$2 own
    own=$files/usr/lib/nvidia-cuda-toolkit
    mkdir -p "$folder"/{bin,nvvm/bin,nvvm/libdevice,lib64}
    mv "$files"/usr/bin/{cudafe++,fatbinary,ptxas,nvlink,cuobjdump,nvdisasm,bin2c} "$own"/bin/nvcc "$own"/bin/crt "$folder/bin/"
    mv "$own/bin/cicc" "$folder/nvvm/bin/"
    mv "$own"/libdevice/*.bc "$folder/nvvm/libdevice/"
    mv "$files/usr/include" "$folder/include"
    mv "$files"/usr/lib/*/libcud*.a "$folder/lib64/"
    printf '%s\n' 'TOP = $(_HERE_)/..' 'NVVMIR_LIBRARY_DIR = $(TOP)/nvvm/libdevice' 'PATH += $(TOP)/nvvm/bin:$(_HERE_):' \
        'INCLUDES += "-I$(TOP)/include" $(_SPACE_)' 'LIBRARIES =+ $(_SPACE_) "-L$(TOP)/lib64"' >"$folder/bin/nvcc.profile"
}

compiles() {
    echo 'extern "C" __global__ void probe(float* x) { x[0] = expf(x[1]); }' >"$work/probe.cu"
    "$1/bin/nvcc" -arch=compute_80 -ptx -include cuda_fp16.h "$work/probe.cu" -o "$work/probe.ptx" >&2 &&
        "$1/bin/ptxas" -arch=sm_80 "$work/probe.ptx" -o "$work/probe.cubin" >&2
}

find_mirror() {
    apt-get indextargets --format '$(REPO_URI) $(ORIGIN) $(COMPONENT)' 2>/dev/null |
        awk '$2 == "Debian" && $3 == "main" && $1 !~ /security/ { print $1; found = 1; exit } END { exit !found }' ||
        sed -n -E 's/^(URIs:|deb( \[[^]]*\])?) *([a-z]+:[^ ]+\/debian\/?)( .*)?$/\3/p' \
            /etc/apt/sources.list /etc/apt/sources.list.d/*.list /etc/apt/sources.list.d/*.sources 2>/dev/null | head -n 1
}

install_from() {
    local release=$1
    rm -rf "${work:?}"/*
    configure_apt "$mirror" "$release"
    private_apt apt-get -qq update >&2 || return 1
    unpack nvidia-cuda-toolkit './usr/bin/*' './usr/lib/nvidia-cuda-toolkit/bin/*' './usr/lib/nvidia-cuda-toolkit/libdevice/*' || return 1
    unpack nvidia-cuda-dev './usr/include/*' './usr/lib/*/libcudadevrt.a' './usr/lib/*/libcudart_static.a' || return 1
    if private_apt apt-cache show libcu++-dev >/dev/null 2>&1; then
        unpack libcu++-dev './usr/include/*' || return 1
    fi
    arrange "$work/files" "$work/cuda" || return 1
    [[ $release != bookworm ]] || use_older_compiler "$work/cuda" || return 1
    compiles "$work/cuda" || return 1
    rm -rf "$cache/cuda"
    mv "$work/cuda" "$cache/cuda"
}

if nvcc=$(find_nvcc); then
    report "$nvcc"
    exit
fi
[[ $(uname -s) == Linux ]] && command -v apt-get >/dev/null && command -v dpkg-deb >/dev/null ||
    fail "there is no apt here; install a CUDA toolkit (11.8 or newer) and put its nvcc on the PATH"
command -v g++ >/dev/null || fail "nvcc needs g++: install it, then run this again"
mirror=$(find_mirror || true)
[[ -n $mirror ]] || fail "apt names no Debian mirror here; install a CUDA toolkit (11.8 or newer) and put its nvcc on the PATH"
mkdir -p "$cache"
work=$(mktemp -d "$cache/unpacking.XXXXXX")
trap 'rm -rf "$work"' EXIT
[[ $# -gt 0 ]] || set -- trixie bookworm
for release in "$@"; do
    if install_from "$release"; then
        report "$cache/cuda/bin/nvcc"
        exit
    fi
    echo "toolchain: no CUDA compiler from the non-free packages of $release" >&2
done
fail "no CUDA compiler could be had; install a CUDA toolkit (11.8 or newer) and put its nvcc on the PATH"
