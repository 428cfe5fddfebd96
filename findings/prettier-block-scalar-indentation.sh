#!/usr/bin/env bash
# prettier 3.10.1 (npm) changes values when it formats manifests as `kubectl get --output=yaml` and kustomize write them: lists without indentation, and a
# text that begins with a space or an empty line with an indentation indicator (`|2`). prettier indents the items of the list by two more and leaves the lines
# of such a text in their columns. Its first spaces are lost, or its lines become keys next to it, or the file is no YAML any more, and prettier says
# nothing. A text without the indicator moves with its list. Issue 16183 of prettier describes it. yq 4.54.3 (Go) keeps all of them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent prettier@3.10.1 yaml@2.9.1
GOBIN="$folder" go install github.com/mikefarah/yq/v4@v4.54.3 >/dev/null 2>&1

cat > value.mjs <<'END'
import { readFileSync } from 'node:fs';
import { parseDocument } from 'yaml';

const document = parseDocument(readFileSync(0, 'utf8'));
console.log(document.errors.length > 0 ? 'no YAML' : JSON.stringify(document.toJS().items[0].data));
END
seen=$(
  for text in '|;      a: 1' '|2;        a: 1' '|2;;      a: 1' '|2;;      hello'; do
    printf 'apiVersion: v1\nkind: List\nitems:\n- apiVersion: v1\n  kind: ConfigMap\n  metadata:\n    name: web\n  data:\n    text: %b\n' "${text//;/\\n}" >manifest.yaml
    echo "written: $(node value.mjs <manifest.yaml)"
    echo "prettier: $(node_modules/.bin/prettier --no-config --parser yaml <manifest.yaml | node value.mjs)"
    echo "yq: $(./yq . manifest.yaml | node value.mjs)"
  done
)
echo 'prettier 3.10.1 and yq 4.54.3:'
echo "$seen"
expected='written: {"text":"a: 1\n"}
prettier: {"text":"a: 1\n"}
yq: {"text":"a: 1\n"}
written: {"text":"  a: 1\n"}
prettier: {"text":"a: 1\n"}
yq: {"text":"  a: 1\n"}
written: {"text":"\na: 1\n"}
prettier: {"text":"","a":1}
yq: {"text":"\na: 1\n"}
written: {"text":"\nhello\n"}
prettier: no YAML
yq: {"text":"\nhello\n"}'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
