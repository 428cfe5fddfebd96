#!/usr/bin/env bash
# gopkg.in/evanphx/json-patch.v4 4.13.0 (Go), with which the API server of Kubernetes 1.37 applies a JSON Patch, compares the value of a `test`
# operation as it is written, not as the string or number that it is. By RFC 6902 (section 4.6) `"\u0026"` equals `"&"`, and 3.0 equals 3.
# The API server writes `&`, `<` and `>` of an object as `\u0026`, `\u003c` and `\u003e`, so the test of a command `a && b` by a client in
# JavaScript or Python fails, and that by a client in Go does not; Python writes `é` as `\u00e9`, and its test fails, where that of JavaScript does not.
# A list of other strings is compared well, and `replace` takes every form. Version 5 compares strings (evanphx/json-patch issue 172).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > main.go <<'END'
package main

import (
	"fmt"

	jsonpatch "gopkg.in/evanphx/json-patch.v4"
	appsv1 "k8s.io/api/apps/v1"
	corev1 "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/runtime"
	"k8s.io/apimachinery/pkg/runtime/serializer/json"
)

func main() {
	three := int32(3)
	deployment := &appsv1.Deployment{Spec: appsv1.DeploymentSpec{Replicas: &three, Template: corev1.PodTemplateSpec{Spec: corev1.PodSpec{
		Containers: []corev1.Container{{Name: "a", Args: []string{"a; b"}}, {Name: "b", Args: []string{"a && b"}}, {Name: "c", Args: []string{"café"}}},
	}}}}
	// As the API server does: the object as JSON, and the patch on it.
	object, err := runtime.Encode(json.NewSerializerWithOptions(json.DefaultMetaFactory, nil, nil, json.SerializerOptions{}), deployment)
	if err != nil {
		panic(err)
	}
	containers := "/spec/template/spec/containers/"
	for _, operation := range []string{
		`{"op":"test","path":"` + containers + `0/args","value":["a; b"]}`,
		`{"op":"test","path":"` + containers + `1/args","value":["a \u0026\u0026 b"]}`,
		`{"op":"test","path":"` + containers + `1/args","value":["a && b"]}`,
		`{"op":"replace","path":"` + containers + `1/args","value":["a && b"]}`,
		`{"op":"test","path":"` + containers + `2/args","value":["café"]}`,
		`{"op":"test","path":"` + containers + `2/args","value":["caf\u00e9"]}`,
		`{"op":"test","path":"/spec/replicas","value":3}`,
		`{"op":"test","path":"/spec/replicas","value":3.0}`,
	} {
		patch, err := jsonpatch.DecodePatch([]byte("[" + operation + "]"))
		if err != nil {
			panic(err)
		}
		answer := "passes"
		if _, err := patch.Apply(object); err != nil {
			answer = "fails"
		}
		fmt.Printf("%s %s\n", answer, operation)
	}
}
END
go mod init finding >/dev/null 2>&1
go get gopkg.in/evanphx/json-patch.v4@v4.13.0 k8s.io/api@v0.37.2 k8s.io/apimachinery@v0.37.2 >/dev/null 2>&1
seen=$(go run -mod=mod .)
echo 'json-patch 4.13.0, on a Deployment written by k8s.io/apimachinery 0.37.2:'
echo "$seen"
expected='passes {"op":"test","path":"/spec/template/spec/containers/0/args","value":["a; b"]}
passes {"op":"test","path":"/spec/template/spec/containers/1/args","value":["a \u0026\u0026 b"]}
fails {"op":"test","path":"/spec/template/spec/containers/1/args","value":["a && b"]}
passes {"op":"replace","path":"/spec/template/spec/containers/1/args","value":["a && b"]}
passes {"op":"test","path":"/spec/template/spec/containers/2/args","value":["café"]}
fails {"op":"test","path":"/spec/template/spec/containers/2/args","value":["caf\u00e9"]}
passes {"op":"test","path":"/spec/replicas","value":3}
fails {"op":"test","path":"/spec/replicas","value":3.0}'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
