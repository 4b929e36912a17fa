#!/usr/bin/env bash
# What the steps of first.sh, second.sh and run.sh do, one job a name: jobs.sh JOB. A job prints its log and writes what steps.sh shows of it.
# CUDATTS_STEP_LIMITS multiplies the limits within a job.
set -uo pipefail
bundle=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$bundle/machine.sh"
program=$bundle/program
device=$CUDATTS_TEST_DEVICE
tests_log=$STEP_RESULTS/tests.tsv

# The one place where the emulated device, a thousand times slower, gets less to do: one or two tests of each fixture, the smallest sizes.
if [[ $device == emulated ]]; then
    only_kernels='&(FullyQualifiedName~noticed|FullyQualifiedName~refused|FullyQualifiedName~sees|FullyQualifiedName~beyond_half|FullyQualifiedName~nother_step)'
    only_capture='&(FullyQualifiedName~All_rows_may_end_together|FullyQualifiedName~An_open_gate)'
    only_persistent='&(FullyQualifiedName~An_open_gate|FullyQualifiedName~full_1&FullyQualifiedName!~full_17)'
    only_full_size='&FullyQualifiedName~full_1&FullyQualifiedName!~full_17&FullyQualifiedName!~full_128'
    only_networks='&(FullyQualifiedName~iny_golden|FullyQualifiedName~hort_mels)'
    probe_options=(--rounds 2)
    bench_options=(--batch 1 --frames 1 --steps 1 --seconds 0 --jobs decoder,v3 --residual chosen)
    tile_options=(--batch 1 --frames 1 --seconds 0)
    rows_options=(--batch 1 --steps 1 --seconds 0)
    command_options=("Hi." --runs 1 --batch 1)
    profile_options=("Hi.")
    peer_options=(--device cpu --batch 1 --frames 2 --steps 2 --seconds 0 --jobs decoder,v3)
    ncu_options=(--frames 2 --steps 2 --seconds 0)
else
    only_kernels='' only_capture='' only_persistent='' only_full_size='' only_networks=''
    probe_options=()
    bench_options=(--batch 1,8,64 --frames 258 --steps 600 --seconds 0.5)
    tile_options=(--batch 1,8,64 --frames 258 --seconds 0.05)
    rows_options=(--batch 1,2,3,4,5,6,7,8 --steps 600 --seconds 0.5)
    command_options=(--untrained --runs 20 --batch 1,8,64)
    profile_options=(--untrained)
    peer_options=(--batch 1,8,64 --frames 258 --steps 600 --seconds 0.5 --total 45 --ways eager,graphs --jobs decoder,v1 --precisions float16)
    ncu_options=(--frames 258 --steps 32 --seconds 0)
fi

say() {
    printf '%s\n' "$@" >>"$STEP_REPORT"
}

summarise() {
    echo "$*" >"$STEP_SUMMARY"
}

# For what this machine has not.
impossible() {
    echo "$*"
    summarise "$*"
    exit 77
}

# Tests: each run a process with a limit of its own, so that a hang costs the tests behind it in that run alone. NAME LIMIT FILTER
tests() {
    local name=$1 limit=$(($2 * ${CUDATTS_STEP_LIMITS:-1})) filter=$3 status=0 log
    log=$(mktemp)
    echo "=== $name: $filter"
    # In the foreground of this job's group, which steps.sh ends as a whole.
    CUDATTS_TEST_LOG=$log timeout --foreground -k 2 "$limit" "$program/CudaTts.Gpu.Tests" --no-ansi --output Detailed \
        --results-directory "$(dirname "$STEP_SUMMARY")" --filter "$filter" 2>&1 || status=$?
    sed "s/^/$name\t/" "$log" >>"$tests_log"
    sed "s/^/$name\t$status\t/" "$log" >>"$counted"
    [[ -s $log ]] || printf '%s\t%s\tnone\t-\t-\n' "$name" "$status" >>"$counted"
    rm -f "$log"
    count_tests
}

