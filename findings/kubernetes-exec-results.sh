#!/usr/bin/env bash
# An exec of the Python client (`stream` of kubernetes 37.0.2, PyPI, with `_preload_content=False`) has its exit code in `returncode`. After `read_all`, whose text asks to call it at the end, `returncode`
# is a TypeError, since `read_all` drops the exit code together with the output that it has given; the other order is right. Of a command whose output comes together with its end,
# as that of a short one does, `readline_stdout` gives no line: only while the connection is open does it look at what it has read. And a program that the container does not have is
# a ValueError (issue 1840 of the client), because the kubelet then gives a sentence in place of a code. The script plays the kubelet (protocol v5).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile kubernetes==37.0.2 websockets==17.4

cat > results.py <<'END'
import json
import threading
from kubernetes import client
from kubernetes.stream import stream
from websockets.sync.server import serve

def failure(reason, message):
    return {'status': 'Failure', 'reason': reason, 'details': {'causes': [{'message': message}]}}

statuses = {
    'exit code 0': {'status': 'Success'},
    'exit code 3': failure('NonZeroExitCode', '3'),
    'no such program': failure('InternalError', 'error executing command in container: not found'),
}

def kubelet(socket):
    mine = ended
    socket.send(b'\x01one\ntwo\n')
    if not together:
        read.wait()
    socket.send(b'\x03' + json.dumps(status).encode())
    socket.close()
    mine.set()

server = serve(kubelet, '127.0.0.1', 0, subprotocols=['v5.channel.k8s.io'], close_timeout=1)
threading.Thread(target=server.serve_forever, daemon=True).start()
port = server.socket.getsockname()[1]
api = client.CoreV1Api(client.ApiClient(client.Configuration(host=f'http://127.0.0.1:{port}')))

def begin():
    return stream(api.connect_get_namespaced_pod_exec, 'web', 'default', command=['list'], stdout=True, stderr=True, _preload_content=False)

def code(command):
    try:
        return command.returncode
    except Exception as error:
        return type(error).__name__

together, read, ended = True, threading.Event(), threading.Event()
for name, status in statuses.items():
    first, second = begin(), begin()
    first.run_forever(timeout=30)
    second.run_forever(timeout=30)
    before = code(first)
    output = second.read_all()
    print(f'{name}: returncode {before}; after read_all {code(second)}, output {json.dumps(output)}')

status = statuses['exit code 0']
for name, together in (('output before the end', False), ('output with the end', True)):
    ended = threading.Event()
    command = begin()
    if together:
        ended.wait()
    lines = [command.readline_stdout(timeout=30) for _ in range(2)]
    read.set()
    command.run_forever(timeout=30)
    print(f'{name}: readline_stdout gives {json.dumps(lines)}, and read_stdout {json.dumps(command.read_stdout())}')
END
seen=$(env/bin/python results.py)
echo 'kubernetes 37.0.2:'
echo "$seen"
expected='exit code 0: returncode 0; after read_all TypeError, output "one\ntwo\n"
exit code 3: returncode 3; after read_all TypeError, output "one\ntwo\n"
no such program: returncode ValueError; after read_all TypeError, output "one\ntwo\n"
output before the end: readline_stdout gives ["one", "two"], and read_stdout ""
output with the end: readline_stdout gives ["", ""], and read_stdout "one\ntwo\n"'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
