#!/usr/bin/env bash
# github.com/wI2L/jsondiff 0.7.1 (Go) makes a JSON patch from two documents. With its option Factorize, "copy" and "move" stand for values that the first
# document has already, and by its README the patch leads to the same second document. But a list of one string counts as the string itself, a list in a list
# as one list, and `{}` as `[]` (hash.go writes the strings and keys one after the other). A webhook that adds `command: ["nginx"]` to a container of the name
# nginx sends a copy of the name, and the API server refuses the Pod, since command is no list. Without the option each patch is right.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > main.go <<'END'
package main

import (
	"encoding/json"
	"fmt"
	"reflect"

	"github.com/wI2L/jsondiff"
	jsonpatch "gopkg.in/evanphx/json-patch.v4"
)

func main() {
	for _, pair := range [][2]string{
		{`{"name":"nginx"}`, `{"name":"nginx","command":["sh"]}`},
		{`{"name":"nginx"}`, `{"name":"nginx","command":["nginx"]}`},
		{`{"image":"web","args":["-a","-b"]}`, `{"image":"web","args":["-a","-b"],"command":["-a","-b"]}`},
		{`{"name":"nginx","securityContext":{}}`, `{"name":"nginx","securityContext":{},"args":[]}`},
	} {
		for name, options := range map[string][]jsondiff.Option{"default": nil, "Factorize": {jsondiff.Factorize()}} {
			made, err := jsondiff.CompareJSON([]byte(pair[0]), []byte(pair[1]), options...)
			if err != nil {
				panic(err)
			}
			text, err := json.Marshal(made)
			if err != nil {
				panic(err)
			}
			patch, err := jsonpatch.DecodePatch(text) // the library and version of the API server
			if err != nil {
				panic(err)
			}
			applied, err := patch.Apply([]byte(pair[0]))
			if err != nil {
				panic(err)
			}
			var got, wanted any
			if json.Unmarshal(applied, &got) != nil || json.Unmarshal([]byte(pair[1]), &wanted) != nil {
				panic("no JSON")
			}
			fmt.Printf("to %s, %s: %s, right: %t\n", pair[1], name, text, reflect.DeepEqual(got, wanted))
		}
	}
}
END
go mod init finding >/dev/null 2>&1
go get github.com/wI2L/jsondiff@v0.7.1 gopkg.in/evanphx/json-patch.v4@v4.13.0 >/dev/null 2>&1
seen=$(go run -mod=mod . | LC_ALL=C sort)
echo 'jsondiff 0.7.1:'
echo "$seen"
expected='to {"image":"web","args":["-a","-b"],"command":["-a","-b"]}, Factorize: [{"op":"copy","from":"/args","path":"/command"}], right: true
to {"image":"web","args":["-a","-b"],"command":["-a","-b"]}, default: [{"value":["-a","-b"],"op":"add","path":"/command"}], right: true
to {"name":"nginx","command":["nginx"]}, Factorize: [{"op":"copy","from":"/name","path":"/command"}], right: false
to {"name":"nginx","command":["nginx"]}, default: [{"value":["nginx"],"op":"add","path":"/command"}], right: true
to {"name":"nginx","command":["sh"]}, Factorize: [{"value":["sh"],"op":"add","path":"/command"}], right: true
to {"name":"nginx","command":["sh"]}, default: [{"value":["sh"],"op":"add","path":"/command"}], right: true
to {"name":"nginx","securityContext":{},"args":[]}, Factorize: [{"op":"copy","from":"/securityContext","path":"/args"}], right: false
to {"name":"nginx","securityContext":{},"args":[]}, default: [{"value":[],"op":"add","path":"/args"}], right: true'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
