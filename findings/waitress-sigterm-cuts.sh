#!/usr/bin/env bash
# waitress-serve of waitress 3.0.2 (PyPI) has no handler for SIGTERM, with which Kubernetes ends a container: it dies at once, and a request under
# way gets no answer. At SIGINT it answers the request and ends (waitress/server.py waits for its threads at KeyboardInterrupt). As PID 1
# it does not even end, since the kernel drops a signal without a handler, and the kubelet kills it after the grace period. A Dockerfile
# for it needs `STOPSIGNAL SIGINT`. gunicorn 27.0.1 with the same application answers and ends at SIGTERM.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile waitress==3.0.2 gunicorn==27.0.1

cat > app.py <<'END'
import time

def application(environ, start_response):
    if environ["PATH_INFO"] == "/slow":
        time.sleep(2)
    start_response("200 OK", [("Content-Length", "2")])
    return [b"ok"]
END
cat > stop.py <<'END'
import http.client, signal, socket, subprocess, sys, threading, time

name, server = sys.argv[1], sys.argv[2:]
with socket.socket() as free:
    free.bind(("127.0.0.1", 0))
    port = free.getsockname()[1]

def get(path):
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=20)
    connection.request("GET", path)
    return connection.getresponse().status

process = subprocess.Popen([part.replace("PORT", str(port)) for part in server], stderr=subprocess.DEVNULL)
for _ in range(150):
    try:
        get("/")
        break
    except OSError:
        time.sleep(0.2)
answer = []
def slow():
    try:
        answer.append(get("/slow"))
    except (OSError, http.client.HTTPException):
        answer.append("none")
request = threading.Thread(target=slow)
request.start()
time.sleep(1)
process.send_signal(signal.Signals[name])
process.wait()
request.join()
print("answer of the request under way:", *answer)
END
seen=$(
  for name in SIGINT SIGTERM; do
    echo "waitress-serve, $name: $(env/bin/python stop.py $name env/bin/waitress-serve --listen=127.0.0.1:PORT app:application)"
  done
  echo "gunicorn, SIGTERM: $(env/bin/python stop.py SIGTERM env/bin/gunicorn -b 127.0.0.1:PORT app:application)"
)
echo 'waitress 3.0.2, gunicorn 27.0.1:'
echo "$seen"
expected='waitress-serve, SIGINT: answer of the request under way: 200
waitress-serve, SIGTERM: answer of the request under way: none
gunicorn, SIGTERM: answer of the request under way: 200'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
