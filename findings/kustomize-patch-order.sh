#!/usr/bin/env bash
# kustomize (sigs.k8s.io/kustomize/api 0.21.1, Go) moves the items that a strategic merge patch names to the front of their list, even if the
# patch changes nothing but an image. With init containers the order is the order in which they run: here `migrate` comes to run before the
# sidecar `proxy` that it needs. Kubernetes (k8s.io/apimachinery 0.36.0, as `kubectl patch` uses it) leaves the items in their places with the
# same patch. Issues 3912 and 5904 of kustomize describe it. A patch that names all items in their order keeps it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > main.go <<'END'
package main

import (
	"encoding/json"
	"fmt"
	"strings"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
	"sigs.k8s.io/kustomize/api/krusty"
	"sigs.k8s.io/kustomize/kyaml/filesys"
)

const head = `{"apiVersion":"v1","kind":"Pod","metadata":{"name":"web"},"spec":{`
const pod = head + `"containers":[{"name":"app","image":"app"}],"initContainers":[{"name":"proxy","image":"proxy","restartPolicy":"Always"},{"name":"migrate","image":"migrate:1"}]}}`

func must[T any](value T, err error) T {
	if err != nil {
		panic(err)
	}
	return value
}

func order(text []byte) string {
	var read corev1.Pod
	if err := json.Unmarshal(text, &read); err != nil {
		panic(err)
	}
	names := []string{}
	for _, container := range read.Spec.InitContainers {
		names = append(names, container.Name+" of "+container.Image)
	}
	return strings.Join(names, ", ")
}

func main() {
	for _, patch := range []string{
		head + `"initContainers":[{"name":"proxy"},{"name":"migrate","image":"migrate:2"}]}}`,
		head + `"initContainers":[{"name":"migrate","image":"migrate:2"}]}}`,
	} {
		files := filesys.MakeFsInMemory()
		files.WriteFile("kustomization.yaml", []byte("resources: [pod.yaml]\npatches: [{path: patch.yaml}]\n"))
		files.WriteFile("pod.yaml", []byte(pod))
		files.WriteFile("patch.yaml", []byte(patch))
		made := must(krusty.MakeKustomizer(krusty.MakeDefaultOptions()).Run(files, "."))
		fmt.Println("patch:", order([]byte(patch)))
		fmt.Println("  Kubernetes:", order(must(strategicpatch.StrategicMergePatch([]byte(pod), []byte(patch), corev1.Pod{}))))
		fmt.Println("  kustomize:", order(must(made.Resources()[0].MarshalJSON())))
	}
}
END
go mod init finding >/dev/null 2>&1
go get sigs.k8s.io/kustomize/api@v0.21.1 sigs.k8s.io/kustomize/kyaml@v0.21.1 k8s.io/api@v0.36.0 k8s.io/apimachinery@v0.36.0 >/dev/null 2>&1
seen=$(go run -mod=mod . 2>/dev/null)
echo 'init containers proxy, migrate of a Pod; kustomize/api 0.21.1, k8s.io/apimachinery 0.36.0:'
echo "$seen"
expected='patch: proxy of , migrate of migrate:2
  Kubernetes: proxy of proxy, migrate of migrate:2
  kustomize: proxy of proxy, migrate of migrate:2
patch: migrate of migrate:2
  Kubernetes: proxy of proxy, migrate of migrate:2
  kustomize: migrate of migrate:2, proxy of proxy'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
