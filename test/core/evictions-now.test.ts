import t from 'tap';
import { evictionsNowOf, passesOverBudgets, podNowOf, type PodNow } from '../../src/core/evictions-now.ts';
import type { BudgetCount, PodDisruptionBudget } from '../../src/core/surroundings.ts';

void t.test('the state of a stored Pod', (t) => {
  const ready = { type: 'Ready', isTrue: true, reason: '', message: '' };
  const nowOf = (phase: string, isDeleted = false, isReady = true): PodNow | undefined =>
    podNowOf({ phase, isDeleted, conditions: [{ ...ready, isTrue: isReady }] });
  t.equal(podNowOf(undefined), undefined);
  t.equal(nowOf(''), undefined, 'the API server writes a phase when it stores a Pod');
  t.same([nowOf('Running'), nowOf('Running', false, false), nowOf('Unknown', false, false)], ['ready', 'unready', 'unready']);
  t.equal(podNowOf({ phase: 'Running', isDeleted: false, conditions: [{ ...ready, type: 'ContainersReady' }] }), 'unready');
  t.same([nowOf('Pending'), nowOf('Running', true), nowOf('Pending', true)], ['pending', 'deleted', 'deleted']);
  t.same([nowOf('Succeeded'), nowOf('Failed'), nowOf('Failed', true)], ['over', 'over', 'over']);
  t.same((['over', 'pending', 'deleted', 'unready', 'ready', undefined] as const).map(passesOverBudgets), [
    ...[true, true, true],
    ...[false, false, false],
  ]);
  t.end();
});

function budget(count?: BudgetCount, allowsUnhealthy = false): PodDisruptionBudget {
  const bounds = { selector: {}, minAvailable: undefined, maxUnavailable: 1 };
  return { name: 'web', ...bounds, ...(allowsUnhealthy && { allowsUnhealthy: true }), ...(count && { count }) };
}

const evicted = (pod: PodNow | undefined, ...budgets: PodDisruptionBudget[]): boolean | string | undefined => {
  const now = evictionsNowOf(pod, budgets);
  return now === undefined ? 'nothing' : now.isEvicted;
};

void t.test('without a budget there is nothing to tell, and of several nothing but of Pods that serve nobody', (t) => {
  const full = budget({ healthy: 3, desired: 2, allowed: 1, expected: 3 });
  t.equal(evicted('ready'), 'nothing');
  t.equal(evicted('unready', full, full), 'nothing');
  t.same([evicted('pending', full, full), evicted('deleted', full, full), evicted('pending', budget())], [true, true, true]);
  t.end();
});

void t.test('a Pod that is ready is evicted while the count allows it', (t) => {
  t.equal(evicted('ready', budget({ healthy: 3, desired: 2, allowed: 1, expected: 3 })), true);
  t.equal(evicted('ready', budget({ healthy: 2, desired: 2, allowed: 0, expected: 3 })), false);
  t.equal(evicted('ready', budget({ healthy: 2, desired: 2, allowed: 0, expected: 3 }, true)), false, 'AlwaysAllow is for others');
  t.equal(evicted('ready', budget()), 'nothing');
  t.end();
});

void t.test('a Pod that is not ready is evicted while enough others are, or always', (t) => {
  t.equal(evicted('unready', budget({ healthy: 2, desired: 2, allowed: 0, expected: 3 })), true);
  t.equal(evicted('unready', budget({ healthy: 1, desired: 2, allowed: 0, expected: 3 })), false);
  t.equal(
    evicted('unready', budget({ healthy: 0, desired: 0, allowed: 0, expected: 3 })),
    false,
    'a budget that needs none is asked as for a ready one',
  );
  t.equal(evicted('unready', budget({ healthy: 2, desired: 0, allowed: 2, expected: 3 })), true);
  t.equal(evicted('unready', budget({ healthy: 1, desired: 2, allowed: 0, expected: 3 }, true)), true);
  t.equal(evicted('unready', budget(undefined, true)), true, 'nobody has to count');
  t.equal(evicted('unready', budget()), 'nothing');
  t.end();
});

void t.test('of Pods that are not made yet, the count is told', (t) => {
  const count = { healthy: 1, desired: 2, allowed: 0, expected: 3 };
  t.same(evictionsNowOf(undefined, [budget(count)]), { pod: undefined, isEvicted: undefined, count, evictsUnready: false });
  t.match(evictionsNowOf(undefined, [budget(undefined, true)]), { count: undefined, evictsUnready: true });
  t.equal(evictionsNowOf(undefined, [budget()]), undefined);
  t.end();
});
