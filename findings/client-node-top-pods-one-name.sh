#!/usr/bin/env bash
# topPods of @kubernetes/client-node 2.0.1 (npm), asked about all namespaces, finds what a Pod uses by the Pod's name alone. Of two Pods
# with one name in two namespaces, as StatefulSets of one name make them, both get the use of the one that metrics.k8s.io lists last; a Pod
# that has no metrics yet gets those of its namesake. Asked about one namespace at a time, it answers rightly.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent @kubernetes/client-node@2.0.1

cat > top.mjs <<'END'
import { topPods } from '@kubernetes/client-node';

const pod = (namespace) => ({ metadata: { name: 'web-0', namespace }, spec: { containers: [{ name: 'web' }] } });
const use = (namespace, cpu, memory) => ({ metadata: { name: 'web-0', namespace }, containers: [{ name: 'web', usage: { cpu, memory } }] });
const inNamespace = (items, namespace) => ({ items: items.filter(({ metadata }) => namespace === undefined || metadata.namespace === namespace) });

// What an API server answers: a PodList and a PodMetricsList.
const pods = [pod('blue'), pod('green'), pod('new')];
const uses = [use('blue', '10m', '50Mi'), use('green', '900m', '700Mi')];
const core = { listPodForAllNamespaces: async () => inNamespace(pods), listNamespacedPod: async ({ namespace }) => inNamespace(pods, namespace) };
const metrics = { getPodMetrics: async (namespace) => inNamespace(uses, namespace) };

const print = (statuses) => {
  for (const { Pod, CPU, Memory } of statuses) {
    console.log(`  ${Pod.metadata.namespace}/${Pod.metadata.name}: ${CPU.CurrentUsage} cores, ${Memory.CurrentUsage / 1048576n} Mi`);
  }
};
console.log('one namespace at a time:');
for (const namespace of ['blue', 'green']) print(await topPods(core, metrics, namespace));
console.log('all namespaces:');
print(await topPods(core, metrics));
END
seen=$(node top.mjs)
echo "@kubernetes/client-node 2.0.1:"
echo "$seen"
expected='one namespace at a time:
  blue/web-0: 0.01 cores, 50 Mi
  green/web-0: 0.9 cores, 700 Mi
all namespaces:
  blue/web-0: 0.9 cores, 700 Mi
  green/web-0: 0.9 cores, 700 Mi
  new/web-0: 0.9 cores, 700 Mi'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
