#!/usr/bin/env bash
# The health of a Pod in gitops-engine 0.7.3 (Go), a library made for Argo CD, looks for a cause in containerStatuses alone (pkg/health/health_pod.go).
# A container in CrashLoopBackOff, or with an image that cannot be pulled, makes the Pod Degraded. The same in a sidecar (an init container with
# `restartPolicy: Always`) or in another init container leaves it Progressing, without a cause, for as long as it lasts.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > main.go <<'END'
package main

import (
	"fmt"

	"github.com/argoproj/gitops-engine/pkg/health"
	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
)

type (
	object = map[string]any
	list   = []any
)

func container(name, waits string) object {
	state := object{"running": object{"startedAt": "2026-11-29T10:00:00Z"}}
	if waits != "" {
		state = object{"waiting": object{"reason": waits}}
	}
	return object{"name": name, "ready": waits == "", "restartCount": int64(5), "state": state}
}

func main() {
	for _, c := range []struct{ what, phase, mesh, app string }{
		{"all run", "Running", "", ""},
		{"app in CrashLoopBackOff", "Running", "", "CrashLoopBackOff"},
		{"mesh in CrashLoopBackOff", "Running", "CrashLoopBackOff", ""},
		{"mesh in CrashLoopBackOff before app has started", "Pending", "CrashLoopBackOff", "PodInitializing"},
		{"app in ImagePullBackOff", "Pending", "", "ImagePullBackOff"},
		{"mesh in ImagePullBackOff", "Pending", "ImagePullBackOff", "PodInitializing"},
	} {
		ready := "False"
		if c.mesh == "" && c.app == "" {
			ready = "True"
		}
		for _, restartPolicy := range []string{"Always", ""} {
			if restartPolicy == "" && (c.mesh == "" || c.phase == "Running") {
				continue
			}
			mesh, kind := object{"name": "mesh", "image": "mesh"}, "an init container"
			if restartPolicy != "" {
				mesh["restartPolicy"], kind = restartPolicy, "a sidecar"
			}
			status, err := health.GetResourceHealth(&unstructured.Unstructured{Object: object{
				"apiVersion": "v1", "kind": "Pod", "metadata": object{"name": "web"},
				"spec": object{"restartPolicy": "Always", "initContainers": list{mesh}, "containers": list{object{"name": "app", "image": "app"}}},
				"status": object{
					"phase": c.phase, "conditions": list{object{"type": "Ready", "status": ready}},
					"initContainerStatuses": list{container("mesh", c.mesh)}, "containerStatuses": list{container("app", c.app)},
				},
			}}, nil)
			if err != nil {
				panic(err)
			}
			fmt.Printf("mesh is %s, %s: %s\n", kind, c.what, status.Status)
		}
	}
}
END
go mod init finding >/dev/null 2>&1
# The modules that gitops-engine 0.7.3 replaces in its own go.mod, which a module that requires it does not take over.
for module in api apiextensions-apiserver apimachinery apiserver cli-runtime client-go cloud-provider cluster-bootstrap code-generator component-base \
  component-helpers controller-manager cri-api csi-translation-lib kube-aggregator kube-controller-manager kube-proxy kube-scheduler kubectl kubelet \
  legacy-cloud-providers metrics mount-utils pod-security-admission sample-apiserver; do
  go mod edit -replace "k8s.io/$module=k8s.io/$module@v0.23.1"
done
go get github.com/argoproj/gitops-engine@v0.7.3 >/dev/null 2>&1
seen=$(go run -mod=mod . 2>/dev/null)
echo 'gitops-engine 0.7.3:'
echo "$seen"
expected='mesh is a sidecar, all run: Healthy
mesh is a sidecar, app in CrashLoopBackOff: Degraded
mesh is a sidecar, mesh in CrashLoopBackOff: Progressing
mesh is a sidecar, mesh in CrashLoopBackOff before app has started: Progressing
mesh is an init container, mesh in CrashLoopBackOff before app has started: Progressing
mesh is a sidecar, app in ImagePullBackOff: Degraded
mesh is a sidecar, mesh in ImagePullBackOff: Progressing
mesh is an init container, mesh in ImagePullBackOff: Progressing'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
