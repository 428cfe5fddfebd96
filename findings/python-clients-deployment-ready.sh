#!/usr/bin/env bash
# kr8s 0.20.15 and pykube-ng 23.6.0 (PyPI) call a Deployment ready while its rollout is under way. kr8s compares the ready Pods alone, and those
# of the old template are ready: ready() is true before a single new Pod exists. pykube-ng compares the updated Pods alone: ready is true while
# none of them is ready. With 0 replicas pykube-ng raises KeyError, since the API leaves counts of 0 out.
# `kubectl rollout status` (kubectl 1.37, pkg/polymorphichelpers) waits for both: updated, no old ones left, and available.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile kr8s==0.20.15 pykube-ng==23.6.0

cat > ready.py <<'END'
import asyncio
import pykube
from kr8s.asyncio.objects import Deployment

class Answered(Deployment):
    async def async_refresh(self):  # The status below is what the API server answers.
        pass

class Api:
    namespace = "default"

def kubectl(replicas, status):
    count = lambda name: status.get(name, 0)
    return count("updatedReplicas") >= replicas and count("replicas") <= count("updatedReplicas") and count("availableReplicas") >= count("updatedReplicas")

states = {
    "rolled out": (3, dict(replicas=3, updatedReplicas=3, readyReplicas=3, availableReplicas=3)),
    "no Pod ready": (3, dict(replicas=3)),
    "the new Pods not made yet": (3, dict(replicas=3, readyReplicas=3, availableReplicas=3)),
    "the new Pods not ready": (3, dict(replicas=3, updatedReplicas=3)),
    "scaled to 0": (0, {}),
}
for state, (replicas, status) in states.items():
    deployment = {
        "apiVersion": "apps/v1", "kind": "Deployment", "metadata": {"name": "web", "namespace": "default", "generation": 2},
        "spec": {"replicas": replicas}, "status": {"observedGeneration": 2, **status},
    }
    kr8s = asyncio.run(Answered(deployment, api=Api()).async_ready())
    try:
        old = pykube.Deployment(None, deployment).ready
    except KeyError as error:
        old = f"KeyError {error}"
    print(f"{state}: kubectl {kubectl(replicas, status)}, kr8s {kr8s}, pykube-ng {old}")
END
seen=$(env/bin/python -W ignore ready.py)
echo 'kr8s 0.20.15, pykube-ng 23.6.0: is the Deployment ready?'
echo "$seen"
expected="rolled out: kubectl True, kr8s True, pykube-ng True
no Pod ready: kubectl False, kr8s False, pykube-ng KeyError 'updatedReplicas'
the new Pods not made yet: kubectl False, kr8s True, pykube-ng KeyError 'updatedReplicas'
the new Pods not ready: kubectl False, kr8s False, pykube-ng True
scaled to 0: kubectl True, kr8s True, pykube-ng KeyError 'updatedReplicas'"
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
