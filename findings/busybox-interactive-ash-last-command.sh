#!/usr/bin/env bash
# An interactive shell ignores SIGTERM itself, and its commands do not: POSIX wants them to have the actions that the shell was started with (XCU 2.12).
# busybox ash 1.35.0 (Debian 12) becomes the last command of `sh -i -c` without a fork, and forgets to take SIG_IGN back there: `sh -i -c 'server'`
# as the command of a container with an init gives a server that ignores SIGTERM until SIGKILL. With `exec server`, and for a command that is not
# the last, it takes it back. dash 0.5.12 takes it back in all three.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download --quiet=2 dash=0.5.12-2 busybox-static=1:1.35.0-4+deb12u1+b1 2>/dev/null
for package in *.deb; do dpkg -x "$package" .; done

SIGTERM_BIT=$((1 << (15 - 1)))
of_command () { # script, shell with its words: whether the `sleep` of the script ignores SIGTERM
  local script=$1 seconds=$RANDOM$RANDOM shell command ignored; shift
  "$@" -i -c "${script//SLEEP//bin/sleep $seconds}" >/dev/null 2>&1 </dev/null &
  shell=$!
  for _ in $(seq 100); do
    sleep 0.1
    command=$(pgrep -x -f "/bin/sleep $seconds" || true)
    if [ -n "$command" ]; then break; fi
  done
  ignored=$((16#$(awk '/^SigIgn:/ { print $2 }' "/proc/$command/status")))
  kill -KILL "$command" "$shell" 2>/dev/null || true
  wait "$shell" 2>/dev/null || true
  if [ $((ignored & SIGTERM_BIT)) = 0 ]; then echo 'hears SIGTERM'; else echo 'ignores SIGTERM'; fi
}
seen=$(
  for script in 'SLEEP; true' 'exec SLEEP' 'SLEEP'; do
    echo "$script: dash: $(of_command "$script" bin/dash), busybox ash: $(of_command "$script" bin/busybox ash)"
  done
)
echo '/bin/sleep, as an interactive shell starts it:'
echo "$seen"
expected='SLEEP; true: dash: hears SIGTERM, busybox ash: hears SIGTERM
exec SLEEP: dash: hears SIGTERM, busybox ash: hears SIGTERM
SLEEP: dash: hears SIGTERM, busybox ash: ignores SIGTERM'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
