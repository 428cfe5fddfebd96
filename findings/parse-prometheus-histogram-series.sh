#!/usr/bin/env bash
# parse-prometheus-text-format 1.1.1 (npm) makes one series of all series of a histogram or a summary that have labels: the buckets of the last one
# overwrite those before, and the labels, the sum and the count are gone, without an error. Almost every histogram of Kubernetes has
# labels, such as the kubelet's prober_probe_duration_seconds. Expected (https://prometheus.io/docs/instrumenting/exposition_formats/): a series for
# each set of labels. Counters with the same labels, and a histogram without labels, it reads rightly.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent parse-prometheus-text-format@1.1.1

cat > read.mjs <<'END'
import read from 'parse-prometheus-text-format';

const print = (what, lines) => console.log(`${what}: ${JSON.stringify(read(`${lines.join('\n')}\n`)[0].metrics)}`);
print('counter', ['# TYPE probes_total counter', 'probes_total{probe="Liveness"} 3', 'probes_total{probe="Readiness"} 9']);
print('histogram, no labels', ['# TYPE probe_seconds histogram', 'probe_seconds_bucket{le="1"} 2', 'probe_seconds_bucket{le="+Inf"} 3', 'probe_seconds_sum 4.5', 'probe_seconds_count 3']);
const series = (probe, one, all, sum) => [`probe_seconds_bucket{probe="${probe}",le="1"} ${one}`, `probe_seconds_bucket{probe="${probe}",le="+Inf"} ${all}`, `probe_seconds_sum{probe="${probe}"} ${sum}`, `probe_seconds_count{probe="${probe}"} ${all}`];
print('histogram', ['# TYPE probe_seconds histogram', ...series('Liveness', 2, 3, 4.5), ...series('Readiness', 8, 9, 2.5)]);
const parts = (probe, half, sum, count) => [`probe_seconds{probe="${probe}",quantile="0.5"} ${half}`, `probe_seconds_sum{probe="${probe}"} ${sum}`, `probe_seconds_count{probe="${probe}"} ${count}`];
print('summary', ['# TYPE probe_seconds summary', ...parts('Liveness', 0.2, 4.5, 3), ...parts('Readiness', 0.1, 2.5, 9)]);
END
seen=$(node read.mjs)
echo 'parse-prometheus-text-format 1.1.1:'
echo "$seen"
expected='counter: [{"value":"3","labels":{"probe":"Liveness"}},{"value":"9","labels":{"probe":"Readiness"}}]
histogram, no labels: [{"buckets":{"1":"2","+Inf":"3"},"count":"3","sum":"4.5"}]
histogram: [{"buckets":{"1":"8","+Inf":"9"}}]
summary: [{"quantiles":{"0.5":"0.1"}}]'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
