#!/usr/bin/env bash
# HealthCheck of py-healthcheck 1.10.1 (PyPI), for Flask and Tornado, has an `error_timeout` in seconds. With it each check fails in a server that answers in
# threads, also a check that returns at once: it sets a handler for SIGALRM (healthcheck/timeout.py), which Python permits in the main thread alone. The probe gets
# 500, the Pod is never ready, and a livenessProbe restarts the container again and again. Flask's own server, waitress and the gthread worker of
# gunicorn answer in threads. In the sync worker of gunicorn the same application answers 200.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile py-healthcheck==1.10.1 flask==3.1.3 gunicorn==27.0.1 waitress==3.0.2
cat > web.py <<'PY'
from flask import Flask
from healthcheck import HealthCheck

app = Flask("web")
app.add_url_rule("/healthz", "healthz", view_func=HealthCheck(checkers=[lambda: (True, "fine")]).run)
app.add_url_rule("/limited", "limited", view_func=HealthCheck(checkers=[lambda: (True, "fine")], error_timeout=5).run)
PY

port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
ask () { curl --silent --max-time 10 --output answer --write-out '%{http_code}' "http://127.0.0.1:$port$1" || true; }
in_server () { # command...
  "$@" >log 2>&1 &
  server=$!
  trap 'kill -KILL "$server" 2>/dev/null || true' EXIT
  for _ in $(seq 120); do [ "$(ask /healthz)" = 200 ] && break || sleep 0.5; done
  echo "without error_timeout $(ask /healthz), with it $(ask /limited), $(python3 -c 'import json; print(json.load(open("answer"))["results"][0]["output"])')"
  kill -TERM "$server"
  wait "$server" || true
}
seen=$(
  echo "gunicorn, sync: $(in_server env/bin/gunicorn --bind "127.0.0.1:$port" web:app)"
  echo "gunicorn, gthread: $(in_server env/bin/gunicorn --threads 2 --bind "127.0.0.1:$port" web:app)"
  echo "waitress: $(in_server env/bin/waitress-serve --listen "127.0.0.1:$port" web:app)"
  echo "flask run: $(in_server env/bin/flask --app web run --port "$port")"
)
echo 'py-healthcheck 1.10.1, a check that returns at once:'
echo "$seen"
expected='gunicorn, sync: without error_timeout 200, with it 200, fine
gunicorn, gthread: without error_timeout 200, with it 500, signal only works in main thread of the main interpreter
waitress: without error_timeout 200, with it 500, signal only works in main thread of the main interpreter
flask run: without error_timeout 200, with it 500, signal only works in main thread of the main interpreter'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
