#!/usr/bin/env bash
# github.com/mattbaird/jsonpatch of 2024-01-18 (Go), with which mutating webhooks make their patch from two JSON documents, loses the order of a list whose
# length changes as well: what is in both lists stays where it is. A webhook that takes one init container away and puts another first sends the
# removal alone, so the init containers run in the old order; of arguments `-a 1 -b 1` the wrong ones are left. No error tells of it. A list that keeps its
# length is right, and gomodules.xyz/jsonpatch/v2 2.5.0, a fork that controller-runtime uses, is right in all of these.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > main.go <<'END'
package main

import (
	"encoding/json"
	"fmt"

	"github.com/mattbaird/jsonpatch"
	fork "gomodules.xyz/jsonpatch/v2"
	apply "gopkg.in/evanphx/json-patch.v4"
)

func applied(from string, operations any, err error) string {
	if err != nil {
		panic(err)
	}
	text, err := json.Marshal(operations)
	if err != nil {
		panic(err)
	}
	patch, err := apply.DecodePatch(text) // the library and version of the API server
	if err != nil {
		panic(err)
	}
	to, err := patch.Apply([]byte(from))
	if err != nil {
		panic(err)
	}
	return string(to)
}

func main() {
	for _, pair := range [][2]string{
		{`{"initContainers":[{"name":"a"},{"name":"b"},{"name":"c"}]}`, `{"initContainers":[{"name":"c"},{"name":"b"},{"name":"a"}]}`},
		{`{"initContainers":[{"name":"a"},{"name":"b"},{"name":"c"}]}`, `{"initContainers":[{"name":"a"},{"name":"c"}]}`},
		{`{"initContainers":[{"name":"a"},{"name":"b"},{"name":"c"}]}`, `{"initContainers":[{"name":"c"},{"name":"a"}]}`},
		{`{"initContainers":[{"name":"a"},{"name":"b"}]}`, `{"initContainers":[{"name":"new"},{"name":"b"},{"name":"a"}]}`},
		{`{"args":["-a","1","-b","1"]}`, `{"args":["-b","1"]}`},
		{`{"args":["-a","1","-b","1"]}`, `{"args":["-a","1","-c","2","-b","1"]}`},
	} {
		made, err := jsonpatch.CreatePatch([]byte(pair[0]), []byte(pair[1]))
		ofFork, errOfFork := fork.CreatePatch([]byte(pair[0]), []byte(pair[1]))
		fmt.Printf("%s to %s\n  mattbaird: %s\n  gomodules: %s\n", pair[0], pair[1], applied(pair[0], made, err), applied(pair[0], ofFork, errOfFork))
	}
}
END
go mod init finding >/dev/null 2>&1
go get github.com/mattbaird/jsonpatch@v0.0.0-20240118010651-0ba75a80ca38 gomodules.xyz/jsonpatch/v2@v2.5.0 gopkg.in/evanphx/json-patch.v4@v4.13.0 >/dev/null 2>&1
seen=$(go run -mod=mod .)
echo 'github.com/mattbaird/jsonpatch of 2024-01-18 and gomodules.xyz/jsonpatch/v2 2.5.0, what a list becomes:'
echo "$seen"
expected='{"initContainers":[{"name":"a"},{"name":"b"},{"name":"c"}]} to {"initContainers":[{"name":"c"},{"name":"b"},{"name":"a"}]}
  mattbaird: {"initContainers":[{"name":"c"},{"name":"b"},{"name":"a"}]}
  gomodules: {"initContainers":[{"name":"c"},{"name":"b"},{"name":"a"}]}
{"initContainers":[{"name":"a"},{"name":"b"},{"name":"c"}]} to {"initContainers":[{"name":"a"},{"name":"c"}]}
  mattbaird: {"initContainers":[{"name":"a"},{"name":"c"}]}
  gomodules: {"initContainers":[{"name":"a"},{"name":"c"}]}
{"initContainers":[{"name":"a"},{"name":"b"},{"name":"c"}]} to {"initContainers":[{"name":"c"},{"name":"a"}]}
  mattbaird: {"initContainers":[{"name":"a"},{"name":"c"}]}
  gomodules: {"initContainers":[{"name":"c"},{"name":"a"}]}
{"initContainers":[{"name":"a"},{"name":"b"}]} to {"initContainers":[{"name":"new"},{"name":"b"},{"name":"a"}]}
  mattbaird: {"initContainers":[{"name":"new"},{"name":"a"},{"name":"b"}]}
  gomodules: {"initContainers":[{"name":"new"},{"name":"b"},{"name":"a"}]}
{"args":["-a","1","-b","1"]} to {"args":["-b","1"]}
  mattbaird: {"args":["1","-b"]}
  gomodules: {"args":["-b","1"]}
{"args":["-a","1","-b","1"]} to {"args":["-a","1","-c","2","-b","1"]}
  mattbaird: {"args":["-a","1","-c","2","-b","1"]}
  gomodules: {"args":["-a","1","-c","2","-b","1"]}'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
