#!/usr/bin/env bash
# Checks what is deployed beside the server: Prometheus's configuration, the alert rules and their tests, every query of the dashboard, and the
# systemd unit. Installs nothing: what a missing program would have checked is said in a line "skipped, 1: REASON". Exit status 1 when a check fails.
set -uo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")"

status=0
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

check() {
    local name=$1
    shift
    if "$@" >"$scratch/output" 2>&1; then
        echo "deploy: $name: fine"
    else
        echo "deploy: $name: FAILED"
        sed 's/^/    /' "$scratch/output"
        status=1
    fi
}

# A dashboard's queries are no file that promtool knows: they become rules, with Grafana's variables filled in.
dashboard_rules() {
    printf 'groups:\n  - name: dashboard\n    rules:\n'
    sed -n 's/^ *"expr": "\(.*\)",\{0,1\}$/\1/p' grafana/cudatts.json |
        sed -e 's/\\"/"/g' -e 's/\\\\/\\/g' -e 's/\$__rate_interval/5m/g' -e 's/\$[a-z]*/.*/g' |
        awk '{ printf "      - record: query:%d\n        expr: |-\n          %s\n", NR, $0 }'
}

# The program and its folder need not be here to check the unit.
unit() {
    sed 's#^ExecStart=.*#ExecStart=/bin/true#' systemd/cudatts-server.service >"$scratch/cudatts-server.service"
    local output
    output=$(systemd-analyze verify "$scratch/cudatts-server.service" 2>&1)
    local verdict=$?
    [[ -n $output ]] && echo "$output"
    [[ $verdict -eq 0 && $output != *cudatts-server.service:* ]]
}

# 0 to 10; systemd calls less than 2 well protected.
exposure() {
    systemd-analyze security --offline=true --threshold=20 systemd/cudatts-server.service
}

queries() {
    dashboard_rules >"$scratch/dashboard.yml"
    grep -q record: "$scratch/dashboard.yml" && promtool check rules "$scratch/dashboard.yml"
}

if command -v promtool >/dev/null; then
    check "Prometheus's configuration" promtool check config prometheus/prometheus.yml
    check "alert rules" promtool check rules prometheus/cudatts-alerts.yml
    check "tests of the alert rules" promtool test rules prometheus/cudatts-alerts.test.yml
    check "queries of the dashboard" queries
else
    echo "skipped, 1: promtool is not on the PATH (Debian's package prometheus), so that alert rules and dashboard are not checked"
fi

if command -v systemd-analyze >/dev/null; then
    check "systemd unit" unit
    check "what the unit may do" exposure
else
    echo "skipped, 1: systemd-analyze is not on the PATH (Debian's package systemd), so that the unit is not checked"
fi

exit "$status"
