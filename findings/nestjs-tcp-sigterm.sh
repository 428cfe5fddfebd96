#!/usr/bin/env bash
# A microservice of @nestjs/microservices 12.1.1 (npm) with the TCP transport cuts the messages under way at SIGTERM, also with enableShutdownHooks(): it destroys
# its sockets at once, the handler never ends, and the program ends by the signal. The same handler behind HTTP (@nestjs/platform-express)
# is waited for.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts @nestjs/common@12.1.1 @nestjs/core@12.1.1 @nestjs/microservices@12.1.1 @nestjs/platform-express@12.1.1 \
  reflect-metadata@0.2 rxjs@7

cat > server.mjs <<'END'
import 'reflect-metadata';
import { setTimeout as wait } from 'node:timers/promises';
import { Controller, Get, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagePattern, Transport } from '@nestjs/microservices';

const [, , transport, port] = process.argv;
class Slow {
  async slow() {
    console.log('handler begins');
    await wait(2000);
    console.log('handler ends');
    return 'answer';
  }
}
const method = Object.getOwnPropertyDescriptor(Slow.prototype, 'slow');
MessagePattern('slow')(Slow.prototype, 'slow', method);
Get('slow')(Slow.prototype, 'slow', method);
Controller()(Slow);
class App {}
Module({ controllers: [Slow] })(App);
if (transport === 'TCP') {
  const service = await NestFactory.createMicroservice(App, { transport: Transport.TCP, options: { port: Number(port) }, logger: false });
  service.enableShutdownHooks();
  await service.listen();
} else {
  const service = await NestFactory.create(App, { logger: false });
  service.enableShutdownHooks();
  await service.listen(Number(port));
}
console.log('started');
END
cat > client.mjs <<'END'
import 'reflect-metadata';
import { ClientProxyFactory, Transport } from '@nestjs/microservices';
import { firstValueFrom } from 'rxjs';

const [, , transport, port] = process.argv;
try {
  if (transport === 'TCP') {
    const client = ClientProxyFactory.create({ transport: Transport.TCP, options: { port: Number(port) } });
    console.log(await firstValueFrom(client.send('slow', {})));
  } else {
    console.log(await (await fetch(`http://127.0.0.1:${port}/slow`)).text());
  }
} catch (error) {
  console.log(error.message ?? error);
}
process.exit();
END
at_sigterm () { # transport
  local port server client code=0
  port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
  node server.mjs "$1" "$port" > log 2>&1 &
  server=$!
  for _ in $(seq 100); do
    sleep 0.1
    ! grep --quiet started log || break
  done
  node client.mjs "$1" "$port" > answer 2>&1 &
  client=$!
  for _ in $(seq 100); do
    sleep 0.1
    ! grep --quiet begins log || break
  done
  kill -TERM "$server"
  wait "$server" 2>/dev/null || code=$?
  wait "$client" || true
  echo "$(paste --serial --delimiters=, log), exit code $code; the client sees: $(cat answer)"
}
seen=$(
  echo "HTTP: $(at_sigterm HTTP)"
  echo "TCP: $(at_sigterm TCP)"
)
echo 'NestJS 12.1.1, SIGTERM during a handler of 2 s:'
echo "$seen"
expected='HTTP: started,handler begins,handler ends, exit code 143; the client sees: answer
TCP: started,handler begins, exit code 143; the client sees: Connection closed'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
