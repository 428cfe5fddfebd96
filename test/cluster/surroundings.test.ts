/** What stands around a workload, as the API server has it: read once for commands, and watched for the server. */
import { NOTHING_KNOWN, type Surrounding } from '../../src/core/surroundings.ts';
import type { JsonObject } from '../../src/core/json.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { readSurroundings } from '../../src/kube/commands/surroundings-of-namespace.ts';
import { clusterTest, connect, makeNamespace, send } from './cluster.ts';

const EVERYTHING: ReadonlySet<Surrounding> = new Set(Object.keys(NOTHING_KNOWN) as Surrounding[]);

const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80 }] },
};
const BUDGET = {
  apiVersion: 'policy/v1',
  kind: 'PodDisruptionBudget',
  metadata: { name: 'web' },
  spec: { selector: { matchLabels: { app: 'web' } }, maxUnavailable: 1 },
};
const AUTOSCALER = {
  apiVersion: 'autoscaling/v2',
  kind: 'HorizontalPodAutoscaler',
  metadata: { name: 'web' },
  spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 4 },
};
const LIMITS = {
  apiVersion: 'v1',
  kind: 'LimitRange',
  metadata: { name: 'defaults' },
  spec: { limits: [{ type: 'Container', default: { memory: '64Mi' } }] },
};
const QUOTA = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'all' }, spec: { hard: { pods: '7' } } };

clusterTest('a command reads what stands around the workloads of a namespace', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api, { team: 'shop' });
  for (const object of [SERVICE, BUDGET, AUTOSCALER, LIMITS, QUOTA]) await create(api, namespace, object);
  const { images, ...known } = await readSurroundings(api, namespace, EVERYTHING);
  t.equal(images.isKnown, false, 'no registry is asked');
  t.match(known, {
    services: { isKnown: true, value: [{ name: 'web', selector: { app: 'web' } }] },
    podDisruptionBudgets: { isKnown: true, value: [{ name: 'web', maxUnavailable: 1, minAvailable: undefined }] },
    autoscalers: { isKnown: true, value: [{ name: 'web', minReplicas: 1, maxReplicas: 4, scaleTargetRef: { name: 'web' } }] },
    resourceQuotas: { isKnown: true, value: [{ name: 'all', hard: { pods: '7' } }] },
    // The API server takes the default for the request too.
    limitRanges: { isKnown: true, value: [{ limits: [{ default: { memory: '64Mi' }, defaultRequest: { memory: '64Mi' } }] }] },
    namespace: { isKnown: true, value: { labels: { team: 'shop' } } },
  });
  const { services, podDisruptionBudgets } = await readSurroundings(api, namespace, new Set(['services']));
  t.same([services.isKnown, podDisruptionBudgets.isKnown], [true, false], 'nothing is read that nobody asks for');
});

const PLURALS: Readonly<Record<string, string>> = {
  Service: 'services',
  PodDisruptionBudget: 'poddisruptionbudgets',
  HorizontalPodAutoscaler: 'horizontalpodautoscalers',
  LimitRange: 'limitranges',
  ResourceQuota: 'resourcequotas',
};

async function create(api: KubeApi, namespace: string, object: JsonObject): Promise<void> {
  const { apiVersion, kind } = object;
  const root = apiVersion === 'v1' ? '/api/v1' : `/apis/${String(apiVersion)}`;
  const path = `${root}/namespaces/${namespace}/${PLURALS[String(kind)] ?? ''}`;
  const { code, body } = await send(api, { method: 'POST', path, body: object });
  if (code >= 400) throw new Error(`${String(kind)} was refused: ${String(body['message'])}`);
}
