import t from 'tap';
import { companionKindOf, readCompanion, type Companion } from '../../src/core/companion.ts';

const METADATA = { name: 'web', namespace: 'shop' };
const BUDGET = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: METADATA };
const SELECTOR = { matchLabels: { app: 'web' } };

function budget(spec: object): Companion | undefined {
  return readCompanion('policy/PodDisruptionBudget', { ...BUDGET, spec });
}

void t.test('a kind is a companion in its own API group alone', (t) => {
  t.equal(companionKindOf('policy', 'PodDisruptionBudget'), 'policy/PodDisruptionBudget');
  t.equal(companionKindOf('autoscaling', 'HorizontalPodAutoscaler'), 'autoscaling/HorizontalPodAutoscaler');
  t.equal(companionKindOf('keda.sh', 'ScaledObject'), 'keda.sh/ScaledObject');
  t.equal(companionKindOf('example.com', 'PodDisruptionBudget'), undefined);
  t.equal(companionKindOf('apps', 'Deployment'), undefined);
  t.end();
});

void t.test('a budget has the policy for unhealthy Pods that the eviction API defaults to', (t) => {
  t.match(budget({ selector: SELECTOR, minAvailable: 1 }), { type: 'budget', unhealthyPodEvictionPolicy: 'IfHealthyBudget' });
  t.match(budget({ selector: SELECTOR, unhealthyPodEvictionPolicy: 'AlwaysAllow' }), { unhealthyPodEvictionPolicy: 'AlwaysAllow' });
  t.end();
});

void t.test('a bound that cannot be read makes no budget without a bound', (t) => {
  t.equal(budget({ selector: SELECTOR, minAvailable: { wrong: true } }), undefined);
  t.equal(budget({ selector: SELECTOR, maxUnavailable: [] }), undefined);
  t.not(budget({ selector: SELECTOR, minAvailable: null, maxUnavailable: '50%' }), undefined, 'null is no bound');
  t.end();
});

void t.test('what is no object of its kind is no companion', (t) => {
  for (const object of [undefined, null, 'text', [], {}, BUDGET, { ...BUDGET, spec: 1 }])
    t.equal(readCompanion('policy/PodDisruptionBudget', object), undefined, JSON.stringify(object));
  t.equal(readCompanion('apps/Deployment', { ...BUDGET, spec: {} }), undefined);
  t.end();
});

void t.test('autoscalers name their bounds as their kind does', (t) => {
  const target = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' };
  for (const [name, apiVersion, bounds] of [
    ['autoscaling/HorizontalPodAutoscaler', 'autoscaling/v2', ['minReplicas', 'maxReplicas']],
    ['keda.sh/ScaledObject', 'keda.sh/v1alpha1', ['minReplicaCount', 'maxReplicaCount']],
  ] as const) {
    const [min, max] = bounds;
    const spec = { scaleTargetRef: target, [min]: 2, [max]: 5 };
    const companion = readCompanion(name, { apiVersion, kind: name.split('/')[1], metadata: METADATA, spec });
    if (companion?.type !== 'autoscaler') throw new Error(`${name} is no autoscaler`);
    t.same([companion.min.text, companion.max.text, companion.target.text], [`spec.${min}`, `spec.${max}`, 'spec.scaleTargetRef.name']);
    t.match(companion.autoscaler, { minReplicas: 2, maxReplicas: 5 });
  }
  t.end();
});
