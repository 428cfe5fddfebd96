#!/usr/bin/env bash
# A memory limit of `0.1Gi` is stored by the API server as `107374182400m`, in thousandths of a byte: a Quantity has no fraction with a binary suffix when it
# is written (apimachinery 0.37.2, Go). `units.parse_bytes` of Open Policy Agent 1.22.4 (github.com/open-policy-agent/opa, Go), which policies use
# for memory, reads this m as mega: 10^9 times too much, and no error. On the manifest it is right, and on the stored Pod, in an audit or an update, it
# is not. `units.parse` reads m as milli, and is right for both, but a fraction with u or n, as the metrics API writes cores, is undefined in it.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > main.go <<'END'
package main

import (
	"context"
	"encoding/json"
	"fmt"

	"github.com/open-policy-agent/opa/v1/rego"
	"k8s.io/apimachinery/pkg/api/resource"
)

func parsed(function, text string) string {
	results, err := rego.New(rego.Query(fmt.Sprintf("x := round(%s(%q) * 1000) / 1000", function, text))).Eval(context.Background())
	if err != nil {
		panic(err)
	}
	if len(results) == 0 {
		return "undefined"
	}
	return results[0].Bindings["x"].(json.Number).String()
}

func main() {
	for _, text := range []string{"1Gi", "1.5Gi", "0.1Gi", "0.7Mi"} {
		stored := resource.MustParse(text)
		for _, written := range []string{text, stored.String()} {
			fmt.Printf("memory %s, %s: %d, parse_bytes %s, parse %s\n", text, written, stored.Value(), parsed("units.parse_bytes", written), parsed("units.parse", written))
		}
	}
	for _, text := range []string{"0.25", "96843750n", "1500u"} {
		quantity := resource.MustParse(text)
		fmt.Printf("cpu %s: %.6f, parse %s\n", text, quantity.AsApproximateFloat64(), parsed("units.parse", text))
	}
}
END
go mod init finding >/dev/null 2>&1
go get github.com/open-policy-agent/opa@v1.22.4 k8s.io/apimachinery@v0.37.2 >/dev/null 2>&1
seen=$(go run -mod=mod .)
echo 'opa 1.22.4, apimachinery 0.37.2; as in a manifest and as it is stored:'
echo "$seen"
expected='memory 1Gi, 1Gi: 1073741824, parse_bytes 1073741824, parse 1073741824
memory 1Gi, 1Gi: 1073741824, parse_bytes 1073741824, parse 1073741824
memory 1.5Gi, 1.5Gi: 1610612736, parse_bytes 1610612736, parse 1610612736
memory 1.5Gi, 1536Mi: 1610612736, parse_bytes 1610612736, parse 1610612736
memory 0.1Gi, 0.1Gi: 107374183, parse_bytes 107374182, parse 1.073741824e+08
memory 0.1Gi, 107374182400m: 107374183, parse_bytes 107374182400000000, parse 1.073741824e+08
memory 0.7Mi, 0.7Mi: 734004, parse_bytes 734003, parse 734003.2
memory 0.7Mi, 734003200m: 734004, parse_bytes 734003200000000, parse 734003.2
cpu 0.25: 0.250000, parse 0.25
cpu 96843750n: 0.096844, parse undefined
cpu 1500u: 0.001500, parse undefined'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
