#!/usr/bin/env bash
# What this build does on this machine's GPU: one report, with the logs beside it. Needs Linux and an NVIDIA driver; no .NET, no network.
#   run.sh OUT [--limit SECONDS] [--filter TESTS] [--rebuild] [STEP...]
# Steps, all when none is named; one that fails or takes longer than its limit does not stop the next:
#   parity      the kernel and golden tests, in float32 and in float16
#   sanitizer   the kernel tests under compute-sanitizer: memcheck, racecheck, initcheck, synccheck
#   peer        decoder, vocoders and a sentence in PyTorch: time, audio a second
#   bench       the same of ours, stage by stage and kernel by kernel, beside the peer's where these are
#   ncu         what bounds the kernels, by Nsight Compute
# --rebuild compiles the kernels anew with this machine's nvcc. The report is OUT/report.md.
# Exit status: 0 parity passed, 1 it did not, 2 wrong arguments, 3 parity was not among the steps.
set -uo pipefail
bundle=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
device=${CUDATTS_TEST_DEVICE:-cuda}
export CUDATTS_TEST_DEVICE=$device CUDATTS_GOLDEN=$bundle/golden
export TESTINGPLATFORM_TELEMETRY_OPTOUT=1 DOTNET_CLI_TELEMETRY_OPTOUT=1 TESTINGPLATFORM_NOBANNER=1
export PATH=$PATH:/usr/local/cuda/bin:/opt/nvidia/nsight-compute

usage() {
    sed -n '2,12s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
}

# Ends a command after the limit of its step, or of --limit; everything it prints goes to the step's log.
limited() {
    local seconds=${limit:-$1} status=0
    shift
    printf '\n$ %s\n' "$*" >>"$log"
    timeout -k 10 "$seconds" "$@" 2>&1 | tee "$work/output" >>"$log"
    status=${PIPESTATUS[0]}
    [[ $status -ne 124 && $status -ne 137 ]] || echo "It was ended after $seconds s." | tee -a "$log" >>"$report"
    return "$status"
}

say() {
    echo "$*" >>"$report"
}

heading() {
    log=$out/$1.log
    : >"$log"
    echo "run.sh: $1"
    say "" && say "## $2" && say ""
}

# Tables that a program has printed, as they are.
tables() {
    grep -E '^\||float16$|float32$|^PyTorch ' "$work/output" >>"$report" || say "No figures; $(basename "$log") says why."
}

# Containers may have the driver where the loader does not look.
find_driver() {
    local folder
    ldconfig -p 2>/dev/null | grep -q libcuda.so.1 && return
    for folder in /usr/local/nvidia/lib64 /usr/local/nvidia/lib /usr/lib64-nvidia /usr/lib/x86_64-linux-gnu; do
        if [[ -e $folder/libcuda.so.1 ]]; then
            export LD_LIBRARY_PATH=${LD_LIBRARY_PATH:+$LD_LIBRARY_PATH:}$folder
            return
        fi
    done
}

clocks() {
    nvidia-smi --query-gpu=clocks.sm,clocks.mem,temperature.gpu,power.draw --format=csv,noheader 2>/dev/null | sed "s/^/- clocks, temperature, power $1: /" >>"$report"
}

describe_machine() {
    heading machine "Machine"
    say "- commit: $(cat "$bundle/commit.txt")"
    say "- date: $(date -u '+%Y-%m-%d %H:%M UTC')"
    say "- tests run on: $device"
    limited 60 nvidia-smi --query-gpu=index,name,driver_version,compute_cap,memory.total,clocks.max.sm,clocks.max.mem,power.limit --format=csv,noheader &&
        sed 's/^/- GPU (number, name, driver, compute capability, memory, most SM and memory clocks, power limit): /' "$work/output" >>"$report"
    clocks "at rest"
    say "- processor: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) threads; $(uname -sr)"
    limited 60 nvidia-smi -q
    limited 120 "$bundle/program/cudatts" doctor
    say "" && say '```' && sed 's/[[:space:]]*$//' "$work/output" >>"$report" && say '```'
    grep -qE '^ok +cuda:0' "$work/output" && return
    [[ $device == emulated ]]
}

