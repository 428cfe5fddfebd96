#!/usr/bin/env bash
# `timeoutMs` of @ladjs/graceful 5.0.0 (npm) is by its README "how long to wait to gracefully exit", 5 s unless told. At SIGTERM it cuts each request of its servers
# after 1 s, whatever timeoutMs says, and ends with exit code 0: it closes them with lil-http-terminator, and does not pass its own time on. So a service with
# `timeoutMs: 20000` and a grace period of 30 s loses each request that takes longer than a second. The README names an object of options for
# lil-http-terminator, but not that time; with gracefulTerminationTimeout in it the request is answered. http-graceful-shutdown 4.0.0 (npm) keeps its timeout.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent @ladjs/graceful@5.0.0 http-graceful-shutdown@4.0.0

cat > server.mjs <<'JS'
import { createServer } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import Graceful from '@ladjs/graceful';
import shutDown from 'http-graceful-shutdown';

const server = createServer(async (request, response) => {
  await setTimeout(3000);
  response.end('ok');
});
const ladjs = (options) => new Graceful({ servers: [server], logger: { info() {}, error() {}, warn() {} }, ...options }).listen();
({
  'http-graceful-shutdown, timeout of 20 s': () => shutDown(server, { timeout: 20_000 }),
  '@ladjs/graceful, timeoutMs of 20 s': () => ladjs({ timeoutMs: 20_000 }),
  '@ladjs/graceful, timeoutMs and gracefulTerminationTimeout of 20 s': () =>
    ladjs({ timeoutMs: 20_000, lilHttpTerminator: { gracefulTerminationTimeout: 20_000 } }),
})[process.argv[2]]();
server.listen(0, '127.0.0.1', () => process.send(server.address().port));
JS
cat > at_sigterm.mjs <<'JS'
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { setTimeout } from 'node:timers/promises';

for (const what of [
  'http-graceful-shutdown, timeout of 20 s',
  '@ladjs/graceful, timeoutMs of 20 s',
  '@ladjs/graceful, timeoutMs and gracefulTerminationTimeout of 20 s',
]) {
  const server = fork('server.mjs', [what], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  const [port] = await once(server, 'message');
  const ended = once(server, 'exit');
  const answer = fetch(`http://127.0.0.1:${port}`, { headers: { connection: 'close' } }).then((response) => response.text(), () => 'connection closed without an answer');
  await setTimeout(500);
  server.disconnect();
  server.kill('SIGTERM');
  console.log(`${what}: ${await answer}, exit code ${(await ended)[0]}`);
}
JS
seen=$(node at_sigterm.mjs)
echo '@ladjs/graceful 5.0.0, http-graceful-shutdown 4.0.0, a request of 3 s under way at SIGTERM:'
echo "$seen"
expected='http-graceful-shutdown, timeout of 20 s: ok, exit code 0
@ladjs/graceful, timeoutMs of 20 s: connection closed without an answer, exit code 0
@ladjs/graceful, timeoutMs and gracefulTerminationTimeout of 20 s: ok, exit code 0'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
