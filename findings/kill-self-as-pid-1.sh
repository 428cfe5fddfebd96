#!/usr/bin/env bash
# signal-exit 4.1.0, enableShutdownHooks() of @nestjs/core 12.5.1 and @godaddy/terminus 4.12.1 (npm) end a process at SIGTERM in the same way: they
# run the callbacks, take their handler away and send the signal to the process again. The kernel drops a signal that PID 1 has no handler for. So
# a program with a timer or an open connection runs on as the entrypoint of a container, its cleanup done, until SIGKILL; terminus has also closed
# its server by then. With another PID all of them end. The options `useProcessExit` (NestJS) and `useExit0` (terminus) help; signal-exit has none.
# It needs util-linux and user namespaces.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent signal-exit@4.1.0 @godaddy/terminus@4.12.1 @nestjs/core@12.5.1 @nestjs/common@12.5.1 reflect-metadata@0.2.2 rxjs@7.8.2

cat > handler.mjs <<'END'
process.on('SIGTERM', () => { console.log('cleaned up'); process.exit(); });
setInterval(() => {}, 1000);
console.log('started');
END
cat > signal-exit.mjs <<'END'
import { onExit } from 'signal-exit';
onExit(() => { console.log('cleaned up'); });
setInterval(() => {}, 1000);
console.log('started');
END
cat > nestjs.mjs <<'END'
import 'reflect-metadata';
import { Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
class App { onApplicationShutdown() { console.log('cleaned up'); } }
Module({})(App);
const app = await NestFactory.createApplicationContext(App, { logger: false });
app.enableShutdownHooks();
setInterval(() => {}, 1000);
console.log('started');
END
cat > terminus.mjs <<'END'
import { createServer } from 'node:http';
import { createTerminus } from '@godaddy/terminus';
const server = createServer();
createTerminus(server, { signal: 'SIGTERM', onSignal: async () => { console.log('cleaned up'); } });
setInterval(() => {}, 1000);
server.listen(0, '127.0.0.1', () => console.log('started'));
END
until_seen () { # text
  for _ in $(seq 100); do
    ! grep --quiet --no-messages "$1" log || return 0
    sleep 0.1
  done
}
at_sigterm () { # command
  rm -f log
  "$@" >log 2>/dev/null </dev/null &
  local outer=$! pid
  until_seen started
  pid=$(pgrep -P "$outer" || echo "$outer")
  kill -TERM "$pid"
  until_seen 'cleaned up'
  for _ in $(seq 30); do
    sleep 0.1
    if ! kill -0 "$outer" 2>/dev/null; then echo "$(tail -n 1 log), ended"; return; fi
  done
  kill -KILL "$pid"
  echo "$(tail -n 1 log), runs on"
}
seen=$(
  for program in handler signal-exit nestjs terminus; do
    echo "$program: $(at_sigterm node $program.mjs)"
    echo "$program as PID 1: $(at_sigterm unshare --user --map-root-user --pid --fork --kill-child node $program.mjs)"
  done 2>/dev/null
)
echo 'signal-exit 4.1.0, @nestjs/core 12.5.1, @godaddy/terminus 4.12.1, after SIGTERM:'
echo "$seen"
expected='handler: cleaned up, ended
handler as PID 1: cleaned up, ended
signal-exit: cleaned up, ended
signal-exit as PID 1: cleaned up, runs on
nestjs: cleaned up, ended
nestjs as PID 1: cleaned up, runs on
terminus: cleaned up, ended
terminus as PID 1: cleaned up, runs on'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
