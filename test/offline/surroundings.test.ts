import t from 'tap';
import type { Surroundings } from '../../src/core/surroundings.ts';
import { WorkloadKinds } from '../../src/core/workload.ts';
import { mayHoldSurroundings, SurroundingsOfFiles } from '../../src/offline/surroundings.ts';

const WORKLOAD = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' } };

/** @param called its name, behind its namespace if it has one: `shop/web` */
function object(apiVersion: string, kind: string, called: string, spec: object): object {
  const [name, namespace] = called.split('/').reverse();
  return { apiVersion, kind, metadata: { name, ...(namespace !== undefined && { namespace }) }, spec };
}

/** What is known around a workload of a file, beside these objects. */
function around(
  objects: readonly (readonly [file: string, value: unknown])[],
  file = 'deploy/web.yaml',
  workload: object = WORKLOAD,
): Surroundings {
  const known = new SurroundingsOfFiles();
  for (const [name, value] of objects) known.add(name, value, 'default');
  return known.around(file, workload, 'default');
}

void t.test('Services, budgets and autoscalers of the folder and the namespace are known', (t) => {
  const { services, podDisruptionBudgets, autoscalers, limitRanges } = around([
    ['deploy/service.yaml', object('v1', 'Service', 'web', { selector: { app: 'web' } })],
    [
      'deploy/budget.yaml',
      object('policy/v1', 'PodDisruptionBudget', 'web', { selector: { matchLabels: { app: 'web' } }, minAvailable: '50%' }),
    ],
    [
      'deploy/all.yaml',
      object('autoscaling/v2', 'HorizontalPodAutoscaler', 'web', {
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        maxReplicas: 5,
      }),
    ],
    ['deploy/keda.yaml', object('keda.sh/v1alpha1', 'ScaledObject', 'api', { scaleTargetRef: { name: 'api' } })],
  ]);
  t.same(services, { isKnown: true, value: [{ name: 'web', selector: { app: 'web' } }] });
  t.match(podDisruptionBudgets, { isKnown: true, value: [{ name: 'web', minAvailable: '50%', maxUnavailable: undefined }] });
  t.same(autoscalers, {
    isKnown: true,
    value: [
      {
        name: 'api',
        kind: 'ScaledObject',
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'api' },
        minReplicas: 0,
        maxReplicas: 100,
      },
      {
        name: 'web',
        scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' },
        minReplicas: 1,
        maxReplicas: 5,
        utilizations: [{ resource: 'cpu', container: undefined }],
      },
    ],
  });
  t.equal(limitRanges.isKnown, false);
  t.end();
});

void t.test('autoscalers of two kinds may have one name, in whatever order they come', (t) => {
  const target = (name: string): object => ({ scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name } });
  const objects = [
    ['deploy/hpa.yaml', object('autoscaling/v2', 'HorizontalPodAutoscaler', 'web', target('web'))],
    ['deploy/keda.yaml', object('keda.sh/v1alpha1', 'ScaledObject', 'web', target('api'))],
  ] as const;
  for (const files of [objects, objects.toReversed()]) {
    const { autoscalers } = around(files);
    t.match(autoscalers, { isKnown: true, value: [{ scaleTargetRef: { name: 'web' } }, { scaleTargetRef: { name: 'api' } }] });
  }
  t.end();
});

void t.test('nothing is known where the folder or the namespace has none of them', (t) => {
  const service = object('v1', 'Service', 'web', { selector: { app: 'web' } });
  t.equal(around([['other/service.yaml', service]]).services.isKnown, false);
  t.equal(around([['deploy/service.yaml', object('v1', 'Service', 'shop/web', {})]]).services.isKnown, false);
  t.equal(around([['deploy/deployment.yaml', WORKLOAD]]).services.isKnown, false);
  t.equal(
    around([['deploy/service.yaml', service]], 'deploy/web.yaml', { ...WORKLOAD, metadata: { namespace: 'default' } }).services.isKnown,
    true,
  );
  t.end();
});

void t.test('of two files with one object, one for each environment, the last counts', (t) => {
  const budget = (maxUnavailable: number): object => object('policy/v1', 'PodDisruptionBudget', 'web', { selector: {}, maxUnavailable });
  const { podDisruptionBudgets } = around([
    ['deploy/dev.yaml', budget(0)],
    ['deploy/prod.yaml', budget(1)],
  ]);
  t.match(podDisruptionBudgets, { value: [{ maxUnavailable: 1 }] });
  t.equal(podDisruptionBudgets.isKnown && podDisruptionBudgets.value.length, 1);
  t.end();
});

