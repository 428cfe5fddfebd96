#!/usr/bin/env bash
# kube-score 1.20.0 (Go) ends a document of YAML only at a line that is `---` and nothing else. After `---` YAML allows spaces and a comment (YAML 1.2.2,
# section 9.1.1), and kubectl reads both (k8s.io/apimachinery 0.37.2, YAMLReader). kube-score takes such a line and what follows as a part of the document before,
# reads the first object of that part, and leaves the others out. It gives no error, so a Pod that would be CRITICAL is not in the report, and the exit code is 0.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
GOBIN="$folder" go install github.com/zegl/kube-score/cmd/kube-score@v1.20.0 >/dev/null 2>&1

pod () { # name, tag of the image
  printf 'apiVersion: v1\nkind: Pod\nmetadata: {name: %s}\nspec: {containers: [{name: app, image: "app:%s"}]}\n' "$@"
}
separators=('---' '--- ' '--- # the second Pod')
for number in 0 1 2; do { pod first 1; echo "${separators[$number]}"; pod second latest; } >"$number.yaml"; done

cat > main.go <<'GO'
package main

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/util/yaml"
)

func main() {
	reader := yaml.NewYAMLReader(bufio.NewReader(os.Stdin))
	for {
		document, err := reader.Read()
		if errors.Is(err, io.EOF) {
			return
		}
		var object struct{ Metadata struct{ Name string } }
		if err == nil {
			err = yaml.Unmarshal(document, &object)
		}
		if err != nil {
			panic(err)
		}
		fmt.Println(object.Metadata.Name)
	}
}
GO
go mod init finding >/dev/null 2>&1
go get k8s.io/apimachinery@v0.37.2 >/dev/null 2>&1
go build -mod=mod -o names . 2>/dev/null

seen=$(
  for number in 0 1 2; do
    code=0
    score=$(./kube-score score --output-format ci --ignore-test \
      container-resources,pod-networkpolicy,container-security-context-user-group-id,container-security-context-privileged,container-security-context-readonlyrootfilesystem,container-image-pull-policy,container-ephemeral-storage-request-and-limit,container-ports-check,pod-probes,pod-probes-identical \
      "$number.yaml") || code=$?
    echo "'${separators[$number]}': kubectl reads $(./names <"$number.yaml" | paste --serial --delimiters=,); kube-score judges $(sed -nE 's/^\[[A-Z]+\] ([a-z]+) .*/\1/p' <<<"$score" | sort --unique | paste --serial --delimiters=,), exit code $code"
  done
)
echo 'kube-score 1.20.0, two Pods with a line between them, the second with the tag latest:'
echo "$seen"
expected="'---': kubectl reads first,second; kube-score judges first,second, exit code 1
'--- ': kubectl reads first,second; kube-score judges first, exit code 0
'--- # the second Pod': kubectl reads first,second; kube-score judges first, exit code 0"
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
