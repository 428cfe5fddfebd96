#!/usr/bin/env bash
# `tsx server.ts` of tsx 4.23.15 (npm) starts the program as a child, and at SIGTERM waits 30 ms to hear that the child has got a signal too.
# If it does not hear in time, it ends with 143 and does not pass the signal on. A server whose event loop is busy at that moment, with a large answer
# or a garbage collection, cannot say so: its handler of SIGTERM never runs, and a container that has tsx as its entrypoint is gone at once with the
# requests under way, whatever its grace period. An idle server is told and waited for. `node --import tsx server.ts` has no such parent.
# It needs util-linux and user namespaces.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent tsx@4.23.15

cat > server.mts <<'END'
import { appendFileSync } from 'node:fs';
const log = (text: string) => appendFileSync('log', `${text}\n`);
process.on('SIGTERM', () => {
  log('SIGTERM');
  setTimeout(() => { log('drained'); process.exit(0); }, 1000);
});
setInterval(() => {}, 1000);
log('started');
if (process.argv[2] === 'busy') setTimeout(() => {
  log('busy');
  for (const begin = Date.now(); Date.now() - begin < 3000; );
}, 300);
END
at_sigterm () { # command, with what the server is at its end
  rm -f log
  unshare --user --map-root-user --pid --fork --kill-child --mount-proc "$@" >/dev/null 2>&1 </dev/null &
  local outer=$! code=0 until=started
  [ "${!#}" != busy ] || until=busy
  for _ in $(seq 100); do
    sleep 0.1
    ! grep --quiet --no-messages $until log || break
  done
  sleep 0.3
  kill -TERM "$(pgrep -P "$outer")"
  wait "$outer" || code=$?
  echo "$(paste --serial --delimiters=, log), exit code $code"
}
seen=$(
  for state in idle busy; do
    echo "node --import tsx, $state: $(at_sigterm node --import tsx server.mts $state)"
    echo "tsx, $state: $(at_sigterm node_modules/.bin/tsx server.mts $state)"
  done 2>/dev/null
)
echo 'tsx 4.23.15 as PID 1, after SIGTERM:'
echo "$seen"
expected='node --import tsx, idle: started,SIGTERM,drained, exit code 0
tsx, idle: started,SIGTERM,drained, exit code 0
node --import tsx, busy: started,busy,SIGTERM,drained, exit code 0
tsx, busy: started,busy, exit code 143'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
