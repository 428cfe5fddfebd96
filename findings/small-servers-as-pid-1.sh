#!/usr/bin/env bash
# `php -S` of PHP 8.2.36 and `httpd -f` of busybox 1.35.0 (Debian 12) have no handler for SIGTERM. A small image has them as its entrypoint, so as
# PID 1, and the kernel drops a signal that PID 1 has no handler for: the Pod takes its whole grace period and ends by SIGKILL. `php -S` has a handler
# for SIGINT alone, so `STOPSIGNAL SIGINT` helps it. Under tini 0.19.0 both end at SIGTERM.
# It needs util-linux and user namespaces.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download --quiet=2 php8.2-cli=8.2.36-1~deb12u1 libargon2-1 libicu72 libsodium23 libxml2 busybox=1:1.35.0-4+deb12u1+b1 tini=0.19.0-1+b3
for package in *.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH="$folder/usr/lib/x86_64-linux-gnu"
port=$(python3 -c 'import socket; free = socket.socket(); free.bind(("127.0.0.1", 0)); print(free.getsockname()[1])')
mkdir files

at_signal () { # signal command
  local signal=$1 outer pid
  shift
  unshare --user --map-root-user --pid --fork --kill-child "$@" </dev/null >/dev/null 2>&1 &
  outer=$!
  for _ in $(seq 100); do
    sleep 0.1
    ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null || break
  done
  pid=$(pgrep -P "$outer")
  kill -s "$signal" "$pid"
  for _ in $(seq 30); do
    sleep 0.1
    if ! kill -0 "$outer" 2>/dev/null; then echo ended; return; fi
  done
  kill -s KILL "$pid"
  wait "$outer" 2>/dev/null || true
  echo 'runs on'
}
php=(usr/bin/php8.2 -n -S "127.0.0.1:$port" -t files)
httpd=(bin/busybox httpd -f -p "127.0.0.1:$port" -h files)
seen=$(
  for command in php httpd; do
    declare -n words=$command
    for signal in TERM INT; do
      echo "$command as PID 1, SIG$signal: $(at_signal $signal "${words[@]}")"
    done
    echo "$command under tini, SIGTERM: $(at_signal TERM usr/bin/tini -- "${words[@]}")"
  done 2>/dev/null
)
echo 'PHP 8.2.36, busybox 1.35.0, tini 0.19.0:'
echo "$seen"
expected='php as PID 1, SIGTERM: runs on
php as PID 1, SIGINT: ended
php under tini, SIGTERM: ended
httpd as PID 1, SIGTERM: runs on
httpd as PID 1, SIGINT: runs on
httpd under tini, SIGTERM: ended'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
