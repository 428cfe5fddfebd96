#!/usr/bin/env bash
# runsvdir of runit 2.1.2 and svscan of daemontools 0.76 (Debian 12) do not stop their services at SIGTERM, with which Kubernetes ends a container.
# As PID 1, runsvdir ends at once, and the kernel kills all services with it, without SIGTERM. At SIGHUP, its signal
# to stop the services, it does not wait for them either. svscan has no handler, so nothing happens until SIGKILL. s6-svscan of s6 2.11.3 tells the services and waits; so does
# `runsv` of runit for one service.
# It needs util-linux and user namespaces.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download --quiet=2 runit=2.1.2-54 daemontools=1:0.76-8.1 s6=2.11.3.2-1 libs6-2.11=2.11.3.2-1 libskarnet2.13 libexecline2.9
for package in *.deb; do dpkg -x "$package" .; done
export PATH="$folder/usr/bin:$PATH" LD_LIBRARY_PATH="$folder/usr/lib/x86_64-linux-gnu:$folder/lib/x86_64-linux-gnu"

cat > run <<'END'
#!/bin/bash
exec >>"$LOG"
trap 'echo told; sleep 2; echo drained; exit' TERM
echo started
while :; do sleep 0.1; done
END
chmod +x run
export LOG="$folder/log"
at_signal () { # signal command
  local signal=$1 outer pid end='runs on'
  shift
  rm -rf services log
  mkdir -p services/web
  cp run services/web/run
  unshare --user --map-root-user --pid --fork --kill-child "$@" </dev/null >/dev/null 2>&1 &
  outer=$!
  for _ in $(seq 100); do
    sleep 0.1
    [ ! -e log ] || break
  done
  sleep 1.5 # runsv restarts a service only once it has run for a second.
  pid=$(pgrep -P "$outer")
  kill -s "$signal" "$pid"
  for _ in $(seq 50); do
    sleep 0.1
    if ! kill -0 "$outer" 2>/dev/null; then end=ended; break; fi
  done
  [ "$end" = ended ] || kill -s KILL "$pid"
  echo "$1, SIG$signal: the service $(paste --serial --delimiters=, log), PID 1 $end"
}
seen=$(
  at_signal TERM s6-svscan services
  at_signal TERM runsv services/web
  at_signal TERM runsvdir -P services
  at_signal HUP runsvdir -P services
  at_signal TERM svscan services
)
echo 's6 2.11.3, runit 2.1.2, daemontools 0.76:'
echo "$seen"
expected='s6-svscan, SIGTERM: the service started,told,drained, PID 1 ended
runsv, SIGTERM: the service started,told,drained, PID 1 ended
runsvdir, SIGTERM: the service started, PID 1 ended
runsvdir, SIGHUP: the service started, PID 1 ended
svscan, SIGTERM: the service started, PID 1 runs on'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
