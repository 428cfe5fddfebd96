#!/usr/bin/env bash
# update() of pykube-ng 23.6.0 (PyPI), by which a program writes an object back after it has changed it, puts back what the program has taken away: before
# it sends the object, it merges the one that it has read into it (pykube/utils.py, obj_merge). A taint and a label that are
# deleted stay in the cluster, and no error tells of it. A list that loses its first item comes out as a mixture: of the taints a and b, with a removed, b and
# b are left. With is_strategic=False the lists are right, and the label still stays, since a merge patch wants a null for it. What is added or changed is right.
# The script applies what pykube sends as the API server does (RFC 7396).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile pykube-ng==23.6.0

cat > update.py <<'PY'
import copy, json, threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
import pykube

def merge(target, patch):
    if not isinstance(patch, dict):
        return patch
    target = dict(target) if isinstance(target, dict) else {}
    for key, value in patch.items():
        if value is None:
            target.pop(key, None)
        else:
            target[key] = merge(target.get(key), value)
    return target

class Api(BaseHTTPRequestHandler):
    node = None

    def do_GET(self):
        text = json.dumps(Api.node).encode()
        self.send_response(200)
        self.send_header("content-type", "application/json")
        self.send_header("content-length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    def do_PATCH(self):
        assert self.headers["content-type"] == "application/merge-patch+json"
        Api.node = merge(Api.node, json.loads(self.rfile.read(int(self.headers["content-length"]))))
        self.do_GET()

    def log_message(self, *_):
        pass

server = ThreadingHTTPServer(("127.0.0.1", 0), Api)
threading.Thread(target=server.serve_forever, daemon=True).start()
api = pykube.HTTPClient(pykube.KubeConfig.from_url(f"http://127.0.0.1:{server.server_port}"))
first = {
    "apiVersion": "v1", "kind": "Node", "metadata": {"name": "node", "labels": {"pool": "old", "zone": "x"}},
    "spec": {"taints": [{"key": "a", "effect": "NoSchedule"}, {"key": "b", "effect": "NoSchedule"}]},
}

def change(what, edit, **options):
    Api.node = copy.deepcopy(first)
    node = pykube.Node.objects(api).get_by_name("node")
    edit(node.obj)
    node.update(**options)
    taints = [taint["key"] for taint in Api.node["spec"]["taints"]]
    print(f"{what}: labels {Api.node['metadata']['labels']}, taints {taints}")

def without_taint(node, index):
    del node["spec"]["taints"][index]

def without_label(node):
    del node["metadata"]["labels"]["pool"]

change("a label is changed", lambda node: node["metadata"]["labels"].update(pool="new"))
change("a taint is added", lambda node: node["spec"]["taints"].append({"key": "c", "effect": "NoSchedule"}))
change("the taint b is removed", lambda node: without_taint(node, 1))
change("the taint a is removed", lambda node: without_taint(node, 0))
change("the label pool is removed", without_label)
change("the taint a is removed, is_strategic=False", lambda node: without_taint(node, 0), is_strategic=False)
change("the label pool is removed, is_strategic=False", without_label, is_strategic=False)
PY
seen=$(env/bin/python update.py)
echo 'pykube-ng 23.6.0, a node with the taints a and b after update():'
echo "$seen"
expected="a label is changed: labels {'pool': 'new', 'zone': 'x'}, taints ['a', 'b']
a taint is added: labels {'pool': 'old', 'zone': 'x'}, taints ['a', 'b', 'c']
the taint b is removed: labels {'pool': 'old', 'zone': 'x'}, taints ['a', 'b']
the taint a is removed: labels {'pool': 'old', 'zone': 'x'}, taints ['b', 'b']
the label pool is removed: labels {'pool': 'old', 'zone': 'x'}, taints ['a', 'b']
the taint a is removed, is_strategic=False: labels {'pool': 'old', 'zone': 'x'}, taints ['b']
the label pool is removed, is_strategic=False: labels {'pool': 'old', 'zone': 'x'}, taints ['a', 'b']"
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
