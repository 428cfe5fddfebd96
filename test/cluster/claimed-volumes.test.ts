/** The volumes of a StatefulSet's Pods, as its controller makes them, beside those by which podgrace judges its template. */
import { claimTemplatesOf, withClaimedVolumes } from '../../src/core/claimed-volumes.ts';
import type { Pod, Volume } from '../../src/core/pod.ts';
import { clusterTest, connect, eventually, makeNamespace } from './cluster.ts';

const POD_TEMPLATE: Pod = {
  metadata: { labels: { app: 'db' } },
  spec: {
    restartPolicy: 'Always',
    terminationGracePeriodSeconds: 30,
    containers: [{ name: 'db', image: 'db:1' }],
    volumes: [
      { name: 'cache', emptyDir: {} },
      { name: 'data', emptyDir: { sizeLimit: '1Gi' } },
      { name: 'config', configMap: { name: 'db' } },
      { name: 'logs', hostPath: { path: '/srv/logs' } },
    ],
  },
};

const claim = (name: string): object => ({
  metadata: { name },
  spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
});

const STATEFUL_SET = {
  apiVersion: 'apps/v1',
  kind: 'StatefulSet',
  metadata: { name: 'db' },
  spec: {
    serviceName: 'db',
    selector: { matchLabels: { app: 'db' } },
    template: POD_TEMPLATE,
    volumeClaimTemplates: ['logs', 'data', 'more'].map(claim),
  },
};

clusterTest('a claim template replaces the volume of its name in each Pod of a StatefulSet, and no other', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  await api.request({ method: 'POST', path: `/apis/apps/v1/namespaces/${namespace}/statefulsets`, body: STATEFUL_SET });
  const path = `/api/v1/namespaces/${namespace}/pods/db-0`;
  await eventually('the controller has made a Pod', async () => (await api.find(path)) !== undefined);
  const { spec } = (await api.find(path)) as unknown as Pod;
  const judged = withClaimedVolumes(POD_TEMPLATE, claimTemplatesOf(STATEFUL_SET).all).spec.volumes ?? [];
  const names = judged.map(({ name }) => name);
  // The controller adds what the template lacks, and the API server the token.
  t.same(kindsOf(spec.volumes?.filter(({ name }) => names.includes(name))), kindsOf(judged));
});

/** By name: an order of volumes means nothing. */
function kindsOf(volumes: readonly Volume[] = []): Record<string, string[]> {
  return Object.fromEntries(volumes.map(({ name, ...source }) => [name, Object.keys(source)]));
}
