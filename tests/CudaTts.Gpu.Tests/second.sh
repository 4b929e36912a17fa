#!/usr/bin/env bash
# The second run on a GPU, for one command of at most 240 s: what failed in the first, after a fix, or the choices that only a GPU can make.
#   second.sh OUT [--seconds N] [JOB=LIMIT...]     N seconds for all together, 235 when not said
# Jobs are those of jobs.sh. When none is named: tiles and rows (which tile a convolution is fastest by, how many rows a persistent launch should take; the
# residual layers, fused and separate, are in the first run's bench), command (ours beside the peer's figures of a first run on the same machine), Nsight
# Compute on HiFi-GAN V1 and on 64 rows, and the goldens in float32.
# Exit status: 0 all steps passed, 1 one did not, 2 wrong arguments.
set -uo pipefail
usage() {
    sed -n '2,7s/^# \{0,1\}//p' "${BASH_SOURCE[0]}" >&2
    exit 2
}

[[ $# -ge 1 && $1 != -* ]] || usage
bundle=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
. "$bundle/steps.sh"
. "$bundle/machine.sh"
out=$1 seconds=235 passed=0
shift
if [[ ${1:-} == --seconds ]]; then
    seconds=${2:?} && shift 2
fi
jobs=("$@")
[[ ${#jobs[@]} -gt 0 ]] || jobs=(tiles=30 rows=30 command=60 ncu_v1=40 ncu_rows=30 golden32=40)
for job in "${jobs[@]}"; do
    [[ $job =~ ^[a-z0-9_]+=[1-9][0-9]*$ ]] || usage
done

begin "CudaTts on $CUDATTS_TEST_DEVICE, second run" "$out" "$seconds"
for job in "${jobs[@]}"; do
    step "${job%%=*}" "${job##*=}" bash "$bundle/jobs.sh" "${job%%=*}" || [[ $? -eq $status_impossible ]] || passed=1
done
finish || passed=1
exit "$passed"
