/**
 * Which Pods `kubectl drain` deletes with `--force` alone, as `explain` says it: those without a controller, and those of a DaemonSet that
 * is gone. On an API server without controllers, as the garbage collector deletes what has lost its owner.
 */
import { drainOf } from '../../src/core/drain.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { podTimelinesOf } from '../../src/core/pod-timelines.ts';
import { NOTHING_KNOWN } from '../../src/core/surroundings.ts';
import { FROM_FILE_OWNED, subjectOf } from '../core/subject-of.ts';
import { kubectl } from './cluster.ts';
import { apiServerTest, startApiServer } from './own-api-server.ts';

const CASES = [
  { name: 'bare', owner: undefined, isOwnerGone: false },
  { name: 'of-set', owner: 'DaemonSet', isOwnerGone: false },
  { name: 'of-gone-set', owner: 'DaemonSet', isOwnerGone: true },
  { name: 'of-gone-replicas', owner: 'ReplicaSet', isOwnerGone: true },
] as const;
type Case = (typeof CASES)[number];

const NODE = 'node-1';
const NO_BUDGETS = { ...NOTHING_KNOWN, podDisruptionBudgets: { isKnown: true as const, value: [] } };

apiServerTest('kubectl drain needs --force for the Pods for which explain says so', async (t) => {
  const { api, kubeconfig } = await startApiServer(t, t.testdir(), []);
  await api.request({ method: 'POST', path: '/api/v1/nodes', body: { apiVersion: 'v1', kind: 'Node', metadata: { name: NODE } } });
  const labels = { app: 'of-set' };
  const template = { metadata: { labels }, spec: { containers: [{ name: 'app', image: 'app:1' }] } };
  const set = {
    apiVersion: 'apps/v1',
    kind: 'DaemonSet',
    metadata: { name: 'of-set' },
    spec: { selector: { matchLabels: labels }, template },
  };
  await api.request({ method: 'POST', path: '/apis/apps/v1/namespaces/default/daemonsets', body: set });
  for (const each of CASES) await api.request({ method: 'POST', path: '/api/v1/namespaces/default/pods', body: podOf(each) });
  for (const each of CASES) {
    const { isOwnerGone } = each;
    const subject = subjectOf(podOf(each), { trust: FROM_FILE_OWNED });
    const drain = drainOf(subject, podTimelinesOf(subject, 1n << 34n), NO_BUDGETS, { isOwnerGone });
    const drains = async (...flags: string[]): Promise<boolean> => {
      const chosen = [NODE, '--dry-run=server', '--ignore-daemonsets', `--pod-selector=app=${each.name}`, `--kubeconfig=${kubeconfig}`];
      return (await kubectl(['drain', ...chosen, ...flags])).code === 0;
    };
    t.equal(await drains('--force'), true, `${each.name} with --force`);
    t.equal(!(await drains()), drain?.needsForce, each.name);
  }
});

function podOf({ name, owner }: Case): JsonObject {
  const ownerReferences = owner === undefined ? [] : [{ apiVersion: 'apps/v1', kind: owner, name, uid: `uid-${name}`, controller: true }];
  const spec = { nodeName: NODE, containers: [{ name: 'app', image: 'app:1' }] };
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name, namespace: 'default', labels: { app: name }, ownerReferences }, spec };
}
