#!/usr/bin/env bash
# close() of fastify 5.12.8 (npm) waits for a client that holds its connection open, if a request was under way when it began: the answer goes out
# without `Connection: close`, and the connection then stays for the keepAliveTimeout, 72 s by default. So a graceful shutdown takes longer than the
# 30 s of terminationGracePeriodSeconds, and SIGKILL ends it. The documentation of `forceCloseConnections` says that idle connections are closed;
# that happens once, when close() begins (fastify issue 7044). A connection that is idle by then, and one without keep-alive, do not delay it.
# The script sets keepAliveTimeout to 4 s, to be quick.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent fastify@5.12.8

cat > close.mjs <<'END'
import Fastify from 'fastify';
import { Agent, get } from 'node:http';
import { setTimeout } from 'node:timers/promises';

console.log(`keepAliveTimeout by default: ${Fastify().server.keepAliveTimeout} ms`);
const closes = async (what, keepAlive, path) => {
  const server = Fastify({ keepAliveTimeout: 4000 });
  server.get('/now', async () => 'ok');
  server.get('/slow', async () => setTimeout(500, 'ok'));
  await server.listen({ port: 0 });
  const agent = new Agent({ keepAlive });
  const answer = new Promise((resolve) => {
    get({ port: server.server.address().port, path, agent }, (response) => response.resume().on('end', () => resolve(response.headers.connection)));
  });
  await setTimeout(250);
  const begin = performance.now();
  await server.close();
  const waited = performance.now() - begin > 3000;
  console.log(`${what}: answered with Connection: ${await answer}, close() ${waited ? 'waits for keepAliveTimeout' : 'ends with the last answer'}`);
  agent.destroy();
};
await closes('idle connection', true, '/now');
await closes('request under way, no keep-alive', false, '/slow');
await closes('request under way, keep-alive', true, '/slow');
END
seen=$(node close.mjs)
echo 'fastify 5.12.8:'
echo "$seen"
expected='keepAliveTimeout by default: 72000 ms
idle connection: answered with Connection: keep-alive, close() ends with the last answer
request under way, no keep-alive: answered with Connection: close, close() ends with the last answer
request under way, keep-alive: answered with Connection: keep-alive, close() waits for keepAliveTimeout'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
