#!/usr/bin/env bash
# std.manifestYamlDoc of go-jsonnet 0.22.0 (github.com/google/go-jsonnet) writes a text that ends with a line break as a block scalar, and always with a bare `|`: without an
# indentation indicator and without `+`. So a ConfigMap holds another text than the Jsonnet program gave: one whose lines are all indented loses the indentation, and
# empty lines at the end are lost. One whose first line alone is indented, or begins with a tab, gives a manifest that nobody can read. A text without a
# line break at its end is quoted and right, and so is std.manifestJson.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
cat > main.go <<'GO'
package main

import (
	"encoding/json"
	"fmt"

	"github.com/google/go-jsonnet"
	"sigs.k8s.io/yaml"
)

// read gives the text that Kubernetes reads from a manifest.
func read(manifest string) string {
	object := struct{ Data struct{ Text string } }{}
	if err := yaml.Unmarshal([]byte(manifest), &object); err != nil {
		return "cannot be read"
	}
	return fmt.Sprintf("%q", object.Data.Text)
}

func main() {
	for _, text := range []string{"a\n  b\n", "  a\n  b", "  a\n  b\n", "  a\nb\n", "a\n\n\n", "\ta\n"} {
		quoted, err := json.Marshal(text)
		if err != nil {
			panic(err)
		}
		config := fmt.Sprintf("{apiVersion: 'v1', data: {text: %s}, kind: 'ConfigMap'}", quoted)
		answers := []string{}
		for _, function := range []string{"manifestJson", "manifestYamlDoc"} {
			manifest, err := jsonnet.MakeVM().EvaluateAnonymousSnippet("config.jsonnet", "std."+function+"("+config+")")
			if err != nil {
				panic(err)
			}
			var written string
			if err := json.Unmarshal([]byte(manifest), &written); err != nil {
				panic(err)
			}
			answers = append(answers, read(written))
		}
		fmt.Printf("%q: JSON %s, YAML %s\n", text, answers[0], answers[1])
	}
}
GO
go mod init finding >/dev/null 2>&1
go get github.com/google/go-jsonnet@v0.22.0 sigs.k8s.io/yaml@v1.6.0 >/dev/null 2>&1
seen=$(go run -mod=mod .)
echo 'go-jsonnet 0.22.0, the text that Kubernetes reads from a manifest:'
echo "$seen"
expected='"a\n  b\n": JSON "a\n  b\n", YAML "a\n  b\n"
"  a\n  b": JSON "  a\n  b", YAML "  a\n  b"
"  a\n  b\n": JSON "  a\n  b\n", YAML "a\nb\n"
"  a\nb\n": JSON "  a\nb\n", YAML cannot be read
"a\n\n\n": JSON "a\n\n\n", YAML "a\n"
"\ta\n": JSON "\ta\n", YAML cannot be read'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