void t.test('what does not look like such an object is left out, whatever it is', (t) => {
  const values = [
    null,
    1,
    [],
    {},
    { kind: 'Service' },
    { apiVersion: 'v1', kind: 'Service', metadata: {}, spec: {} },
    object('v1', 'Service', 'x', []),
  ];
  t.equal(around(values.map((value) => ['deploy/x.yaml', value] as const)).services.isKnown, false);
  const odd = object('policy/v1', 'PodDisruptionBudget', 'x', {
    selector: { matchLabels: { a: 1, b: 'c' }, matchExpressions: [1, { key: 'a' }, { key: 'a', operator: 'In', values: 'b' }] },
    minAvailable: 'many',
  });
  t.match(around([['deploy/x.yaml', odd]]).podDisruptionBudgets, {
    value: [
      { selector: { matchLabels: { b: 'c' }, matchExpressions: [{ key: 'a', operator: 'In', values: [] }] }, minAvailable: undefined },
    ],
  });
  t.end();
});

function data(kind: string, name: string, content: object): object {
  return { apiVersion: 'v1', kind, metadata: { name }, ...content };
}

void t.test('what a Pod may name is known where it is in the folder, and never taken for all', (t) => {
  const { configMaps, secrets, priorityClasses, services } = around([
    ['deploy/config.yaml', data('ConfigMap', 'web', { data: { level: 'info' }, binaryData: { logo: 'AA==' } })],
    ['deploy/secret.yaml', data('Secret', 'database', { stringData: { password: 'x' } })],
    ['deploy/token.yaml', data('Secret', 'token', { type: 'kubernetes.io/service-account-token', data: { extra: 'AA==' } })],
    ['deploy/empty.yaml', data('ConfigMap', 'trusted', { data: {} })],
    ['deploy/class.yaml', { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'high', namespace: 'any' } }],
    ['other/config.yaml', data('ConfigMap', 'api', { data: { level: 'info' } })],
  ]);
  const objects = [
    { name: 'web', keys: ['level', 'logo'] },
    { name: 'trusted', keys: undefined },
  ];
  t.same(configMaps, { isKnown: true, value: { isComplete: false, objects } });
  t.match(secrets, { value: { objects: [{ name: 'database', keys: ['password'] }, { name: 'token' }] } });
  t.match(priorityClasses, { value: { objects: [{ name: 'high' }] } });
  t.equal(services.isKnown, false, 'they do not make the folder one whose Services are known');
  t.end();
});

void t.test('a Secret that something makes is known by what asks for it, however its file is found', (t) => {
  const files: [string, object][] = [
    ['deploy/external.yaml', { ...data('ExternalSecret', 'database', {}), apiVersion: 'external-secrets.io/v1', spec: {} }],
    ['deploy/sealed.yaml', { ...data('SealedSecret', 'api', {}), apiVersion: 'bitnami.com/v1alpha1', spec: {} }],
    ['deploy/tls.yaml', { ...data('Certificate', 'web', {}), apiVersion: 'cert-manager.io/v1', spec: { secretName: 'web-tls' } }],
  ];
  for (const [file, object] of files) t.equal(mayHoldSurroundings(file, JSON.stringify(object)), true, file);
  t.match(around(files).secrets, { value: { objects: [{ name: 'database' }, { name: 'api' }, { name: 'web-tls' }] } });
  t.end();
});

void t.test('what is known is the same in whatever order the files are, and in a list of one kind', (t) => {
  const services = ['web', 'api', 'db'].map((name) => object('v1', 'Service', name, { selector: { app: name } }));
  const limits = ['b', 'a'].map((name) => object('v1', 'ResourceQuota', name, { hard: { pods: '1' } }));
  const files = [...services, ...limits].map((value, index): [string, unknown] => [`deploy/${index}.yaml`, value]);
  t.same(around(files), around(files.toReversed()));
  t.match(around(files), { services: { value: [{ name: 'api' }, { name: 'db' }, { name: 'web' }] } });
  t.ok(mayHoldSurroundings('deploy/services.json', '{"kind":"ServiceList","items":[{"metadata":{}}]}'));
  t.end();
});

