#!/usr/bin/env bash
# robyn 0.88.0 (PyPI) stops at SIGTERM in two ways, and neither ends a Pod well. As one process, the default, it answers the request under way and closes its
# port, and then the process runs on with nothing to do until SIGKILL: each Pod takes its whole grace period and ends with 137, an idle one too. With
# `--processes 2` it kills its workers at once (processpool.py), so the request under way gets no answer, and ends with exit code 0.
# granian 2.8.9 (PyPI), a server in Rust as well, answers and ends.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile robyn==0.88.0 granian==2.8.9

cat > of_robyn.py <<'PY'
import asyncio, os
from robyn import Robyn

app = Robyn(__file__)

@app.get("/")
async def now():
    return "ok"

@app.get("/slow")
async def slow():
    await asyncio.sleep(2)
    return "ok"

app.start(host="127.0.0.1", port=int(os.environ["PORT"]))
PY
cat > of_granian.py <<'PY'
import asyncio

async def app(scope, receive, send):
    if scope["type"] != "http":
        return
    if scope["path"] == "/slow":
        await asyncio.sleep(2)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
PY
cat > at_sigterm.py <<'PY'
import http.client, os, signal, socket, subprocess, sys, threading, time

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]

def get(path):
    try:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
        connection.request("GET", path)
        response = connection.getresponse()
        return f"{response.status} {response.read().decode()}"
    except (ConnectionResetError, http.client.RemoteDisconnected):
        return "connection closed without an answer"
    except OSError:
        return None

command = [word.replace("PORT", str(port)) for word in sys.argv[1:]]
server = subprocess.Popen(command, env={**os.environ, "PORT": str(port)}, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
try:
    for _ in range(200):
        if get("/"):
            break
        time.sleep(0.1)
    answers = []
    client = threading.Thread(target=lambda: answers.append(get("/slow")))
    client.start()
    time.sleep(0.7)
    server.send_signal(signal.SIGTERM)
    client.join()
    try:
        end = f"exit code {server.wait(15)}"
    except subprocess.TimeoutExpired:
        end = f"runs on, its port is {'open' if get('/') else 'closed'}"
    print(f"under way at SIGTERM: {answers[0]}; {end}")
finally:
    try:
        os.killpg(server.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
PY
seen=$(
  echo "granian, $(env/bin/python at_sigterm.py env/bin/granian --interface asgi --host 127.0.0.1 --port PORT of_granian:app)"
  echo "robyn, $(env/bin/python at_sigterm.py env/bin/python of_robyn.py)"
  echo "robyn --processes 2, $(env/bin/python at_sigterm.py env/bin/python of_robyn.py --processes 2)"
)
echo 'granian 2.8.9, robyn 0.88.0, a request of 2 s:'
echo "$seen"
expected='granian, under way at SIGTERM: 200 ok; exit code 0
robyn, under way at SIGTERM: 200 ok; runs on, its port is closed
robyn --processes 2, under way at SIGTERM: connection closed without an answer; exit code 0'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
