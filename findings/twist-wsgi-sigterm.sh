#!/usr/bin/env bash
# `twist web --wsgi` of Twisted 26.10.0 (PyPI) stops its event loop at SIGTERM, and the request under way gets no answer. The thread that works on it goes on,
# and then waits for that loop to write the answer (blockingCallFromThread in twisted/web/wsgi.py), which it never does again. The process waits for
# the thread, so the Pod takes its whole grace period and ends with 137. An idle server ends at once. `--wsgi` is its documented way to serve a WSGI
# application. gunicorn 27.0.1 (PyPI) answers and ends.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile twisted==26.10.0 gunicorn==27.0.1

cat > app.py <<'PY'
import time

def app(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        time.sleep(2)
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
PY
cat > at_sigterm.py <<'PY'
import http.client, signal, socket, subprocess, sys, threading, time

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

command = [word.replace("PORT", str(port)) for word in sys.argv[2:]]
server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    for _ in range(200):
        if get("/"):
            break
        time.sleep(0.1)
    answers = []
    if sys.argv[1] == "busy":
        client = threading.Thread(target=lambda: answers.append(get("/slow")))
        client.start()
        time.sleep(0.7)
    server.send_signal(signal.SIGTERM)
    try:
        server.wait(15)
        end = "the process ends"
    except subprocess.TimeoutExpired:
        end = "the process runs on"
    if sys.argv[1] == "busy":
        client.join()
    print(f"{sys.argv[1]} at SIGTERM: {answers[0] + ', ' if answers else ''}{end}")
finally:
    server.kill()
PY
export PYTHONPATH="$folder"
gunicorn=(env/bin/gunicorn --bind 127.0.0.1:PORT app:app)
twist=(env/bin/twist web --listen tcp:PORT:interface=127.0.0.1 --wsgi app.app)
seen=$(
  for state in idle busy; do
    echo "gunicorn, $(env/bin/python at_sigterm.py "$state" "${gunicorn[@]}")"
    echo "twist web, $(env/bin/python at_sigterm.py "$state" "${twist[@]}")"
  done
)
echo 'gunicorn 27.0.1, Twisted 26.10.0, a request of 2 s:'
echo "$seen"
expected='gunicorn, idle at SIGTERM: the process ends
twist web, idle at SIGTERM: the process ends
gunicorn, busy at SIGTERM: 200 ok, the process ends
twist web, busy at SIGTERM: connection closed without an answer, the process runs on'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
