#!/usr/bin/env bash
# delete(grace_period=0) of kr8s 0.20.15 (PyPI) sends a request without a grace period, since the library takes 0 for "none given" (kr8s/_objects.py), and the
# Pod gets its own terminationGracePeriodSeconds: where the caller wants it gone at once, it goes on for 30 s or for an hour. The documentation calls
# grace_period "the grace period for deletion", and `force=True` the same as 0. With 1 and with `force=True` it is sent. lightkube 1.0.1 and kubernetes
# 37.0.2 (PyPI) send the 0. The API is a server of the script that notes what it gets.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile kr8s==0.20.15 lightkube==1.0.1 kubernetes==37.0.2

cat > grace.py <<'PY'
import json, threading, urllib.parse
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Api(BaseHTTPRequestHandler):
    def do_GET(self):
        self.give({"major": "1", "minor": "35", "gitVersion": "v1.35.0"})

    def do_DELETE(self):
        body = json.loads(self.rfile.read(int(self.headers.get("content-length") or 0)) or "{}")
        query = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        seen.append({**query, **body}.get("gracePeriodSeconds", "none"))
        self.give({"apiVersion": "v1", "kind": "Pod", "metadata": {"name": "web", "namespace": "default"}})

    def give(self, value):
        text = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def log_message(self, *_):
        pass

seen = []
server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
threading.Thread(target=server.serve_forever, daemon=True).start()
url = f"http://127.0.0.1:{server.server_port}"
config = {
    "apiVersion": "v1", "kind": "Config", "current-context": "test",
    "clusters": [{"name": "test", "cluster": {"server": url}}],
    "users": [{"name": "test", "user": {"token": "test"}}],
    "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test", "namespace": "default"}}],
}
with open("kubeconfig", "w") as file:
    json.dump(config, file)

import kr8s
import kubernetes.client
import lightkube
from kr8s.objects import Pod
from lightkube.resources.core_v1 import Pod as LightkubePod

pod = Pod({"metadata": {"name": "web", "namespace": "default"}}, api=kr8s.api(kubeconfig="kubeconfig"))
light = lightkube.Client(config=lightkube.KubeConfig.from_dict(config))
core = kubernetes.client.CoreV1Api(kubernetes.client.ApiClient(kubernetes.client.Configuration(host=url)))
for seconds in (1, 0):
    pod.delete(grace_period=seconds)
    light.delete(LightkubePod, "web", grace_period=seconds)
    core.delete_namespaced_pod("web", "default", grace_period_seconds=seconds)
    for client, sent in zip(("kr8s", "lightkube", "kubernetes"), seen):
        print(f"{client}, grace period {seconds}: gracePeriodSeconds {sent}")
    seen.clear()
pod.delete(force=True)
print(f"kr8s, force: gracePeriodSeconds {seen[0]}")
PY
seen=$(env/bin/python grace.py)
echo 'kr8s 0.20.15, lightkube 1.0.1, kubernetes 37.0.2, sent to the API:'
echo "$seen"
expected='kr8s, grace period 1: gracePeriodSeconds 1
lightkube, grace period 1: gracePeriodSeconds 1
kubernetes, grace period 1: gracePeriodSeconds 1
kr8s, grace period 0: gracePeriodSeconds none
lightkube, grace period 0: gracePeriodSeconds 0
kubernetes, grace period 0: gracePeriodSeconds 0
kr8s, force: gracePeriodSeconds 0'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
