#!/usr/bin/env bash
# PodToleratesTaints of the descheduler (sigs.k8s.io/descheduler 0.36.0, Go) counts before it compares: a Pod with fewer tolerations than a node has
# taints does not tolerate them, it says. One toleration can tolerate many taints: `operator: Exists` without a key tolerates all, and a key without
# an effect each effect of that key. LowNodeUtilization and HighNodeUtilization ask it, so they leave such Pods on a full node, although the
# scheduler would place them on the others. Kubernetes asks each taint (ToleratesTaint of k8s.io/api). Pull request 1898 of the descheduler mends it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > main.go <<'END'
package main

import (
	"context"
	"fmt"

	corev1 "k8s.io/api/core/v1"
	"k8s.io/klog/v2"
	"sigs.k8s.io/descheduler/pkg/utils"
)

func tolerated(tolerations []corev1.Toleration, taints []corev1.Taint) bool {
	for _, taint := range taints {
		found := false
		for _, toleration := range tolerations {
			found = found || toleration.ToleratesTaint(klog.Background(), &taint, false)
		}
		if !found {
			return false
		}
	}
	return true
}

func main() {
	gpu := corev1.Taint{Key: "gpu", Value: "a", Effect: corev1.TaintEffectNoSchedule}
	gpuRunning := corev1.Taint{Key: "gpu", Value: "a", Effect: corev1.TaintEffectNoExecute}
	team := corev1.Taint{Key: "team", Value: "b", Effect: corev1.TaintEffectNoSchedule}
	all := corev1.Toleration{Operator: corev1.TolerationOpExists}
	ofGpu := corev1.Toleration{Key: "gpu", Operator: corev1.TolerationOpExists}
	ofTeam := corev1.Toleration{Key: "team", Operator: corev1.TolerationOpExists}
	for _, at := range []struct {
		what        string
		tolerations []corev1.Toleration
		taints      []corev1.Taint
	}{
		{"tolerates all, one taint", []corev1.Toleration{all}, []corev1.Taint{gpu}},
		{"tolerates all, two taints", []corev1.Toleration{all}, []corev1.Taint{gpu, team}},
		{"tolerates gpu, two effects of it", []corev1.Toleration{ofGpu}, []corev1.Taint{gpu, gpuRunning}},
		{"tolerates gpu and team, both", []corev1.Toleration{ofGpu, ofTeam}, []corev1.Taint{gpu, team}},
		{"tolerates gpu, another taint", []corev1.Toleration{ofGpu}, []corev1.Taint{team}},
	} {
		pod := &corev1.Pod{Spec: corev1.PodSpec{Tolerations: at.tolerations}}
		descheduler := utils.PodToleratesTaints(context.Background(), pod, map[string][]corev1.Taint{"a": at.taints})
		fmt.Printf("%s: Kubernetes %t, descheduler %t\n", at.what, tolerated(at.tolerations, at.taints), descheduler)
	}
}
END
go mod init finding >/dev/null 2>&1
# Its go.mod replaces this module too; what it asks for besides is no version of it.
go mod edit -replace k8s.io/kube-openapi=k8s.io/kube-openapi@v0.0.0-20260512234627-ef417d054102
go get sigs.k8s.io/descheduler@v0.36.0 >/dev/null 2>&1
seen=$(go run -mod=mod . 2>/dev/null)
echo 'sigs.k8s.io/descheduler 0.36.0:'
echo "$seen"
expected='tolerates all, one taint: Kubernetes true, descheduler true
tolerates all, two taints: Kubernetes true, descheduler false
tolerates gpu, two effects of it: Kubernetes true, descheduler false
tolerates gpu and team, both: Kubernetes true, descheduler true
tolerates gpu, another taint: Kubernetes false, descheduler false'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