rebuild_kernels() {
    local source flags
    heading rebuild "Kernels compiled here"
    mkdir -p "$work/kernels"
    # The files and flags of kernels/Kernels.targets, which wrote them.
    while read -r source flags; do
        (cd "$bundle" && limited 300 nvcc $flags "kernels/$source" -o "$work/kernels/${source%.cu}.ptx" </dev/null) || {
            say "nvcc failed on $source; the kernels of the build are used."
            return
        }
    done <"$bundle/kernels/ptx-flags.txt"
    export CUDATTS_KERNELS=$work/kernels
    say "$(nvcc --version | tail -n 2 | head -n 1); these are used below."
}

# Counts and figures of one run of the tests: NAME LIMIT FILTER.
parity_of() {
    local name=$1 seconds=$2 tests=$3 status=0 passed failed skipped
    limited "$seconds" "$bundle/program/CudaTts.Gpu.Tests" --no-ansi --output Detailed --filter "$tests" || status=$?
    passed=$(sed -n 's/^ *succeeded: //p' "$work/output") failed=$(sed -n 's/^ *failed: //p' "$work/output") skipped=$(sed -n 's/^ *skipped: //p' "$work/output")
    say "" && say "### $name: ${passed:-0} passed, ${failed:-?} failed, ${skipped:-?} skipped" && say ""
    awk '
        /^failed / { print "- " $0 }
        /^(passed|failed) / { test = $2; next }
        /^ +([A-Za-z0-9_]+ )*.*NMSE .*, limit/ { if (!(test $0 in seen)) { seen[test $0] = 1; sub(/^ +/, ""); print "- `" test "`: " $0 } }
    ' "$work/output" >>"$report"
    grep '^skipped ' "$work/output" | awk '{ print "- " $0 }' | head -n 20 >>"$report"
    [[ $status -eq 0 && ${passed:-0} -gt 0 && ${failed:-1} -eq 0 ]]
}

parity() {
    heading parity "Parity"
    local also=${filter:+&($filter)}
    parity=0
    # Tests of half precision have it in their name, or are of what there is in half precision only.
    parity_of float32 240 "FullyQualifiedName!~Half&FullyQualifiedName!~Persistent&FullyQualifiedName!~ResidualKernel$also" || parity=1
    parity_of float16 240 "(FullyQualifiedName~Half|FullyQualifiedName~Persistent|FullyQualifiedName~ResidualKernel)$also" || parity=1
    say "" && say "Parity: $([[ $parity -eq 0 ]] && echo passed || echo FAILED)."
}

sanitizer() {
    heading sanitizer "compute-sanitizer"
    command -v compute-sanitizer >/dev/null || { say "It is not on this machine."; return; }
    local tool
    for tool in memcheck racecheck initcheck synccheck; do
        limited 150 compute-sanitizer --tool "$tool" --error-exitcode 99 --print-limit 20 "$bundle/program/CudaTts.Gpu.Tests" --no-ansi \
            --filter "${filter:-FullyQualifiedName~CudaTts.Tests.Kernels|FullyQualifiedName~PersistentDecoderTests.ABatchIsItsSingleRunsBitForBit}"
        say "- $tool: $(grep -hE '(ERROR|RACECHECK) SUMMARY' "$work/output" | sed 's/^=* *//' | paste -sd ';'); tests: $(sed -n 's/^ *\(total\|failed\|succeeded\|skipped\): /\1 /p' "$work/output" | paste -sd ' ')"
    done
}

