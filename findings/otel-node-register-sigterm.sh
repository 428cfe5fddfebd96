#!/usr/bin/env bash
# `@opentelemetry/auto-instrumentations-node/register` 0.82.0 (npm), loaded with --require as its README says, sets a handler for SIGTERM that shuts the SDK down and
# does not end the program. So a program without a handler of its own, which SIGTERM ends, runs on until SIGKILL once it has this SDK. In a program with a
# handler that drains, the SDK is shut down first: the spans of the requests that end after SIGTERM are lost. The README says neither.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts @opentelemetry/auto-instrumentations-node@0.82.0 @opentelemetry/api@1

cat > collector.cjs <<'END'
const { appendFileSync } = require('node:fs');
require('node:http').createServer((request, response) => {
  let body = '';
  request.on('data', (data) => { body += data; });
  request.on('end', () => {
    for (const { scopeSpans } of JSON.parse(body).resourceSpans)
      for (const { spans } of scopeSpans) for (const { name } of spans) appendFileSync('spans', `${name}\n`);
    response.setHeader('content-type', 'application/json').end('{}');
  });
}).listen(0, '127.0.0.1', function () { console.log(this.address().port); });
END
cat > program.cjs <<'END'
const { existsSync, writeFileSync } = require('node:fs');
const [, , handler, instrumented] = process.argv;
const tracer = require('@opentelemetry/api').trace.getTracer('finding');
tracer.startSpan('before').end();
const request = tracer.startSpan('under way at SIGTERM');
if (handler === 'drains') process.on('SIGTERM', () => setTimeout(() => {
  request.end();
  setTimeout(() => process.exit(0), 2000);
}, 500));
setInterval(() => {
  if (existsSync('signalled') || (instrumented && !existsSync('spans'))) return;
  writeFileSync('signalled', '');
  process.kill(process.pid, 'SIGTERM');
}, 100);
END
node collector.cjs > port &
collector=$!
trap 'kill "$collector"; rm -rf "$folder"' EXIT
for _ in $(seq 50); do
  sleep 0.1
  [ ! -s port ] || break
done
export OTEL_EXPORTER_OTLP_PROTOCOL=http/json OTEL_METRICS_EXPORTER=none OTEL_LOGS_EXPORTER=none OTEL_BSP_SCHEDULE_DELAY=200
export OTEL_NODE_RESOURCE_DETECTORS=none OTEL_NODE_ENABLED_INSTRUMENTATIONS=http
OTEL_EXPORTER_OTLP_ENDPOINT="http://127.0.0.1:$(cat port)"
export OTEL_EXPORTER_OTLP_ENDPOINT
run () {
  local program code=0
  rm -f spans signalled
  node "$@" >/dev/null 2>&1 &
  program=$!
  until [ -e signalled ]; do sleep 0.1; done
  for _ in $(seq 100); do
    sleep 0.1
    kill -0 "$program" 2>/dev/null || break
  done
  kill -KILL "$program" 2>/dev/null || true
  wait "$program" 2>/dev/null || code=$?
  echo "exit code $code, spans: $(paste --serial --delimiters=, spans 2>/dev/null || true)"
}
register=@opentelemetry/auto-instrumentations-node/register
seen=$(
  echo "no handler of its own, without the SDK: $(run program.cjs none)"
  echo "no handler of its own: $(run --require "$register" program.cjs none instrumented)"
  echo "drains for 2.5 s: $(run --require "$register" program.cjs drains instrumented)"
) 2>/dev/null
echo 'auto-instrumentations-node 0.82.0, after SIGTERM; 137 is SIGKILL after 10 s:'
echo "$seen"
expected='no handler of its own, without the SDK: exit code 143, spans: 
no handler of its own: exit code 137, spans: before
drains for 2.5 s: exit code 0, spans: before'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
