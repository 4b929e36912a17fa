# Steps of a run on a machine rented by the minute. first.sh, second.sh and run.sh source it:
#   begin TITLE OUT SECONDS       opens the report; after so many seconds no step begins that would not be over by then
#   step NAME LIMIT COMMAND...    runs a command for at most LIMIT seconds; what it prints becomes NAME.log
#   finish                        prints the report, the table of all steps last
# A step that fails or hangs costs only itself. After each one OUT holds report.md and results.tar.gz with everything so far, so that a machine that is taken
# back leaves what came before.
# A command gets STEP_RESULTS, a folder for files that come back, STEP_SUMMARY, a file for the line that its row of the table shows, and STEP_REPORT, a file
# for what the report shows of it. Its exit status 77 means that it could not be run here and is no failure.
# CUDATTS_PLANT=NAME:fail or NAME:hang puts a failure or a hang in the place of a step's command, to show that it costs only that step.

readonly status_impossible=77 status_ended=124 status_skipped=125
# What comes back of one file at most, bytes, and what a report that is printed may have, characters.
most_bytes=${most_bytes:-15000000}
most_characters=10500
most_lines=48

milliseconds() {
    local now=${EPOCHREALTIME/[.,]/}
    echo $((now / 1000))
}

refuse() {
    echo "steps.sh: $*" >&2
    exit 2
}

begin() {
    [[ $3 =~ ^[1-9][0-9]{0,5}$ ]] || refuse "expected whole seconds for all steps; found '$3'"
    [[ ${CUDATTS_PLANT:-x:fail} =~ ^[a-z0-9_]+:(fail|hang)$ ]] || refuse "CUDATTS_PLANT: expected STEP:fail or STEP:hang; found '$CUDATTS_PLANT'"
    title=$1 total=$3 under_way='' unsaved='' begun=$(milliseconds)
    mkdir -p "$2" && out=$(cd "$2" && pwd) || exit 2
    { : >"$out/report.md"; } 2>/dev/null || refuse "nothing can be written to '$out'"
    work=$(mktemp -d) && results=$work/results && mkdir "$results" || exit 2
    # Whoever ends the run ends the step under way too, which is a group of its own.
    trap 'exit 143' TERM INT
    trap '[[ -z $under_way ]] || kill -KILL -- "-$under_way" 2>/dev/null; rm -rf "$work"' EXIT
    export STEP_RESULTS=$results STEP_SUMMARY=$work/summary STEP_REPORT=$work/section
    : >"$work/rows" && : >"$work/sections"
    write_report
}

step() {
    local name=$1 limit=$2 status=0 began left
    shift 2
    left=$((total - ($(milliseconds) - begun) / 1000))
    if ((limit > left)); then
        record "$name" skipped "-" "$limit" "its $limit s no longer fit: $left s are left"
        return "$status_skipped"
    fi
    case ${CUDATTS_PLANT:-} in
        "$name:fail") set -- false ;;
        "$name:hang") set -- sleep infinity ;;
    esac
    : >"$STEP_SUMMARY" && : >"$STEP_REPORT"
    began=$(milliseconds)
    timeout -k 3 "$limit" "$@" >"$results/$name.log" 2>&1 </dev/null &
    under_way=$!
    # A process that waits within the driver can outlive KILL: then it is left behind, for the sake of the steps after it.
    while kill -0 "$under_way" && (($(milliseconds) < began + 1000 * (limit + 8))); do
        sleep 0.1
    done 2>/dev/null
    if kill -0 "$under_way" 2>/dev/null; then
        status=$status_ended
        echo "could not be ended, and was left behind" >>"$STEP_SUMMARY"
    else
        wait "$under_way" || status=$?
    fi
    # timeout has made a group of itself and what it ran: nothing of that may go on beside the next step.
    kill -KILL -- "-$under_way" 2>/dev/null
    under_way=''
    finish_step "$name" "$limit" "$status" $(($(milliseconds) - began))
}

# Names what a step's exit status means, and puts it down.
finish_step() {
    local name=$1 limit=$2 status=$3 took result
    took=$(($4 / 1000)).$(($4 % 1000 / 100))
    case $status in
        0) result=ok ;;
        "$status_impossible") result="not here" ;;
        124 | 137) result="ENDED at its limit" status=$status_ended ;;
        *) result="FAILED ($status)" ;;
    esac
    if [[ -s $STEP_REPORT ]]; then
        { echo "## $name" && echo && head -n "$most_lines" "$STEP_REPORT" && echo; } >>"$work/sections"
    fi
    record "$name" "$result" "$took" "$limit" "$(paste -sd ' ' "$STEP_SUMMARY" | tr '|' '/' | cut -c1-200)"
    return "$status"
}

# One line of result, and report and archive as they are now.
record() {
    printf '%-11s %-18s %6s s of %3s  %s\n' "$@"
    echo "| $1 | $2 | $3 | $4 | $5 |" >>"$work/rows"
    write_report
    pack
}

write_report() {
    {
        echo "# $title" && echo
        cat "$work/sections"
        echo "## Steps" && echo
        echo "| step | result | seconds | limit | |" && echo "| --- | --- | --- | --- | --- |"
        cat "$work/rows"
    } >"$work/report.md"
    cp "$work/report.md" "$out/report.md" || unsaved=1
}

# The archive takes its name when it is whole. What would make it too large to come back is left out, the largest first, and named in it.
pack() {
    local largest
    local -a without=()
    cp "$work/report.md" "$results/report.md"
    while true; do
        # What was saved before stays when there is no room for more.
        tar -C "$work" "${without[@]}" -czf "$out/results.tar.gz.partial" results || { rm -f "$out/results.tar.gz.partial" && unsaved=1 && return; }
        (($(stat -c %s "$out/results.tar.gz.partial") > most_bytes)) || break
        largest=$(cd "$work" && find results -type f -printf '%s %p\n' | sort -rn | sed -n "$((${#without[@]} + 1))s/^[0-9]* //p")
        [[ -n $largest ]] || break
        without+=("--exclude=$largest")
        echo "left out, because the archive would be too large: $largest" >>"$results/left-out.txt"
    done
    mv -f "$out/results.tar.gz.partial" "$out/results.tar.gz"
}

# Fails when something could not be saved.
finish() {
    echo
    tail -c "$most_characters" "$work/report.md"
    [[ -z $unsaved ]] || echo "steps.sh: not everything could be written to '$out'" >&2
    [[ -z $unsaved ]]
}
