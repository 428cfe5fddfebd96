#!/usr/bin/env bash
# dash 0.5.12 (Debian 12, whose `sh` it is) sends nothing for `kill -SIGTERM PID`, `kill -s SIGTERM PID` and `kill -n 15 PID`: its
# builtin takes names without SIG alone, and ends with exit code 2. busybox ash 1.35.0 and bash take the first two. A preStop hook
# with `sh -c 'kill -SIGTERM 1'` works in an image of Alpine, and fails in one of Debian.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download --quiet=2 dash=0.5.12-2 busybox-static=1:1.35.0-4+deb12u1+b1 2>/dev/null
for package in *.deb; do dpkg -x "$package" .; done

seen () { # shell, how kill is asked
  local shell=$1 ask=$2
  # shellcheck disable=SC2086 # the shell and its applet are two words
  $shell -c "trap 'echo caught; exit 0' TERM; kill $ask \$\$ 2>/dev/null; echo \"exit code \$?, nothing sent\"" | tail -1
}
changed=0
expect () { # shell, how kill is asked, what is seen
  local answer; answer=$(seen "$1" "$2")
  echo "$1: kill $2: $answer"
  [ "$answer" = "$3" ] || changed=1
}
for ask in -TERM '-s TERM' -15; do
  expect bin/dash "$ask" caught
  expect 'bin/busybox ash' "$ask" caught
done
for ask in -SIGTERM '-s SIGTERM'; do
  expect bin/dash "$ask" 'exit code 2, nothing sent'
  expect 'bin/busybox ash' "$ask" caught
done
expect bin/dash '-n 15' 'exit code 2, nothing sent'
[ $changed = 0 ] || { echo 'the behaviour has changed' >&2; exit 1; }
