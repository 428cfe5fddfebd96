/** What installing would change, where others write the same objects at the same time. */
import type { JsonObject } from '../../src/core/json.ts';
import type { PlacedObject } from '../../src/kube/client/discovery.ts';
import { apply, planApply } from '../../src/kube/commands/apply.ts';
import { clusterTest, connect, makeNamespace } from './cluster.ts';

clusterTest('what others changed after an object was read is no change of ours', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const lease = (labels: JsonObject): PlacedObject => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    name: 'holder',
    namespace,
    collectionPath: `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases`,
    object: { apiVersion: 'coordination.k8s.io/v1', kind: 'Lease', metadata: { name: 'holder', labels } },
  });
  const path = `/apis/coordination.k8s.io/v1/namespaces/${namespace}/leases/holder`;
  const read = await apply(api, lease({ part: 'a' }), { force: false });
  await api.request({ method: 'PUT', path, body: { ...read, spec: { holderIdentity: 'replica-1' } } });

  t.same(await planApply(api, lease({ part: 'a' }), read, { force: false }), { action: 'unchanged' });
  t.match(await planApply(api, lease({ part: 'b' }), read, { force: false }), {
    action: 'change',
    changes: [{ path: 'metadata.labels.part', from: 'a', to: 'b' }],
  });
});
