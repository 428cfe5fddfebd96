import t from 'tap';
import { presetPolicy } from '../../../src/config/presets.ts';
import { NOTHING_KNOWN, type Known, type Surroundings } from '../../../src/core/surroundings.ts';
import { ObjectsOfRun } from '../../../src/kube/commands/objects-of-run.ts';

function over(objects: readonly object[], live: Partial<Surroundings>, namespace = 'shop'): Surroundings {
  const run = new ObjectsOfRun(presetPolicy('strict'), 'shop');
  for (const object of objects) run.add(object);
  return run.over(namespace, { ...NOTHING_KNOWN, ...live });
}

function known<T>(value: T): Known<T> {
  return { isKnown: true, value };
}

function named(of: Known<readonly { readonly name: string }[]>): readonly string[] | undefined {
  return of.isKnown ? of.value.map(({ name }) => name) : undefined;
}

function budget(name: string, maxUnavailable: number, namespace?: string): object {
  const metadata = { name, ...(namespace !== undefined && { namespace }) };
  return {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata,
    spec: { selector: { matchLabels: { app: 'web' } }, maxUnavailable },
  };
}

const LIVE_BUDGETS = known([
  { name: 'web', selector: {}, minAvailable: 3, maxUnavailable: undefined },
  { name: 'other', selector: {}, minAvailable: 1, maxUnavailable: undefined },
]);

const WEB = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: { replicas: 3, template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } } },
};
const LIVE_WEB = {
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', labels: { app: 'old' } },
  ...{ replicas: 1, setsReplicas: false, keepsData: false },
};
const LIVE_API = { ...LIVE_WEB, name: 'api' };

void t.test('an object of the files takes the place of the one that it will change', (t) => {
  const { podDisruptionBudgets } = over([budget('web', 1), budget('elsewhere', 1, 'other')], { podDisruptionBudgets: LIVE_BUDGETS });
  t.same(named(podDisruptionBudgets), ['other', 'web']);
  t.match(podDisruptionBudgets, { value: [{ name: 'other' }, { name: 'web', maxUnavailable: 1, minAvailable: undefined }] });
  t.end();
});

void t.test('each document whose name is generated makes an object of its own', (t) => {
  const metadata = { generateName: 'web-' };
  const sameBudget = { ...budget('web', 1), metadata };
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
  const { podDisruptionBudgets, workloads } = over([sameBudget, sameBudget, pod, pod], {
    podDisruptionBudgets: LIVE_BUDGETS,
    workloads: known({ isComplete: true, workloads: [LIVE_API] }),
  });
  t.same(named(podDisruptionBudgets), ['other', 'web', 'web-', 'web-']);
  t.same(workloads.isKnown && workloads.value.workloads.map(({ kind, name }) => `${kind} ${name}`), [
    'Pod web-',
    'Pod web-',
    'Deployment api',
  ]);
  t.end();
});

void t.test('what the API does not tell stays unknown, whatever the files hold', (t) => {
  const { podDisruptionBudgets, workloads, configMaps } = over([budget('web', 1), WEB], {});
  t.same([podDisruptionBudgets.isKnown, workloads.isKnown, configMaps.isKnown], [false, false, false]);
  t.end();
});

void t.test('workloads of the files are among those of the API', (t) => {
  const live = { workloads: known({ isComplete: true, workloads: [LIVE_WEB, LIVE_API] }) };
  const { workloads } = over([WEB], live);
  t.match(workloads, {
    value: { isComplete: true, workloads: [LIVE_API, { name: 'web', labels: { app: 'web' }, replicas: 3, setsReplicas: true }] },
  });
  t.match(over([{ apiVersion: 'db.example/v1', kind: 'Database', metadata: { name: 'a' } }], live).workloads, {
    value: { isComplete: false },
  });
  t.match(over([budget('web', 1)], live).workloads, { value: { isComplete: true } }, 'a budget makes no Pods');
  t.same(over([WEB], live, 'other').workloads, live.workloads, 'those of another namespace are not');
  t.end();
});

void t.test('a name that the files define is there, with the keys of both', (t) => {
  const configMap = (name: string, data: object): object => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name }, data });
  const { configMaps, secrets } = over([configMap('settings', { level: 'info' }), configMap('new', { a: '1' })], {
    configMaps: known({ isComplete: true, objects: [{ name: 'settings', keys: ['mode'] }] }),
    secrets: known({ isComplete: true, objects: [] }),
  });
  t.same(
    configMaps,
    known({
      isComplete: true,
      objects: [
        { name: 'settings', keys: ['level', 'mode'] },
        { name: 'new', keys: ['a'] },
      ],
    }),
  );
  t.same(secrets, known({ isComplete: true, objects: [] }));
  t.end();
});

void t.test('a claim of the files that the cluster is deleting is still being deleted', (t) => {
  const claim = { apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'] } };
  const { claims } = over([claim], { claims: known({ isComplete: true, objects: [{ name: 'data', unusable: 'deleted' }] }) });
  t.match(claims, { value: { objects: [{ name: 'data', accessModes: ['ReadWriteOnce'], unusable: 'deleted' }] } });
  t.end();
});

void t.test('a class of the cluster is there for every namespace', (t) => {
  const high = { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: 'high' }, value: 1 };
  const { priorityClasses } = over([high], { priorityClasses: known({ isComplete: true, objects: [] }) }, 'anywhere');
  t.match(priorityClasses, { value: { objects: [{ name: 'high' }] } });
  t.end();
});

void t.test('what is no object is left out', (t) => {
  const live = { podDisruptionBudgets: LIVE_BUDGETS };
  t.same(over(['text' as never, [] as never, { kind: 'PodDisruptionBudget' }, {}], live).podDisruptionBudgets, LIVE_BUDGETS);
  t.end();
});
