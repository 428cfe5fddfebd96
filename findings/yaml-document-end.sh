#!/usr/bin/env bash
# A file of YAML may end a document with `...` and then begin the next one without `---` (YAML 1.2.2, section 9.1.2); `cat` makes such a file of two manifests that
# end with `...`, as the rule document-end of yamllint wants them. k8s.io/apimachinery 0.37.2 (Go), with which kubectl and Flux read manifests, splits a file
# at `---` alone, and of each part sigs.k8s.io/yaml reads the first document: the second object is not there, and no error tells of it. With
# `---` after the `...` it reads both. yaml 2.9.1 (npm) reads both objects of both files, and PyYAML 6.0.4 (PyPI), of YAML 1.1, raises an error.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent yaml@2.9.1
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile PyYAML==6.0.4 yamllint==1.38.0

for name in first second; do
  printf 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: %s\n...\n' $name > $name.yaml
done
cat first.yaml second.yaml > joined.yaml
{ cat first.yaml; echo ---; cat second.yaml; } > marked.yaml
env/bin/yamllint --strict --config-data '{extends: default, rules: {document-start: disable, document-end: enable}}' first.yaml second.yaml
cat > main.go <<'GO'
package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"k8s.io/apimachinery/pkg/apis/meta/v1/unstructured"
	"k8s.io/apimachinery/pkg/util/yaml"
)

func main() {
	for _, path := range os.Args[1:] {
		file, err := os.Open(path)
		if err != nil {
			panic(err)
		}
		decoder := yaml.NewYAMLOrJSONDecoder(file, 4096)
		names := ""
		for {
			object := unstructured.Unstructured{}
			err := decoder.Decode(&object)
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				panic(err)
			}
			names += " " + object.GetName()
		}
		fmt.Printf("apimachinery, %s:%s\n", path, names)
	}
}
GO
cat > read.py <<'PY'
import sys, yaml

for path in sys.argv[1:]:
    with open(path) as file:
        try:
            names = " ".join([document["metadata"]["name"] for document in yaml.safe_load_all(file)])
        except yaml.YAMLError as error:
            names = type(error).__name__
    print(f"PyYAML, {path}: {names}")
PY
cat > read.mjs <<'JS'
import { readFileSync } from 'node:fs';
import { parseAllDocuments } from 'yaml';

for (const path of process.argv.slice(2)) {
  console.log(`yaml, ${path}: ${parseAllDocuments(readFileSync(path, 'utf8')).map((document) => document.toJS().metadata.name).join(' ')}`);
}
JS
go mod init finding >/dev/null 2>&1
go get k8s.io/apimachinery@v0.37.2 >/dev/null 2>&1
seen=$(
  go run -mod=mod . marked.yaml joined.yaml
  env/bin/python read.py marked.yaml joined.yaml
  node read.mjs marked.yaml joined.yaml
)
echo 'apimachinery 0.37.2, PyYAML 6.0.4, yaml 2.9.1:'
echo "$seen"
expected='apimachinery, marked.yaml: first second
apimachinery, joined.yaml: first
PyYAML, marked.yaml: first second
PyYAML, joined.yaml: ParserError
yaml, marked.yaml: first second
yaml, joined.yaml: first second'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
