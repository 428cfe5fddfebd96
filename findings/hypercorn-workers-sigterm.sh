#!/usr/bin/env bash
# hypercorn 0.18.0 (PyPI) with two workers cuts the requests under way at SIGTERM, whatever `--graceful-timeout` says; with one worker, its default,
# it answers them. It tells all workers to end and then waits for the first of them (hypercorn/run.py): a worker without a request ends at once, and
# the others are killed while they drain. The exit code is 0. So `-w 2` breaks requests at each rollout. uvicorn 0.54.0 with two workers and the
# same application answers.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile hypercorn==0.18.0 uvicorn==0.54.0

cat > app.py <<'END'
import asyncio

async def application(scope, receive, send):
    if scope["type"] == "lifespan":
        while True:
            step = (await receive())["type"]
            await send({"type": f"{step}.complete"})
            if step == "lifespan.shutdown":
                return
    if scope["path"] == "/slow":
        await asyncio.sleep(2)
    await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"2")]})
    await send({"type": "http.response.body", "body": b"ok"})
END
cat > stop.py <<'END'
import http.client, socket, subprocess, sys, threading, time

with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]

def get(path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    try:
        connection.request("GET", path)
        return connection.getresponse().status
    finally:
        connection.close()

process = subprocess.Popen([part.replace("PORT", str(port)) for part in sys.argv[1:]], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
for _ in range(150):
    try:
        get("/")
        break
    except OSError:
        time.sleep(0.2)
time.sleep(3)  # Both workers have started.
answer = []
def slow():
    try:
        answer.append(get("/slow"))
    except (OSError, http.client.HTTPException):
        answer.append("none")
request = threading.Thread(target=slow)
request.start()
time.sleep(0.5)
process.terminate()
process.wait()
request.join()
print(f"answer of the request under way: {answer[0]}, exit code {process.returncode}")
END
seen=$(
  for workers in 1 2; do
    echo "hypercorn -w $workers --graceful-timeout 20: $(env/bin/python stop.py env/bin/hypercorn -w $workers --graceful-timeout 20 -b 127.0.0.1:PORT app:application)"
  done
  echo "uvicorn --workers 2: $(env/bin/python stop.py env/bin/uvicorn --workers 2 --port PORT app:application)"
)
echo 'hypercorn 0.18.0, uvicorn 0.54.0, after SIGTERM:'
echo "$seen"
expected='hypercorn -w 1 --graceful-timeout 20: answer of the request under way: 200, exit code 0
hypercorn -w 2 --graceful-timeout 20: answer of the request under way: none, exit code 0
uvicorn --workers 2: answer of the request under way: 200, exit code 0'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
