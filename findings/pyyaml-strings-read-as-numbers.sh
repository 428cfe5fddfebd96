#!/usr/bin/env bash
# PyYAML 6.0.4 (PyPI) writes strings without quotes that sigs.k8s.io/yaml 1.6.0 (Go), with which kubectl reads manifests, takes for numbers:
# `1234e56` as the short hash of a commit, `08` as a month, `0o17`. PyYAML itself reads them as strings: its pattern of a number wants a point in
# one with an exponent (pyyaml issues 173 and 860), and digits up to 7 after a 0. An environment variable or label with such a value
# cannot be applied (its type is not string) or, where a program takes numbers for strings, has another value. It depends on the hash whether
# a rollout fails: `abc1234`, `1e99999` and `0777` come through as they were.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile pyyaml==6.0.4

cat > main.go <<'END'
package main

import (
	"fmt"
	"io"
	"os"

	"sigs.k8s.io/yaml"
)

func main() {
	written, _ := io.ReadAll(os.Stdin)
	read, err := yaml.YAMLToJSON(written)
	if err != nil {
		panic(err)
	}
	fmt.Printf("%s", read)
}
END
go mod init finding >/dev/null 2>&1
go get sigs.k8s.io/yaml@v1.6.0 >/dev/null 2>&1
go build -mod=mod -o as-json .
seen=$(
  for text in abc1234 1e99999 0777 1234e56 1e3 08 0o17; do
    written=$(env/bin/python -c 'import sys, yaml; print(yaml.safe_dump({"value": sys.argv[1]}), end="")' "$text")
    again=$(env/bin/python -c 'import sys, yaml; print(repr(yaml.safe_load(sys.argv[1])["value"]))' "$written")
    echo "'$text' written as $written, read by PyYAML as $again, by Kubernetes as $(./as-json <<<"$written")"
  done
)
echo 'PyYAML 6.0.4, sigs.k8s.io/yaml 1.6.0:'
echo "$seen"
expected="'abc1234' written as value: abc1234, read by PyYAML as 'abc1234', by Kubernetes as {\"value\":\"abc1234\"}
'1e99999' written as value: 1e99999, read by PyYAML as '1e99999', by Kubernetes as {\"value\":\"1e99999\"}
'0777' written as value: '0777', read by PyYAML as '0777', by Kubernetes as {\"value\":\"0777\"}
'1234e56' written as value: 1234e56, read by PyYAML as '1234e56', by Kubernetes as {\"value\":1.234e+59}
'1e3' written as value: 1e3, read by PyYAML as '1e3', by Kubernetes as {\"value\":1000}
'08' written as value: 08, read by PyYAML as '08', by Kubernetes as {\"value\":8}
'0o17' written as value: 0o17, read by PyYAML as '0o17', by Kubernetes as {\"value\":15}"
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
