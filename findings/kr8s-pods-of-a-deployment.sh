#!/usr/bin/env bash
# pods() and ready_pods() of a Deployment in kr8s 0.20.15 (PyPI) ask with `matchLabels` of the selector alone. With `matchExpressions` besides, which
# the API takes together with it, they give Pods of other workloads too, and a script that restarts or counts "the Pods of this Deployment"
# takes the wrong ones. A selector of `matchExpressions` alone raises KeyError. kubectl and the Deployment controller use both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile kr8s==0.20.15

cat > pods.py <<'END'
import asyncio
from kr8s.asyncio.objects import Deployment, Pod

class Api:
    """An API server with two Pods, which answers to label selectors of equality and of `in`."""
    namespace = "default"

    async def async_get(self, kind, namespace, label_selector):
        terms = label_selector.replace(" in (", "=").replace(")", "").split(",")
        wanted = dict(term.split("=") for term in terms)
        for track in ("stable", "canary"):
            labels = {"app": "web", "track": track}
            if all(labels.get(key) == value for key, value in wanted.items()):
                yield Pod({"metadata": {"name": f"web-{track}", "namespace": namespace, "labels": labels}}, api=self)

stable = {"key": "track", "operator": "In", "values": ["stable"]}
for selector in (
    {"matchLabels": {"app": "web", "track": "stable"}},
    {"matchLabels": {"app": "web"}, "matchExpressions": [stable]},
    {"matchExpressions": [stable]},
):
    deployment = Deployment({"metadata": {"name": "web-stable", "namespace": "default"}, "spec": {"selector": selector}}, api=Api())
    try:
        pods = [pod.name for pod in asyncio.run(deployment.async_pods())]
    except KeyError as error:
        pods = f"KeyError {error}"
    print(f"{selector}: {pods}")
END
seen=$(env/bin/python -W ignore pods.py)
echo 'kr8s 0.20.15, the Pods of the Deployment web-stable:'
echo "$seen"
expected="{'matchLabels': {'app': 'web', 'track': 'stable'}}: ['web-stable']
{'matchLabels': {'app': 'web'}, 'matchExpressions': [{'key': 'track', 'operator': 'In', 'values': ['stable']}]}: ['web-stable', 'web-canary']
{'matchExpressions': [{'key': 'track', 'operator': 'In', 'values': ['stable']}]}: KeyError \"'matchLabels'\""
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
