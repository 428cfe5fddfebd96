#!/usr/bin/env bash
# dyff 1.12.0 (Go) reads manifests with the booleans of YAML 1.2, and shows no difference between a variable `"on"` and one `on`: exit code 0. kubectl reads
# them with the booleans of YAML 1.1 (sigs.k8s.io/yaml 1.6.0, Go): the second is `true`, and the API server refuses it, since a value is a string. So a review
# that rests on dyff passes a change of quotes that breaks the rollout. For a number and `"8080"`, and for `"true"` and `true`, it tells of the other type.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
GOBIN="$folder" go install github.com/homeport/dyff/cmd/dyff@v1.12.0 >/dev/null 2>&1

cat > main.go <<'END'
package main

import (
	"fmt"
	"os"

	"sigs.k8s.io/yaml"
)

func main() {
	text, err := os.ReadFile(os.Args[1])
	if err != nil {
		panic(err)
	}
	var read struct{ Env []map[string]any }
	if err := yaml.Unmarshal(text, &read); err != nil {
		panic(err)
	}
	fmt.Printf("%T %v\n", read.Env[0]["value"], read.Env[0]["value"])
}
END
go mod init finding >/dev/null 2>&1
go get sigs.k8s.io/yaml@v1.6.0 >/dev/null 2>&1
go build -mod=mod -o kubernetes .
seen=$(
  for value in on no y true 8080; do
    printf 'env:\n- name: A\n  value: "%s"\n' "$value" >quoted.yaml
    printf 'env:\n- name: A\n  value: %s\n' "$value" >plain.yaml
    code=0
    ./dyff between --omit-header --set-exit-code quoted.yaml plain.yaml >/dev/null || code=$?
    echo "\"$value\" and $value: dyff $code; Kubernetes $(./kubernetes quoted.yaml), $(./kubernetes plain.yaml)"
  done
)
echo 'dyff 1.12.0 (1: they differ) and sigs.k8s.io/yaml 1.6.0:'
echo "$seen"
expected=$(cat <<'END'
"on" and on: dyff 0; Kubernetes string on, bool true
"no" and no: dyff 0; Kubernetes string no, bool false
"y" and y: dyff 0; Kubernetes string y, bool true
"true" and true: dyff 1; Kubernetes string true, bool true
"8080" and 8080: dyff 1; Kubernetes string 8080, float64 8080
END
)
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
