#!/usr/bin/env bash
# Cold start and peak memory of the command: from starting the process to the finished file, and the largest resident set, over N runs.
#
#   benchmarks/cold_start.sh [-n RUNS] [-t TEXT] [-b BEFORE] [COMMAND [ARGUMENT...]]
#
# With -b another program, an older build, runs by turns with it, and the ratio of both times is taken pair by pair.
# COMMAND is the program and what goes before "say" has its own arguments, artifacts/cudatts by default (artifacts/native/cudatts is the
# NativeAOT build). "Cold" is a new process on files that the system has cached already; the first run, which may have to read them, is
# shown and left out. Needs GNU time (Debian: apt-get install time).
set -euo pipefail
cd "$(dirname "$0")/.."

runs=10
text="Hi."
before=
while getopts "n:t:b:" option; do
    case "$option" in
        n) runs=$OPTARG ;;
        t) text=$OPTARG ;;
        b) before=$OPTARG ;;
        *) sed -n '2,9p' "$0" >&2; exit 2 ;;
    esac
done
shift $((OPTIND - 1))
command=("${@:-artifacts/cudatts}")

if ! [[ "$runs" =~ ^[1-9][0-9]*$ ]]; then
    echo "cold_start.sh: expected a number of runs above zero; found '$runs'." >&2
    exit 2
fi
if ! [ -x /usr/bin/time ]; then
    echo "cold_start.sh: GNU time is missing; install the package 'time'." >&2
    exit 1
fi
if ! command -v "${command[0]}" > /dev/null; then
    echo "cold_start.sh: ${command[0]} is not there; build it with ./build.sh build." >&2
    exit 1
fi

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
for ((run = 0; run <= runs; run++)); do
    if [ -n "$before" ]; then
        start=$EPOCHREALTIME
        "$before" say "$text" -o "$folder/before.wav"
        end=$EPOCHREALTIME
        older=$(((${end/./} - ${start/./}) / 1000))
    fi
    rm -f "$folder/x.wav"
    start=$EPOCHREALTIME
    /usr/bin/time -f "%M" -o "$folder/peak" "${command[@]}" say "$text" -o "$folder/x.wav"
    end=$EPOCHREALTIME
    [ -s "$folder/x.wav" ] || { echo "cold_start.sh: run $run wrote no file." >&2; exit 1; }
    milliseconds=$(((${end/./} - ${start/./}) / 1000))
    if ((run == 0)); then
        echo "first run, not counted: $milliseconds ms, $(tail -n 1 "$folder/peak") KiB"
    else
        echo "$milliseconds $(tail -n 1 "$folder/peak") ${older:-0} $((100 * ${older:-0} / milliseconds))" >> "$folder/runs"
    fi
done

summary() {
    cut -d ' ' -f "$1" "$folder/runs" | sort -n | awk -v unit="$3" -v name="$2" '
        { value[NR] = $1 }
        END { printf "%s: median %d %s (%d to %d), %d runs\n", name, value[int((NR + 1) / 2)], unit, value[1], value[NR], NR }'
}
summary 1 "start to file" ms
summary 2 "peak resident set" KiB
if [ -n "$before" ]; then
    summary 3 "before, start to file" ms
    summary 4 "before over after" %
fi
