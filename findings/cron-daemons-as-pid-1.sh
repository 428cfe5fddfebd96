#!/usr/bin/env bash
# cron 3.0pl1 and busybox crond 1.35.0 (Debian 12) have no handler for SIGTERM. An image that runs scheduled jobs has `cron -f` or `crond -f` as its
# entrypoint, so as PID 1, and the kernel drops a signal that PID 1 has no handler for: the Pod takes its whole grace period, ends with 137, and the jobs
# under way get SIGKILL without a SIGTERM before. Under tini 0.19.0 both end at SIGTERM; they do not wait
# for jobs. cron runs here with a /run and crontabs of its own. It needs util-linux and user namespaces.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download --quiet=2 cron=3.0pl1-162 busybox-static=1:1.35.0-4+deb12u1+b1 tini=0.19.0-1+b3 2>/dev/null
for package in ./*.deb; do dpkg -x "$package" .; done
mkdir -p crontabs empty/cron/crontabs

at_sigterm () { # command
  local outer pid status=0
  rm -f started
  # shellcheck disable=SC2016 # words of the inner shell
  unshare --user --map-root-user --pid --fork --kill-child --mount --mount-proc --net sh -c '
    mount -t tmpfs none /run && mount --bind empty /var/spool && { [ ! -d /etc/cron.d ] || mount --bind crontabs /etc/cron.d; } &&
    { [ ! -e /etc/crontab ] || mount --bind /dev/null /etc/crontab; } && echo >started && exec "$@"
  ' sh "$@" </dev/null >/dev/null 2>&1 &
  outer=$!
  for _ in $(seq 100); do
    sleep 0.1
    [ ! -e started ] || break
  done
  sleep 1
  pid=$(pgrep -P "$outer")
  echo -n "$(cat "/proc/$pid/comm") "
  kill -TERM "$pid"
  for _ in $(seq 30); do
    sleep 0.1
    if ! kill -0 "$outer" 2>/dev/null; then
      wait "$outer" || status=$?
      echo "ends with $status"
      return
    fi
  done
  kill -KILL "$pid"
  wait "$outer" 2>/dev/null || true
  echo 'runs on'
}
seen=$(
  echo "cron -f as PID 1: $(at_sigterm usr/sbin/cron -f)"
  echo "crond -f as PID 1: $(at_sigterm bin/busybox crond -f -c "$folder/crontabs")"
  echo "cron -f under tini: $(at_sigterm usr/bin/tini -- usr/sbin/cron -f)"
  echo "crond -f under tini: $(at_sigterm usr/bin/tini -- bin/busybox crond -f -c "$folder/crontabs")"
) 2>/dev/null
echo 'cron 3.0pl1, busybox 1.35.0, tini 0.19.0, at SIGTERM:'
echo "$seen"
expected='cron -f as PID 1: cron runs on
crond -f as PID 1: busybox runs on
cron -f under tini: tini ends with 143
crond -f under tini: tini ends with 143'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
