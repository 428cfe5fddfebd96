#!/usr/bin/env bash
# kstatus (sigs.k8s.io/cli-utils 0.37.2, Go), which Flux and `helm --wait` of Helm 4 use in a fork, calls a DaemonSet with the update strategy
# `OnDelete` InProgress after each change of its template, until somebody deletes all its Pods by hand: a tool that waits for it runs into its
# timeout. With a StatefulSet of the same strategy it knows that nothing more will happen and says Current, as Helm 3 and Argo CD do for both.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > main.go <<'END'
package main

import (
	"fmt"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"sigs.k8s.io/cli-utils/pkg/kstatus/status"
)

type object = map[string]any

func main() {
	for _, kind := range []string{"DaemonSet", "StatefulSet"} {
		for _, strategy := range []string{"RollingUpdate", "OnDelete"} {
			for _, updated := range []int64{0, 3} {
				workload := &unstructured.Unstructured{Object: object{
					"apiVersion": "apps/v1", "kind": kind,
					"metadata": object{"name": "agent", "generation": int64(2)},
					"spec":     object{"replicas": int64(3), "updateStrategy": object{"type": strategy}},
					"status": object{
						"observedGeneration":     int64(2),
						"desiredNumberScheduled": int64(3), "currentNumberScheduled": int64(3), "updatedNumberScheduled": updated,
						"numberReady": int64(3), "numberAvailable": int64(3),
						"replicas": int64(3), "readyReplicas": int64(3), "updatedReplicas": updated,
						"currentReplicas": int64(3), "currentRevision": "agent-1", "updateRevision": map[int64]string{0: "agent-2", 3: "agent-1"}[updated],
					},
				}}
				result, err := status.Compute(workload)
				if err != nil {
					panic(err)
				}
				fmt.Printf("%s, %s, %d of 3 Pods updated: %s\n", kind, strategy, updated, result.Status)
			}
		}
	}
}
END
go mod init finding >/dev/null 2>&1
go get sigs.k8s.io/cli-utils@v0.37.2 >/dev/null 2>&1
seen=$(go run -mod=mod . 2>/dev/null)
echo 'sigs.k8s.io/cli-utils 0.37.2:'
echo "$seen"
expected='DaemonSet, RollingUpdate, 0 of 3 Pods updated: InProgress
DaemonSet, RollingUpdate, 3 of 3 Pods updated: Current
DaemonSet, OnDelete, 0 of 3 Pods updated: InProgress
DaemonSet, OnDelete, 3 of 3 Pods updated: Current
StatefulSet, RollingUpdate, 0 of 3 Pods updated: InProgress
StatefulSet, RollingUpdate, 3 of 3 Pods updated: Current
StatefulSet, OnDelete, 0 of 3 Pods updated: Current
StatefulSet, OnDelete, 3 of 3 Pods updated: Current'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
