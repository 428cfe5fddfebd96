#!/usr/bin/env bash
# `kubectl describe` (k8s.io/kubectl 0.37.2, Go) leaves out fields that decide how a Pod ends, and nothing in its text says so. A PodDisruptionBudget that
# lets Pods that are not ready be evicted (`unhealthyPodEvictionPolicy`) has the same description as one that does not. So have Pods with and without
# a grace period of 300 s, a preStop hook or a `stopSignal`, and Jobs with and without a podFailurePolicy. Who looks for the reason why a
# drain waits does not find it there. Control: fields that it prints make a difference. `kubectl get --output=yaml` has all of them.
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

// describes gives what kubectl prints for an object that an API server answers with.
func describes(group, version, kind string, spec object) string {
	apiVersion := strings.TrimPrefix(group+"/"+version, "/")
	server := httptest.NewServer(http.HandlerFunc(func(answer http.ResponseWriter, request *http.Request) {
		answer.Header().Set("Content-Type", "application/json")
		body := object{"apiVersion": apiVersion, "kind": kind, "metadata": object{"name": "web", "namespace": "default"}, "spec": spec, "status": object{}}
		if strings.HasSuffix(request.URL.Path, "/events") {
			body = object{"apiVersion": "v1", "kind": "EventList", "metadata": object{}, "items": list{}}
		}
		json.NewEncoder(answer).Encode(body)
	}))
	defer server.Close()
	configuration := &rest.Config{Host: server.URL, ContentConfig: rest.ContentConfig{ContentType: "application/json"}}
	describer, ok := describe.DescriberFor(schema.GroupKind{Group: group, Kind: kind}, configuration)
	if !ok {
		panic("no describer")
	}
	text, err := describer.Describe("default", "web", describe.DescriberSettings{ShowEvents: true})
	if err != nil {
		panic(err)
	}
	return text
}

func with(spec object, field string, value any) object {
	changed := object{field: value}
	for name, old := range spec {
		if name != field {
			changed[name] = old
		}
	}
	return changed
}

func main() {
	container := object{"name": "app", "image": "app"}
	pod := object{"containers": list{container}, "restartPolicy": "Never"}
	template := object{"spec": pod}
	job := object{"template": template, "completions": 1, "parallelism": 1}
	budget := object{"maxUnavailable": 1, "selector": object{"matchLabels": object{"app": "web"}}}
	rules := list{object{"action": "FailJob", "onExitCodes": object{"operator": "In", "values": list{42}}}}
	for _, at := range []struct {
		group, version, kind string
		spec                 object
		field                string
		value                any
	}{
		{"policy", "v1", "PodDisruptionBudget", budget, "maxUnavailable", 2},
		{"policy", "v1", "PodDisruptionBudget", budget, "unhealthyPodEvictionPolicy", "AlwaysAllow"},
		{"", "v1", "Pod", pod, "priorityClassName", "high"},
		{"", "v1", "Pod", pod, "containers", list{with(container, "command", list{"app"})}},
		{"", "v1", "Pod", pod, "terminationGracePeriodSeconds", 300},
		{"", "v1", "Pod", pod, "containers", list{with(container, "lifecycle", object{"preStop": object{"sleep": object{"seconds": 20}}})}},
		{"", "v1", "Pod", pod, "containers", list{with(container, "lifecycle", object{"stopSignal": "SIGQUIT"})}},
		{"batch", "v1", "Job", job, "activeDeadlineSeconds", 60},
		{"batch", "v1", "Job", job, "podFailurePolicy", object{"rules": rules}},
	} {
		same := describes(at.group, at.version, at.kind, at.spec) == describes(at.group, at.version, at.kind, with(at.spec, at.field, at.value))
		value, _ := json.Marshal(at.value)
		fmt.Printf("%s, %s: %s: %s\n", at.kind, at.field, value, map[bool]string{true: "the same description", false: "another description"}[same])
	}
}
END
go mod init finding >/dev/null 2>&1
go get k8s.io/kubectl@v0.37.2 >/dev/null 2>&1
seen=$(go run -mod=mod . 2>/dev/null)
echo 'k8s.io/kubectl 0.37.2, after a change of one field:'
echo "$seen"
expected='PodDisruptionBudget, maxUnavailable: 2: another description
PodDisruptionBudget, unhealthyPodEvictionPolicy: "AlwaysAllow": the same description
Pod, priorityClassName: "high": another description
Pod, containers: [{"command":["app"],"image":"app","name":"app"}]: another description
Pod, terminationGracePeriodSeconds: 300: the same description
Pod, containers: [{"image":"app","lifecycle":{"preStop":{"sleep":{"seconds":20}}},"name":"app"}]: the same description
Pod, containers: [{"image":"app","lifecycle":{"stopSignal":"SIGQUIT"},"name":"app"}]: the same description
Job, activeDeadlineSeconds: 60: another description
Job, podFailurePolicy: {"rules":[{"action":"FailJob","onExitCodes":{"operator":"In","values":[42]}}]}: the same description'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
