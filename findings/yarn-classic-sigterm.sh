#!/usr/bin/env bash
# yarn 1.22.22 (npm) passes SIGTERM on to the program of a script and then ends at once, with exit code 1. As PID 1 of a container, as in `CMD ["yarn", "start"]`,
# it takes the program with it, so a server that drains at SIGTERM is cut, also if the script begins with `exec`. Without yarn the program
# drains and ends with 0. It needs util-linux and user namespaces.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent yarn@1.22.22

cat > server.cjs <<'END'
const { appendFileSync } = require('node:fs');
const log = (text) => appendFileSync('log', `${text}\n`);
process.on('SIGTERM', () => {
  log('SIGTERM');
  setTimeout(() => { log('drained'); process.exit(0); }, 3000);
});
setInterval(() => {}, 1000);
log('started');
END
npm pkg set scripts.start='exec node server.cjs'
at_sigterm() { # command
  rm -f log
  unshare --user --map-root-user --pid --fork --kill-child --mount-proc "$@" >/dev/null 2>&1 </dev/null &
  local outer=$! code=0
  for _ in $(seq 300); do
    sleep 0.1
    ! grep --quiet --no-messages started log || break
  done
  sleep 1
  kill -TERM "$(pgrep -P "$outer")"
  wait "$outer" || code=$?
  echo "$*: $(paste --serial --delimiters=, log), exit code $code"
}
export PATH="$folder/node_modules/.bin:$PATH"
seen=$(
  at_sigterm node server.cjs
  at_sigterm yarn start
)
echo 'yarn 1.22.22, a program that drains in 3 s, after SIGTERM to PID 1:'
echo "$seen"
expected='node server.cjs: started,SIGTERM,drained, exit code 0
yarn start: started,SIGTERM, exit code 1'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
