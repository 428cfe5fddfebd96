#!/usr/bin/env bash
# ruamel.yaml 0.19.1 (PyPI) writes the strings `on`, `no`, `yes` and `y` without quotes, since they are no booleans in YAML 1.2, its default.
# sigs.k8s.io/yaml 1.6.0 (Go), with which kubectl reads manifests, has the booleans of YAML 1.1 for values without quotes. An environment
# variable or label with such a value cannot be applied (its type is not string), and a Helm value `"no"` that a tool on ruamel.yaml has edited
# comes back as false. With `version = (1, 1)` ruamel.yaml quotes all of them; `true` it quotes with each version.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile ruamel.yaml==0.19.1

cat > write.py <<'END'
import sys
from ruamel.yaml import YAML

for version in [None, (1, 1)]:
    yaml = YAML()
    yaml.version = version
    for text in ["true", "on", "no", "y"]:
        yaml.dump({"version": "1.1" if version else "default", "value": text}, sys.stdout)
        print("---")
END
cat > main.go <<'END'
package main

import (
	"fmt"
	"io"
	"os"
	"strings"

	"sigs.k8s.io/yaml"
)

func main() {
	written, _ := io.ReadAll(os.Stdin)
	for _, document := range strings.Split(string(written), "---\n") {
		lines := strings.Split(strings.TrimSpace(document), "\n")
		if last := lines[len(lines)-1]; strings.HasPrefix(last, "value: ") {
			read, err := yaml.YAMLToJSON([]byte(last))
			if err != nil {
				panic(err)
			}
			fmt.Printf("%s: %s is read as %s\n", lines[0], last, read)
		}
	}
}
END
go mod init finding >/dev/null 2>&1
go get sigs.k8s.io/yaml@v1.6.0 >/dev/null 2>&1
seen=$(env/bin/python write.py | go run -mod=mod .)
echo 'ruamel.yaml 0.19.1, sigs.k8s.io/yaml 1.6.0:'
echo "$seen"
expected="version: default: value: 'true' is read as {\"value\":\"true\"}
version: default: value: on is read as {\"value\":true}
version: default: value: no is read as {\"value\":false}
version: default: value: y is read as {\"value\":true}
version: '1.1': value: 'true' is read as {\"value\":\"true\"}
version: '1.1': value: 'on' is read as {\"value\":\"on\"}
version: '1.1': value: 'no' is read as {\"value\":\"no\"}
version: '1.1': value: 'y' is read as {\"value\":\"y\"}"
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
