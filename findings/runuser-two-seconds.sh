#!/usr/bin/env bash
# runuser and su of util-linux 2.38.1 (Debian 12), as an entrypoint starts a server under another user with them, stay as its parent. At SIGTERM
# they pass SIGTERM on, wait 2 seconds, and send SIGKILL: a server that needs 5 seconds to drain is killed, whatever
# terminationGracePeriodSeconds says, and the exit code is 143. su(1) has a sentence on it, runuser(1) none. setpriv of the same package
# becomes the server, which then ends in its own time with its own exit code. The script needs root.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
apt-get download --quiet=2 util-linux=2.38.1-5+deb12u3 2>/dev/null
dpkg -x util-linux_*.deb .

cat > server <<'END'
#!/bin/sh
trap 'sleep 5; echo drained > log; exit 0' TERM
echo started > log
while :; do sleep 0.1; done
END
chmod 755 . server
at_sigterm () { # what starts the server
  echo > log; chmod 666 log
  "$@" >/dev/null 2>&1 &
  local starter=$! began code=0
  for _ in $(seq 100); do
    sleep 0.1
    if grep -q started log; then break; fi
  done
  began=$SECONDS
  kill -TERM "$starter"
  wait "$starter" || code=$?
  if [ $((SECONDS - began)) -lt 5 ]; then echo -n 'killed before 5 s'; else echo -n 'had its 5 s'; fi
  echo ", log: $(cat log), exit code $code"
}
seen=$(
  echo "setpriv: $(at_sigterm usr/bin/setpriv --reuid=65534 ./server)"
  echo "runuser: $(at_sigterm sbin/runuser -u nobody ./server)"
  echo "su: $(at_sigterm bin/su nobody -s /bin/sh -c "exec ./server")"
)
echo 'util-linux 2.38.1, a server that drains in 5 s, after SIGTERM:'
echo "$seen"
expected='setpriv: had its 5 s, log: drained, exit code 0
runuser: killed before 5 s, log: started, exit code 143
su: killed before 5 s, log: started, exit code 143'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