# Figures so far, so that a job that is ended in its middle has them: the counts by precision as the summary, what failed in the report.
count_tests() {
    awk -F '\t' -v summary="$STEP_SUMMARY" -v report="$STEP_REPORT" '
        $3 == "began" { under_way[$1] = $5; next }
        $3 == "none" { lost[$1] = "no test ran, exit status " $2; next }
        { delete under_way[$1]; count[$4 " " $3]++; total[$3]++; seen[$4] = 1; status[$1] = $2 }
        $3 == "failed" { failures = failures "- failed: `" $5 "`\n"; told[$1] = 1 }
        END {
            for (run in under_way) { failures = failures "- " run " ended within `" under_way[run] "`\n"; total["failed"]++; told[run] = 1 }
            # A process that dies after its tests has failed too.
            for (run in status) {
                if (status[run] != 0 && !(run in told)) { failures = failures "- " run " ended with exit status " status[run] "\n"; total["failed"]++ }
            }
            for (run in lost) { failures = failures "- " run ": " lost[run] "\n"; total["failed"]++ }
            line = total["passed"] + 0 " passed, " total["failed"] + 0 " failed, " total["skipped"] + 0 " skipped"
            for (precision in seen) { by = by (by ? "; " : "") precision " " count[precision " passed"] + 0 }
            print line (by ? " (passed: " by ")" : "") >summary
            printf "%s", failures >report
            print total["failed"] + 0 " " total["passed"] + 0 >(summary ".counts")
        }
    ' "$counted"
}

begin_tests() {
    counted=$(mktemp)
    trap 'rm -f "$counted"' EXIT
    }

# Passed when something ran and nothing failed; what the log has of accuracy goes to the report.
end_tests() {
    local failed passed
    read -r failed passed <"$STEP_SUMMARY.counts"
    [[ $failed -eq 0 && $passed -gt 0 ]]
}

# A program's tables, as it printed them; the exit status is the program's.
tables_of() {
    local output status
    output=$(mktemp)
    "$@" 2>&1 | tee "$output"
    status=${PIPESTATUS[0]}
    grep -E '^\||^left out|multiprocessors|^PyTorch |lines were left out' "$output" >>"$STEP_REPORT"
    # Without the head of each table.
    summarise "$(($(grep -c '^|' "$output") - 2 * $(grep -c '^| ---' "$output"))) lines"
    rm -f "$output"
    return "$status"
}

env_job() {
    local gpu tool
    local fields=name,driver_version,compute_cap,memory.total,clocks.sm,clocks.max.sm,clocks.mem,power.limit
    gpu="nvidia-smi is not on this machine"
    ! type -P nvidia-smi >/dev/null || gpu=$(nvidia-smi --query-gpu="$fields" --format=csv,noheader 2>&1)
    say "- commit: $(cat "$bundle/commit.txt")" "- date: $(date -u '+%Y-%m-%d %H:%M UTC'), tests run on: $device"
    say "- GPU (name, driver, compute capability, memory, SM clock and its most, memory clock, power limit): ${gpu:0:300}"
    say "- processor: $(sed -n 's/^model name[^:]*: //p' /proc/cpuinfo | head -n 1), $(nproc) threads; $(uname -sr)"
    for tool in nvcc ncu compute-sanitizer python3 xz; do
        if type -P "$tool" >/dev/null; then
            say "- $tool: $("$tool" --version 2>&1 | grep -iE 'release|version|[0-9]+\.[0-9]' | tail -n 1 | cut -c1-100)"
        else
            say "- $tool: not on this machine"
        fi
    done
    say "- packages: $(python3 -c 'from importlib.metadata import version
for name in ("torch", "numpy"): print(name, version(name), end="; ")' 2>&1 | tail -n 1)"
    ! type -P nvidia-smi >/dev/null || nvidia-smi -q 2>&1
    "$program/cudatts" doctor 2>&1 | tee "$STEP_SUMMARY.doctor"
    summarise "${gpu%%,*}"
    [[ $device == emulated ]] || grep -qE '^ok +cuda:0' "$STEP_SUMMARY.doctor"
}

probe() {
    tables_of "$program/CudaTts.Benchmarks" probe --device "$device" --json "$STEP_RESULTS/probe.json" "${probe_options[@]}"
}

# All kernels but those whose blocks wait for each other, which have steps of their own.
kernels() {
    local fixture
    begin_tests
    for fixture in $(grep -v LstmSequenceKernelTests "$bundle/kernel-fixtures.txt"); do
        tests "$fixture" 15 "FullyQualifiedName~CudaTts.Tests.Kernels.$fixture$only_kernels"
    done
    end_tests
}

sequence() {
    begin_tests
    tests LstmSequenceKernelTests 14 "FullyQualifiedName~LstmSequenceKernelTests$only_kernels"
    end_tests
}

# The stepwise decoder, whose steps are captured into graphs.
capture() {
    begin_tests
    tests CudaTacotron2DecoderTests 24 "FullyQualifiedName~CudaTacotron2DecoderTests&FullyQualifiedName!~ull_size$only_capture"
    end_tests
}

