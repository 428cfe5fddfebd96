import t from 'tap';
import { effectOnPodsOf, type EffectOnPods } from '../../src/core/effect-on-pods.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { NOTHING_KNOWN, type Autoscaler, type KnownWorkload, type Surroundings } from '../../src/core/surroundings.ts';

const workload = (name: string, fields: Partial<KnownWorkload> = {}): KnownWorkload => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', name, labels: { app: 'web' }, replicas: 3, setsReplicas: true, keepsData: false },
  ...fields,
});
const around = (workloads: readonly KnownWorkload[], autoscalers: readonly Autoscaler[] = []): Surroundings => ({
  ...NOTHING_KNOWN,
  workloads: { isKnown: true, value: { isComplete: true, workloads } },
  autoscalers: { isKnown: true, value: autoscalers },
});
const object = (apiVersion: string, kind: string, spec: object, status: object = {}): JsonObject => ({
  ...{ apiVersion, kind, metadata: { name: 'it' }, spec, status },
});
const SELECTOR = { matchLabels: { app: 'web' } };
const budget = (spec: object, status?: object): JsonObject =>
  object('policy/v1', 'PodDisruptionBudget', { selector: SELECTOR, ...spec }, status);
const namesIn = (effect: EffectOnPods | undefined): unknown => effect?.affected?.workloads.map(({ name }) => name);

function evictionsOf(spec: object, surroundings: Surroundings): unknown {
  const effect = effectOnPodsOf(budget(spec), surroundings);
  return effect?.by === 'budget' ? effect.budget.evictions : undefined;
}

void t.test('a budget: whom it selects, and how many of their Pods may be evicted', (t) => {
  const three = around([workload('web'), workload('db', { labels: { app: 'db' } })]);
  t.same(namesIn(effectOnPodsOf(budget({ minAvailable: 2 }), three)), ['web']);
  t.same(evictionsOf({ minAvailable: 2 }, three), [{ pods: 3, allowed: 1 }]);
  t.same(evictionsOf({ minAvailable: 3 }, three), [{ pods: 3, allowed: 0 }]);
  t.same(evictionsOf({ maxUnavailable: '100%' }, three), [{ pods: 3, allowed: 3 }]);
  t.same(evictionsOf({ minAvailable: 2 }, around([])), [], 'nothing is selected');
  t.equal(effectOnPodsOf(budget({ minAvailable: 2 }), NOTHING_KNOWN)?.affected, undefined);
  t.end();
});

void t.test('a budget over what an autoscaler scales: for the fewest Pods and the most', (t) => {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  const scaled = around([workload('web')], [{ name: 'web', scaleTargetRef, minReplicas: 2, maxReplicas: 5 }]);
  t.same(evictionsOf({ minAvailable: 2 }, scaled), [
    { pods: 2, allowed: 0 },
    { pods: 5, allowed: 3 },
  ]);
  t.end();
});

void t.test('a budget that cannot count, and what the controller has counted', (t) => {
  const agents = around([workload('agent', { kind: 'DaemonSet', replicas: undefined })]);
  t.match(effectOnPodsOf(budget({ maxUnavailable: 1 }), agents), { budget: { uncounted: { name: 'agent' }, evictions: [] } });
  const status = { currentHealthy: 2, desiredHealthy: 2, disruptionsAllowed: 0, expectedPods: 3, observedGeneration: 1 };
  t.match(effectOnPodsOf(budget({ minAvailable: 2 }, status), around([workload('web')])), {
    budget: { count: { healthy: 2, desired: 2, allowed: 0, expected: 3 } },
  });
  t.end();
});

void t.test('Services and autoscalers: whose Pods they reach and scale', (t) => {
  const two = around([workload('web'), workload('db', { labels: { app: 'db' } })]);
  t.same(namesIn(effectOnPodsOf(object('v1', 'Service', { selector: { app: 'db' } }), two)), ['db']);
  t.same(namesIn(effectOnPodsOf(object('v1', 'Service', {}), two)), [], 'without a selector');
  const spec = { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, maxReplicas: 5 };
  t.same(namesIn(effectOnPodsOf(object('autoscaling/v2', 'HorizontalPodAutoscaler', spec), two)), ['web']);
  t.end();
});

void t.test('a quota: what is used and left of each amount, where it was counted', (t) => {
  const amounts = (hard: object, status: object): unknown => {
    const effect = effectOnPodsOf(object('v1', 'ResourceQuota', { hard }, status), NOTHING_KNOWN);
    return effect?.by === 'quota' ? effect.amounts.map(({ resource, used, left }) => [resource, used, left]) : undefined;
  };
  const hard = { 'requests.cpu': '10', pods: '5' };
  t.same(amounts(hard, { hard, used: { 'requests.cpu': '3500m', pods: '6' } }), [
    ['requests.cpu', '3500m', '6500m'],
    ['pods', '6', '0'],
  ]);
  t.same(amounts(hard, {}), [
    ['requests.cpu', undefined, undefined],
    ['pods', undefined, undefined],
  ]);
  t.end();
});

void t.test('a LimitRange is about all workloads, and an object of another kind about none', (t) => {
  const limits = [{ type: 'Container', default: { cpu: '500m' } }];
  const effect = effectOnPodsOf(object('v1', 'LimitRange', { limits }), around([workload('web'), workload('db')]));
  t.match(effect, { by: 'limitRange', limitRange: { limits } });
  t.same(namesIn(effect), ['web', 'db']);
  t.equal(effectOnPodsOf(object('v1', 'ConfigMap', {}), NOTHING_KNOWN), undefined);
  t.end();
});
