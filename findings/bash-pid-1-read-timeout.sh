#!/usr/bin/env bash
# bash 5.2.15 (Debian 12) as PID 1 has no handler for SIGTERM, so the kernel drops the signal, and a container whose entrypoint is a loop in
# bash runs until SIGKILL. Once the script has called `read -t SECONDS`, the same loop ends at SIGTERM: bash then handles the signals that end a
# process, for as long as it lives. `read` without `-t` changes nothing. Whether a container stops in time depends on a builtin that has
# nothing to do with signals, and on whether the script has come to it.
# It needs util-linux and user namespaces.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download --quiet=2 bash=5.2.15-2+b13
dpkg -x bash_*.deb .

at_sigterm () { # script
  unshare --user --map-root-user --pid --fork --kill-child bin/bash -c "$1" </dev/null 2>/dev/null &
  local outer=$! pid=
  for _ in $(seq 100); do
    sleep 0.1
    pid=$(pgrep -P "$outer" || true)
    [ -z "$pid" ] || [ ! -e started ] || break
  done
  rm started
  kill -TERM "$pid"
  for _ in $(seq 20); do
    sleep 0.1
    if ! kill -0 "$outer" 2>/dev/null; then echo ended; return; fi
  done
  kill -KILL "$pid"
  echo 'runs on'
}
loop='touch started; while :; do sleep 0.1; done'
seen=$(
  echo "a loop: $(at_sigterm "$loop")"
  echo "read, then the loop: $(at_sigterm "read line; $loop")"
  echo "read -t 0.1, then the loop: $(at_sigterm "read -t 0.1 line; $loop")"
)
echo 'bash 5.2.15, after SIGTERM:'
echo "$seen"
expected='a loop: runs on
read, then the loop: runs on
read -t 0.1, then the loop: ended'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
