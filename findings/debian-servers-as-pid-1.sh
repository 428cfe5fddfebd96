#!/usr/bin/env bash
# `inotifywait -m` of inotify-tools 3.22.6.0, as the entrypoint of a sidecar that watches files, `git-daemon` of git 2.39.5, vsftpd 3.0.3, redir 3.3 and
# `nc -lk` of netcat-openbsd 1.219 (all Debian 12) have no handler for SIGTERM. As PID 1 of a container they do not end at it: the kernel drops a
# signal that PID 1 has no handler for, and the Pod takes its whole grace period and ends with 137. `git daemon`, which starts git-daemon and waits for
# it, `rsync --daemon --no-detach` of rsync 3.5.0 and fcgiwrap 1.1.0 end. Under tini 0.19.0 all of them end. It needs util-linux and user namespaces.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download --quiet=2 inotify-tools=3.22.6.0-4 libinotifytools0=3.22.6.0-4 git=1:2.39.5-0+deb12u3 vsftpd=3.0.3-13+b2 libwrap0 redir=3.3-1 \
  netcat-openbsd=1.219-1 libbsd0 rsync=3.5.0+ds1-0+deb12u1 libpopt0 libxxhash0 fcgiwrap=1.1.0-14+deb12u1 libfcgi0ldbl tini=0.19.0-1+b3 2>/dev/null
for package in ./*.deb; do dpkg -x "$package" .; done
export LD_LIBRARY_PATH="$folder/usr/lib/x86_64-linux-gnu:$folder/lib/x86_64-linux-gnu"
export PATH="$folder/usr/lib/git-core:$folder/usr/bin:$folder/usr/sbin:$folder/bin:$PATH"
export GIT_EXEC_PATH="$folder/usr/lib/git-core"
mkdir files
: >rsyncd.conf
printf '%s\n' listen=YES background=NO listen_port=8021 run_as_launching_user=YES "secure_chroot_dir=$folder/files" >vsftpd.conf

at_sigterm () { # command
  local outer pid
  unshare --user --map-root-user --pid --fork --kill-child --mount-proc --net "$@" </dev/null >/dev/null 2>&1 &
  outer=$!
  sleep 1
  pid=$(pgrep -P "$outer") || { echo 'has not started'; return; }
  kill -TERM "$pid"
  for _ in $(seq 20); do
    sleep 0.1
    if ! kill -0 "$outer" 2>/dev/null; then echo ends; return; fi
  done
  kill -KILL "$pid"
  wait "$outer" 2>/dev/null || true
  echo 'runs on'
}
seen=$(
  for command in 'inotifywait -m files' 'git-daemon --export-all --base-path=files' 'vsftpd vsftpd.conf' 'redir -n :8080 127.0.0.1:80' 'nc.openbsd -lk 8088' \
    'git daemon --export-all --base-path=files' 'rsync --daemon --no-detach --config=rsyncd.conf' 'fcgiwrap -s unix:socket'; do
    rm -f socket
    # shellcheck disable=SC2086 # words of a command
    echo "${command%% -*}: $(at_sigterm $command), under tini $(rm -f socket; at_sigterm tini -- $command)"
  done
) 2>/dev/null
echo 'as PID 1, at SIGTERM:'
echo "$seen"
expected='inotifywait: runs on, under tini ends
git-daemon: runs on, under tini ends
vsftpd vsftpd.conf: runs on, under tini ends
redir: runs on, under tini ends
nc.openbsd: runs on, under tini ends
git daemon: ends, under tini ends
rsync: ends, under tini ends
fcgiwrap: ends, under tini ends'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
