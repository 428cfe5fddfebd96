#!/usr/bin/env bash
# A worker of celery 5.7.0 (PyPI) with its default pool lets the tasks under way end at SIGTERM, as its documentation says, as PID 1 or under tini. Under dumb-init 1.2.5 (PyPI) it does
# not: dumb-init tells the whole process group, the process of the pool ends at once, and the task is cut and not in the queue any more (issue 4795 of celery, closed).
# The same under `tini -g`. `dumb-init --single-child` and a pool of threads let it end.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile celery==5.7.0 dumb-init==1.2.5.post1
apt-get download --quiet=2 tini=0.19.0-1+b3 2>/dev/null
dpkg -x tini_*.deb .

cat > work.py <<'END'
import time
from celery import Celery

app = Celery("work", broker="filesystem://")
app.conf.broker_transport_options = {"data_folder_in": "queue", "data_folder_out": "queue", "control_folder": "control"}

def log(text):
    with open("log", "a") as file:
        file.write(f"{text}\n")

@app.task
def job():
    log("begins")
    time.sleep(3)
    log("ends")
END
export PATH="$folder/env/bin:$folder/usr/bin:$PATH" C_FORCE_ROOT=1 PYTHONPATH="$folder"
at_sigterm () { # pool, init
  local pool=$1 worker
  shift
  rm -rf log queue control
  mkdir queue control
  touch log
  python -c 'import work; work.job.delay()'
  "$@" celery --app work worker --pool "$pool" --concurrency 1 --without-gossip --without-mingle >/dev/null 2>&1 &
  worker=$!
  for _ in $(seq 600); do
    sleep 0.1
    [ ! -s log ] || break
  done
  kill -TERM "$worker"
  wait "$worker" 2>/dev/null || true
  echo "$(paste --serial --delimiters=, log), $(find queue -type f | wc -l) in the queue"
}
seen=$(
  for init in 'tini --' 'tini -g --' dumb-init 'dumb-init --single-child'; do
    read -ra words <<<"$init"
    echo "$init: $(at_sigterm prefork "${words[@]}")"
  done
  echo "dumb-init, threads: $(at_sigterm threads dumb-init)"
)
echo 'celery 5.7.0, SIGTERM during a task of 3 s:'
echo "$seen"
expected='tini --: begins,ends, 0 in the queue
tini -g --: begins, 0 in the queue
dumb-init: begins, 0 in the queue
dumb-init --single-child: begins,ends, 0 in the queue
dumb-init, threads: begins,ends, 0 in the queue'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
