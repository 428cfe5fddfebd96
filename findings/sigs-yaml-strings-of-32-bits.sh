#!/usr/bin/env bash
# sigs.k8s.io/yaml 1.6.0 (Go) turns a number into a string where the Go type has a string (convertToJSONableObject), but a number with a
# point or an exponent it writes with the digits of 32 bits: an unquoted label `version: 20261128.5` becomes `2.0261128e+07`, an annotation
# `cost: 1234567.89` becomes `1.2345679e+06`, and a commit `123e45` becomes `+Inf`. No error tells of it. It hits programs that read a manifest,
# or the appVersion of a Helm chart, into Go types with yaml.Unmarshal; YAMLToJSON keeps the 64 bits of the same number. A whole number and
# a short fraction come through as written.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > main.go <<'END'
package main

import (
	"fmt"

	metav1 "k8s.io/apimachinery/pkg/apis/meta/v1"
	"sigs.k8s.io/yaml"
)

func main() {
	for _, number := range []string{"20261128", "1.25", "20261128.5", "1234567.89", "3.14159265", "123e45"} {
		var object metav1.ObjectMeta
		if err := yaml.Unmarshal([]byte("labels: {a: "+number+"}"), &object); err != nil {
			panic(err)
		}
		json, _ := yaml.YAMLToJSON([]byte("a: " + number))
		fmt.Printf("%s: in a label %q, as JSON %s\n", number, object.Labels["a"], json)
	}
}
END
go mod init finding >/dev/null 2>&1
go get sigs.k8s.io/yaml@v1.6.0 k8s.io/apimachinery@v0.37.2 >/dev/null 2>&1
seen=$(go run -mod=mod .)
echo 'sigs.k8s.io/yaml 1.6.0:'
echo "$seen"
expected='20261128: in a label "20261128", as JSON {"a":20261128}
1.25: in a label "1.25", as JSON {"a":1.25}
20261128.5: in a label "2.0261128e+07", as JSON {"a":20261128.5}
1234567.89: in a label "1.2345679e+06", as JSON {"a":1234567.89}
3.14159265: in a label "3.1415927", as JSON {"a":3.14159265}
123e45: in a label "+Inf", as JSON {"a":1.23e+47}'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
