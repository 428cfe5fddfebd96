/** What stands around a workload, as the API server has it: read once for commands, and watched for the server. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { presetPolicy } from '../../src/config/presets.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { NOTHING_KNOWN, type Surrounding } from '../../src/core/surroundings.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { connectByKubeconfig } from '../../src/kube/client/kubeconfig.ts';
import { rightsToWatch } from '../../src/kube/client/surrounding-resources.ts';
import { readSurroundings } from './read-surroundings.ts';
import { WatchedSurroundings } from '../../src/kube/watch/watched-surroundings.ts';
import { clusterTest, connect, eventually, kubectl, makeNamespace, send } from './cluster.ts';
import { kubeconfigWith } from './kubeconfigs.ts';
import { Line } from './line.ts';
import { registerWebhook } from './registered-webhook.ts';

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
  const known = await readSurroundings(api, namespace, EVERYTHING);
  t.equal(known.images.isKnown, false, 'no registry is asked');
  t.equal(known.secrets.isKnown, false, 'no Secret is read');
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

clusterTest('what is watched is known as it changes, also after the API server was away', async (t) => {
  const api = connect();
  const [namespace, other] = [await makeNamespace(t, api), await makeNamespace(t, api)];
  for (const object of [SERVICE, BUDGET]) await create(api, namespace, object);
  await create(api, other, { ...SERVICE, metadata: { name: 'elsewhere' } });
  const line = await Line.to(t, api.server);
  const told: string[] = [];
  const watched = new WatchedSurroundings(
    connectByKubeconfig({ kubeconfig: await kubeconfigWith(t, { server: line.url }) }),
    { onKnown: (surrounding) => told.push(`${surrounding} known`), onError: (surrounding) => told.push(`${surrounding} lost`) },
    { firstBackoffMs: 100, longestBackoffMs: 500 },
  );
  t.teardown(() => watched.close());
  watched.need(new Set(['services', 'podDisruptionBudgets', 'namespace']));
  const namesOf = (surrounding: 'services' | 'podDisruptionBudgets'): string | undefined => {
    const known = watched.around(namespace)[surrounding];
    return known.isKnown ? known.value.map(({ name }) => name).join(' ') : undefined;
  };
  await eventually('both are known', () => namesOf('services') === 'web' && namesOf('podDisruptionBudgets') === 'web');
  t.equal(watched.around(namespace).autoscalers.isKnown, false, 'nobody needs autoscalers');
  await eventually('the namespace is known', () => watched.around(namespace).namespace.isKnown);
  t.match(watched.around(namespace).namespace, { value: { labels: { 'kubernetes.io/metadata.name': namespace } } });

  await create(api, namespace, { ...SERVICE, metadata: { name: 'api' } });
  await eventually('a new one is known', () => namesOf('services') === 'api web');

  line.cut();
  await eventually('the loss is told', () => told.includes('services lost') && told.includes('podDisruptionBudgets lost'));
  t.equal(namesOf('services'), 'api web', 'what was known stays known for a while');
  await send(api, { method: 'DELETE', path: `/api/v1/namespaces/${namespace}/services/web` });
  await create(api, namespace, { ...BUDGET, metadata: { name: 'second' } });
  line.mend();
  await eventually('what was missed is known', () => namesOf('services') === 'api' && namesOf('podDisruptionBudgets') === 'second web');

  watched.need(new Set(['autoscalers']));
  await create(api, namespace, AUTOSCALER);
  await eventually('another policy watches something else', () => {
    const { autoscalers } = watched.around(namespace);
    return autoscalers.isKnown && autoscalers.value.length === 1;
  });
  t.equal(namesOf('services'), undefined, 'what nobody needs any more is not kept');
  t.same(
    watched.kinds.map(({ surrounding, reason }) => [surrounding, reason]),
    [['autoscalers', undefined]],
  );
});

clusterTest(
  'the rights in the manifests are enough, and without them, or once they are taken away, it is unknown what is watched',
  async (t) => {
    const api = connect();
    const namespace = await makeNamespace(t, api);
    const { needs } = presetPolicy('baseline');
    const token = await api.request({
      method: 'POST',
      path: `/api/v1/namespaces/${namespace}/serviceaccounts/default/token`,
      body: { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec: {} },
    });
    const file = await kubeconfigWith(t, { token: (token.body['status'] as { token: string }).token });
    const watched = new WatchedSurroundings(
      connectByKubeconfig({ kubeconfig: file }),
      { onKnown: () => undefined, onError: () => undefined },
      // The API server lets a watch go on to its end.
      { watchSeconds: 2, lostAfterMs: 500, firstBackoffMs: 100, longestBackoffMs: 500 },
    );
    t.teardown(() => watched.close());
    watched.need(needs);
    const reasons = (): (string | undefined)[] => watched.kinds.map(({ reason }) => reason);
    await eventually('all are refused', () => reasons().every((reason) => reason?.includes('forbidden') === true));
    t.match(watched.around(namespace).services, {
      isKnown: false,
      reason: /podgrace cannot read the Services of the namespace: services is forbidden/,
    });

    const metadata = { name: namespace };
    const root = '/apis/rbac.authorization.k8s.io/v1';
    const role = { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata, rules: rightsToWatch(needs) };
    const binding = {
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRoleBinding',
      metadata,
      roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: namespace },
      subjects: [{ kind: 'ServiceAccount', name: 'default', namespace }],
    };
    for (const [plural, body] of [
      ['clusterroles', role],
      ['clusterrolebindings', binding],
    ] as const) {
      await api.request({ method: 'POST', path: `${root}/${plural}`, body });
      t.teardown(() => send(api, { method: 'DELETE', path: `${root}/${plural}/${namespace}` }));
    }
    await eventually('all are known', () => reasons().every((reason) => reason === undefined));

    await send(api, { method: 'DELETE', path: `${root}/clusterrolebindings/${namespace}` });
    await eventually('all are refused again', () => reasons().every((reason) => reason?.includes('forbidden') === true));
    t.equal(watched.around(namespace).services.isKnown, false, 'what was known is not taken for what is');
    await api.request({ method: 'POST', path: `${root}/clusterrolebindings`, body: binding });
    await eventually('all are known again', () => reasons().every((reason) => reason === undefined));
  },
);

clusterTest(
  'a budget that comes after its Deployment is not missed, and one that never comes is a warning of the next change',
  async (t) => {
    const api = connect();
    const namespace = await makeNamespace(t, api);
    const policy = presetPolicy('production');
    const watched = new WatchedSurroundings(api, { onKnown: () => undefined, onError: () => undefined });
    t.teardown(() => watched.close());
    watched.need(policy.needs);
    await eventually('all is known', () => watched.kinds.every(({ reason }) => reason === undefined));
    const webhook = await registerWebhook(t, api, { policy, namespace, surroundings: (of) => watched.around(of) });
    webhook.takeRecords();
    const about = async (object: JsonObject): Promise<string[]> => {
      const file = join(t.testdir(), 'deployment.json');
      writeFileSync(file, JSON.stringify(object));
      const { code, stderr } = await kubectl(['apply', '-n', namespace, '-f', file]);
      t.equal(code, 0, stderr);
      return stderr.split('\n').filter((warning) => warning.includes('disruption-budget'));
    };
    const found = (): unknown =>
      webhook
        .takeRecords()
        .flatMap(({ findingCounts }) => findingCounts.filter(({ rule }) => rule === 'disruption-budget').map(({ mode }) => mode));

    t.same(await about(deployment('web:1')), []);
    t.same(found(), ['may-follow'], 'it is recorded all the same');
    t.match(await about(deployment('web:2')), [
      /must be selected by a PodDisruptionBudget where there are 2 replicas, but none selects these Pods/,
    ]);
    await create(api, namespace, BUDGET);
    await eventually('the budget is known', () => {
      const { podDisruptionBudgets } = watched.around(namespace);
      return podDisruptionBudgets.isKnown && podDisruptionBudgets.value.length === 1;
    });
    t.same(await about(deployment('web:3')), []);
  },
);

clusterTest(
  'of two replicas, the one that was cut off knows nothing of a namespace that was made again, until it has read it',
  async (t) => {
    const api = connect();
    const namespace = await makeNamespace(t, api, { team: 'first' });
    for (const object of [SERVICE, BUDGET, QUOTA, LIMITS]) await create(api, namespace, object);
    const line = await Line.to(t, api.server);
    const replicaAt = async (server: string): Promise<WatchedSurroundings> => {
      const watched = new WatchedSurroundings(
        connectByKubeconfig({ kubeconfig: await kubeconfigWith(t, { server }) }),
        { onKnown: () => undefined, onError: () => undefined },
        { lostAfterMs: 2_000, firstBackoffMs: 100, longestBackoffMs: 500 },
      );
      t.teardown(() => watched.close());
      watched.need(new Set([...presetPolicy('strict').needs, 'namespace']));
      return watched;
    };
    const [here, cutOff] = [await replicaAt(api.server), await replicaAt(line.url)];
    const view = (watched: WatchedSurroundings): string => {
      const { services, podDisruptionBudgets, resourceQuotas, limitRanges, namespace: of } = watched.around(namespace);
      const lists = [services, podDisruptionBudgets, resourceQuotas, limitRanges].map((known) =>
        known.isKnown ? known.value.length : '?',
      );
      return `${of.isKnown ? String(of.value.labels['team']) : '?'} ${lists.join(' ')}`;
    };
    await eventually('both know all of it', () => view(here) === 'first 1 1 1 1' && view(cutOff) === 'first 1 1 1 1');

    line.cut();
    const { code, stderr } = await kubectl(['delete', 'namespace', namespace]);
    if (code !== 0) throw new Error(stderr);
    await eventually('the one knows that it is gone', () => view(here) === '? 0 0 0 0');
    await api.request({
      method: 'POST',
      path: '/api/v1/namespaces',
      body: { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace, labels: { team: 'second' } } },
    });
    await eventually('the one knows the new namespace, and nothing of the old one', () => view(here) === 'second 0 0 0 0');
    await eventually('the other knows nothing of either', () => view(cutOff) === '? ? ? ? ?');
    for (const { surrounding, reason } of cutOff.kinds) t.match(reason, /^podgrace cannot read /, surrounding);
    line.mend();
    await eventually('both know the same', () => view(cutOff) === 'second 0 0 0 0');
    t.equal(view(here), view(cutOff));
  },
);

clusterTest('a canary under the same budget counts on an update, as the disruption controller has counted it', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const policy = presetPolicy('production');
  const watched = new WatchedSurroundings(api, { onKnown: () => undefined, onError: () => undefined });
  t.teardown(() => watched.close());
  watched.need(policy.needs);
  await eventually('all is known', () => watched.kinds.every(({ reason }) => reason === undefined));
  await registerWebhook(t, api, { policy, namespace, surroundings: (of) => watched.around(of) });
  const { spec, ...budget } = BUDGET;
  await create(api, namespace, { ...budget, spec: { selector: spec.selector, minAvailable: 2 } });
  const counts = (expected: number): Promise<void> =>
    eventually(`the budget has counted ${expected}`, () => {
      const { podDisruptionBudgets } = watched.around(namespace);
      return podDisruptionBudgets.isKnown && podDisruptionBudgets.value[0]?.count?.expected === expected;
    });
  const warned = async (name: string, replicas: number): Promise<number> => {
    const labels = { app: 'web', track: name };
    const { spec: of, ...object } = deployment('web:1') as { spec: { template: { spec: JsonObject } } };
    const template = { ...of.template, metadata: { labels } };
    const scaled = { ...object, metadata: { name }, spec: { ...of, replicas, selector: { matchLabels: labels }, template } };
    const { code, stderr } = await kubectl(['apply', '-n', namespace, '-f', '-'], scaled);
    t.equal(code, 0, stderr);
    return stderr.split('\n').filter((warning) => warning.includes('disruption-budget')).length;
  };
  await warned('main', 3);
  await warned('canary', 1);
  await counts(4);
  t.equal(await warned('main', 2), 0, 'two, and the canary');
  await kubectl(['delete', 'deployment', 'canary', '-n', namespace]);
  await counts(2);
  await warned('main', 3);
  await counts(3);
  t.equal(await warned('main', 2), 1, 'two, and no other');
});

/** Clean under `production`, but for a budget. */
function deployment(image: string): JsonObject {
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      // Nobody is to run it: a selector that no node has.
      replicas: 2,
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: {
          nodeSelector: { 'podgrace.dev/none': 'here' },
          containers: [
            {
              name: 'web',
              image: `registry.example/${image}`,
              command: ['/app/web'],
              ports: [{ containerPort: 8080 }],
              resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '64Mi' } },
              readinessProbe: { httpGet: { path: '/ready', port: 8080 } },
            },
          ],
        },
      },
    },
  };
}

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
