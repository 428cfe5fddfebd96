#!/usr/bin/env bash
# topNodes and topPods of @kubernetes/client-node 2.0.1 (npm) fail if one container of the cluster asks for `1.5Gi` of memory: quantityToScalar makes
# a BigInt of the number before a suffix of k or more, and 1.5 is none. Kubernetes takes fractions with every suffix, keeps them as they were
# written, and its documentation has an example with `1.5`. `1536Mi`, the same amount, works, and so does `1500m` of CPU.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent @kubernetes/client-node@2.0.1

cat > top.mjs <<'END'
import { topNodes, topPods } from '@kubernetes/client-node';

for (const memory of ['1536Mi', '1.5Gi', '1610612736', '1.5G', '1500M']) {
  // What an API server answers: a NodeList, a PodList and a PodMetricsList.
  const metadata = { name: 'web', namespace: 'default' };
  const list = async () => ({ items: [{ metadata, spec: { nodeName: 'a', containers: [{ name: 'app', resources: { requests: { memory } } }] }, status: { phase: 'Running' } }] });
  const core = {
    listNode: async () => ({ items: [{ metadata: { name: 'a' }, status: { allocatable: { cpu: '1', memory: '4Gi' } } }] }),
    listPodForAllNamespaces: list,
    listNamespacedPod: list,
  };
  const metrics = { getPodMetrics: async () => ({ items: [{ metadata, containers: [{ name: 'app', usage: { cpu: '1m', memory: '1Mi' } }] }] }) };
  const of = async (top) => { try { return await top(); } catch (error) { return `${error.name}: ${error.message}`; } };
  console.log(`${memory}: topNodes ${await of(async () => (await topNodes(core))[0].Memory.RequestTotal)}`);
  console.log(`${memory}: topPods ${await of(async () => (await topPods(core, metrics))[0].Memory.RequestTotal)}`);
}
END
seen=$(node top.mjs)
echo '@kubernetes/client-node 2.0.1, bytes that are requested:'
echo "$seen"
expected='1536Mi: topNodes 1610612736
1536Mi: topPods 1610612736
1.5Gi: topNodes SyntaxError: Cannot convert 1.5 to a BigInt
1.5Gi: topPods SyntaxError: Cannot convert 1.5 to a BigInt
1610612736: topNodes 1610612736
1610612736: topPods 1610612736
1.5G: topNodes SyntaxError: Cannot convert 1.5 to a BigInt
1.5G: topPods SyntaxError: Cannot convert 1.5 to a BigInt
1500M: topNodes 1500000000
1500M: topPods 1500000000'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
