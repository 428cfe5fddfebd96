#!/usr/bin/env bash
# Two client libraries do not read manifests that `kubectl apply` takes. loadAllYaml of @kubernetes/client-node 2.0.1 (npm) throws "Cannot read properties of
# null" where a document is empty: a `---` at the end, or a comment alone between two `---`, as `helm template` writes for a template that gives nothing. One at
# the begin it takes. objects_from_files of kr8s 0.20.15 (PyPI) raises KeyError for a List, which `kubectl get --output=yaml` writes. Neither
# names the document, so no object of the file can be applied. load_all_yaml of lightkube 1.0.1 (PyPI) reads all of them.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent @kubernetes/client-node@2.0.1
python3 -m venv env
env/bin/pip install --quiet --disable-pip-version-check --no-compile kr8s==0.20.15 lightkube==1.0.1

map () { # name
  printf 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: %s}\n' "$1"
}
{ map a; echo '---'; map b; } >two
{ echo '# Source: a.yaml'; echo '---'; map a; echo '---'; map b; } >comment-first
{ map a; echo '---'; map b; echo '---'; } >separator-last
{ map a; echo '---'; echo '# Source: none.yaml'; echo '---'; map b; } >comment-between
printf 'apiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: a}}\n- {apiVersion: v1, kind: ConfigMap, metadata: {name: b}}\n' >list
cat > read.mjs <<'END'
import { loadAllYaml } from '@kubernetes/client-node';
import { readFileSync } from 'node:fs';
for (const file of process.argv.slice(2)) {
  let names;
  try {
    names = loadAllYaml(readFileSync(file, 'utf8')).flatMap((object) => object.items ?? object).map((object) => object.metadata.name);
  } catch (error) {
    names = error.name;
  }
  console.log(`client-node, ${file}: ${names}`);
}
END
cat > read.py <<'END'
import asyncio
import sys
import kr8s.asyncio.objects
import lightkube.codecs

class Api:
    """What kr8s asks of a cluster while it reads a file."""
    namespace = "default"

def of_kr8s(file):
    return [object.name for object in asyncio.run(kr8s.asyncio.objects.objects_from_files(file, api=Api()))]

def of_lightkube(file):
    return [object.metadata.name for object in lightkube.codecs.load_all_yaml(open(file))]

for name, read in (("kr8s", of_kr8s), ("lightkube", of_lightkube)):
    for file in sys.argv[1:]:
        try:
            names = ",".join(read(file))
        except Exception as error:
            names = f"{type(error).__name__} {error}"
        print(f"{name}, {file}: {names}")
END
files=(two comment-first separator-last comment-between list)
seen=$(node read.mjs "${files[@]}"; env/bin/python -W ignore read.py "${files[@]}")
echo '@kubernetes/client-node 2.0.1, kr8s 0.20.15, lightkube 1.0.1:'
echo "$seen"
expected="client-node, two: a,b
client-node, comment-first: a,b
client-node, separator-last: TypeError
client-node, comment-between: TypeError
client-node, list: a,b
kr8s, two: a,b
kr8s, comment-first: a,b
kr8s, separator-last: a,b
kr8s, comment-between: a,b
kr8s, list: BoxKeyError \"'metadata'\"
lightkube, two: a,b
lightkube, comment-first: a,b
lightkube, separator-last: a,b
lightkube, comment-between: a,b
lightkube, list: a,b"
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
