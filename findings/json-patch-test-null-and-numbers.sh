#!/usr/bin/env bash
# A `test` of null in a JSON patch passes in json-patch 4.13.0 (Go), with which the API server applies patches, when the member is absent; so it does in
# 5.9.11. RFC 6902 (section 4) says that the target must exist, and the test fails in fast-json-patch 3.1.1 (npm), jsonpatch 1.48 (PyPI) and json-patch
# 5.0.0 (crates.io). And in Go and in the crate `1.0` is not 1 and `1e3` is not 1000, where the RFC (section 4.6) compares the values.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent fast-json-patch@3.1.1
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile jsonpatch==1.48

cat > cases.json <<'END'
[
  ["{\"a\":1}", "1"], ["{\"a\":1}", "2"], ["{\"a\":1}", "null"], ["{\"a\":null}", "null"], ["{}", "null"],
  ["{\"a\":1}", "1.0"], ["{\"a\":1000}", "1e3"], ["{\"a\":true}", "1"]
]
END
mkdir src
cat > Cargo.toml <<'END'
[package]
name = "finding"
version = "0.0.0"
edition = "2021"
[dependencies]
json-patch = "=5.0.0"
serde_json = "=1.0.154"
END
cat > src/main.rs <<'END'
use serde_json::{from_str, Value};

fn main() {
    let cases: Vec<(String, String)> = from_str(include_str!("../cases.json")).unwrap();
    for (document, value) in cases {
        let mut patched: Value = from_str(&document).unwrap();
        let patch: json_patch::Patch = from_str(&format!(r#"[{{"op":"test","path":"/a","value":{value}}}]"#)).unwrap();
        println!("{document} {value} {}", json_patch::patch(&mut patched, &patch).is_ok());
    }
}
END
cat > main.go <<'END'
package main

import (
	"encoding/json"
	"fmt"
	"os"

	v5 "github.com/evanphx/json-patch/v5"
	v4 "gopkg.in/evanphx/json-patch.v4"
)

func main() {
	text, err := os.ReadFile("cases.json")
	if err != nil {
		panic(err)
	}
	cases := [][2]string{}
	if err := json.Unmarshal(text, &cases); err != nil {
		panic(err)
	}
	for _, c := range cases {
		patch := []byte(`[{"op":"test","path":"/a","value":` + c[1] + `}]`)
		passes := false
		if os.Args[1] == "4" {
			decoded, err := v4.DecodePatch(patch)
			if err != nil {
				panic(err)
			}
			_, err = decoded.Apply([]byte(c[0]))
			passes = err == nil
		} else {
			decoded, err := v5.DecodePatch(patch)
			if err != nil {
				panic(err)
			}
			_, err = decoded.Apply([]byte(c[0]))
			passes = err == nil
		}
		fmt.Println(c[0], c[1], passes)
	}
}
END
cat > test.mjs <<'END'
import fastJsonPatch from 'fast-json-patch';
import { readFileSync } from 'node:fs';
for (const [document, value] of JSON.parse(readFileSync('cases.json', 'utf8'))) {
  let passes = true;
  try {
    fastJsonPatch.applyPatch(JSON.parse(document), [{ op: 'test', path: '/a', value: JSON.parse(value) }]);
  } catch (error) {
    if (error.name !== 'TEST_OPERATION_FAILED') throw error;
    passes = false;
  }
  console.log(document, value, passes);
}
END
cat > test.py <<'END'
import json
import jsonpatch

for document, value in json.load(open("cases.json")):
    passes = "true"
    try:
        jsonpatch.apply_patch(json.loads(document), [{"op": "test", "path": "/a", "value": json.loads(value)}])
    except jsonpatch.JsonPatchTestFailed:
        passes = "false"
    print(document, value, passes)
END
go mod init finding >/dev/null 2>&1
go get gopkg.in/evanphx/json-patch.v4@v4.13.0 github.com/evanphx/json-patch/v5@v5.9.11 >/dev/null 2>&1
node test.mjs >npm
env/bin/python test.py >pypi
go run -mod=mod . 4 >go4
go run -mod=mod . 5 >go5
cargo run --quiet >crate 2>/dev/null
seen=$(
  echo 'document, value: npm, PyPI, Go 4, Go 5, crate'
  paste -d ' ' npm <(cut -d ' ' -f 3 pypi) <(cut -d ' ' -f 3 go4) <(cut -d ' ' -f 3 go5) <(cut -d ' ' -f 3 crate)
)
echo 'fast-json-patch 3.1.1, jsonpatch 1.48, json-patch 4.13.0 and 5.9.11 (Go), json-patch 5.0.0 (crate): does the test pass?'
echo "$seen"
expected='document, value: npm, PyPI, Go 4, Go 5, crate
{"a":1} 1 true true true true true
{"a":1} 2 false false false false false
{"a":1} null false false false false false
{"a":null} null true true true true true
{} null false false true true false
{"a":1} 1.0 true true false false false
{"a":1000} 1e3 true true false false false
{"a":true} 1 false false false false false'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
