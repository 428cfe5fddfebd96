#!/usr/bin/env bash
# `node.taint(key, value, effect="NoSchedule-")` of kr8s 0.20.15 (PyPI) removes a taint in the way of kubectl, with a `-` after the effect, but it looks at the key alone
# (kr8s/_objects.py, async_taint): all taints with that key go. A node under maintenance that is tainted with NoSchedule and with NoExecute, and is to
# lose the first, loses both, and Pods that were to stay away come back. An effect that the node does not have removes those that it has. No error
# tells of it. `kubectl taint nodes NODE KEY=VALUE:NoSchedule-` (kubectl 1.37) removes that one, and says so if there is none.
# Taints with another key stay. The script plays the API server and applies the merge patch.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile kr8s==0.20.15

cat > taint.py <<'PY'
import json, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

class Api(BaseHTTPRequestHandler):
    taints = []

    def do_GET(self):
        if self.path.startswith("/version"):
            value = {"major": "1", "minor": "35", "gitVersion": "v1.35.0"}
        else:
            value = {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "node"}, "spec": {"taints": Api.taints}}
        text = json.dumps(value).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_PATCH(self):
        assert self.headers["content-type"] == "application/merge-patch+json"
        Api.taints = json.loads(self.rfile.read(int(self.headers["content-length"])))["spec"]["taints"]
        self.do_GET()

    def log_message(self, *_):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
threading.Thread(target=server.serve_forever, daemon=True).start()
with open("kubeconfig", "w") as file:
    json.dump({
        "apiVersion": "v1", "kind": "Config", "current-context": "test",
        "clusters": [{"name": "test", "cluster": {"server": f"http://127.0.0.1:{server.server_port}"}}],
        "users": [{"name": "test", "user": {"token": "test"}}],
        "contexts": [{"name": "test", "context": {"cluster": "test", "user": "test", "namespace": "default"}}],
    }, file)

import kr8s
from kr8s.objects import Node

api = kr8s.api(kubeconfig="kubeconfig")

def remove(key, effect, *taints):
    Api.taints = [{"key": key, "value": "true", "effect": effect} for key, effect in taints]
    Node({"metadata": {"name": "node"}}, api=api).taint(key, "true", effect=f"{effect}-")
    before, after = (" ".join(f"{key}:{effect}" for key, effect in pairs) or "none" for pairs in (taints, [(taint["key"], taint["effect"]) for taint in Api.taints]))
    print(f"{before}, without {key}:{effect}: {after}")

remove("maintenance", "NoSchedule", ("maintenance", "NoSchedule"), ("gpu", "NoSchedule"))
remove("maintenance", "NoSchedule", ("maintenance", "NoSchedule"), ("maintenance", "NoExecute"))
remove("maintenance", "PreferNoSchedule", ("maintenance", "NoExecute"))
PY
seen=$(env/bin/python taint.py)
echo 'kr8s 0.20.15:'
echo "$seen"
expected='maintenance:NoSchedule gpu:NoSchedule, without maintenance:NoSchedule: gpu:NoSchedule
maintenance:NoSchedule maintenance:NoExecute, without maintenance:NoSchedule: none
maintenance:NoExecute, without maintenance:PreferNoSchedule: none'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
