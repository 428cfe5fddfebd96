#!/usr/bin/env bash
# sanic 25.12.1 (PyPI), in its default mode with a worker process: the request under way at SIGTERM is answered, but the main process keeps the
# port open and nobody accepts. A connection that comes now, as happens until all nodes know that the Pod ends, waits for the requests under way and
# then ends with a reset. A client cannot tell this from a request that was half done, so it may not send it again. With `--single-process` the same
# server closes its port first: the connection is refused at once, and a client or a proxy can try another Pod.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile sanic==25.12.1
cat > web.py <<'END'
import asyncio

from sanic import Sanic, text

app = Sanic('web')


@app.get('/ready')
async def ready(request):
    return text('ready')


@app.get('/slow')
async def slow(request):
    await asyncio.sleep(4)
    return text('done')
END

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
ask () { curl --silent --max-time 20 --write-out ' %{http_code}' "http://127.0.0.1:$port$1" || true; }
at_sigterm () { # options...
  env/bin/sanic web:app --host=127.0.0.1 --port="$port" --no-motd "$@" >log 2>&1 &
  server=$!
  trap 'kill -KILL "$server" 2>/dev/null || true' EXIT
  for _ in $(seq 120); do [ "$(ask /ready)" = 'ready 200' ] && break || sleep 0.5; done
  ask /slow >under-way &
  local request=$!
  sleep 1
  kill -TERM "$server"
  sleep 1
  local code=0
  curl --silent --max-time 20 --output /dev/null "http://127.0.0.1:$port/ready" || code=$?
  wait "$request"
  local ended=0
  wait "$server" || ended=$?
  case $code in 7) code=refused ;; 52 | 56) code='reset or closed without an answer' ;; esac
  echo "the request under way: $(cat under-way); a connection after SIGTERM: $code; exit code $ended"
}
seen=$(
  echo "with a worker: $(at_sigterm --workers=1)"
  echo "--single-process: $(at_sigterm --single-process)"
)
echo 'sanic 25.12.1:'
echo "$seen"
expected='with a worker: the request under way: done 200; a connection after SIGTERM: reset or closed without an answer; exit code 0
--single-process: the request under way: done 200; a connection after SIGTERM: refused; exit code 0'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
