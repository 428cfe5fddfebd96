#!/usr/bin/env bash
# A filter of the JSONPath of kubectl (k8s.io/client-go 0.37.2, Go, util/jsonpath) does not compare a whole number with a fraction: "incompatible types
# for comparison". JSON has one kind of number, and a value such as the cost in a custom resource is 2 today and 1.5 tomorrow. So neither
# `?(@.cost>1)` nor `?(@.cost>1.0)` can be asked of a list that has both, and `2.0` is not 2.
# github.com/theory/jsonpath 0.12.3 (RFC 9535) compares them, and on a list of whole numbers both agree.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > main.go <<'END'
package main

import (
	"encoding/json"
	"fmt"

	rfc "github.com/theory/jsonpath"
	kube "k8s.io/client-go/util/jsonpath"
	kubejson "k8s.io/apimachinery/pkg/util/json"
)

func ofKube(text, filter string) string {
	var list any
	if err := kubejson.Unmarshal([]byte(text), &list); err != nil { // as kubectl reads the answer of the API server
		panic(err)
	}
	path := kube.New("filter")
	if err := path.Parse("{" + filter + "}"); err != nil {
		panic(err)
	}
	found, err := path.FindResults(list)
	if err != nil {
		return err.Error()
	}
	names := []any{}
	for _, value := range found[0] {
		names = append(names, value.Interface())
	}
	return fmt.Sprint(names)
}

func ofRFC(text, filter string) string {
	var list any
	if err := json.Unmarshal([]byte(text), &list); err != nil {
		panic(err)
	}
	return fmt.Sprint([]any(rfc.MustParse("$" + filter).Select(list)))
}

func main() {
	whole := `{"items": [{"name": "a", "cost": 1}, {"name": "b", "cost": 2}]}`
	mixed := `{"items": [{"name": "a", "cost": 0.5}, {"name": "b", "cost": 2}]}`
	for _, asked := range []struct{ title, text, filter string }{
		{"costs 1 and 2", whole, ".items[?(@.cost>1)].name"},
		{"costs 1 and 2", whole, ".items[?(@.cost==2.0)].name"},
		{"costs 0.5 and 2", mixed, ".items[?(@.cost>1)].name"},
		{"costs 0.5 and 2", mixed, ".items[?(@.cost>1.0)].name"},
	} {
		fmt.Printf("%s, %s: theory/jsonpath %s, client-go %s\n", asked.title, asked.filter, ofRFC(asked.text, asked.filter), ofKube(asked.text, asked.filter))
	}
}
END
go mod init finding >/dev/null 2>&1
go get github.com/theory/jsonpath@v0.12.3 k8s.io/client-go/util/jsonpath@v0.37.2 k8s.io/apimachinery@v0.37.2 >/dev/null 2>&1
seen=$(go run -mod=mod .)
echo 'client-go 0.37.2 and theory/jsonpath 0.12.3:'
echo "$seen"
expected='costs 1 and 2, .items[?(@.cost>1)].name: theory/jsonpath [b], client-go [b]
costs 1 and 2, .items[?(@.cost==2.0)].name: theory/jsonpath [b], client-go incompatible types for comparison
costs 0.5 and 2, .items[?(@.cost>1)].name: theory/jsonpath [b], client-go incompatible types for comparison
costs 0.5 and 2, .items[?(@.cost>1.0)].name: theory/jsonpath [b], client-go incompatible types for comparison'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