persistent() {
    begin_tests
    tests "small models" 15 "FullyQualifiedName~PersistentDecoderTests&FullyQualifiedName!~ull_size$only_persistent"
    tests "full size" 13 "FullyQualifiedName~PersistentDecoderTests&FullyQualifiedName~ull_size$only_full_size"
    end_tests
}

overlap() {
    begin_tests
    tests "two decoders at once" 18 "FullyQualifiedName~PersistentOverlapTests"
    end_tests
}

golden() {
    begin_tests
    tests "full size, float16" 20 "FullyQualifiedName~FullSizeGoldenTests\(Half\)$only_full_size"
    local networks='FullyQualifiedName~CudaTacotron2Tests|FullyQualifiedName~CudaHifiGanTests|FullyQualifiedName~CudaNoiseVocoderTests'
    tests "networks" 20 "($networks|FullyQualifiedName~CudaTacotron2DecoderTests&FullyQualifiedName~ull_size)$only_networks"
    tests "full size, float32" 18 "FullyQualifiedName~FullSizeGoldenTests\(Full\)$only_full_size"
    errors_of golden
    end_tests
}

golden32() {
    begin_tests
    tests "full size, float32" 38 "FullyQualifiedName~FullSizeGoldenTests\(Full\)$only_full_size"
    errors_of golden32
    end_tests
}

# The errors that the goldens' tests print: the largest of each stage is what tells.
errors_of() {
    grep -hE '^ +(Half|Full) .*NMSE .*, limit' "$STEP_RESULTS/$1.log" | sed 's/^ */- /' | sort -u | head -n 30 >>"$STEP_REPORT"
}

bench() {
    tables_of "$program/CudaTts.Benchmarks" device --device "$device" --precision float16 --json "$STEP_RESULTS/bench.json" "${bench_options[@]}"
}

# Both precisions, all batches.
bench_all() {
    [[ $device != emulated ]] || { bench && return; }
    tables_of "$program/CudaTts.Benchmarks" device --device "$device" --seconds 1 --json "$STEP_RESULTS/bench-all.json"
}

# Which tile each convolution of HiFi-GAN V1 would be fastest by, and how many rows a persistent launch should take.
tiles() {
    tables_of "$program/CudaTts.Benchmarks" tiles --device "$device" --json "$STEP_RESULTS/tiles.json" "${tile_options[@]}"
}

rows() {
    tables_of "$program/CudaTts.Benchmarks" device --device "$device" --precision float16 --jobs decoder --json "$STEP_RESULTS/rows.json" "${rows_options[@]}"
}

peer() {
    peer_with "${peer_options[@]}"
}

# All ways and batches, as long as a step may take.
peer_all() {
    [[ $device != emulated ]] || { peer && return; }
    peer_with --seconds 1 --total 560
}

peer_with() {
    local status
    python3 -c 'import importlib.util, sys; sys.exit(importlib.util.find_spec("torch") is None)' || impossible "there is no PyTorch on this machine"
    tables_of python3 "$bundle/peers/pytorch_peer.py" --json "$STEP_RESULTS/peer.json" "$@"
    status=$?
    # For a second run on the same machine.
    cp -f "$STEP_RESULTS/peer.json" "$bundle/peer.json" 2>/dev/null
    return "$status"
}

# Ours beside the peer's, from the text to the samples.
command() {
    local options=(--device "$device" -o "$STEP_RESULTS/bench-command.json" "${command_options[@]}")
    [[ ! -s $bundle/peer.json ]] || options+=(--peer "$bundle/peer.json")
    printed_by 30 "$program/cudatts" bench "${options[@]}"
}

profile() {
    printed_by 30 "$program/cudatts" profile "${profile_options[@]}" --device "$device" --trace "$STEP_RESULTS/trace.json"
}

# The last lines of what a program prints, as they are: LINES COMMAND...
printed_by() {
    local lines=$1 output status
    shift
    output=$(mktemp)
    "$@" 2>&1 | tee "$output"
    status=${PIPESTATUS[0]}
    { echo '```' && tail -n "$lines" "$output" | cut -c1-160 && echo '```'; } >>"$STEP_REPORT"
    rm -f "$output"
    return "$status"
}

