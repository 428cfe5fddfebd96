#!/usr/bin/env bash
# drain_nodes of chaostoolkit-kubernetes 0.39.0 (PyPI) does "a similar job to `kubectl drain --ignore-daemonsets`" by its documentation, but not where an
# emptyDir or a PodDisruptionBudget comes in. A Pod with an emptyDir stays on the node and the drain is a success; kubectl refuses to drain.
# With delete_pods_with_local_storage it evicts the Pods of a DaemonSet that have an emptyDir, because it asks for the owner too late. And where a
# PodDisruptionBudget says "not now" (429), it gives up at once, although it has a timeout; kubectl asks again every 5 seconds.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile chaostoolkit-kubernetes==0.39.0 kubernetes==37.0.2

cat > drain.py <<'END'
import json
import logging
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from chaosk8s.node.actions import drain_nodes

logging.disable(logging.CRITICAL)
emptydir = {"name": "scratch", "emptyDir": {}}
token = {"name": "token", "projected": {"sources": []}}

def pod(name, owner, *volumes):
    owners = [{"apiVersion": "apps/v1", "kind": owner, "name": "owner", "uid": "owner", "controller": True}]
    return {
        "apiVersion": "v1", "kind": "Pod", "metadata": {"name": name, "namespace": "default", "uid": name, "ownerReferences": owners},
        "spec": {"nodeName": "a", "containers": [{"name": "app", "image": "app"}], "volumes": [token, *volumes]}, "status": {"phase": "Running"},
    }

class ApiServer(BaseHTTPRequestHandler):
    """A node with Pods. Each Pod in `refusals` has a PodDisruptionBudget that allows no eviction for so many requests."""
    def log_message(self, *arguments):
        pass

    def answer(self):
        body = self.rfile.read(int(self.headers.get("Content-Length") or 0))
        path, node = self.path.split("?")[0], {"apiVersion": "v1", "kind": "Node", "metadata": {"name": "a"}}
        name = path.removesuffix("/eviction").split("/")[-1]
        status, value = 200, node
        if path == "/api/v1/nodes":
            value = {"apiVersion": "v1", "kind": "NodeList", "metadata": {}, "items": [node]}
        elif path == "/api/v1/pods":
            value = {"apiVersion": "v1", "kind": "PodList", "metadata": {}, "items": list(pods.values())}
        elif path.endswith("/eviction"):
            asked.append(name)
            if refusals.get(name, 0) > 0:
                refusals[name] -= 1
                status, value = 429, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "TooManyRequests", "code": 429}
            else:
                del pods[name]
                status, value = 201, {"kind": "Status", "apiVersion": "v1", "status": "Success"}
        elif "/pods/" in path:
            status, value = (200, pods[name]) if name in pods else (404, {"kind": "Status", "apiVersion": "v1", "status": "Failure", "reason": "NotFound", "code": 404})
        text = json.dumps(value).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(text)))
        self.end_headers()
        self.wfile.write(text)

    do_GET = do_POST = do_PATCH = answer

server = ThreadingHTTPServer(("127.0.0.1", 0), ApiServer)
threading.Thread(target=server.serve_forever, daemon=True).start()
secrets = {"KUBERNETES_HOST": f"http://127.0.0.1:{server.server_port}", "KUBERNETES_VERIFY_SSL": "false"}

for what, on_node, refusals, local in [
    ("a Pod, a DaemonSet's Pod", [pod("web", "ReplicaSet"), pod("agent", "DaemonSet")], {}, False),
    ("a Pod with an emptyDir", [pod("web", "ReplicaSet", emptydir)], {}, False),
    ("both with an emptyDir, delete_pods_with_local_storage", [pod("web", "ReplicaSet", emptydir), pod("agent", "DaemonSet", emptydir)], {}, True),
    ("a Pod whose PodDisruptionBudget refuses once", [pod("web", "ReplicaSet")], {"web": 1}, False),
]:
    pods, asked = {pod["metadata"]["name"]: pod for pod in on_node}, []
    try:
        drain_nodes(name="a", delete_pods_with_local_storage=local, timeout=30, secrets=secrets)
        end = "success"
    except Exception as error:
        end = type(error).__name__
    print(f"{what}: {end}, evictions asked {asked}, left {list(pods)}")
END
seen=$(env/bin/python -W ignore drain.py)
echo 'chaostoolkit-kubernetes 0.39.0:'
echo "$seen"
expected="a Pod, a DaemonSet's Pod: success, evictions asked ['web'], left ['agent']
a Pod with an emptyDir: success, evictions asked [], left ['web']
both with an emptyDir, delete_pods_with_local_storage: success, evictions asked ['web', 'agent'], left []
a Pod whose PodDisruptionBudget refuses once: ActivityFailed, evictions asked ['web'], left ['web']"
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
