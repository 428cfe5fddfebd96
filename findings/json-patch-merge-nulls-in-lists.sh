#!/usr/bin/env bash
# MergePatch of gopkg.in/evanphx/json-patch.v4 4.13.0 (Go), with which the API server of Kubernetes 1.37 applies `kubectl patch --type merge`,
# takes every member with the value null out of the objects in a list of the patch. By RFC 7386 (section 1) a list replaces the old one as it
# is, nulls within it too; null removes a member of an object that is merged only. Version 5.9.11 (evanphx/json-patch/v5) does the same. In a
# custom resource whose schema says `nullable: true`, null is a value: where the field also has a default, the default takes its place.
# A null that is itself an item of the list stays.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

cat > main.go <<'END'
package main

import (
	"fmt"

	v5 "github.com/evanphx/json-patch/v5"
	v4 "gopkg.in/evanphx/json-patch.v4"
)

func main() {
	for _, of := range []struct{ document, patch, rfc string }{
		{`{"spec":{"limit":5}}`, `{"spec":{"limit":null}}`, `{"spec":{}}`},
		{`{"list":[]}`, `{"list":[null,1]}`, `{"list":[null,1]}`},
		{`{"list":[]}`, `{"list":[{"name":"a","limit":null}]}`, `{"list":[{"name":"a","limit":null}]}`},
	} {
		four, err4 := v4.MergePatch([]byte(of.document), []byte(of.patch))
		five, err5 := v5.MergePatch([]byte(of.document), []byte(of.patch))
		if err4 != nil || err5 != nil {
			panic(fmt.Sprint(err4, err5))
		}
		fmt.Printf("%s with %s: RFC %s, v4 %s, v5 %s\n", of.document, of.patch, of.rfc, four, five)
	}
}
END
go mod init finding >/dev/null 2>&1
go get gopkg.in/evanphx/json-patch.v4@v4.13.0 github.com/evanphx/json-patch/v5@v5.9.11 >/dev/null 2>&1
seen=$(go run -mod=mod .)
echo 'json-patch 4.13.0 and 5.9.11:'
echo "$seen"
expected='{"spec":{"limit":5}} with {"spec":{"limit":null}}: RFC {"spec":{}}, v4 {"spec":{}}, v5 {"spec":{}}
{"list":[]} with {"list":[null,1]}: RFC {"list":[null,1]}, v4 {"list":[null,1]}, v5 {"list":[null,1]}
{"list":[]} with {"list":[{"name":"a","limit":null}]}: RFC {"list":[{"name":"a","limit":null}]}, v4 {"list":[{"name":"a"}]}, v5 {"list":[{"name":"a"}]}'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
