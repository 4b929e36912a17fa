#!/usr/bin/env bash
# The first run of this build on a GPU, for one command of at most 600 s: everything that emulation cannot see, in the order of what it would cost not to know.
#   first.sh OUT [SECONDS]      SECONDS for all steps together, 570 when not said
# OUT/report.md and OUT/results.tar.gz hold what there is after every step (steps.sh). Exit status: 0 all steps passed, 1 one did not, 2 wrong arguments.
set -uo pipefail
[[ $# -ge 1 && $1 != -* ]] || { sed -n '2,4s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2; exit 2; }
bundle=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$bundle/steps.sh"
. "$bundle/machine.sh"
passed=0

# A step that did not pass is told by the exit status; those after it go on.
try() {
    step "$1" "$2" bash "$bundle/jobs.sh" "$1" || [[ $? -eq $status_impossible ]] || passed=1
}

begin "CudaTts on $CUDATTS_TEST_DEVICE, first run" "$1" "${2:-570}"
try env 15
try probe 20
try kernels 60
try sequence 15
try capture 25
if ! step persistent 30 bash "$bundle/jobs.sh" persistent; then
    passed=1
    export CUDATTS_DECODER=grid
    if step persistent_grid 30 bash "$bundle/jobs.sh" persistent; then
        echo "the persistent decoder has no clusters in what follows: CUDATTS_DECODER=grid"
    else
        export CUDATTS_DECODER=stepwise
        echo "the persistent decoder is not used in what follows: CUDATTS_DECODER=stepwise"
    fi
fi
try golden 60
try bench 70
try peer 60
try ncu 45
try overlap 20
try memcheck 25
try racecheck 25
finish || passed=1
exit "$passed"
