#!/usr/bin/env bash
# apply() of openshift 0.13.2 (PyPI) merges the lists of a Pod template by their keys, as `kubectl apply` does, in a Deployment, a StatefulSet, a DaemonSet and a
# Job. In a CronJob it puts the new list in the place of the one in the cluster, since it looks for the kind `Cronjob` (openshift/dynamic/apply.py): each apply
# takes away a container that another tool has added and a variable of `kubectl set env`, without an error. In a ReplicaSet it does so too.
# The three-way merge of Kubernetes (k8s.io/apimachinery 0.37.2, Go), with which kubectl applies, keeps them in all kinds.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile openshift==0.13.2

cat > workloads.py <<'END'
import json

# A workload as it was applied last, as it is to be, and as it is in the cluster with what others have added.
last = [{"name": "app", "image": "app:1", "env": [{"name": "A", "value": "1"}]}]
desired = [{"name": "app", "image": "app:2", "env": [{"name": "A", "value": "1"}]}]
actual = [{"name": "app", "image": "app:1", "env": [{"name": "A", "value": "1"}, {"name": "ADDED", "value": "1"}]}, {"name": "mesh", "image": "mesh"}]
kinds = ["Deployment", "StatefulSet", "DaemonSet", "Job", "CronJob", "ReplicaSet"]

def workload(kind, containers):
    spec = {"template": {"spec": {"containers": containers}}}
    return {"kind": kind, "metadata": {"name": "a"}, "spec": {"jobTemplate": {"spec": spec}} if kind == "CronJob" else spec}

if __name__ == "__main__":
    print(json.dumps([[workload(kind, containers) for containers in (last, desired, actual)] for kind in kinds]))
END
cat > merge.py <<'END'
import json
from openshift.dynamic.apply import merge
from workloads import actual, desired, kinds, last, workload

for kind in kinds:
    spec = merge(workload(kind, last), workload(kind, desired), workload(kind, actual))["spec"]
    containers = (spec["jobTemplate"]["spec"] if kind == "CronJob" else spec)["template"]["spec"]["containers"]
    print(f"openshift, {kind}:", ", ".join(f"{one['image']} {[entry['name'] for entry in one.get('env', [])]}" for one in containers))
END
cat > main.go <<'END'
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	appsv1 "k8s.io/api/apps/v1"
	batchv1 "k8s.io/api/batch/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func main() {
	var all [][]json.RawMessage
	if err := json.NewDecoder(os.Stdin).Decode(&all); err != nil {
		panic(err)
	}
	types := map[string]any{
		"Deployment": &appsv1.Deployment{}, "StatefulSet": &appsv1.StatefulSet{}, "DaemonSet": &appsv1.DaemonSet{},
		"Job": &batchv1.Job{}, "CronJob": &batchv1.CronJob{}, "ReplicaSet": &appsv1.ReplicaSet{},
	}
	for _, one := range all {
		var object struct{ Kind string }
		if err := json.Unmarshal(one[0], &object); err != nil {
			panic(err)
		}
		kind := object.Kind
		meta := must(strategicpatch.NewPatchMetaFromStruct(types[kind]))
		patch := must(strategicpatch.CreateThreeWayMergePatch(one[0], one[1], one[2], meta, true))
		merged := must(strategicpatch.StrategicMergePatchUsingLookupPatchMeta(one[2], patch, meta))
		var result struct {
			Spec struct {
				Template    corev1.PodTemplateSpec
				JobTemplate batchv1.JobTemplateSpec
			}
		}
		if err := json.Unmarshal(merged, &result); err != nil {
			panic(err)
		}
		containers := []string{}
		for _, container := range append(result.Spec.Template.Spec.Containers, result.Spec.JobTemplate.Spec.Template.Spec.Containers...) {
			names := []string{}
			for _, entry := range container.Env {
				names = append(names, "'"+entry.Name+"'")
			}
			containers = append(containers, fmt.Sprintf("%s [%s]", container.Image, strings.Join(names, ", ")))
		}
		fmt.Printf("Kubernetes, %s: %s\n", kind, strings.Join(containers, ", "))
	}
}
END
go mod init finding >/dev/null 2>&1
go get k8s.io/api@v0.37.2 k8s.io/apimachinery@v0.37.2 >/dev/null 2>&1
seen=$(env/bin/python -W ignore merge.py; env/bin/python workloads.py | go run -mod=mod . 2>&1)
echo 'openshift 0.13.2 and k8s.io/apimachinery 0.37.2, the containers after an apply of app:2:'
echo "$seen"
expected=$(cat <<'END'
openshift, Deployment: app:2 ['A', 'ADDED'], mesh []
openshift, StatefulSet: app:2 ['A', 'ADDED'], mesh []
openshift, DaemonSet: app:2 ['A', 'ADDED'], mesh []
openshift, Job: app:2 ['A', 'ADDED'], mesh []
openshift, CronJob: app:2 ['A']
openshift, ReplicaSet: app:2 ['A']
Kubernetes, Deployment: app:2 ['A', 'ADDED'], mesh []
Kubernetes, StatefulSet: app:2 ['A', 'ADDED'], mesh []
Kubernetes, DaemonSet: app:2 ['A', 'ADDED'], mesh []
Kubernetes, Job: app:2 ['A', 'ADDED'], mesh []
Kubernetes, CronJob: app:2 ['A', 'ADDED'], mesh []
Kubernetes, ReplicaSet: app:2 ['A', 'ADDED'], mesh []
END
)
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
