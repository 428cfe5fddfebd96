#!/usr/bin/env bash
# github.com/goccy/go-yaml 1.19.2 (Go) writes texts that other YAML libraries read as other texts. Where the first line that is not empty begins with spaces,
# it leaves out the indentation indicator of the block (YAML 1.2.2, section 8.1.1.1): the spaces are lost, or the file is no YAML any more. A text of
# one line break comes as an empty one, and a tab at the begin or the end of a value is lost, since it has no quotes. So a program that writes a ConfigMap
# with it gives the Pod another file than the one it has. sigs.k8s.io/yaml 1.6.0 (Go), PyYAML 6.0.4 and yaml 2.9.1 (npm) agree about what
# sigs.k8s.io/yaml writes.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent yaml@2.9.1
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile pyyaml==6.0.4

cat > main.go <<'END'
package main

import (
	"fmt"
	"os"

	goccy "github.com/goccy/go-yaml"
	sigs "sigs.k8s.io/yaml"
)

func main() {
	for i, text := range []string{"a\n  b\n", "\n  a\n  b\n", "\n  a\nb\n", "\n", "a\t", "\ta"} {
		for name, marshal := range map[string]func(any) ([]byte, error){
			"sigs":  sigs.Marshal,
			"goccy": func(value any) ([]byte, error) { return goccy.Marshal(value) },
		} {
			written, err := marshal(map[string]any{"data": map[string]string{"text": text, "z": "end"}})
			if err != nil {
				panic(err)
			}
			if err := os.WriteFile(fmt.Sprintf("%s-%d.yaml", name, i), written, 0o600); err != nil {
				panic(err)
			}
			var read struct{ Data map[string]any }
			as := "no YAML"
			if err := sigs.Unmarshal(written, &read); err == nil {
				as = fmt.Sprintf("%q", read.Data["text"])
			}
			fmt.Printf("%s-%d: %q is read by sigs as %s\n", name, i, text, as)
		}
	}
}
END
cat > read.mjs <<'END'
import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';
for (const file of process.argv.slice(2)) {
  const document = parseDocument(readFileSync(file, 'utf8'));
  console.log(`${file.replace('.yaml', '')}: by yaml as ${document.errors.length > 0 ? 'no YAML' : JSON.stringify(document.toJS().data.text)}`);
}
END
cat > read.py <<'END'
import json
import sys
import yaml
for file in sys.argv[1:]:
    try:
        text = json.dumps(yaml.safe_load(open(file))["data"]["text"])
    except yaml.YAMLError:
        text = "no YAML"
    print(f'{file.removesuffix(".yaml")}: by PyYAML as {text}')
END
go mod init finding >/dev/null 2>&1
go get github.com/goccy/go-yaml@v1.19.2 sigs.k8s.io/yaml@v1.6.0 >/dev/null 2>&1
go run -mod=mod . >sigs
seen=$({ cat sigs; node read.mjs ./*-?.yaml | cut -c 3-; env/bin/python read.py ./*-?.yaml | cut -c 3-; } | LC_ALL=C sort)
echo 'goccy/go-yaml 1.19.2:'
echo "$seen"
expected=$(cat <<'END'
goccy-0: "a\n  b\n" is read by sigs as "a\n  b\n"
goccy-0: by PyYAML as "a\n  b\n"
goccy-0: by yaml as "a\n  b\n"
goccy-1: "\n  a\n  b\n" is read by sigs as "\na\nb\n"
goccy-1: by PyYAML as "\na\nb\n"
goccy-1: by yaml as "\na\nb\n"
goccy-2: "\n  a\nb\n" is read by sigs as no YAML
goccy-2: by PyYAML as no YAML
goccy-2: by yaml as no YAML
goccy-3: "\n" is read by sigs as ""
goccy-3: by PyYAML as ""
goccy-3: by yaml as ""
goccy-4: "a\t" is read by sigs as "a"
goccy-4: by PyYAML as no YAML
goccy-4: by yaml as "a"
goccy-5: "\ta" is read by sigs as "a"
goccy-5: by PyYAML as no YAML
goccy-5: by yaml as "a"
sigs-0: "a\n  b\n" is read by sigs as "a\n  b\n"
sigs-0: by PyYAML as "a\n  b\n"
sigs-0: by yaml as "a\n  b\n"
sigs-1: "\n  a\n  b\n" is read by sigs as "\n  a\n  b\n"
sigs-1: by PyYAML as "\n  a\n  b\n"
sigs-1: by yaml as "\n  a\n  b\n"
sigs-2: "\n  a\nb\n" is read by sigs as "\n  a\nb\n"
sigs-2: by PyYAML as "\n  a\nb\n"
sigs-2: by yaml as "\n  a\nb\n"
sigs-3: "\n" is read by sigs as "\n"
sigs-3: by PyYAML as "\n"
sigs-3: by yaml as "\n"
sigs-4: "a\t" is read by sigs as "a\t"
sigs-4: by PyYAML as "a\t"
sigs-4: by yaml as "a\t"
sigs-5: "\ta" is read by sigs as "\ta"
sigs-5: by PyYAML as "\ta"
sigs-5: by yaml as "\ta"
END
)
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