void t.test('the claims that a StatefulSet makes are known by one name, and are no reason to take a folder for all', (t) => {
  const set = object('apps/v1', 'StatefulSet', 'db', {
    volumeClaimTemplates: [{ metadata: { name: 'data' } }, { metadata: { name: 'log' } }],
  });
  const account = { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'db' } };
  const { claims } = around([
    ['deploy/db.yaml', set],
    ['deploy/account.yaml', account],
  ]);
  t.same(claims, { isKnown: true, value: { isComplete: false, objects: [{ name: 'data-db-*' }, { name: 'log-db-*' }] } });
  t.equal(around([['deploy/db.yaml', set]]).claims.isKnown, false);
  t.ok(mayHoldSurroundings('deploy/db.yaml', 'kind: StatefulSet\nspec: {volumeClaimTemplates: []}'));
  t.end();
});

void t.test('a key counts that any of several files with one object has', (t) => {
  const { configMaps } = around([
    ['deploy/staging.yaml', data('ConfigMap', 'web', { data: { level: 'debug' } })],
    ['deploy/production.yaml', data('ConfigMap', 'web', { data: { level: 'info', cache: 'on' } })],
  ]);
  t.match(configMaps, { value: { objects: [{ name: 'web', keys: ['level', 'cache'] }] } });
  t.end();
});

void t.test('of a folder that kustomize renders, no ConfigMap is known', (t) => {
  const config = ['deploy/config.yaml', data('ConfigMap', 'web', { data: { level: 'info' } })] as const;
  t.equal(around([['deploy/kustomization.yaml', { resources: ['../base'] }], config]).configMaps.isKnown, false);
  t.equal(around([['other/kustomization.yaml', { resources: ['../base'] }], config]).configMaps.isKnown, true);
  t.end();
});

const POD = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
const BUDGET = object('policy/v1', 'PodDisruptionBudget', 'web', { selector: {}, maxUnavailable: 1 });

/** The workloads that are known around a budget in the folder `deploy`. */
function workloadsAround(objects: readonly (readonly [file: string, value: unknown])[]): Surroundings['workloads'] {
  const known = new SurroundingsOfFiles();
  const all = [['deploy/budget.yaml', BUDGET] as const, ...objects];
  for (const [name, value] of all) known.add(name, value, 'default');
  for (const [name, value] of all) known.addWorkload(name, value, 'default', { kinds: new WorkloadKinds(), kubernetesMinor: 36 });
  return known.around('deploy/budget.yaml', BUDGET, 'default').workloads;
}

void t.test('each document whose name is generated makes an object of its own, even if another document is equal', (t) => {
  const budget = (app: string): object => ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { generateName: 'budget-' },
    spec: { selector: { matchLabels: { app } }, maxUnavailable: 1 },
  });
  const { podDisruptionBudgets } = around([
    ['deploy/all.yaml', budget('web')],
    ['deploy/all.yaml', budget('api')],
    ['deploy/all.yaml', budget('web')],
  ]);
  if (!podDisruptionBudgets.isKnown) throw new Error('not known');
  t.same(
    podDisruptionBudgets.value.map(({ selector }) => selector?.matchLabels),
    [{ app: 'api' }, { app: 'web' }, { app: 'web' }],
  );
  const pod = (label: string): object => ({
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'web-', labels: { app: 'web', label } } },
    spec: { containers: [{ name: 'web', image: 'web:1' }] },
  });
  const workloads = workloadsAround([
    ['deploy/a.yaml', pod('a')],
    ['deploy/b.yaml', pod('b')],
    ['deploy/c.yaml', pod('b')],
  ]);
  t.equal(workloads.isKnown && workloads.value.workloads.length, 3);
  t.end();
});

void t.test('the workloads of the folder and the namespace are known to its budgets', (t) => {
  const claim = { ...POD.spec, volumes: [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }] };
  const [container] = POD.spec.containers;
  const writing = { ...claim, containers: [{ ...container, volumeMounts: [{ name: 'data', mountPath: '/data' }] }] };
  const workloads = workloadsAround([
    ['deploy/web.yaml', object('apps/v1', 'Deployment', 'web', { replicas: 2, template: POD })],
    ['deploy/data.yaml', object('apps/v1', 'StatefulSet', 'data', { template: { ...POD, spec: writing } })],
    ['deploy/agent.yaml', object('apps/v1', 'DaemonSet', 'agent', { template: POD })],
    ['deploy/service.yaml', object('v1', 'Service', 'web', {})],
    ['other/web.yaml', object('apps/v1', 'Deployment', 'other', { template: POD })],
    ['deploy/shop.yaml', object('apps/v1', 'Deployment', 'shop/elsewhere', { template: POD })],
  ]);
  const common = { apiVersion: 'apps/v1', labels: { app: 'web' } };
  t.same(workloads, {
    isKnown: true,
    value: {
      isComplete: true,
      workloads: [
        { ...common, kind: 'DaemonSet', name: 'agent', replicas: undefined, setsReplicas: false, keepsData: false },
        { ...common, kind: 'Deployment', name: 'web', replicas: 2, setsReplicas: true, keepsData: false },
        { ...common, kind: 'StatefulSet', name: 'data', replicas: 1, setsReplicas: false, keepsData: true },
      ],
    },
  });
  t.end();
});

