#!/usr/bin/env bash
# `turbo run` of turbo 2.11.11 (npm), as the start command of an image of a monorepo, does not pass SIGTERM on: it sends its task SIGINT, and SIGKILL 10 s later, whatever the
# grace period of the Pod is. So a server that drains at SIGTERM alone, as Kubernetes asks, is not told, and one that drains for more than 10 s is cut. It is the same
# as PID 1 and under tini. It needs util-linux and user namespaces.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
mkdir -p app
echo '{"name": "app", "version": "1.0.0", "scripts": {"web": "exec ./server"}}' > app/package.json
echo '{"name": "root", "private": true, "packageManager": "npm@10.0.0", "workspaces": ["app"]}' > package.json
echo '{"tasks": {"web": {"cache": false, "passThroughEnv": ["LOG", "DRAIN"]}}}' > turbo.json
npm install --no-audit --no-fund --silent turbo@2.11.11
apt-get download --quiet=2 tini=0.19.0-1+b3 2>/dev/null
dpkg -x tini_*.deb .

cat > app/server <<'END'
#!/bin/bash
for signal in INT TERM; do trap "echo SIG$signal >>'$LOG'; sleep '$DRAIN'; echo drained >>'$LOG'; exit" "$signal"; done
echo started >>"$LOG"
while :; do sleep 0.1; done
END
chmod +x app/server
export LOG="$folder/log" TURBO_TELEMETRY_DISABLED=1 HOME="$folder" PATH="$folder/node_modules/.bin:$folder/usr/bin:$PATH"
at_sigterm () { # command
  rm -f log
  unshare --user --map-root-user --pid --fork --kill-child --mount-proc "$@" >out 2>&1 </dev/null &
  local outer=$! pid end='runs on'
  for _ in $(seq 300); do
    sleep 0.1
    ! grep --quiet --no-messages started log || break
  done
  pid=$(pgrep -P "$outer")
  kill -TERM "$pid"
  for _ in $(seq 250); do
    sleep 0.1
    if ! kill -0 "$outer" 2>/dev/null; then end=ends; break; fi
  done
  [ "$end" = ends ] || kill -KILL "$pid"
  echo "$(uniq log | paste --serial --delimiters=,), $end" # turbo sends SIGINT once or twice.
}
seen=$(
  for seconds in 2 15; do
    echo "as PID 1, a drain of $seconds s: $(DRAIN=$seconds at_sigterm turbo run web)"
    echo "under tini, a drain of $seconds s: $(DRAIN=$seconds at_sigterm tini -- turbo run web)"
  done
)
echo 'turbo 2.11.11, after SIGTERM:'
echo "$seen"
expected='as PID 1, a drain of 2 s: started,SIGINT,drained, ends
under tini, a drain of 2 s: started,SIGINT,drained, ends
as PID 1, a drain of 15 s: started,SIGINT, ends
under tini, a drain of 15 s: started,SIGINT, ends'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
