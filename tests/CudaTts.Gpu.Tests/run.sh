#!/usr/bin/env bash
# Everything that this build can show on a GPU, for whoever has one and an hour: the steps of first.sh and second.sh with all their tests, sizes and tools.
#   run.sh OUT [--rebuild] [JOB...]
# Jobs are those of jobs.sh; all when none is named. --rebuild compiles the kernels anew with this machine's nvcc. Needs Linux and an NVIDIA driver; no .NET,
# no network. OUT/report.md and OUT/results.tar.gz hold what there is after every step. Exit status: 0 all steps passed, 1 one did not, 2 wrong arguments.
set -uo pipefail
usage() {
    sed -n '2,5s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
}

[[ $# -ge 1 && $1 != -* ]] || usage
bundle=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$bundle/steps.sh"
. "$bundle/machine.sh"
out=$1 passed=0 rebuilds=''
shift
if [[ ${1:-} == --rebuild ]]; then
    rebuilds=1 && shift
fi
jobs=("$@")
[[ ${#jobs[@]} -gt 0 ]] || jobs=(env probe kernels sequence capture persistent golden bench_all tiles rows peer_all command profile ncu ncu_v1 ncu_rows
    overlap memcheck racecheck initcheck synccheck)

# Time is not what is short here: a limit is there for what hangs.
begin "CudaTts on $CUDATTS_TEST_DEVICE" "$out" 7200
if [[ -n $rebuilds ]]; then
    kernels=$(mktemp -d)
    step rebuild 600 bash "$bundle/jobs.sh" rebuild "$kernels" && export CUDATTS_KERNELS=$kernels || passed=1
fi
for job in "${jobs[@]}"; do
    CUDATTS_STEP_LIMITS=10 step "$job" 600 bash "$bundle/jobs.sh" "$job" || [[ $? -eq $status_impossible ]] || passed=1
done
finish || passed=1
exit "$passed"
