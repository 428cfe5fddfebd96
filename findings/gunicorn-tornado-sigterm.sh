#!/usr/bin/env bash
# gunicorn 27.0.1 (PyPI) ends gracefully at SIGTERM by its documentation: it waits for the requests under way, up to `--graceful-timeout`, 30 s by default.
# Its worker for Tornado does not: about two seconds after SIGTERM it stops the loop (workers/gtornado.py, heartbeat), whatever the timeout. The request under
# way gets no answer, and the exit code is 0. The other workers answer it, here sync, gthread and asgi.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile gunicorn==27.0.1 tornado==6.6.1

cat > app.py <<'END'
import asyncio
import time
from tornado import web

SECONDS = {"/now": 0, "/slow": 6}

def wsgi(environ, start_response):
    time.sleep(SECONDS[environ["PATH_INFO"]])
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]

async def asgi(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            step = (await receive())["type"]
            await send({"type": f"{step}.complete"})
            if step == "lifespan.shutdown":
                return
    await asyncio.sleep(SECONDS[scope["path"]])
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})

class Answer(web.RequestHandler):
    async def get(self):
        await asyncio.sleep(SECONDS[self.request.path])
        self.write("ok")

tornado = web.Application([("/.*", Answer)])
END
cat > stop.py <<'END'
import http.client, signal, socket, subprocess, sys, threading, time

worker, application = sys.argv[1:]
free = socket.socket()
free.bind(("127.0.0.1", 0))
port = free.getsockname()[1]
free.close()
process = subprocess.Popen(["env/bin/gunicorn", "--worker-class", worker, "--bind", f"127.0.0.1:{port}", f"app:{application}"], stderr=subprocess.DEVNULL)

def ask(path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request("GET", path)
    return connection.getresponse().read().decode()

for _ in range(300):
    time.sleep(0.1)
    try:
        assert ask("/now") == "ok"
        break
    except OSError:
        pass
got = []
def slow():
    try:
        got.append(ask("/slow"))
    except (OSError, http.client.HTTPException):
        got.append("no answer")
client = threading.Thread(target=slow)
client.start()
time.sleep(1)
process.send_signal(signal.SIGTERM)
code = process.wait()
client.join()
print(f"{worker}: {got[0]}, exit code {code}")
END
seen=$(
  for worker in 'sync wsgi' 'gthread wsgi' 'asgi asgi' 'tornado tornado'; do
    # shellcheck disable=SC2086 # the worker and its application
    env/bin/python stop.py $worker
  done
)
echo 'gunicorn 27.0.1, a request of 6 s under way at SIGTERM:'
echo "$seen"
expected='sync: ok, exit code 0
gthread: ok, exit code 0
asgi: ok, exit code 0
tornado: no answer, exit code 0'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
