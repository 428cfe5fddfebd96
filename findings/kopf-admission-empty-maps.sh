#!/usr/bin/env bash
# A mutating handler of kopf 1.45.2 (PyPI) says what to change with a Patch, which looks like a merge patch: `patch.spec["podSelector"] = {}`. For the answer to
# the API server kopf makes a JSON patch of it, and there an empty map counts as nothing: it is not set, and a map whose last key is removed goes too,
# with each map around it that gets empty. To Kubernetes `{}` is not nothing: an empty podSelector selects all Pods, `emptyDir: {}` is a volume. The
# same Patch of a handler that is not for admission goes out as a merge patch, with the map. Expected is what RFC 7396 makes of it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile kopf==1.45.2 jsonpatch==1.48 json-merge-patch==0.3.0

cat > patches.py <<'PY'
import copy, json
import json_merge_patch
import jsonpatch
import kopf

def change(what, spec, edit):
    body = {"apiVersion": "example.com/v1", "kind": "Store", "metadata": {"name": "store"}, "spec": spec}
    patch = kopf.Patch(body=body)
    edit(patch.spec)
    merged = json_merge_patch.merge(copy.deepcopy(body), json.loads(json.dumps(dict(patch))))
    answer = jsonpatch.apply_patch(body, patch.as_json_patch())
    print(f"{what}: merge patch {json.dumps(merged.get('spec'))}, admission {json.dumps(answer.get('spec'))}")

change("set a selector", {"size": 1}, lambda spec: spec.update(podSelector={"matchLabels": {"app": "web"}}))
change("set an empty selector", {"size": 1}, lambda spec: spec.update(podSelector={}))
change("remove the labels of a selector", {"size": 1, "podSelector": {"matchLabels": {"app": "web"}}}, lambda spec: spec.update(podSelector={"matchLabels": None}))
change("set an emptyDir", {"size": 1}, lambda spec: spec.update(volume={"emptyDir": {}}))
change("remove the limit of an emptyDir", {"volume": {"emptyDir": {"sizeLimit": "1Gi"}}}, lambda spec: spec.update(volume={"emptyDir": {"sizeLimit": None}}))
PY
seen=$(env/bin/python patches.py)
echo 'kopf 1.45.2, spec afterwards:'
echo "$seen"
expected='set a selector: merge patch {"size": 1, "podSelector": {"matchLabels": {"app": "web"}}}, admission {"size": 1, "podSelector": {"matchLabels": {"app": "web"}}}
set an empty selector: merge patch {"size": 1, "podSelector": {}}, admission {"size": 1}
remove the labels of a selector: merge patch {"size": 1, "podSelector": {}}, admission {"size": 1}
set an emptyDir: merge patch {"size": 1, "volume": {"emptyDir": {}}}, admission {"size": 1}
remove the limit of an emptyDir: merge patch {"volume": {"emptyDir": {}}}, admission null'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
