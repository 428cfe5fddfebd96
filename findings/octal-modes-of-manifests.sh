#!/usr/bin/env bash
# `defaultMode: 0400` of a Secret's volume is the octal number in kubectl and Helm, and Kubernetes documents this way to write it. These read the decimal number
# 400, which is the mode 0620: loadYaml of @kubernetes/client-node 2.0.1 (npm), yamldecode of Terraform (github.com/zclconf/go-cty-yaml 1.2.0, Go) and
# `yq -o json` (github.com/mikefarah/yq/v4 4.54.3, Go). So the group of the Pod can write to the file, and ssh refuses such a key. 0444 becomes 0674. 0644
# becomes 644, which the API server refuses, as more than 511. They read by YAML 1.2, manifests are written for YAML 1.1. `0o400` is 256 for all.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent @kubernetes/client-node@2.0.1
GOBIN=$folder go install github.com/mikefarah/yq/v4@v4.54.3 >/dev/null 2>&1

cat > volume.yaml <<'END'
documented: 0400
all: 0444
config: 0644
explicit: 0o400
END
cat > main.go <<'END'
package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/zclconf/go-cty-yaml"
	ctyjson "github.com/zclconf/go-cty/cty/json"
	sigs "sigs.k8s.io/yaml"
)

func show(name string, text []byte, err error) {
	var modes map[string]int
	if err == nil {
		err = json.Unmarshal(text, &modes)
	}
	if err != nil {
		panic(err)
	}
	for _, key := range []string{"documented", "all", "config", "explicit"} {
		fmt.Printf("%s, %s: %d is mode %04o\n", name, key, modes[key], modes[key])
	}
}

func main() {
	text, err := os.ReadFile("volume.yaml")
	if err != nil {
		panic(err)
	}
	read, err := sigs.YAMLToJSON(text)
	show("kubectl", read, err)
	implied, err := yaml.Standard.ImpliedType(text)
	if err != nil {
		panic(err)
	}
	value, err := yaml.Standard.Unmarshal(text, implied)
	if err != nil {
		panic(err)
	}
	read, err = ctyjson.Marshal(value, implied)
	show("yamldecode", read, err)
	for _, name := range os.Args[1:] {
		read, err = os.ReadFile("read/" + name)
		show(name, read, err)
	}
}
END
mkdir read
./yq -o json . volume.yaml > read/yq
node -e 'console.log(JSON.stringify(require("@kubernetes/client-node").loadYaml(require("fs").readFileSync("volume.yaml", "utf8"))))' > read/client-node
go mod init finding >/dev/null 2>&1
go get github.com/zclconf/go-cty-yaml@v1.2.0 github.com/zclconf/go-cty@v1.20.0 sigs.k8s.io/yaml@v1.6.0 >/dev/null 2>&1
seen=$(go run -mod=mod . yq client-node)
echo 'sigs.k8s.io/yaml 1.6.0 (kubectl), go-cty-yaml 1.2.0, yq 4.54.3, @kubernetes/client-node 2.0.1; 0400, 0444, 0644 and 0o400:'
echo "$seen"
expected='kubectl, documented: 256 is mode 0400
kubectl, all: 292 is mode 0444
kubectl, config: 420 is mode 0644
kubectl, explicit: 256 is mode 0400
yamldecode, documented: 400 is mode 0620
yamldecode, all: 444 is mode 0674
yamldecode, config: 644 is mode 1204
yamldecode, explicit: 256 is mode 0400
yq, documented: 400 is mode 0620
yq, all: 444 is mode 0674
yq, config: 644 is mode 1204
yq, explicit: 256 is mode 0400
client-node, documented: 400 is mode 0620
client-node, all: 444 is mode 0674
client-node, config: 644 is mode 1204
client-node, explicit: 256 is mode 0400'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
