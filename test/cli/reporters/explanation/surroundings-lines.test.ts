import t from 'tap';
import { surroundingsLines } from '../../../../src/cli/reporters/explanation/surroundings-lines.ts';
import { NOTHING_KNOWN, type Surroundings } from '../../../../src/core/surroundings.ts';
import { explanationOf } from '../../../offline/explanations.ts';
import { plain, pod, workload } from './lines.ts';

async function around(object: object, known: Partial<Surroundings>): Promise<string[]> {
  const { around, subject } = await explanationOf(object, { around: () => Promise.resolve({ ...NOTHING_KNOWN, ...known }) });
  return around === undefined ? ['nobody asked'] : plain(surroundingsLines(around, subject));
}

const nothing = { isKnown: true, value: [] } as const;
const ALL_EMPTY = { services: nothing, podDisruptionBudgets: nothing, autoscalers: nothing, resourceQuotas: nothing, limitRanges: nothing };

const labelled = (kind: 'Deployment' | 'StatefulSet', spec: object = {}): object =>
  workload(kind, {
    template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
    ...spec,
  });

void t.test('what nobody knows comes with its reason', async (t) => {
  t.match(await around(workload('Deployment'), {}), [
    /has not read the Services/,
    /PodDisruptionBudgets/,
    /autoscalers/,
    /ResourceQuotas/,
    /LimitRanges/,
  ]);
});

void t.test('a lack of Services and of budgets is worth a line, a lack of limits is not', async (t) => {
  t.same(await around(labelled('Deployment'), ALL_EMPTY), ['no Service selects its Pods', 'no PodDisruptionBudget selects its Pods']);
});

void t.test('what there is comes by name', async (t) => {
  const lines = await around(labelled('Deployment'), {
    services: { isKnown: true, value: [{ name: 'web', selector: { app: 'web' } }] },
    podDisruptionBudgets: { isKnown: true, value: [{ name: 'all', selector: {}, minAvailable: 1, maxUnavailable: undefined }] },
    autoscalers: {
      isKnown: true,
      value: [{ name: 'load', scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 2, maxReplicas: 9 }],
    },
    resourceQuotas: { isKnown: true, value: [{ name: 'team', hard: {}, used: {}, scopes: [] }] },
    limitRanges: { isKnown: true, value: [{ name: 'sizes', limits: [] }] },
  });
  t.same(lines, [
    'it is reached through Service web',
    'its Pods are protected by PodDisruptionBudget all',
    'HorizontalPodAutoscaler load scales it from 2 to 9 Pods',
    'the namespace has ResourceQuota team',
    'the namespace has LimitRange sizes',
  ]);
});

void t.test('of KEDA, the ScaledObject is named, and no number that may be 0', async (t) => {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  const scaled = (minReplicas: number): Promise<string[]> =>
    around(labelled('Deployment'), {
      ...ALL_EMPTY,
      autoscalers: { isKnown: true, value: [{ name: 'load', kind: 'ScaledObject', scaleTargetRef, minReplicas, maxReplicas: 9 }] },
    });
  t.equal((await scaled(0)).at(-1), 'ScaledObject load scales it up to 9 Pods');
  t.equal((await scaled(2)).at(-1), 'ScaledObject load scales it from 2 to 9 Pods');
});

void t.test('no autoscaler scales a Pod, so that nothing is said of one', async (t) => {
  t.notMatch((await around(pod({}), { ...ALL_EMPTY, autoscalers: NOTHING_KNOWN.autoscalers })).join('\n'), 'autoscaler');
});

void t.test('a StatefulSet without its Service has Pods without names', async (t) => {
  const set = labelled('StatefulSet', { serviceName: 'peers' });
  const services = (selector: Record<string, string>): Partial<Surroundings> => ({
    ...ALL_EMPTY,
    services: { isKnown: true, value: [{ name: 'peers', selector }] },
  });
  t.match(
    (await around(set, ALL_EMPTY)).join('\n'),
    'there is no Service peers (serviceName), so its Pods have no names of their own in DNS',
  );
  t.match((await around(set, services({ app: 'db' }))).join('\n'), 'Service peers does not select its Pods (serviceName)');
  t.notMatch((await around(set, services({ app: 'web' }))).join('\n'), 'serviceName');
});

void t.test('what the Pods name and the cluster does not have is a finding of its own', async (t) => {
  const object = pod({ containers: [{ name: 'web', image: 'web:1', envFrom: [{ configMapRef: { name: 'settings' } }] }] });
  const configMaps = { isKnown: true, value: { isComplete: true, objects: [] } } as const;
  const lines = await around(object, { ...ALL_EMPTY, configMaps });
  t.match(lines.join('\n'), /spec\.containers\[0\]\.envFrom\[0\]\.configMapRef\.name: .*settings.* \[existing-references\]/);
});
