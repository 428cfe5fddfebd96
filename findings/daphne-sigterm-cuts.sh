#!/usr/bin/env bash
# daphne 4.2.3 (PyPI), the server of Django Channels, stops its event loop at SIGTERM: a request under way gets no answer, its connection is closed, and
# daphne ends at once with exit code 0, as after a clean end. It has no option for a grace period, and its README does not speak of SIGTERM.
# A preStop hook that waits does not help a request that is longer than the hook. hypercorn 0.18.0 and granian 2.8.9 (PyPI) run the same
# application, answer first and then end.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile daphne==4.2.3 hypercorn==0.18.0 granian==2.8.9

cat > slow.py <<'END'
import asyncio

async def app(scope, receive, send):
    if scope['type'] != 'http':
        return
    if scope['path'] == '/slow':
        await asyncio.sleep(2)
    await send({'type': 'http.response.start', 'status': 200, 'headers': [(b'content-length', b'2')]})
    await send({'type': 'http.response.body', 'body': b'ok'})
END
cat > at_sigterm.py <<'END'
import http.client, signal, socket, subprocess, sys, threading, time

with socket.socket() as free:
    free.bind(('127.0.0.1', 0))
    port = free.getsockname()[1]

def get(path):
    try:
        connection = http.client.HTTPConnection('127.0.0.1', port, timeout=20)
        connection.request('GET', path)
        response = connection.getresponse()
        return f'{response.status} {response.read().decode()}'
    except OSError as error:
        return 'connection closed without an answer' if isinstance(error, (ConnectionResetError, http.client.RemoteDisconnected)) else None

command = [word.replace('PORT', str(port)) for word in sys.argv[1:]]
server = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
try:
    for _ in range(200):
        if get('/'):
            break
        time.sleep(0.1)
    before = get('/slow')
    answers = []
    client = threading.Thread(target=lambda: answers.append(get('/slow')))
    client.start()
    time.sleep(0.7)
    server.send_signal(signal.SIGTERM)
    client.join()
    print(f'before: {before}; under way at SIGTERM: {answers[0]}; exit code {server.wait(20)}')
finally:
    server.kill()
END
seen=$(
  echo "hypercorn, $(env/bin/python at_sigterm.py env/bin/hypercorn --bind 127.0.0.1:PORT slow:app)"
  echo "granian, $(env/bin/python at_sigterm.py env/bin/granian --interface asgi --host 127.0.0.1 --port PORT slow:app)"
  echo "daphne, $(env/bin/python at_sigterm.py env/bin/daphne -b 127.0.0.1 -p PORT slow:app)"
)
echo 'hypercorn 0.18.0, granian 2.8.9, daphne 4.2.3, a request of 2 s:'
echo "$seen"
expected='hypercorn, before: 200 ok; under way at SIGTERM: 200 ok; exit code 0
granian, before: 200 ok; under way at SIGTERM: 200 ok; exit code 0
daphne, before: 200 ok; under way at SIGTERM: connection closed without an answer; exit code 0'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
