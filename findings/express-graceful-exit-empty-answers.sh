#!/usr/bin/env bash
# express-graceful-exit 0.5.2 (npm): after SIGTERM, requests that still come on a connection with keep-alive are "dropped cleanly" by default, and with
# `errorDuringExit` they are refused with 502, "so nginx, ELB, etc will resend to an active server". But by default the client gets 200 with an empty body for a
# request that no handler has seen: an order that is posted in a rollout is lost, and the client counts it as done. With `errorDuringExit` it is 500, which
# proxies do not send again. Only with `performLastRequest` the order is handled.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm install --silent --no-audit --no-fund --ignore-scripts express-graceful-exit@0.5.2 express@4.22.1 >/dev/null 2>&1
cat > server.js <<'END'
const express = require('express');
const gracefulExit = require('express-graceful-exit');

const app = express();
const server = app.listen(0, '127.0.0.1', () => process.send(server.address().port));
gracefulExit.init(server);
app.use(gracefulExit.middleware(app));
app.get('/slow', (_request, response) => setTimeout(() => response.send('done'), 1500));
app.post('/orders', (_request, response) => {
  process.send('handled');
  response.status(201).send('ordered');
});
process.on('SIGTERM', () => gracefulExit.gracefulExitHandler(app, server, JSON.parse(process.argv[2])));
END
cat > client.js <<'END'
const { fork } = require('node:child_process');
const http = require('node:http');

function ask(agent, port, method, path) {
  return new Promise((resolve) => {
    const request = http.request({ agent, host: '127.0.0.1', port, method, path }, async (response) => {
      let body = '';
      for await (const part of response) body += part;
      resolve(`${response.statusCode} ${JSON.stringify(body.replace(/<[^]*/, '<…'))}${request.reusedSocket ? '' : ', a new connection'}`);
    });
    request.on('error', (error) => resolve(error.code));
    request.end();
  });
}

async function run(options) {
  const server = fork('server.js', [options], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] });
  let handled = 'not handled';
  server.on('message', (message) => {
    if (message === 'handled') handled = message;
  });
  const port = await new Promise((resolve) => server.once('message', resolve));
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const slow = ask(agent, port, 'GET', '/slow');
  setTimeout(() => server.kill('SIGTERM'), 500);
  await slow;
  const answer = await ask(agent, port, 'POST', '/orders');
  server.kill('SIGKILL');
  console.log(`${options}: ${answer}; ${handled}`);
}

async function main() {
  for (const options of ['{}', '{"errorDuringExit":true}', '{"performLastRequest":true}']) await run(options);
}

main();
END
seen=$(node client.js)
echo 'express-graceful-exit 0.5.2, an order after SIGTERM on a connection with a request under way:'
echo "$seen"
expected='{}: 200 ""; not handled
{"errorDuringExit":true}: 500 "<…"; not handled
{"performLastRequest":true}: 201 "ordered"; handled'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
