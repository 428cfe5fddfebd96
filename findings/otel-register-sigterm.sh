#!/usr/bin/env bash
# @opentelemetry/auto-instrumentations-node 0.82.0 (npm) is loaded with `--require …/register`, with no change to the program. It sets a handler for SIGTERM
# that ends the SDK but not the program, and a handler takes the end by default away (signal events of Node.js). So a server without a handler, which ends at
# SIGTERM under an init, runs on until SIGKILL. And a server that drains loses the spans of the requests that it answers after SIGTERM: the SDK is
# ended first, and nothing tells of it. Spans of requests before SIGTERM arrive.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent @opentelemetry/auto-instrumentations-node@0.82.0 @opentelemetry/api@1.10.0

cat > server.cjs <<'END'
const { createServer } = require('node:http');
const server = createServer((request, response) => setTimeout(() => response.end('ok'), request.url === '/slow' ? 4000 : 0));
if (process.env.DRAINS === 'yes') process.on('SIGTERM', () => server.close(() => setTimeout(() => process.exit(0), 8000)));
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
END
cat > stop.mjs <<'END'
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { createServer } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

// A collector that keeps what it gets.
let collected = '';
const collector = createServer((request, response) => {
  request.on('data', (part) => (collected += part.toString('latin1')));
  request.on('end', () => response.end());
}).listen(0, '127.0.0.1');
await once(collector, 'listening');

for (const drains of ['no', 'yes']) {
  for (const register of [false, true]) {
    collected = '';
    const server = fork('server.cjs', {
      execArgv: register ? ['--require', '@opentelemetry/auto-instrumentations-node/register'] : [],
      env: {
        ...process.env, DRAINS: drains, OTEL_EXPORTER_OTLP_ENDPOINT: `http://127.0.0.1:${collector.address().port}`,
        OTEL_METRICS_EXPORTER: 'none', OTEL_LOGS_EXPORTER: 'none', OTEL_NODE_RESOURCE_DETECTORS: 'none', OTEL_BSP_SCHEDULE_DELAY: '500',
      },
      stdio: ['ignore', 'inherit', 'ignore', 'ipc'],
    });
    const [port] = await once(server, 'message');
    const ask = (path) => fetch(`http://127.0.0.1:${port}${path}`, { headers: { connection: 'close' } }).then((response) => response.text(), () => 'no answer');
    await ask('/early');
    await sleep(2000);
    const slow = ask('/slow');
    await sleep(1000);
    server.kill('SIGTERM');
    const end = await Promise.race([once(server, 'exit').then(([code, signal]) => `ends with ${signal ?? code}`), sleep(20000).then(() => 'runs on for 20 s')]);
    server.kill('SIGKILL');
    const spans = register ? `, spans of ${['/early', '/slow'].filter((path) => collected.includes(path)).join(' and ')}` : '';
    console.log(`${drains === 'yes' ? 'drains' : 'no handler'}, ${register ? 'register' : 'plain'}: ${await slow}, ${end}${spans}`);
  }
}
collector.close();
END
seen=$(node stop.mjs)
echo '@opentelemetry/auto-instrumentations-node 0.82.0, a request of 4 s under way at SIGTERM:'
echo "$seen"
expected='no handler, plain: no answer, ends with SIGTERM
no handler, register: ok, runs on for 20 s, spans of /early
drains, plain: ok, ends with 0
drains, register: ok, ends with 0, spans of /early'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
