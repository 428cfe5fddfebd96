#!/usr/bin/env bash
# `kubectl rollout status` (k8s.io/kubectl 0.37.2, Go) calls the rollout of a StatefulSet complete as soon as its last Pod is ready, and does not wait
# until it is available by `minReadySeconds`. With a Deployment and a DaemonSet it waits. A pipeline that goes on after it has not seen the time
# that `minReadySeconds` gives a new Pod to fail in. A StatefulSet has `status.availableReplicas` since Kubernetes 1.22.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > main.go <<'END'
package main

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/kubectl/pkg/polymorphichelpers"
)

type object = map[string]any

func main() {
	for _, kind := range []string{"Deployment", "DaemonSet", "StatefulSet"} {
		for _, available := range []int64{2, 3} {
			strategy := object{"type": "RollingUpdate", "rollingUpdate": object{"maxUnavailable": int64(1)}}
			if kind == "StatefulSet" {
				strategy["rollingUpdate"] = object{"partition": int64(0)}
			}
			workload := &unstructured.Unstructured{Object: object{
				"apiVersion": "apps/v1", "kind": kind,
				"metadata": object{"name": "web", "generation": int64(2)},
				"spec":     object{"replicas": int64(3), "minReadySeconds": int64(600), "strategy": strategy, "updateStrategy": strategy},
				"status": object{
					"observedGeneration": int64(2), "replicas": int64(3), "updatedReplicas": int64(3), "readyReplicas": int64(3), "availableReplicas": available,
					"currentReplicas": int64(3), "currentRevision": "web-2", "updateRevision": "web-2",
					"desiredNumberScheduled": int64(3), "currentNumberScheduled": int64(3), "updatedNumberScheduled": int64(3), "numberReady": int64(3), "numberAvailable": available,
				},
			}}
			viewer, err := polymorphichelpers.StatusViewerFor(schema.GroupKind{Group: "apps", Kind: kind})
			if err != nil {
				panic(err)
			}
			_, done, err := viewer.Status(workload, 0)
			if err != nil {
				panic(err)
			}
			fmt.Printf("%s, 3 of 3 Pods updated and ready, %d available: done %t\n", kind, available, done)
		}
	}
}
END
go mod init finding >/dev/null 2>&1
go get k8s.io/kubectl@v0.37.2 >/dev/null 2>&1
seen=$(go run -mod=mod . 2>/dev/null)
echo 'k8s.io/kubectl 0.37.2, minReadySeconds 600:'
echo "$seen"
expected='Deployment, 3 of 3 Pods updated and ready, 2 available: done false
Deployment, 3 of 3 Pods updated and ready, 3 available: done true
DaemonSet, 3 of 3 Pods updated and ready, 2 available: done false
DaemonSet, 3 of 3 Pods updated and ready, 3 available: done true
StatefulSet, 3 of 3 Pods updated and ready, 2 available: done true
StatefulSet, 3 of 3 Pods updated and ready, 3 available: done true'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
