/** What counts as progress of a rollout, against the Deployment controller: a Pod that becomes ready, long before it is available. */
import type { JsonObject } from '../../src/core/json.ts';
import { asObject, asObjects, metadataOf } from '../../src/core/json-reading.ts';
import { clusterTest, connect, eventually, kubectl, makeNamespace } from './cluster.ts';

/** Longer than what the API server and the controller take to see a Pod become ready. */
const DEADLINE_SECONDS = 15;

clusterTest('a rollout whose Pod becomes ready in time is no failure, though it is available after the deadline', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const items = ['ready', 'never'].map((name) => deployment(name));
  const { code, stderr } = await kubectl(['apply', '-n', namespace, '-f', '-'], { apiVersion: 'v1', kind: 'List', items });
  if (code !== 0) throw new Error(stderr);
  const pods = `/api/v1/namespaces/${namespace}/pods`;
  const podOf = async (app: string): Promise<JsonObject | undefined> =>
    (await api.list(pods)).find((pod) => asObject(metadataOf(pod)['labels'])['app'] === app);
  await eventually('there are Pods', async () => (await podOf('ready')) !== undefined && (await podOf('never')) !== undefined);
  const createdMs = Date.parse(String(metadataOf((await podOf('ready')) ?? {})['creationTimestamp']));
  await eventually('a part of the deadline is over', () => Date.now() - createdMs > 5_000);
  const condition = { type: 'Ready', status: 'True', lastTransitionTime: new Date().toISOString() };
  await api.request({
    method: 'PATCH',
    path: `${pods}/${String(metadataOf((await podOf('ready')) ?? {})['name'])}/status`,
    patchType: 'application/merge-patch+json',
    body: { status: { phase: 'Running', conditions: [condition] } },
  });

  const reasons = new Map<string, Set<unknown>>();
  await eventually('the one is available, and the other has failed', async () => {
    for (const object of await api.list(`/apis/apps/v1/namespaces/${namespace}/deployments`)) {
      const name = String(metadataOf(object)['name']);
      const progress = asObjects(asObject(object['status'])['conditions']).find(({ type }) => type === 'Progressing');
      reasons.set(name, (reasons.get(name) ?? new Set()).add(progress?.['reason']));
    }
    return reasons.get('ready')?.has('NewReplicaSetAvailable') === true && reasons.get('never')?.has('ProgressDeadlineExceeded') === true;
  });
  t.equal(reasons.get('ready')?.has('ProgressDeadlineExceeded'), false);
});

/** Its Pods fit no node: what becomes of them, the test says. */
function deployment(name: string): JsonObject {
  const labels = { app: name };
  const spec = { nodeSelector: { 'podgrace.dev/nowhere': 'yes' }, containers: [{ name: 'app', image: 'registry.example/app:1' }] };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name },
    spec: {
      minReadySeconds: DEADLINE_SECONDS - 1,
      progressDeadlineSeconds: DEADLINE_SECONDS,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec },
    },
  };
}
