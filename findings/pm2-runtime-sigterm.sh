#!/usr/bin/env bash
# pm2-runtime of pm2 7.0.4 (npm) is made for containers, but at SIGTERM it sends SIGINT to its program and, 1.6 seconds later, SIGKILL, whatever
# terminationGracePeriodSeconds says. The exit code is 0, as after a clean end. A program with a handler for SIGTERM alone dies of the SIGINT at once.
# With PM2_KILL_TIMEOUT=20000 and a handler for SIGINT it drains. As PID 1 without pm2, it gets SIGTERM and has its time.
# It needs util-linux and user namespaces.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent pm2@7.0.4

cat > server.cjs <<'END'
const { appendFileSync } = require('node:fs');
const log = (text) => appendFileSync('log', `${text}\n`);
for (const signal of process.env.HANDLES.split(' ')) {
  process.on(signal, () => {
    log(signal);
    setTimeout(() => { log('drained'); process.exit(0); }, 4000);
  });
}
setInterval(() => {}, 1000);
log('started');
END
at_sigterm () { # signals that the program handles, command
  rm -f log
  HANDLES=$1 unshare --user --map-root-user --pid --fork --kill-child --mount-proc "${@:2}" >/dev/null 2>&1 </dev/null &
  local outer=$! code=0
  for _ in $(seq 200); do
    sleep 0.1
    ! grep --quiet --no-messages started log || break
  done
  sleep 1
  kill -TERM "$(pgrep -P "$outer")"
  wait "$outer" || code=$?
  echo "$(paste --serial --delimiters=, log), exit code $code"
}
export PATH="$folder/node_modules/.bin:$PATH" PM2_HOME="$folder/pm2"
seen=$(
  echo "SIGTERM, node: $(at_sigterm SIGTERM node server.cjs)"
  echo "SIGTERM, pm2-runtime: $(at_sigterm SIGTERM pm2-runtime server.cjs)"
  echo "both, pm2-runtime: $(at_sigterm 'SIGINT SIGTERM' pm2-runtime server.cjs)"
  echo "both, pm2-runtime with PM2_KILL_TIMEOUT: $(at_sigterm 'SIGINT SIGTERM' env PM2_KILL_TIMEOUT=20000 pm2-runtime server.cjs)"
)
echo 'pm2 7.0.4, a program that handles SIGTERM, or both SIGINT and SIGTERM, and drains in 4 s, after SIGTERM:'
echo "$seen"
expected='SIGTERM, node: started,SIGTERM,drained, exit code 0
SIGTERM, pm2-runtime: started, exit code 0
both, pm2-runtime: started,SIGINT, exit code 0
both, pm2-runtime with PM2_KILL_TIMEOUT: started,SIGINT,drained, exit code 0'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
