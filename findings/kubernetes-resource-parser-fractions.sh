#!/usr/bin/env bash
# kubernetes-resource-parser 0.1.0 (npm) reads the digits before the decimal point or the exponent of an amount of memory and
# drops the rest without an error: 1.5Gi is 1 byte, 0.5Gi is 0, 129e6 is 129. Kubernetes accepts all three
# (https://kubernetes.io/docs/concepts/configuration/manage-resources-containers/#meaning-of-memory has 129e6).
# The same package reads fractions and exponents of an amount of CPU correctly.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent kubernetes-resource-parser@0.1.0

cat > amounts.cjs <<'END'
const { memoryParser, cpuParser } = require('kubernetes-resource-parser');
for (const amount of ['1Gi', '1.5Gi', '0.5Gi', '129e6']) console.log(`memory ${amount} = ${memoryParser(amount)}`);
for (const amount of ['1.5', '5e2']) console.log(`cpu ${amount} = ${cpuParser(amount)}`);
END
seen=$(node amounts.cjs)
echo "kubernetes-resource-parser 0.1.0:"
echo "$seen"
expected='memory 1Gi = 1073741824
memory 1.5Gi = 1
memory 0.5Gi = 0
memory 129e6 = 129
cpu 1.5 = 1.5
cpu 5e2 = 500'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
