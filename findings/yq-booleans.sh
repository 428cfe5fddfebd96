#!/usr/bin/env bash
# yq 4.54.3 of Mike Farah (Go) writes the strings `on`, `off`, `yes`, `no`, `y` and `n` without quotes where it makes a value: from a string of its own, from the
# environment with strenv, and from JSON. kubectl reads them as booleans (sigs.k8s.io/yaml 1.6.0), and Kubernetes refuses a boolean as the value of a
# variable, as a label and in a ConfigMap. `true`, `null` and numbers get their quotes, and a value that had quotes keeps them. yq writes for YAML 1.2 (its
# issue 341), in which `on` is a string.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
go mod init finding >/dev/null 2>&1
cat > main.go <<'GO'
package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"sigs.k8s.io/yaml"
)

func main() {
	text, _ := io.ReadAll(os.Stdin)
	json, err := yaml.YAMLToJSON(text)
	fmt.Printf("%s: %s, read as %s %v\n", os.Args[1], strings.TrimSpace(string(text)), json, err)
}
GO
go get sigs.k8s.io/yaml@v1.6.0 >/dev/null 2>&1
go get -tool github.com/mikefarah/yq/v4@v4.54.3 >/dev/null 2>&1
nice -n 10 go build -mod=mod -o reader . && nice -n 10 go build -mod=mod -o yq github.com/mikefarah/yq/v4
seen=$(
  for text in on off yes no y n true null 08 1e3; do
    text=$text ./yq --null-input '.value = strenv(text)' | ./reader 'strenv'
  done
  ./yq --null-input '.value = "on"' | ./reader 'a string'
  echo 'value: "on"' | ./yq '.value |= sub("n"; "ff")' | ./reader 'a changed string in quotes'
  echo '{"value": "on"}' | ./yq -p json -o yaml | ./reader 'from JSON'
  echo '{"value": "on"}' | ./yq -P | ./reader '-P'
)
echo 'yq 4.54.3, sigs.k8s.io/yaml 1.6.0:'
echo "$seen"
expected='strenv: value: on, read as {"value":true} <nil>
strenv: value: off, read as {"value":false} <nil>
strenv: value: yes, read as {"value":true} <nil>
strenv: value: no, read as {"value":false} <nil>
strenv: value: y, read as {"value":true} <nil>
strenv: value: n, read as {"value":false} <nil>
strenv: value: "true", read as {"value":"true"} <nil>
strenv: value: "null", read as {"value":"null"} <nil>
strenv: value: "08", read as {"value":"08"} <nil>
strenv: value: "1e3", read as {"value":"1e3"} <nil>
a string: value: on, read as {"value":true} <nil>
a changed string in quotes: value: "off", read as {"value":"off"} <nil>
from JSON: value: on, read as {"value":true} <nil>
-P: value: "on", read as {"value":"on"} <nil>'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