bench() {
    heading bench "Benchmarks"
    local options=(--seconds 1)
    [[ $device != emulated ]] || options=(--seconds 0 --batch 1 --frames 8 --steps 2)
    limited 300 "$bundle/program/CudaTts.Benchmarks" device --device "$device" --json "$out/bench.json" "${options[@]}"
    tables
    clocks "after it"
    [[ $device != emulated ]] || return 0
    options=(--untrained --device "$device" --runs 100 --batch 1,8,16,64,128,512 -o "$out/bench-command.json")
    [[ ! -s $out/peer.json ]] || options+=(--peer "$out/peer.json")
    limited 240 "$bundle/program/cudatts" bench "${options[@]}"
    say "" && say '```' && cat "$work/output" >>"$report" && say '```'
    limited 120 "$bundle/program/cudatts" profile --untrained --device "$device" --trace "$out/trace.json"
    say "" && say '```' && cat "$work/output" >>"$report" && say '```'
}

# Nsight Compute on the first launches of the kernels that a pattern names; then the program is ended: NAME PATTERN LAUNCHES BATCH.
ncu_of() {
    limited 120 ncu --clock-control none --print-summary per-kernel --kernel-name-base function --kernel-name "regex:$2" --launch-count "$3" --kill yes \
        --section SpeedOfLight --section LaunchStats --section Occupancy \
        "$bundle/program/CudaTts.Benchmarks" device --device "$device" --precision float16 --batch "$4" --frames 258 --steps 32 --seconds 0
    say "" && say "### $1" && say "" && say '```'
    grep -E '^  [a-z0-9_]+.*\(|Duration|Memory Throughput|Compute \(SM\) Throughput|Achieved Occupancy|Registers Per Thread' "$work/output" |
        cut -c1-140 >>"$report"
    say '```'
}

ncu_summary() {
    heading ncu "Nsight Compute"
    command -v ncu >/dev/null || { say "It is not on this machine."; return; }
    say "The kernels, their share of the memory's and the multiprocessors' throughput; ncu.log has the rest."
    # Two runs of the decoder on the chip; some steps of 64 rows, step by step; all convolutions and residual layers of a run of HiFi-GAN V1, and what follows.
    ncu_of "Persistent decoder, one row" 'persistent_' 4 1
    ncu_of "Decoder step, 64 rows" '(lstm|attention|prenet|projection)_' 60 64
    ncu_of "HiFi-GAN V1, 258 frames" '(residual|conv1d)_' 80 1
}

peer() {
    heading peer "PyTorch on the same GPU"
    python3 -c 'import torch, sys; sys.exit(not torch.cuda.is_available())' >/dev/null 2>&1 || { say "There is no PyTorch with a GPU on this machine."; return; }
    PYTHONUNBUFFERED=1 limited 420 python3 "$bundle/peers/pytorch_peer.py" --seconds 1 --batch 1,8,16,64,128,512 --json "$out/peer.json"
    tables
}

[[ $# -ge 1 && $1 != -* ]] || usage
mkdir -p "$1" && out=$(cd "$1" && pwd) || exit 2
shift
steps=() limit='' filter='' rebuild='' parity=3
while [[ $# -gt 0 ]]; do
    case $1 in
        --limit) limit=${2:?} && shift ;;
        --filter) filter=${2:?} && shift ;;
        --rebuild) rebuild=1 ;;
        parity | sanitizer | bench | ncu | peer) steps+=("$1") ;;
        *) usage ;;
    esac
    shift
done
[[ ${#steps[@]} -gt 0 ]] || steps=(parity sanitizer peer bench ncu)
work=$(mktemp -d) && trap 'rm -rf "$work"' EXIT
report=$out/report.md
echo "# CudaTts on $([[ $device == cuda ]] && echo a GPU || echo "the $device device")" >"$report"

find_driver
if ! describe_machine; then
    echo "run.sh: there is no GPU here that a CUDA driver knows; nothing was run. $out/machine.log has what was found." >&2
    say "" && say "**There is no GPU here: nothing was run.**"
    exit 1
fi
[[ -z $rebuild ]] || rebuild_kernels
for step in "${steps[@]}"; do
    [[ $step != ncu ]] || step=ncu_summary
    "$step"
done
echo "run.sh: $report"
exit "$parity"
