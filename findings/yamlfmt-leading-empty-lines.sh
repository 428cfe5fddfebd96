#!/usr/bin/env bash
# yamlfmt 0.21.0 (Go), with its default settings, takes the first empty line away from each literal block: `|` and an empty line at the begin of a file in a
# ConfigMap. It changes the value, not the layout, and does so again at the next run, until no such line is left. Of a template with two of them a
# check before each commit makes three contents, and each is a new ConfigMap hash and a rollout. Empty lines further down stay.
# The fault is older (go-yaml issue 963). yq 4.54.3 (Go) and prettier 3.10.1 (npm) keep the lines.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent prettier@3.10.1 yaml@2.9.1
GOBIN="$folder" go install github.com/google/yamlfmt/cmd/yamlfmt@v0.21.0 >/dev/null 2>&1
GOBIN="$folder" go install github.com/mikefarah/yq/v4@v4.54.3 >/dev/null 2>&1

cat > written.yaml <<'END'
apiVersion: v1
kind: ConfigMap
metadata:
  name: web
data:
  motd: |


    Welcome

    to web
  name: |
    web
END
cat > data.mjs <<'END'
import { readFileSync } from 'node:fs';
import { parse } from 'yaml';
console.log(JSON.stringify(parse(readFileSync(process.argv[2], 'utf8')).data));
END
cp written.yaml formatted.yaml
seen=$(
  echo "written: $(node data.mjs written.yaml)"
  for run in 1 2 3; do
    ./yamlfmt -no_global_conf formatted.yaml
    echo "yamlfmt, run $run: $(node data.mjs formatted.yaml)"
  done
  ./yq . written.yaml >yq.yaml
  echo "yq: $(node data.mjs yq.yaml)"
  node_modules/.bin/prettier --no-config written.yaml >prettier.yaml
  echo "prettier: $(node data.mjs prettier.yaml)"
)
echo 'yamlfmt 0.21.0, yq 4.54.3, prettier 3.10.1:'
echo "$seen"
expected='written: {"motd":"\n\nWelcome\n\nto web\n","name":"web\n"}
yamlfmt, run 1: {"motd":"\nWelcome\n\nto web\n","name":"web\n"}
yamlfmt, run 2: {"motd":"Welcome\n\nto web\n","name":"web\n"}
yamlfmt, run 3: {"motd":"Welcome\n\nto web\n","name":"web\n"}
yq: {"motd":"\n\nWelcome\n\nto web\n","name":"web\n"}
prettier: {"motd":"\n\nWelcome\n\nto web\n","name":"web\n"}'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
