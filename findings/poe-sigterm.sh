#!/usr/bin/env bash
# `poe` of poethepoet 0.49.0 (PyPI) runs a task as a child. At SIGTERM it sends SIGINT and, at once, SIGKILL to the group of the child (shutdown.py takes one
# SIGTERM for three times Ctrl-C), whatever terminationGracePeriodSeconds says, so a server that drains is cut. With `use_exec = true` the task becomes the
# program and drains, and so it does under `run` of uv 0.13.9 and of pdm 2.29.4 (PyPI).
# It needs util-linux and user namespaces.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile poethepoet==0.49.0 uv==0.13.9 pdm==2.29.4

cat > pyproject.toml <<'END'
[project]
name = "finding"
version = "0.1"
requires-python = ">=3.9"
[tool.pdm]
distribution = false
[tool.poe.tasks.start]
cmd = "python3 server.py"
[tool.poe.tasks.start-by-exec]
cmd = "python3 server.py"
use_exec = true
END
cat > server.py <<'END'
import os, signal, sys, time

def log(text):
    with open("log", "a") as file:
        file.write(f"{text}\n")

def stop(number, _frame):
    if number == signal.SIGTERM:
        log("SIGTERM")
        time.sleep(4)
        log("drained")
        sys.exit(0)

signal.signal(signal.SIGTERM, stop)
signal.signal(signal.SIGINT, stop)
log("started")
while True:
    time.sleep(1)
END
at_sigterm() { # command
  rm -f log
  unshare --user --map-root-user --pid --fork --kill-child --mount-proc "$@" >/dev/null 2>&1 </dev/null &
  local outer=$! code=0
  for _ in $(seq 300); do
    sleep 0.1
    ! grep --quiet --no-messages started log || break
  done
  sleep 1
  kill -TERM "$(pgrep -P "$outer")"
  wait "$outer" || code=$?
  echo "$*: $(paste --serial --delimiters=, log), exit code $code"
}
export PATH="$folder/env/bin:$PATH"
seen=$(
  at_sigterm python3 server.py
  at_sigterm uv run --no-sync --offline python3 server.py
  at_sigterm pdm run python3 server.py
  at_sigterm poe start-by-exec
  at_sigterm poe start
)
echo 'poethepoet 0.49.0, uv 0.13.9 and pdm 2.29.4, a program that drains in 4 s, after SIGTERM to PID 1:'
echo "$seen"
expected='python3 server.py: started,SIGTERM,drained, exit code 0
uv run --no-sync --offline python3 server.py: started,SIGTERM,drained, exit code 0
pdm run python3 server.py: started,SIGTERM,drained, exit code 0
poe start-by-exec: started,SIGTERM,drained, exit code 0
poe start: started, exit code 137'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
