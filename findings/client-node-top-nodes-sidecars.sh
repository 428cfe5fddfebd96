#!/usr/bin/env bash
# topNodes of @kubernetes/client-node 2.0.1 (npm) adds up the requests of `spec.containers` alone. What the scheduler reserves on the node
# besides is missing from its RequestTotal: sidecars (init containers with `restartPolicy: Always`, stable since Kubernetes 1.33),
# the overhead of a RuntimeClass, and requests of the Pod as a whole (`spec.resources`). A node that is full seems to have room.
set -euo pipefail
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"
npm init --yes >/dev/null
npm install --no-audit --no-fund --silent @kubernetes/client-node@2.0.1

cat > top.mjs <<'END'
import { topNodes } from '@kubernetes/client-node';

const requests = (cpu) => ({ resources: { requests: { cpu } } });
const app = { name: 'app', ...requests('100m') };
// Each Pod with what the scheduler counts for it (component-helpers, resource.PodRequests).
const pods = {
  'a container (100m)': { containers: [app] },
  'a container and a sidecar (500m)': { containers: [app], initContainers: [{ name: 'proxy', restartPolicy: 'Always', ...requests('400m') }] },
  'a container and overhead (350m)': { containers: [app], overhead: { cpu: '250m' } },
  'requests of the Pod (800m)': { containers: [app], ...requests('800m') },
};
for (const [what, spec] of Object.entries(pods)) {
  // What an API server answers: a NodeList and a PodList.
  const core = {
    listNode: async () => ({ items: [{ metadata: { name: 'a' }, status: { allocatable: { cpu: '1', memory: '1Gi' } } }] }),
    listPodForAllNamespaces: async () => ({ items: [{ spec: { nodeName: 'a', ...spec }, status: { phase: 'Running' } }] }),
  };
  const [{ CPU }] = await topNodes(core);
  console.log(`${what}: ${CPU.RequestTotal * 1000}m`);
}
END
seen=$(node top.mjs)
echo "@kubernetes/client-node 2.0.1:"
echo "$seen"
expected='a container (100m): 100m
a container and a sidecar (500m): 100m
a container and overhead (350m): 100m
requests of the Pod (800m): 100m'
[ "$seen" = "$expected" ] || { echo 'the behaviour has changed' >&2; exit 1; }
