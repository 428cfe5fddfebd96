#!/usr/bin/env bash
# The consumer of huey 3.5.4 (PyPI) takes a task from the queue before it runs it, and at SIGTERM it ends at once: the task under way is cut, and it
# is not in the queue either, so each rollout of such a worker loses tasks. The exit code is 0. At SIGINT the consumer ends the task first; so a
# Dockerfile for it needs `STOPSIGNAL SIGINT`. celery 5.7.0 ends the task at SIGTERM.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile huey==3.5.4 celery==5.7.0

cat > work.py <<'END'
import time

def log(text):
    with open("log", "a") as file:
        file.write(f"{text}\n")

def work():
    log("begin")
    time.sleep(3)
    log("end")
END
cat > of_huey.py <<'END'
from huey import SqliteHuey
import work

queue = SqliteHuey(filename="queue.db")
task = queue.task()(work.work)
END
cat > of_celery.py <<'END'
from celery import Celery
import work

queue = Celery(broker="filesystem://", broker_transport_options={
    "data_folder_in": "messages", "data_folder_out": "messages", "control_folder": "control"})
task = queue.task(name="work")(work.work)
END
export PYTHONPATH="$folder"
at_signal () { # signal, task, worker
  rm -rf log queue.db messages control
  mkdir messages control
  env/bin/python -c "$2"
  "${@:3}" >/dev/null 2>&1 </dev/null &
  local worker=$! code=0
  for _ in $(seq 300); do
    sleep 0.1
    ! grep --quiet --no-messages begin log || break
  done
  sleep 1
  kill "-$1" "$worker"
  wait "$worker" || code=$?
  sleep 3 # A task that still runs would end in this time.
  echo "$(paste --serial --delimiters=, log), exit code $code"
}
left='import of_huey; print("tasks in the queue:", len(of_huey.queue))'
seen=$(
  echo "celery, SIGTERM: $(at_signal TERM 'import of_celery; of_celery.task.delay()' env/bin/celery -A of_celery worker -c 1)"
  for signal in INT TERM; do
    for kind in thread process; do
      echo "huey -k $kind, SIG$signal: $(at_signal $signal 'import of_huey; of_huey.task()' env/bin/huey_consumer of_huey.queue -k $kind), $(env/bin/python -c "$left")"
    done
  done
)
echo 'huey 3.5.4 and celery 5.7.0, a task of 3 s that has begun:'
echo "$seen"
expected='celery, SIGTERM: begin,end, exit code 0
huey -k thread, SIGINT: begin,end, exit code 0, tasks in the queue: 0
huey -k process, SIGINT: begin,end, exit code 0, tasks in the queue: 0
huey -k thread, SIGTERM: begin, exit code 0, tasks in the queue: 0
huey -k process, SIGTERM: begin, exit code 0, tasks in the queue: 0'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
