#!/usr/bin/env bash
# `node --run start` of Node.js 24.21.0 (npm), which takes the place of `npm start`, starts the script as the child of a shell and does not pass SIGTERM on. As
# PID 1 of a container it runs on until SIGKILL. Under an init it ends at once, and the server is killed with its requests under way. The documentation
# lists what `--run` leaves out on purpose, and signals are not in the list (issue 65712 of Node.js). `bun run` of bun 1.4.5 (npm), with the same
# script, passes it on, waits, and ends with the exit code of the server, here 7.
# It needs util-linux and user namespaces.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent node@24.21.0 bun@1.4.5
npm pkg set 'scripts.start=node server.mjs'
apt-get download --quiet=2 tini=0.19.0-1+b3 2>/dev/null
dpkg -x tini_*.deb .

cat > server.mjs <<'END'
import { appendFileSync } from 'node:fs';
const log = (text) => appendFileSync('log', `${text}\n`);
process.on('SIGTERM', () => {
  log('SIGTERM');
  setTimeout(() => { log('drained'); process.exit(7); }, 1500);
});
setInterval(() => {}, 1000);
log('started');
END
at_sigterm () { # command
  rm -f log
  unshare --user --map-root-user --pid --fork --kill-child --mount-proc "$@" >/dev/null 2>&1 </dev/null &
  local outer=$! pid code=0
  for _ in $(seq 200); do
    sleep 0.1
    ! grep --quiet --no-messages started log || break
  done
  pid=$(pgrep -P "$outer")
  kill -TERM "$pid"
  for _ in $(seq 60); do
    sleep 0.1
    if ! kill -0 "$outer" 2>/dev/null; then
      wait "$outer" || code=$?
      echo "$(paste --serial --delimiters=, log), ends with $code"
      return
    fi
  done
  kill -KILL "$pid"
  echo "$(paste --serial --delimiters=, log), runs on"
}
export PATH="$folder/node_modules/.bin:$folder/usr/bin:$PATH"
seen=$(
  for entrypoint in 'node server.mjs' 'bun run start' 'node --run start'; do
    # shellcheck disable=SC2086 # words of a command
    echo "$entrypoint: $(at_sigterm $entrypoint); under tini: $(at_sigterm tini -- $entrypoint)"
  done 2>/dev/null
)
echo 'as PID 1, after SIGTERM:'
echo "$seen"
expected=$(cat <<'END'
node server.mjs: started,SIGTERM,drained, ends with 7; under tini: started,SIGTERM,drained, ends with 7
bun run start: started,SIGTERM,drained, ends with 7; under tini: started,SIGTERM,drained, ends with 7
node --run start: started, runs on; under tini: started, ends with 143
END
)
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
