#!/usr/bin/env bash
# pnpm 12.21.0 (npm) as the entrypoint of a container passes SIGTERM on and waits for the program, as its changelog says. An image that has installed it with
# `--ignore-scripts`, or gets it from Corepack, has no binary in its place but a script in front of it (bin/pnpm.mjs), which waits in spawnSync and does
# not pass SIGTERM on: as PID 1 it runs on until SIGKILL, under an init it ends at once and leaves the program to its SIGKILL. It tells of the detour on a
# terminal alone, so the log of a Pod does not show it. It needs util-linux and user namespaces.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir binary placeholder app
(cd binary && npm init --yes >/dev/null && npm install --no-audit --no-fund --silent pnpm@12.21.0 && node node_modules/pnpm/install.js)
(cd placeholder && npm init --yes >/dev/null && npm install --no-audit --no-fund --silent --ignore-scripts pnpm@12.21.0)
apt-get download --quiet=2 tini=0.19.0-1+b3 2>/dev/null
dpkg -x tini_*.deb .

# The program is beside pnpm, as pnpm may install again what is in its own folder.
cd app
cat > server.mjs <<'END'
import { appendFileSync } from 'node:fs';
const log = (text) => appendFileSync('log', `${text}\n`);
process.on('SIGTERM', () => {
  log('SIGTERM');
  setTimeout(() => { log('drained'); process.exit(0); }, 1000);
});
setInterval(() => {}, 1000);
log('started');
END
echo '{ "name": "app", "version": "1.0.0", "scripts": { "web": "exec node server.mjs" } }' > package.json

at_sigterm () { # command
  local outer pid status=0
  rm -f log
  unshare --user --map-root-user --pid --fork --kill-child --mount-proc "$@" >/dev/null 2>&1 </dev/null &
  outer=$!
  for _ in $(seq 100); do
    sleep 0.1
    ! grep --quiet --no-messages started log || break
  done
  pid=$(pgrep -P "$outer")
  kill -TERM "$pid"
  for _ in $(seq 40); do
    sleep 0.1
    if ! kill -0 "$outer" 2>/dev/null; then
      wait "$outer" || status=$?
      echo "$(paste --serial --delimiters=, log), ends with $status"
      return
    fi
  done
  kill -KILL "$pid"
  wait "$outer" 2>/dev/null || true
  echo "$(paste --serial --delimiters=, log), runs on"
}
seen=$(
  for kind in binary placeholder; do
    for words in 'run web' 'exec node server.mjs'; do
      # shellcheck disable=SC2086 # words of a command
      echo "$kind, pnpm $words, as PID 1: $(at_sigterm ../$kind/node_modules/.bin/pnpm $words)"
      # shellcheck disable=SC2086 # words of a command
      echo "$kind, pnpm $words, under tini: $(at_sigterm ../usr/bin/tini -- ../$kind/node_modules/.bin/pnpm $words)"
    done
  done
  # Corepack knows this file by its name.
  echo "bin/pnpm.mjs run web, as PID 1: $(at_sigterm node ../placeholder/node_modules/pnpm/bin/pnpm.mjs run web)"
) 2>/dev/null
echo 'pnpm 12.21.0, tini 0.19.0, at SIGTERM:'
echo "$seen"
expected='binary, pnpm run web, as PID 1: started,SIGTERM,drained, ends with 0
binary, pnpm run web, under tini: started,SIGTERM,drained, ends with 0
binary, pnpm exec node server.mjs, as PID 1: started,SIGTERM,drained, ends with 0
binary, pnpm exec node server.mjs, under tini: started,SIGTERM,drained, ends with 0
placeholder, pnpm run web, as PID 1: started, runs on
placeholder, pnpm run web, under tini: started, ends with 143
placeholder, pnpm exec node server.mjs, as PID 1: started, runs on
placeholder, pnpm exec node server.mjs, under tini: started, ends with 143
bin/pnpm.mjs run web, as PID 1: started, runs on'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
