# The closing lines of a test run, from the result files (TRX) of dotnet test: every reason of a skipped test once, with the number of tests that it
# is for, the long tests that were left out, the number of comparisons with a stored output, and "N passed, N failed, N skipped".

# A long test is one that is left out for a reason that begins with "long: "; the categories of tests are not in these files.

function attribute(name, text) {
    return match(text, " " name "=\"[^\"]*\"") ? substr(text, RSTART + length(name) + 3, RLENGTH - length(name) - 4) : ""
}

function plain(text) {
    gsub(/&lt;/, "<", text)
    gsub(/&gt;/, ">", text)
    gsub(/&quot;/, "\"", text)
    gsub(/&apos;|&#39;/, "'", text)
    gsub(/&amp;/, "\\&", text)
    return text
}

function note(reasons, order, text) {
    if (!(text in reasons)) {
        order[++order["count"]] = text
    }
    reasons[text]++
}

# What tests write stands a second time at the end, for all of them together.
/<UnitTestResult / { is_result = 1 }
/<ResultSummary/ { is_result = 0 }
/<UnitTestResult / {
    skipped = attribute("outcome", $0) == "NotExecuted" ? attribute("testId", $0) : ""
    if (skipped != "") {
        message[skipped] = "no reason given"
        results[++left_out] = skipped
    }
}
/\(golden compared\)/ && is_result { compared += gsub(/\(golden compared\)/, "") }
/<Message>/ && skipped != "" {
    gsub(/.*<Message>|<\/Message>.*/, "")
    sub(/^OneTimeSetUp: /, "")
    message[skipped] = plain($0)
    skipped = ""
}
/<Counters / { total += attribute("total", $0); passed += attribute("passed", $0); executed += attribute("executed", $0) }
END {
    for (i = 1; i <= left_out; i++) {
        if (message[results[i]] ~ /^long: /) {
            long++
            note(long_reasons, long_order, message[results[i]])
        } else {
            note(reasons, order, message[results[i]])
        }
    }
    for (i = 1; i <= order["count"]; i++) {
        printf "skipped, %d: %s\n", reasons[order[i]], order[i]
    }
    for (i = 1; i <= long_order["count"]; i++) {
        printf "left out, %d, %s\n", long_reasons[long_order[i]], long_order[i]
    }
    if (long > 0) {
        printf "%d long tests left out; ./build.sh test-long runs them\n", long
    }
    printf "%d goldens compared\n", compared
    printf "%d passed, %d failed, %d skipped\n", passed, executed - passed, total - executed - long
}