void t.test('workloads are not taken for all where something else may have Pods, nor where kustomize changes them', (t) => {
  const web = ['deploy/web.yaml', object('apps/v1', 'Deployment', 'web', { template: POD })] as const;
  const isComplete = (...objects: readonly (readonly [string, unknown])[]): boolean | undefined => {
    const workloads = workloadsAround([web, ...objects]);
    return workloads.isKnown ? workloads.value.isComplete : undefined;
  };
  t.equal(isComplete(['deploy/hpa.yaml', object('keda.sh/v1alpha1', 'ScaledObject', 'web', {})]), true);
  t.equal(isComplete(['deploy/database.yaml', object('postgresql.cnpg.io/v1', 'Cluster', 'database', {})]), false);
  t.equal(isComplete(['deploy/wrong.yaml', object('apps/v1', 'Deployment', 'wrong', { template: { spec: { containers: 1 } } })]), false);
  t.equal(isComplete(['deploy/kustomization.yaml', { resources: ['web.yaml'] }]), undefined);
  t.equal(workloadsAround([]).isKnown, false, 'a folder without workloads');
  t.end();
});

void t.test('the literal values of the workloads of the folder are known, unless a tool renders them', (t) => {
  const workload = (called: string, level: string): object =>
    object('apps/v1', 'Deployment', called, { template: { spec: { containers: [{ env: [{ name: 'LOG_LEVEL', value: level }] }] } } });
  const files: Parameters<typeof around>[0] = [
    ['deploy/web.yaml', workload('web', 'info')],
    ['deploy/all.yaml', workload('api', 'info')],
    ['deploy/all.yaml', workload('api', 'warn')],
    ['deploy/shop.yaml', workload('shop/shop', 'info')],
    ['other/web.yaml', workload('other', 'info')],
  ];
  const none = { isKnown: true, value: [] };
  t.same(around(files).workloadSettings, {
    isKnown: true,
    value: [
      { kind: 'Deployment', name: 'api', settings: ['LOG_LEVEL=warn'] },
      { kind: 'Deployment', name: 'web', settings: ['LOG_LEVEL=info'] },
    ],
  });
  t.equal(around(files).services.isKnown, false);
  t.equal(around([['deploy/web.yaml', WORKLOAD]]).workloadSettings.isKnown, false);
  t.same(around([...files, ['deploy/kustomization.yaml', {}]]).workloadSettings, none);
  const known = new SurroundingsOfFiles();
  for (const [file, value] of files) known.add(file, value, 'default');
  known.addRendered('deploy/web.yaml');
  t.same(known.around('deploy/web.yaml', WORKLOAD, 'default').workloadSettings, none);
  const ofHelm = { ...WORKLOAD, metadata: { name: 'web', labels: { 'helm.sh/chart': 'web-1.0' } } };
  t.same(around(files, 'deploy/web.yaml', ofHelm).workloadSettings, none, 'by its labels');
  t.end();
});

void t.test('the limits of the namespace are known where they stand in the folder, and make no application of it', (t) => {
  const range = object('v1', 'LimitRange', 'limits', { limits: [{ type: 'Container', default: { memory: '64Mi' } }] });
  const quota = object('v1', 'ResourceQuota', 'quota', { hard: { pods: '4' } });
  const { limitRanges, resourceQuotas, services } = around([['deploy/limits.yaml', range]]);
  t.match(limitRanges, { isKnown: true, value: [{ name: 'limits' }] });
  t.same([resourceQuotas.isKnown, services.isKnown], [false, false]);
  const service = object('v1', 'Service', 'web', {});
  const both = around([
    ['deploy/quota.yaml', quota],
    ['deploy/service.yaml', service],
  ]);
  t.match(both, { resourceQuotas: { value: [{ name: 'quota' }] }, services: { isKnown: true }, limitRanges: { isKnown: false } });
  t.equal(around([['other/limits.yaml', range]]).limitRanges.isKnown, false);
  t.end();
});
