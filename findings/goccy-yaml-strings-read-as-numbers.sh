#!/usr/bin/env bash
# github.com/goccy/go-yaml 1.19.2 (Go) writes the strings `1e3`, `1234e56` (a short hash of a commit) and `08` (a month) without quotes, and reads them back as
# strings. YAML 1.2.2 has them for numbers (section 10.3.2, core schema: a float needs no point, an integer may begin with 0), and so has
# sigs.k8s.io/yaml 1.6.0 (Go), with which kubectl reads manifests: a label or a variable that a program writes so is a number, and the API server refuses
# it. `08` reaches a field that may be anything, as of a custom resource, as 8. Strings such as `1_000`, `0o17`, `on` and `y` get their quotes.
# go.yaml.in/yaml/v3 3.0.4 (Go) writes all of them so that they stay strings.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > main.go <<'END'
package main

import (
	"encoding/json"
	"fmt"
	"os"
	"strings"

	"github.com/goccy/go-yaml"
	v3 "go.yaml.in/yaml/v3"
	corev1 "k8s.io/api/core/v1"
	sigs "sigs.k8s.io/yaml"
)

func main() {
	for _, want := range os.Args[1:] {
		for _, writer := range []struct {
			name  string
			write func(any) ([]byte, error)
		}{{"goccy", func(value any) ([]byte, error) { return yaml.Marshal(value) }}, {"yaml/v3", v3.Marshal}} {
			text, err := writer.write(map[string]any{"kind": "ConfigMap", "data": map[string]string{"value": want}})
			if err != nil {
				panic(err)
			}
			var own struct{ Data map[string]any }
			if err := yaml.Unmarshal(text, &own); err != nil {
				panic(err)
			}
			var read struct{ Data map[string]any }
			if err := sigs.Unmarshal(text, &read); err != nil {
				panic(err)
			}
			sent, err := sigs.YAMLToJSON(text)
			if err != nil {
				panic(err)
			}
			answer := "taken"
			if err := json.Unmarshal(sent, &corev1.ConfigMap{}); err != nil {
				answer = "refused"
			}
			_, line, _ := strings.Cut(string(text), "value: ")
			fmt.Printf("%s by %s: %s, read by goccy %T, by sigs.k8s.io/yaml %T %v, %s\n", want, writer.name, strings.Fields(line)[0], own.Data["value"],
				read.Data["value"], read.Data["value"], answer)
		}
	}
}
END
go mod init finding >/dev/null 2>&1
go get github.com/goccy/go-yaml@v1.19.2 go.yaml.in/yaml/v3@v3.0.4 k8s.io/api@v0.37.2 sigs.k8s.io/yaml@v1.6.0 >/dev/null 2>&1
seen=$(go run -mod=mod . 1e3 1234e56 08 1_000 0o17 on y)
echo 'goccy/go-yaml 1.19.2, go.yaml.in/yaml/v3 3.0.4, sigs.k8s.io/yaml 1.6.0, k8s.io/api 0.37.2:'
echo "$seen"
expected='1e3 by goccy: 1e3, read by goccy string, by sigs.k8s.io/yaml float64 1000, refused
1e3 by yaml/v3: "1e3", read by goccy string, by sigs.k8s.io/yaml string 1e3, taken
1234e56 by goccy: 1234e56, read by goccy string, by sigs.k8s.io/yaml float64 1.234e+59, refused
1234e56 by yaml/v3: "1234e56", read by goccy string, by sigs.k8s.io/yaml string 1234e56, taken
08 by goccy: 08, read by goccy string, by sigs.k8s.io/yaml float64 8, refused
08 by yaml/v3: "08", read by goccy string, by sigs.k8s.io/yaml string 08, taken
1_000 by goccy: "1_000", read by goccy string, by sigs.k8s.io/yaml string 1_000, taken
1_000 by yaml/v3: "1_000", read by goccy string, by sigs.k8s.io/yaml string 1_000, taken
0o17 by goccy: "0o17", read by goccy string, by sigs.k8s.io/yaml string 0o17, taken
0o17 by yaml/v3: "0o17", read by goccy string, by sigs.k8s.io/yaml string 0o17, taken
on by goccy: "on", read by goccy string, by sigs.k8s.io/yaml string on, taken
on by yaml/v3: "on", read by goccy string, by sigs.k8s.io/yaml string on, taken
y by goccy: "y", read by goccy string, by sigs.k8s.io/yaml string y, taken
y by yaml/v3: "y", read by goccy string, by sigs.k8s.io/yaml string y, taken'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
