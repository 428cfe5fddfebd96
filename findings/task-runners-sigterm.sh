#!/usr/bin/env bash
# These start a program as a child and do not pass SIGTERM on, so as the entrypoint of a container they take the graceful end away from it: `task` of
# go-task-bin 3.54.0 (PyPI), `run-p` of npm-run-all2 9.0.4 and `nf start` of foreman 3.0.1 (npm), `run` of honcho 2.0.0 (PyPI), `flock` of util-linux
# 2.38.1 (Debian 12). As PID 1 all of them run on until SIGKILL. Under an init the last four end at once and leave the program to its SIGKILL; task
# notes the signal and runs on there too (its issue 1408). timeout of coreutils and `run` of uv 0.13.9 (PyPI) pass it on and wait; so does
# `flock --no-fork`, which becomes the program. It needs util-linux and user namespaces.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent npm-run-all2@9.0.4 foreman@3.0.1
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile go-task-bin==3.54.0 honcho==2.0.0 uv==0.13.9
apt-get download --quiet=2 tini=0.19.0-1+b3 util-linux=2.38.1-5+deb12u3 2>/dev/null
for package in ./*.deb; do dpkg -x "$package" .; done

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
echo 'web: exec node server.mjs' > Procfile
npm pkg set 'scripts.web=exec node server.mjs'
printf '%s\n' "version: '3'" 'tasks:' '  web: node server.mjs' > Taskfile.yml

at_sigterm () { # command
  rm -f log
  unshare --user --map-root-user --pid --fork --kill-child --mount-proc "$@" >/dev/null 2>&1 </dev/null &
  local outer=$! pid
  for _ in $(seq 100); do
    sleep 0.1
    ! grep --quiet --no-messages started log || break
  done
  pid=$(pgrep -P "$outer")
  kill -TERM "$pid"
  for _ in $(seq 40); do
    sleep 0.1
    if ! kill -0 "$outer" 2>/dev/null; then echo "$(paste --serial --delimiters=, log), ends"; return; fi
  done
  kill -KILL "$pid"
  echo "$(paste --serial --delimiters=, log), runs on"
}
export PATH="$folder/node_modules/.bin:$folder/env/bin:$folder/usr/bin:$PATH"
seen=$(
  for entrypoint in 'timeout 1000 node server.mjs' 'uv run --no-project node server.mjs' 'flock --no-fork lock node server.mjs' \
    'flock lock node server.mjs' 'honcho run node server.mjs' 'run-p web' 'nf start' 'task web'; do
    # shellcheck disable=SC2086 # words of a command
    echo "$entrypoint: $(at_sigterm $entrypoint); under tini: $(at_sigterm tini -- $entrypoint)"
  done 2>/dev/null
)
echo 'as PID 1, after SIGTERM:'
echo "$seen"
expected='timeout 1000 node server.mjs: started,SIGTERM,drained, ends; under tini: started,SIGTERM,drained, ends
uv run --no-project node server.mjs: started,SIGTERM,drained, ends; under tini: started,SIGTERM,drained, ends
flock --no-fork lock node server.mjs: started,SIGTERM,drained, ends; under tini: started,SIGTERM,drained, ends
flock lock node server.mjs: started, runs on; under tini: started, ends
honcho run node server.mjs: started, runs on; under tini: started, ends
run-p web: started, runs on; under tini: started, ends
nf start: started, runs on; under tini: started, ends
task web: started, runs on; under tini: started, runs on'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
