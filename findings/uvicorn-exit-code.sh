#!/usr/bin/env bash
# uvicorn 0.54.0 (PyPI) runs the shutdown of the application at SIGTERM and then sends SIGTERM to itself (uvicorn/server.py, capture_signals). So the
# exit code of the same graceful end depends on the entrypoint: under an init it is 143, which Kubernetes shows as `Error`; as PID 1 it is 0, since the
# kernel drops that signal; and with two workers it is 0 in both. hypercorn 0.18.0 ends with 0 in all four.
# It needs util-linux and user namespaces.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile uvicorn==0.54.0 hypercorn==0.18.0
apt-get download --quiet=2 tini=0.19.0-1+b3
dpkg -x tini_*.deb .

cat > app.py <<'END'
async def application(scope, receive, send):
    while scope["type"] == "lifespan":
        step = (await receive())["type"]
        await send({"type": f"{step}.complete"})
        with open("log", "a") as log:
            log.write(f"{step}\n")
        if step == "lifespan.shutdown":
            return
END
at_sigterm () { # command
  rm -f log
  unshare --user --map-root-user --pid --fork --kill-child "$@" </dev/null >/dev/null 2>&1 &
  local outer=$! code=0
  for _ in $(seq 150); do
    sleep 0.2
    ! grep --quiet --no-messages startup log || break
  done
  sleep 2 # Both workers have started.
  kill -TERM "$(pgrep -P "$outer")"
  wait "$outer" || code=$?
  echo "$(tail -n 1 log), exit code $code"
}
port=$(python3 -c 'import socket; free = socket.socket(); free.bind(("127.0.0.1", 0)); print(free.getsockname()[1])')
uvicorn=(env/bin/uvicorn --port "$port" app:application)
hypercorn=(env/bin/hypercorn -b "127.0.0.1:$port" app:application)
seen=$(
  for server in uvicorn hypercorn; do
    declare -n words=$server
    echo "$server as PID 1: $(at_sigterm "${words[@]}")"
    echo "$server as PID 1, 2 workers: $(at_sigterm "${words[@]}" --workers 2)"
    echo "$server under tini: $(at_sigterm usr/bin/tini -- "${words[@]}")"
    echo "$server under tini, 2 workers: $(at_sigterm usr/bin/tini -- "${words[@]}" --workers 2)"
  done 2>/dev/null
)
echo 'uvicorn 0.54.0, hypercorn 0.18.0, after SIGTERM:'
echo "$seen"
expected='uvicorn as PID 1: lifespan.shutdown, exit code 0
uvicorn as PID 1, 2 workers: lifespan.shutdown, exit code 0
uvicorn under tini: lifespan.shutdown, exit code 143
uvicorn under tini, 2 workers: lifespan.shutdown, exit code 0
hypercorn as PID 1: lifespan.shutdown, exit code 0
hypercorn as PID 1, 2 workers: lifespan.shutdown, exit code 0
hypercorn under tini: lifespan.shutdown, exit code 0
hypercorn under tini, 2 workers: lifespan.shutdown, exit code 0'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
