#!/usr/bin/env bash
# The common entrypoint that passes SIGTERM on, `trap 'kill -TERM $child; wait $child; exit' TERM; server & child=$!; wait $child`, ends with the exit code of the server in bash
# 5.2.15, ksh 1.0.4, zsh 5.9 and yash 2.52, and with 143 in dash 0.5.12, the `sh` of Debian 12, in ash of busybox 1.35.0 and in mksh 59c. For a plain `exit` in a trap
# these three take the status from before the trap, of the `wait` that SIGTERM has interrupted, as POSIX says. So with `#!/bin/sh` a server that drains and
# ends with 0 is a container that failed, and one that fails with 7 cannot be told from it by a podFailurePolicy on exit codes. `exit $?` is the same in all of them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download --quiet=2 bash=5.2.15-2+b13 dash=0.5.12-2 busybox-static=1:1.35.0-4+deb12u1+b1 mksh=59c-28+deb12u1 ksh93u+m=1.0.4-3 zsh=5.9-4+b15 \
  yash=2.52-2 2>/dev/null
for package in ./*.deb; do dpkg -x "$package" .; done

cat > server <<'END'
#!/bin/bash
trap 'sleep 0.5; exit "$CODE"' TERM
echo started
while :; do sleep 0.1; done
END
chmod +x server
# shellcheck disable=SC2016 # expanded by the shell under test
at_sigterm () { # exit command, shell
  local exit=$1 shell code=0
  shift
  echo "trap 'kill -TERM \$child; wait \$child; $exit' TERM; ./server & child=\$!; wait \$child" > entrypoint
  "$@" entrypoint > log 2>/dev/null &
  shell=$!
  for _ in $(seq 200); do
    sleep 0.1
    ! grep --quiet started log || break
  done
  kill -TERM "$shell"
  wait "$shell" 2>/dev/null || code=$?
  echo "$code"
}
seen=$(
  for shell in bin/bash bin/ksh93 bin/zsh usr/bin/yash bin/dash 'bin/busybox ash' bin/mksh; do
    read -ra words <<<"$shell"
    echo "${shell##*/}: exit $(CODE=0 at_sigterm exit "${words[@]}") and $(CODE=7 at_sigterm exit "${words[@]}"), exit \$? $(
      CODE=0 at_sigterm 'exit $?' "${words[@]}") and $(CODE=7 at_sigterm 'exit $?' "${words[@]}")"
  done
)
echo 'exit codes after SIGTERM of servers that end with 0 and 7:'
echo "$seen"
expected='bash: exit 0 and 7, exit $? 0 and 7
ksh93: exit 0 and 7, exit $? 0 and 7
zsh: exit 0 and 7, exit $? 0 and 7
yash: exit 0 and 7, exit $? 0 and 7
dash: exit 143 and 143, exit $? 0 and 7
busybox ash: exit 143 and 143, exit $? 0 and 7
mksh: exit 143 and 143, exit $? 0 and 7'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
