#!/usr/bin/env bash
# Small wrappers of Debian 12 at the SIGTERM of Kubernetes. `xargs` of findutils 4.9.0 and `time` 1.9 stay the parent of the program and do not pass SIGTERM
# on: as PID 1 they run on until SIGKILL, under an init they end at once and leave the program to it. `timeout` of coreutils 9.1 passes it on, but with `-k 1`
# the program has 1 s from then, although its hour is not over: the time of `-k` counts from a signal that timeout was sent too, not only from the one
# that it sends by itself. So an entrypoint `timeout -k 1 1h server` cuts a drain of 2 s. Without `-k`, and with `nohup`, the program drains.
# It needs util-linux and user namespaces.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download --quiet=2 findutils=4.9.0-4 coreutils=9.1-1 time=1.9-0.2 tini=0.19.0-1+b3 2>/dev/null
for package in ./*.deb; do dpkg -x "$package" .; done

cat > server <<'END'
#!/bin/bash
trap 'echo SIGTERM >>"$LOG"; sleep 2; echo drained >>"$LOG"; exit 0' TERM
echo started >>"$LOG"
while :; do sleep 0.1; done
END
chmod +x server
echo "$folder/server" > arguments
export LOG="$folder/log"
at_sigterm () { # command
  rm -f log
  unshare --user --map-root-user --pid --fork --kill-child --mount-proc "$@" >/dev/null 2>&1 </dev/null &
  local outer=$! pid end='runs on'
  for _ in $(seq 200); do
    sleep 0.1
    ! grep --quiet --no-messages started log || break
  done
  pid=$(pgrep -P "$outer")
  kill -TERM "$pid"
  for _ in $(seq 80); do
    sleep 0.1
    if ! kill -0 "$outer" 2>/dev/null; then end=ends; break; fi
  done
  [ "$end" = ends ] || kill -KILL "$pid"
  echo "$(paste --serial --delimiters=, log), $end"
}
seen=$(
  for entrypoint in 'xargs -a arguments env' 'time ./server' 'nohup ./server' 'timeout 1h ./server' 'timeout -k 1 1h ./server'; do
    read -ra words <<<"$entrypoint"
    words[0]="$folder/usr/bin/${words[0]}"
    echo "$entrypoint: $(at_sigterm "${words[@]}"); under tini: $(at_sigterm usr/bin/tini -- "${words[@]}")"
  done 2>/dev/null
)
echo 'as PID 1, after SIGTERM:'
echo "$seen"
expected='xargs -a arguments env: started, runs on; under tini: started, ends
time ./server: started, runs on; under tini: started, ends
nohup ./server: started,SIGTERM,drained, ends; under tini: started,SIGTERM,drained, ends
timeout 1h ./server: started,SIGTERM,drained, ends; under tini: started,SIGTERM,drained, ends
timeout -k 1 1h ./server: started,SIGTERM, ends; under tini: started,SIGTERM, ends'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
