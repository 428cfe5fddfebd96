#!/usr/bin/env bash
# generate-json-patch 1.2.9 (npm) makes a JSON patch and moves the objects of a list if an objectHash names them. When two entries change places and two new ones come before them, the
# patch gives another order, since one of its moves shifts what another has placed. Init containers run in their order, so here `migrate` runs before
# `chown`. No error tells of it. The patches of jsondiffpatch 0.7.7 with the same objectHash, and of rfc6902 5.4.0, are right. fast-json-patch 3.1.1 applies them all.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent --ignore-scripts generate-json-patch@1.2.9 jsondiffpatch@0.7.7 rfc6902@5.4.0 fast-json-patch@3.1.1
cat > patch.mjs <<'END'
import fastJsonPatch from 'fast-json-patch';
import { generateJSONPatch } from 'generate-json-patch';
import { create } from 'jsondiffpatch';
import { format } from 'jsondiffpatch/formatters/jsonpatch';
import { createPatch } from 'rfc6902';

const differ = create({ objectHash: (container) => container.name });
const make = {
  'generate-json-patch': (a, b) => generateJSONPatch(a, b, { objectHash: (container) => container.name }),
  jsondiffpatch: (a, b) => format(differ.diff(a, b), a),
  rfc6902: createPatch,
};
const pod = (names) => ({ spec: { initContainers: names.split(' ').map((name) => ({ name })) } });
const changes = [
  ['wait migrate', 'migrate wait'],
  ['wait migrate', 'copy wait migrate'],
  ['wait migrate', 'copy chown migrate wait'],
];
for (const [before, after] of changes) {
  for (const [name, patch] of Object.entries(make)) {
    const { newDocument } = fastJsonPatch.applyPatch(pod(before), structuredClone(patch(pod(before), pod(after))));
    console.log(`${before} to ${after}: ${name} gives ${newDocument.spec.initContainers.map((container) => container.name).join(' ')}`);
  }
}
END
seen=$(node patch.mjs)
echo 'generate-json-patch 1.2.9, jsondiffpatch 0.7.7, rfc6902 5.4.0:'
echo "$seen"
expected='wait migrate to migrate wait: generate-json-patch gives migrate wait
wait migrate to migrate wait: jsondiffpatch gives migrate wait
wait migrate to migrate wait: rfc6902 gives migrate wait
wait migrate to copy wait migrate: generate-json-patch gives copy wait migrate
wait migrate to copy wait migrate: jsondiffpatch gives copy wait migrate
wait migrate to copy wait migrate: rfc6902 gives copy wait migrate
wait migrate to copy chown migrate wait: generate-json-patch gives copy migrate chown wait
wait migrate to copy chown migrate wait: jsondiffpatch gives copy chown migrate wait
wait migrate to copy chown migrate wait: rfc6902 gives copy chown migrate wait'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