# Nsight Compute on the first launches of the kernels that a pattern names; then the program is ended: PATTERN LAUNCHES [OPTION...]
ncu_of() {
    local pattern=$1 launches=$2 output
    shift 2
    type -P ncu >/dev/null || impossible "ncu is not on this machine"
    output=$(mktemp)
    ncu --clock-control none --kernel-name-base function --kernel-name "regex:$pattern" --launch-count "$launches" --kill yes --print-details all \
        --section SpeedOfLight --section LaunchStats --section Occupancy --section WarpStateStats --section InstructionStats \
        "$program/CudaTts.Benchmarks" device --device "$device" --precision float16 "${ncu_options[@]}" "$@" 2>&1 | tee "$output"
    local shown='^  [a-z0-9_]+.*\(|Duration|Memory Throughput|Compute \(SM\) Throughput|Achieved Occupancy|Registers Per Thread'
    { echo '```' && grep -E "$shown|no_instruction|long_scoreboard|_stalled_barrier" "$output" | cut -c1-120 | head -n 30 && echo '```'; } >>"$STEP_REPORT"
    summarise "$(grep -c 'Duration' "$output") launches"
    # A program that ncu has ended tells nothing by its exit status.
    grep -q Duration "$output"
    local status=$?
    rm -f "$output"
    return "$status"
}

# The persistent kernel, or what decodes in its place.
ncu_job() {
    if [[ ${CUDATTS_DECODER:-} == stepwise ]]; then
        ncu_of '(lstm|attention|prenet|projection)_' 9 --jobs decoder --batch 1
    else
        ncu_of 'persistent_(decoder|cluster)_' 2 --jobs decoder --batch 1
    fi
}

ncu_v1() {
    ncu_of '(residual|conv1d)_' 40 --jobs v1 --batch 1
}

ncu_rows() {
    ncu_of '(lstm|attention|prenet|projection)_' 18 --jobs decoder --batch 64
}

# One tool of compute-sanitizer on few tests: a batch of the persistent decoder, a residual layer. It slows kernels down a hundredfold.
sanitizer() {
    local output status counts
    local sanitized='FullyQualifiedName~PersistentDecoderTests.A_batch_is_its_single_runs_bit_for_bit\(2\)'
    sanitized+='|FullyQualifiedName~ResidualKernelTests.Fused_layers_are_the_separate_ones_bit_for_bit\(16,True\)'
    type -P compute-sanitizer >/dev/null || impossible "compute-sanitizer is not on this machine"
    output=$(mktemp)
    # racecheck knows nothing of one block's writing to another's shared memory.
    [[ $1 != racecheck ]] || export CUDATTS_DECODER=${CUDATTS_DECODER:-grid}
    compute-sanitizer --tool "$1" --error-exitcode 99 --print-limit 20 "$program/CudaTts.Gpu.Tests" --no-ansi \
        --results-directory "$(dirname "$STEP_SUMMARY")" \
        --filter "$sanitized" 2>&1 | tee "$output"
    status=${PIPESTATUS[0]}
    counts=$(sed -n 's/^ *\(total\|failed\|succeeded\|skipped\): /\1 /p' "$output" | paste -sd ' ')
    summarise "$(grep -hE '(ERROR|RACECHECK) SUMMARY' "$output" | sed 's/^=* *//' | paste -sd ';'); tests: $counts"
    grep -E '^=+ .*(Invalid|Race reported|Error|hazard)' "$output" | head -n 12 >>"$STEP_REPORT"
    rm -f "$output"
    return "$status"
}

# The kernels by this machine's nvcc, into a folder for CUDATTS_KERNELS.
rebuild() {
    local source flags
    type -P nvcc >/dev/null || impossible "nvcc is not on this machine"
    # The files and flags of kernels/Kernels.targets, which wrote them.
    while read -r source flags; do
        (cd "$bundle" && nvcc $flags "kernels/$source" -o "$1/${source%.cu}.ptx" </dev/null) || return
    done <"$bundle/kernels/ptx-flags.txt"
    summarise "$(nvcc --version | tail -n 2 | head -n 1)"
}

case ${1:-} in
    rebuild) rebuild "$2" ;;
    env) env_job ;;
    ncu) ncu_job ;;
    memcheck | racecheck | initcheck | synccheck) sanitizer "$1" ;;
    probe | kernels | sequence | capture | persistent | overlap | golden | golden32 | bench | bench_all | tiles | rows | peer | peer_all) "$1" ;;
    command | profile | ncu_v1 | ncu_rows) "$1" ;;
    *)
        echo "jobs.sh: expected a job; found '${1:-}'. jobs.sh itself has them." >&2
        exit 2
        ;;
esac
