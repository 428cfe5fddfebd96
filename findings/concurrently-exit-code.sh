#!/usr/bin/env bash
# concurrently 9.2.5 (npm) starts each command with a shell. At SIGTERM it signals the shell and the program below it. The shell (dash, the `sh` of
# Debian 12) dies of the signal at once, and that counts as the end of the command: concurrently waits for the program, which drains and ends with 0,
# but its own exit code is 1. So each graceful end of such a container is an `Error` in Kubernetes. With `exec` in the command the program takes the
# place of the shell, and the exit code is 0. It needs util-linux and user namespaces.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent concurrently@9.2.5

cat > server.mjs <<'END'
import { appendFileSync } from 'node:fs';
const log = (text) => appendFileSync('log', `${text}\n`);
process.on('SIGTERM', () => {
  log('SIGTERM');
  setTimeout(() => { log('drained'); process.exit(0); }, 2000);
});
setInterval(() => {}, 1000);
log('started');
END
at_sigterm () { # command
  rm -f log
  unshare --user --map-root-user --pid --fork --kill-child --mount-proc "$@" >output 2>&1 </dev/null &
  local outer=$! code=0
  for _ in $(seq 100); do
    sleep 0.1
    ! grep --quiet --no-messages started log || break
  done
  kill -TERM "$(pgrep -P "$outer")"
  wait "$outer" || code=$?
  echo "$(paste --serial --delimiters=, log), exit code $code; output: $(grep exited output || echo none)"
}
export PATH="$folder/node_modules/.bin:$PATH"
seen=$(
  echo "node server.mjs: $(at_sigterm node server.mjs)"
  echo "concurrently 'exec node server.mjs': $(at_sigterm concurrently --no-color 'exec node server.mjs')"
  echo "concurrently 'node server.mjs': $(at_sigterm concurrently --no-color 'node server.mjs')"
)
echo 'concurrently 9.2.5, a server that drains in 2 s and ends with 0, after SIGTERM:'
echo "$seen"
expected="node server.mjs: started,SIGTERM,drained, exit code 0; output: none
concurrently 'exec node server.mjs': started,SIGTERM,drained, exit code 0; output: [0] exec node server.mjs exited with code 0
concurrently 'node server.mjs': started,SIGTERM,drained, exit code 1; output: [0] node server.mjs exited with code SIGTERM"
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
