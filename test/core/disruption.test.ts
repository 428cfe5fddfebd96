import t from 'tap';
import { allowedDisruptionsOf, replicasToAllowOne } from '../../src/core/disruption.ts';
import type { PodDisruptionBudget } from '../../src/core/surroundings.ts';

function allowed(bounds: Partial<PodDisruptionBudget>, replicas: number, barePods?: number): number {
  return allowedDisruptionsOf(budgetWith(bounds), replicas, barePods);
}

function budgetWith(bounds: Partial<PodDisruptionBudget>): PodDisruptionBudget {
  return { name: 'web', selector: {}, minAvailable: undefined, maxUnavailable: undefined, ...bounds };
}

void t.test('what is kept rounds up, and so does what may be missing', (t) => {
  t.equal(allowed({ minAvailable: '50%' }, 1), 0);
  t.equal(allowed({ minAvailable: '50%' }, 2), 1);
  t.equal(allowed({ minAvailable: '51%' }, 2), 0);
  t.equal(allowed({ minAvailable: '100%' }, 9), 0);
  t.equal(allowed({ maxUnavailable: '1%' }, 3), 1);
  t.equal(allowed({ maxUnavailable: '34%' }, 3), 2);
  t.equal(allowed({ maxUnavailable: '0%' }, 3), 0);
  t.end();
});

void t.test('numbers count as they are, within what there is', (t) => {
  t.equal(allowed({ minAvailable: 2 }, 3), 1);
  t.equal(allowed({ minAvailable: 4 }, 3), 0);
  t.equal(allowed({ minAvailable: 0 }, 3), 3);
  t.equal(allowed({ maxUnavailable: 1 }, 1), 1);
  t.equal(allowed({ maxUnavailable: 9 }, 3), 3);
  t.end();
});

void t.test('with neither bound no eviction is allowed', (t) => {
  t.equal(allowed({}, 3), 0);
  t.end();
});

void t.test('beside replicas, a Pod without a controller is healthy, but only a number of Pods expects it', (t) => {
  t.equal(allowed({ maxUnavailable: 0 }, 1, 1), 1, 'seen on 1.36.3');
  t.equal(allowed({ minAvailable: '100%' }, 1, 1), 1, 'seen on 1.36.3');
  t.equal(allowed({ maxUnavailable: 1 }, 3, 2), 3);
  t.equal(allowed({ minAvailable: '60%' }, 1, 1), 1);
  t.equal(allowed({ minAvailable: 2 }, 1, 1), 0);
  t.equal(allowed({ minAvailable: 1 }, 1, 1), 1);
  t.end();
});

void t.test('where no Pod is expected, no eviction is allowed', (t) => {
  t.equal(allowed({ maxUnavailable: 1 }, 0, 2), 0);
  t.equal(allowed({ minAvailable: '50%' }, 0, 2), 0);
  t.equal(allowed({ minAvailable: 1 }, 0, 2), 1);
  t.equal(allowed({ minAvailable: 0 }, 0, 0), 0);
  t.end();
});

void t.test('the number of replicas from which an eviction is allowed is the first one that allows it', (t) => {
  const percentages = Array.from({ length: 100 }, (_, percent) => ({ minAvailable: `${percent}%` }));
  const numbers = [0, 1, 2, 7].map((minAvailable) => ({ minAvailable }));
  for (const bounds of [...percentages, ...numbers, { maxUnavailable: '1%' }, { maxUnavailable: 1 }])
    for (const others of [0, 3])
      for (const barePods of [0, 2]) {
        const first = Array.from({ length: 100 }, (_, index) => index + 1).find(
          (replicas) => allowed(bounds, replicas + others, barePods) > 0,
        );
        t.equal(replicasToAllowOne(budgetWith(bounds), others, barePods), first, JSON.stringify({ bounds, others, barePods }));
      }
  t.end();
});

void t.test('of what is never allowed, no number of replicas is enough', (t) => {
  for (const bounds of [{}, { minAvailable: '100%' }, { maxUnavailable: 0 }, { maxUnavailable: '0%' }])
    t.equal(replicasToAllowOne(budgetWith(bounds)), undefined, JSON.stringify(bounds));
  t.end();
});
