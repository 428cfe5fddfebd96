#!/usr/bin/env bash
# saq 0.26.4 (PyPI) lets the job under way end at SIGTERM if shutdown_grace_period_s is set. It then waits that long each time, also without a job: it waits for its own read of
# the queue too, and says that some tasks did not finish. And `saq --workers 2` starts the second worker as a child process and does not tell it of SIGTERM. The first worker ends,
# and the second takes new jobs from the queue until SIGKILL cuts them. Redis is that of Debian 12.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile "saq[redis]==0.26.4" typing-extensions
apt-get download --quiet=2 redis-tools=5:7.0.15-1~deb12u10 libjemalloc2 liblzf1 liblua5.1-0 lua-bitop lua-cjson 2>/dev/null
for package in ./*.deb; do dpkg -x "$package" .; done
ln -s redis-check-rdb usr/bin/redis-server
PORT=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
export PORT
LD_LIBRARY_PATH="$folder/usr/lib/x86_64-linux-gnu" usr/bin/redis-server --bind 127.0.0.1 --port "$PORT" --save '' >/dev/null &
redis=$!
trap 'kill "$redis"; rm -rf "$folder"' EXIT

cat > work.py <<'END'
import asyncio
import os
import sys
from saq import Queue

def log(text):
    with open("log", "a") as file:
        file.write(f"{text}\n")

async def job(_, name):
    log(f"{name} begins")
    await asyncio.sleep(2)
    log(f"{name} ends")

queue = Queue.from_url(f"redis://127.0.0.1:{os.environ['PORT']}", name=os.environ["QUEUE"])
settings = {"queue": queue, "functions": [job], "concurrency": 1, "shutdown_grace_period_s": 6}

async def enqueue(name):
    await queue.connect()
    await queue.enqueue("job", name=name, timeout=60)
    await queue.disconnect()

if __name__ == "__main__":
    asyncio.run(enqueue(sys.argv[1]))
END
export PYTHONPATH="$folder"
at_sigterm () { # workers, and the first job
  export QUEUE="queue-$*"
  rm -f log
  touch log
  setsid env/bin/saq work.settings --workers "$1" >/dev/null 2>&1 &
  local saq=$! end='runs on for 15 s' second
  sleep 4 # All workers are up.
  if [ $# = 2 ]; then
    env/bin/python work.py "$2"
    for _ in $(seq 100); do
      sleep 0.1
      [ ! -s log ] || break
    done
  fi
  (sleep 9; env/bin/python work.py second) &
  second=$!
  kill -TERM "$saq"
  local begin=$SECONDS
  while [ $((SECONDS - begin)) -lt 15 ]; do
    sleep 0.2
    if ! kill -0 "$saq" 2>/dev/null; then
      [ "$end" != 'runs on for 15 s' ] || end="$([ $((SECONDS - begin)) -lt 5 ] && echo 'ends within 5 s' || echo 'ends after the 6 s')"
    fi
  done
  wait "$second"
  kill -KILL -- "-$saq" 2>/dev/null || true
  wait "$saq" 2>/dev/null || true
  echo "$end; jobs: $(paste --serial --delimiters=, log)"
}
seen=$(
  echo "one worker without a job: $(at_sigterm 1)"
  echo "one worker with a job: $(at_sigterm 1 first)"
  echo "two workers with a job: $(at_sigterm 2 first)"
)
echo 'saq 0.26.4, shutdown_grace_period_s 6, SIGTERM during a job of 2 s, a second job comes 9 s later:'
echo "$seen"
expected='one worker without a job: ends after the 6 s; jobs: 
one worker with a job: ends after the 6 s; jobs: first begins,first ends
two workers with a job: runs on for 15 s; jobs: first begins,first ends,second begins,second ends'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
