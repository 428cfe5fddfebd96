#!/usr/bin/env bash
# supervisord of supervisor 4.3.0 (PyPI) stops its programs at SIGTERM one after the other, also those of equal priority: the second one gets its
# SIGTERM when the first has ended. The times add up. With the default `stopwaitsecs` of 10, three slow programs use up the 30 seconds that
# Kubernetes gives a Pod, and the fourth is killed without a SIGTERM. The documentation of `priority` speaks of an order, not of waiting, and
# `supervisorctl stop all` stops all of them at once. Programs of one `[group:...]` are stopped together. Issues 326 and 1155 of supervisor describe it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile supervisor==4.3.0

cat > server.sh <<'END'
trap 'echo "$1 SIGTERM" >> log; sleep 2; echo "$1 ends" >> log; exit' TERM
echo "$1 started" >> log
while :; do sleep 0.1; done
END
configuration () { # more
  printf '[supervisord]\nnodaemon=true\nlogfile=/dev/null\nlogfile_maxbytes=0\npidfile=%s/pid\n' "$folder"
  for program in a b c; do printf '[program:%s]\ncommand=bash server.sh %s\n' "$program" "$program"; done
  printf '%s\n' "$@"
}
stop () {
  rm -f log
  env/bin/supervisord --configuration supervisord.conf >/dev/null 2>&1 &
  local pid=$!
  for _ in $(seq 100); do
    [ "$(grep --count started log 2>/dev/null)" != 3 ] || break
    sleep 0.1
  done
  kill -TERM "$pid"
  wait "$pid" || true
  # A SIGTERM that comes after the end of another program is one that had to wait.
  awk '/ends/ { ended++ } /SIGTERM/ { if (ended) waited++; else at_once++ } END { printf "SIGTERM at once: %d, after another has ended: %d\n", at_once, waited }' log
}
seen=$(
  configuration > supervisord.conf
  echo "three programs: $(stop)"
  configuration '[group:all]' 'programs=a,b,c' > supervisord.conf
  echo "three programs of one group: $(stop)"
)
echo 'supervisor 4.3.0:'
echo "$seen"
expected='three programs: SIGTERM at once: 1, after another has ended: 2
three programs of one group: SIGTERM at once: 3, after another has ended: 0'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
