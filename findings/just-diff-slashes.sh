#!/usr/bin/env bash
# just-diff 6.0.2 (npm) writes the difference of two documents, "for full compatibility with the JSON Patch protocol" with its jsonPatchPathConverter. That
# joins the keys with `/` and does not escape a `/` in them (RFC 6901, section 3). Nearly each label and annotation of Kubernetes has a `/`, so a
# webhook or a script that changes `app.kubernetes.io/version` sends a patch that cannot be applied, and tests with short labels pass.
# rfc6902 5.4.0 and fast-json-patch 3.1.1 (npm) escape it. rfc6902 applies the patches here.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent just-diff@6.0.2 rfc6902@5.4.0 fast-json-patch@3.1.1

cat > diff.mjs <<'JS'
import jsonPatch from 'fast-json-patch';
import { diff, jsonPatchPathConverter } from 'just-diff';
import { applyPatch, createPatch } from 'rfc6902';

const makers = {
  'just-diff': (from, to) => diff(from, to, jsonPatchPathConverter),
  rfc6902: createPatch,
  'fast-json-patch': jsonPatch.compare,
};
const changes = {
  'app=web': [{ app: 'api' }, { app: 'web' }],
  'app.kubernetes.io/name=web': [{ 'app.kubernetes.io/name': 'api' }, { 'app.kubernetes.io/name': 'web' }],
};
for (const [name, make] of Object.entries(makers)) {
  for (const [what, [from, to]] of Object.entries(changes)) {
    const patch = make(from, to);
    const document = structuredClone(from);
    const [error] = applyPatch(document, patch);
    console.log(`${name}, ${what}: ${patch[0].path}, ${error ? error.name : JSON.stringify(document)}`);
  }
}
JS
seen=$(node diff.mjs)
echo 'just-diff 6.0.2, rfc6902 5.4.0, fast-json-patch 3.1.1:'
echo "$seen"
expected='just-diff, app=web: /app, {"app":"web"}
just-diff, app.kubernetes.io/name=web: /app.kubernetes.io/name, MissingError
rfc6902, app=web: /app, {"app":"web"}
rfc6902, app.kubernetes.io/name=web: /app.kubernetes.io~1name, {"app.kubernetes.io/name":"web"}
fast-json-patch, app=web: /app, {"app":"web"}
fast-json-patch, app.kubernetes.io/name=web: /app.kubernetes.io~1name, {"app.kubernetes.io/name":"web"}'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
