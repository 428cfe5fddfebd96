#!/usr/bin/env bash
# Watch().stream(read_namespaced_pod_log) of kubernetes 37.0.2 (PyPI) follows the log of a container line by line, but never gives a last line without a line
# break: `printf done`, the unfinished line of a program that was killed, and what `limit_bytes` cuts. A log that is one such line is empty, and a script
# that waits for "done" does not see it. No error tells of it. The call without Watch gives the whole text, and Watch of kubernetes_asyncio
# 36.1.0 has the last line too.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile kubernetes==37.0.2 kubernetes_asyncio==36.1.0

cat > logs.py <<'END'
import asyncio
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import kubernetes
import kubernetes_asyncio

class Logs(BaseHTTPRequestHandler):
    """An API server that answers with the log of one container."""
    text = ""

    def do_GET(self):
        body = Logs.text.encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Logs)
threading.Thread(target=server.serve_forever, daemon=True).start()
host = f"http://127.0.0.1:{server.server_port}"

async def followed_async():
    configuration = kubernetes_asyncio.client.Configuration(host=host)
    async with kubernetes_asyncio.client.ApiClient(configuration) as client:
        read = kubernetes_asyncio.client.CoreV1Api(client).read_namespaced_pod_log
        async with kubernetes_asyncio.watch.Watch().stream(read, "job", "default") as lines:
            return [line.rstrip("\n") async for line in lines]

read = kubernetes.client.CoreV1Api(kubernetes.client.ApiClient(kubernetes.client.Configuration(host=host))).read_namespaced_pod_log
for Logs.text in ("begin\ndone\n", "begin\ndone", "done"):
    print(f"{Logs.text!r}: read {read('job', 'default')!r}, followed {list(kubernetes.watch.Watch().stream(read, 'job', 'default'))}, "
          f"followed by kubernetes_asyncio {asyncio.run(followed_async())}")
END
seen=$(env/bin/python -W ignore logs.py)
echo 'kubernetes 37.0.2 and kubernetes_asyncio 36.1.0, the log of a container:'
echo "$seen"
expected="'begin\\ndone\\n': read 'begin\\ndone\\n', followed ['begin', 'done'], followed by kubernetes_asyncio ['begin', 'done']
'begin\\ndone': read 'begin\\ndone', followed ['begin'], followed by kubernetes_asyncio ['begin', 'done']
'done': read 'done', followed [], followed by kubernetes_asyncio ['done']"
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
