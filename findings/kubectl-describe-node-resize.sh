#!/usr/bin/env bash
# `kubectl describe node` (k8s.io/kubectl 0.37.2, Go) gives two answers while a container is resized in place. The row of the Pod says what the scheduler
# counts: the larger of the wanted and the allocated requests, or the allocated ones alone where the node cannot hold the wanted ones (reason
# Infeasible of the condition PodResizePending). `Allocated resources` below it adds up the wanted requests of the spec. A node that is
# full shows room while Pods get smaller, and one with room shows 250 % when somebody asks for more than it has. Expected is the sum of the rows
# (issue 142210 of Kubernetes; pull request 142215 mends it in a later version).
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > main.go <<'END'
package main

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"

	"k8s.io/apimachinery/pkg/runtime/schema"
	"k8s.io/client-go/rest"
	"k8s.io/kubectl/pkg/describe"
)

type object = map[string]any
type list = []any

func main() {
	requests := func(cpu string) object { return object{"requests": object{"cpu": cpu}} }
	pod := func(wanted, allocated string, conditions ...any) object {
		return object{
			"apiVersion": "v1", "kind": "Pod", "metadata": object{"name": "web", "namespace": "default"},
			"spec": object{"nodeName": "a", "containers": list{object{"name": "app", "image": "app", "resources": requests(wanted)}}},
			"status": object{"phase": "Running", "conditions": conditions, "containerStatuses": list{object{
				"name": "app", "resources": requests(allocated), "allocatedResources": object{"cpu": allocated},
			}}},
		}
	}
	for _, at := range []struct {
		what string
		pod  object
	}{
		{"no resize, 3 CPU", pod("3", "3")},
		{"from 1 to 3 CPU", pod("3", "1", object{"type": "PodResizeInProgress", "status": "True"})},
		{"from 3 to 1 CPU", pod("1", "3", object{"type": "PodResizeInProgress", "status": "True"})},
		{"from 1 to 10 CPU, infeasible", pod("10", "1", object{"type": "PodResizePending", "status": "True", "reason": "Infeasible"})},
	} {
		// What an API server answers for a node with 4 CPU.
		server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
			answer.Header().Set("Content-Type", "application/json")
			kind, items := "PodList", list{at.pod}
			switch {
			case strings.HasSuffix(request.URL.Path, "/nodes/a"):
				json.NewEncoder(answer).Encode(object{"apiVersion": "v1", "kind": "Node", "metadata": object{"name": "a"}, "status": object{"allocatable": object{"cpu": "4", "memory": "8Gi"}}})
				return
			case strings.HasSuffix(request.URL.Path, "/events"):
				kind, items = "EventList", list{}
			case !strings.HasSuffix(request.URL.Path, "/pods"):
				answer.WriteHeader(http.StatusNotFound)
				json.NewEncoder(answer).Encode(object{"apiVersion": "v1", "kind": "Status", "status": "Failure", "reason": "NotFound", "code": 404})
				return
			}
			json.NewEncoder(answer).Encode(object{"apiVersion": "v1", "kind": kind, "metadata": object{}, "items": items})
		}))
		describer, ok := describe.DescriberFor(schema.GroupKind{Kind: "Node"}, &rest.Config{Host: server.URL, ContentConfig: rest.ContentConfig{ContentType: "application/json"}})
		if !ok {
			panic("no describer")
		}
		text, err := describer.Describe("", "a", describe.DescriberSettings{ShowEvents: true})
		if err != nil {
			panic(err)
		}
		row, sum := "", ""
		for _, line := range strings.Split(text, "\n") {
			words := strings.Fields(line)
			if len(words) > 3 && words[1] == "web" {
				row = words[2] + " " + words[3]
			}
			if len(words) > 2 && words[0] == "cpu" && strings.HasPrefix(words[2], "(") {
				sum = words[1] + " " + words[2]
			}
		}
		fmt.Printf("%s: row of the Pod %s, Allocated resources %s\n", at.what, row, sum)
		server.Close()
	}
}
END
go mod init finding >/dev/null 2>&1
go get k8s.io/kubectl@v0.37.2 >/dev/null 2>&1
seen=$(go run -mod=mod . 2>/dev/null)
echo 'k8s.io/kubectl 0.37.2, a node with 4 CPU and one Pod:'
echo "$seen"
expected='no resize, 3 CPU: row of the Pod 3 (75%), Allocated resources 3 (75%)
from 1 to 3 CPU: row of the Pod 3 (75%), Allocated resources 3 (75%)
from 3 to 1 CPU: row of the Pod 3 (75%), Allocated resources 1 (25%)
from 1 to 10 CPU, infeasible: row of the Pod 1 (25%), Allocated resources 10 (250%)'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
