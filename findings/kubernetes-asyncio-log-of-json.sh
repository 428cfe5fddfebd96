#!/usr/bin/env bash
# read_namespaced_pod_log of kubernetes_asyncio 36.1.0 (PyPI) reads a log that is JSON as a whole, and gives the text that Python writes for that value: of
# `{"ok":true}` comes `{'ok': True}`, of `1.50` comes `1.5`, of `null` no text at all. A Job that prints its result as one line of JSON has such a
# log, and so has each container with `tail_lines=1`; json.loads() of the answer fails. With a second line it comes as it was written, so a test may pass.
# Issue 152 describes it, and watching the log was mended. kubernetes 37.0.2 has the same API and gives the log as it is.
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
import kubernetes.client
import kubernetes_asyncio.client

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

async def read_async():
    configuration = kubernetes_asyncio.client.Configuration(host=host)
    async with kubernetes_asyncio.client.ApiClient(configuration) as client:
        return await kubernetes_asyncio.client.CoreV1Api(client).read_namespaced_pod_log("job", "default")

read = kubernetes.client.CoreV1Api(kubernetes.client.ApiClient(kubernetes.client.Configuration(host=host))).read_namespaced_pod_log
for Logs.text in ('done\n', '{"ok":true}\n', '{"ok":true}\n{"ok":true}\n', '1.50\n', '"done"\n', 'null\n'):
    print(f"{Logs.text!r}: kubernetes {read('job', 'default')!r}, kubernetes_asyncio {asyncio.run(read_async())!r}")
END
seen=$(env/bin/python -W ignore logs.py)
echo 'kubernetes 37.0.2 and kubernetes_asyncio 36.1.0, the log of a container:'
echo "$seen"
expected=$(cat <<'END'
'done\n': kubernetes 'done\n', kubernetes_asyncio 'done\n'
'{"ok":true}\n': kubernetes '{"ok":true}\n', kubernetes_asyncio "{'ok': True}"
'{"ok":true}\n{"ok":true}\n': kubernetes '{"ok":true}\n{"ok":true}\n', kubernetes_asyncio '{"ok":true}\n{"ok":true}\n'
'1.50\n': kubernetes '1.50\n', kubernetes_asyncio '1.5'
'"done"\n': kubernetes '"done"\n', kubernetes_asyncio 'done'
'null\n': kubernetes 'null\n', kubernetes_asyncio None
END
)
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
