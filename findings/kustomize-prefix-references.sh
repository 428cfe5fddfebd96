#!/usr/bin/env bash
# `namePrefix` of kustomize (sigs.k8s.io/kustomize/api 0.21.1, Go) renames a RuntimeClass, a ResourceClaimTemplate, a ResourceClaim and a DeviceClass,
# but not the fields of a Pod and of a claim that name them, although its documentation says that references are changed too. The Pod then names
# a RuntimeClass that is not there, and the API server refuses it; or a claim that is not there, and it stays Pending. The StorageClass of a
# generic ephemeral volume is forgotten as well, while that of a PersistentVolumeClaim is not. PriorityClass, ConfigMap and ServiceAccount are right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > all.yaml <<'END'
apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  priorityClassName: high
  runtimeClassName: sandboxed
  serviceAccountName: web
  resourceClaims: [{ name: one, resourceClaimTemplateName: accelerator }, { name: two, resourceClaimName: shared }]
  containers: [{ name: app, image: app, envFrom: [{ configMapRef: { name: settings } }] }]
  volumes: [{ name: scratch, ephemeral: { volumeClaimTemplate: { spec: { storageClassName: fast } } } }]
---
{ apiVersion: scheduling.k8s.io/v1, kind: PriorityClass, metadata: { name: high }, value: 1 }
---
{ apiVersion: node.k8s.io/v1, kind: RuntimeClass, metadata: { name: sandboxed }, handler: runsc }
---
{ apiVersion: v1, kind: ServiceAccount, metadata: { name: web } }
---
{ apiVersion: v1, kind: ConfigMap, metadata: { name: settings } }
---
{ apiVersion: v1, kind: PersistentVolumeClaim, metadata: { name: data }, spec: { storageClassName: fast } }
---
{ apiVersion: storage.k8s.io/v1, kind: StorageClass, metadata: { name: fast }, provisioner: example.com/disk }
---
apiVersion: resource.k8s.io/v1
kind: ResourceClaimTemplate
metadata: { name: accelerator }
spec: { spec: { devices: { requests: [{ name: one, exactly: { deviceClassName: gpu } }] } } }
---
apiVersion: resource.k8s.io/v1
kind: ResourceClaim
metadata: { name: shared }
spec: { devices: { requests: [{ name: one, exactly: { deviceClassName: gpu } }] } }
---
{ apiVersion: resource.k8s.io/v1, kind: DeviceClass, metadata: { name: gpu } }
END
cat > main.go <<'END'
package main

import (
	"fmt"
	"os"
	"regexp"
	"sort"
	"strings"

	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

func main() {
	files := filesys.MakeFsInMemory()
	all, _ := os.ReadFile("all.yaml")
	files.WriteFile("all.yaml", all)
	files.WriteFile("kustomization.yaml", []byte("resources: [all.yaml]\nnamePrefix: test-\n"))
	made, err := krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, ".")
	if err != nil {
		panic(err)
	}
	for _, object := range made.Resources() {
		fmt.Printf("%s %s\n", object.GetKind(), object.GetName())
		text, _ := object.AsYAML()
		fields := regexp.MustCompile(`\w+(ClassName|AccountName|ClaimName|ClaimTemplateName): .*|configMapRef:\s+name: .*`).FindAllString(string(text), -1)
		sort.Strings(fields)
		for _, field := range fields {
			name, _, _ := strings.Cut(field, ":")
			fmt.Printf("  %s: %s\n", name, field[strings.LastIndex(field, " ")+1:])
		}
	}
}
END
go mod init finding >/dev/null 2>&1
go get sigs.k8s.io/kustomize/api@v0.21.1 sigs.k8s.io/kustomize/kyaml@v0.21.1 >/dev/null 2>&1
seen=$(go run -mod=mod . 2>/dev/null)
echo 'kustomize/api 0.21.1, namePrefix test-:'
echo "$seen"
expected='Pod test-web
  configMapRef: test-settings
  priorityClassName: test-high
  resourceClaimName: shared
  resourceClaimTemplateName: accelerator
  runtimeClassName: sandboxed
  serviceAccountName: test-web
  storageClassName: fast
PriorityClass test-high
RuntimeClass test-sandboxed
ServiceAccount test-web
ConfigMap test-settings
PersistentVolumeClaim test-data
  storageClassName: test-fast
StorageClass test-fast
ResourceClaimTemplate test-accelerator
  deviceClassName: gpu
ResourceClaim test-shared
  deviceClassName: gpu
DeviceClass test-gpu'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
