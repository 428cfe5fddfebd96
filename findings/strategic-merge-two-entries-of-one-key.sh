#!/usr/bin/env bash
# A strategic merge patch of Kubernetes (k8s.io/apimachinery 0.37.2, Go), as `kubectl edit` and `kubectl apply` make it, knows the ports of a Service by
# `port` alone and the topologySpreadConstraints of a Pod by `topologyKey` alone (patchMergeKey in k8s.io/api). The API allows two entries of one such key:
# port 53 with UDP and with TCP, a hard and a soft constraint of one zone. Of these, an entry that is added is lost, and a new targetPort for TCP
# goes to UDP. No error tells of it. Issues 39188 and 105610 of Kubernetes describe the ports. Two entries with two keys are patched as written.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > main.go <<'END'
package main

import (
	"encoding/json"
	"fmt"

	core "k8s.io/api/core/v1"
	"k8s.io/apimachinery/pkg/util/intstr"
	"k8s.io/apimachinery/pkg/util/strategicpatch"
)

func bytesOf(object any) []byte {
	text, err := json.Marshal(object)
	if err != nil {
		panic(err)
	}
	return text
}

func patched(from, to, kind any) []byte {
	patch, err := strategicpatch.CreateTwoWayMergePatch(bytesOf(from), bytesOf(to), kind)
	if err != nil {
		panic(err)
	}
	result, err := strategicpatch.StrategicMergePatch(bytesOf(from), patch, kind)
	if err != nil {
		panic(err)
	}
	return result
}

type ports []core.ServicePort

func port(number int32, protocol core.Protocol, target int32) core.ServicePort {
	return core.ServicePort{Name: fmt.Sprintf("%s-%d", protocol, number), Port: number, Protocol: protocol, TargetPort: intstr.FromInt32(target)}
}

func services(title string, from, to ports) {
	of := func(list ports) core.Service { return core.Service{Spec: core.ServiceSpec{Ports: list}} }
	var result core.Service
	if err := json.Unmarshal(patched(of(from), of(to), core.Service{}), &result); err != nil {
		panic(err)
	}
	fmt.Printf("%s:", title)
	for _, port := range result.Spec.Ports {
		fmt.Printf(" %d/%s to %s", port.Port, port.Protocol, port.TargetPort.String())
	}
	fmt.Println()
}

type constraints []core.TopologySpreadConstraint

func spread(key string, action core.UnsatisfiableConstraintAction) core.TopologySpreadConstraint {
	return core.TopologySpreadConstraint{MaxSkew: 1, TopologyKey: key, WhenUnsatisfiable: action}
}

func pods(title string, from, to constraints) {
	of := func(list constraints) core.Pod { return core.Pod{Spec: core.PodSpec{TopologySpreadConstraints: list}} }
	var result core.Pod
	if err := json.Unmarshal(patched(of(from), of(to), core.Pod{}), &result); err != nil {
		panic(err)
	}
	fmt.Printf("%s:", title)
	for _, constraint := range result.Spec.TopologySpreadConstraints {
		fmt.Printf(" %s %s", constraint.TopologyKey, constraint.WhenUnsatisfiable)
	}
	fmt.Println()
}

func main() {
	udp, tcp := port(53, core.ProtocolUDP, 5353), port(53, core.ProtocolTCP, 5353)
	services("8053/TCP is added to 53/UDP", ports{udp}, ports{udp, port(8053, core.ProtocolTCP, 5353)})
	services("53/TCP is added to 53/UDP", ports{udp}, ports{udp, tcp})
	services("53/TCP gets targetPort 6363", ports{udp, tcp}, ports{udp, port(53, core.ProtocolTCP, 6363)})
	hard := spread("zone", core.DoNotSchedule)
	pods("soft spread of hosts is added to a hard one of zones", constraints{hard}, constraints{hard, spread("host", core.ScheduleAnyway)})
	pods("soft spread of zones is added to a hard one of zones", constraints{hard}, constraints{hard, spread("zone", core.ScheduleAnyway)})
}
END
go mod init finding >/dev/null 2>&1
go get k8s.io/api@v0.37.2 k8s.io/apimachinery@v0.37.2 >/dev/null 2>&1
seen=$(go run -mod=mod .)
echo 'k8s.io/apimachinery 0.37.2, an object after the patch that CreateTwoWayMergePatch made for a change:'
echo "$seen"
expected='8053/TCP is added to 53/UDP: 53/UDP to 5353 8053/TCP to 5353
53/TCP is added to 53/UDP: 53/UDP to 5353
53/TCP gets targetPort 6363: 53/UDP to 6363 53/TCP to 5353
soft spread of hosts is added to a hard one of zones: zone DoNotSchedule host ScheduleAnyway
soft spread of zones is added to a hard one of zones: zone DoNotSchedule'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
