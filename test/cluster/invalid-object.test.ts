/** What podgrace says is wrong with Pods and workloads, against what the API server says. */
import type { JsonObject } from '../../src/core/json.ts';
import { parseKubernetesVersion } from '../../src/core/kubernetes-version.ts';
import { storedObject } from '../../src/core/stored-object.ts';
import { invalidPlacesOfNew } from '../../src/core/validation/invalid-object.ts';
import { MADE_UP_CREATIONS } from '../core/validation/made-up-creations.ts';
import { MADE_UP_CONTAINER_FIELDS } from '../core/validation/made-up-container-fields.ts';
import { MADE_UP_JOBS } from '../core/validation/made-up-jobs.ts';
import { MADE_UP_POD_FIELDS } from '../core/validation/made-up-pod-fields.ts';
import { MADE_UP_POD_SPECS } from '../core/validation/made-up-pod-specs.ts';
import { MADE_UP_WORKLOADS } from '../core/validation/made-up-workloads.ts';
import { clusterTest, connect, makeNamespace, send } from './cluster.ts';

/** Of each kind, the group and the plural in the paths of the API. */
const RESOURCES: Readonly<Record<string, string>> = {
  Pod: 'pods',
  ReplicationController: 'replicationcontrollers',
  ReplicaSet: 'replicasets',
  Deployment: 'deployments',
  StatefulSet: 'statefulsets',
  DaemonSet: 'daemonsets',
  Job: 'jobs',
  CronJob: 'cronjobs',
};

clusterTest('an object is refused for what podgrace says is wrong with it', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const { body: version } = await send(api, { method: 'GET', path: '/version' });
  const minor = parseKubernetesVersion(String(version['gitVersion'])) ?? 0;
  const specs = [...MADE_UP_POD_SPECS, ...MADE_UP_CONTAINER_FIELDS, ...MADE_UP_POD_FIELDS];
  const ofSpecs = specs.map(({ name, spec }) => ({ name, object: deploymentOf(spec) }));
  for (const { name, object } of [...ofSpecs, ...MADE_UP_CREATIONS, ...MADE_UP_WORKLOADS, ...MADE_UP_JOBS]) {
    const { apiVersion, kind } = object;
    const group = apiVersion === 'v1' ? '/api/v1' : `/apis/${String(apiVersion)}`;
    const path = `${group}/namespaces/${namespace}/${String(RESOURCES[String(kind)])}`;
    const { code, body } = await send(api, { method: 'POST', path, query: { dryRun: 'All' }, body: object });
    const { causes = [] } = (body['details'] ?? {}) as { causes?: readonly { field: string; message: string }[] };
    const foretold = invalidPlacesOfNew(storedObject(object, minor), minor).map((place) => place.message);
    t.equal(code >= 400, foretold.length > 0, `${name}: ${code}`);
    t.same(
      foretold,
      causes.map(({ field, message }) => `${field}: ${message}`),
      name,
    );
  }
});

function deploymentOf(spec: JsonObject): JsonObject {
  const labels = { app: 'web' };
  const template = { metadata: { labels }, spec };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { selector: { matchLabels: labels }, template } };
}
