import t from 'tap';
import { boundThatAllowsOne, orMoreReplicas } from '../../src/core/budget-advice.ts';
import { allowedDisruptionsOf } from '../../src/core/disruption.ts';
import type { KnownWorkload, PodDisruptionBudget } from '../../src/core/surroundings.ts';

const budgetOf = (bounds: Partial<PodDisruptionBudget>): PodDisruptionBudget => ({
  ...{ name: 'web', selector: {}, minAvailable: undefined, maxUnavailable: undefined },
  ...bounds,
});

void t.test('of Pods without a controller, the advised number leaves one to evict', (t) => {
  const pod: KnownWorkload = {
    apiVersion: 'v1',
    kind: 'Pod',
    name: 'web',
    labels: {},
    replicas: undefined,
    setsReplicas: false,
    keepsData: false,
  };
  for (const count of [1, 2, 7]) {
    const advised = boundThatAllowsOne(
      Array.from({ length: count }, () => pod),
      pod,
    );
    const [, minAvailable] = /^`minAvailable: (\d+)`$/.exec(advised) ?? [];
    t.equal(allowedDisruptionsOf(budgetOf({ minAvailable: Number(minAvailable) }), 0, count), 1, advised);
  }
  t.end();
});

void t.test('more replicas are advised only where a number of them is enough', (t) => {
  const others = { replicas: 0, barePods: 1 };
  t.equal(orMoreReplicas(budgetOf({ minAvailable: 2 }), others), ', or at least 2 replicas');
  t.equal(orMoreReplicas(budgetOf({ minAvailable: 1 }), { replicas: 1, barePods: 0 }), ', or at least 1 replica');
  t.equal(orMoreReplicas(budgetOf({ maxUnavailable: 0 }), others), '');
  t.end();
});
