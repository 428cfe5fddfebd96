#!/usr/bin/env bash
# env-cmd 11.0.0 (npm) passes SIGTERM to the program that it started and then sends it to itself, without waiting. As PID 1 of a container it has no
# handler left by then, the kernel drops that signal, and env-cmd lives until the program has drained. Under an init, which one adds so that signals
# arrive, env-cmd ends at once with 143, the init ends with it, and the program is killed while it drains. dotenv-cli 11.0.0 waits in both places.
# It needs util-linux and user namespaces.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent env-cmd@11.0.0 dotenv-cli@11.0.0
apt-get download --quiet=2 tini=0.19.0-1+b3 2>/dev/null
dpkg -x tini_*.deb .

echo A=b > .env
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
  unshare --user --map-root-user --pid --fork --kill-child --mount-proc "$@" >/dev/null 2>&1 </dev/null &
  local outer=$! code=0
  for _ in $(seq 100); do
    sleep 0.1
    ! grep --quiet --no-messages started log || break
  done
  kill -TERM "$(pgrep -P "$outer")"
  wait "$outer" || code=$?
  echo "$(paste --serial --delimiters=, log), exit code $code"
}
export PATH="$folder/node_modules/.bin:$folder/usr/bin:$PATH"
seen=$(
  echo "dotenv-cli: $(at_sigterm dotenv -- node server.mjs)"
  echo "dotenv-cli under tini: $(at_sigterm tini -- dotenv -- node server.mjs)"
  echo "env-cmd: $(at_sigterm env-cmd -- node server.mjs)"
  echo "env-cmd under tini: $(at_sigterm tini -- env-cmd -- node server.mjs)"
)
echo 'env-cmd 11.0.0 and dotenv-cli 11.0.0, a server that drains in 2 s, after SIGTERM:'
echo "$seen"
expected='dotenv-cli: started,SIGTERM,drained, exit code 0
dotenv-cli under tini: started,SIGTERM,drained, exit code 0
env-cmd: started,SIGTERM,drained, exit code 0
env-cmd under tini: started,SIGTERM, exit code 143'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
