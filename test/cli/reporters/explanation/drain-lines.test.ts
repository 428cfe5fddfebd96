import t from 'tap';
import { drainLines } from '../../../../src/cli/reporters/explanation/drain-lines.ts';
import type { EvictionsNow } from '../../../../src/core/evictions-now.ts';
import type { Drain } from '../../../../src/core/drain.ts';
import type { PodDisruptionBudget } from '../../../../src/core/surroundings.ts';
import { plain } from './lines.ts';

const WEB: PodDisruptionBudget = { name: 'web', selector: {}, minAvailable: undefined, maxUnavailable: 1 };

function lines(drain: Partial<Drain>): string[] {
  const nothing = { pods: 3, scaledBy: undefined, budgets: [WEB], atOnce: 0, waits: undefined, leastSeconds: undefined, now: undefined };
  return plain(drainLines({ verdict: 'paced', ...nothing, emptyDirs: [], needsForce: false, ...drain }));
}

void t.test('how many are evicted at a time, how often a drain waits, and how long', (t) => {
  t.same(lines({ atOnce: 1, waits: 2, leastSeconds: 25 }), [
    'PodDisruptionBudget web (maxUnavailable 1) lets 1 of 3 Pods be evicted at a time while all are ready',
    'to evict all of them, drains wait at least 2 times until a new Pod is ready elsewhere; the last one is gone after 25 s at the earliest',
  ]);
  t.match(lines({ atOnce: 2, waits: 1 }).at(-1), /wait at least once until a new Pod is ready elsewhere$/);
  t.equal(lines({ pods: 2, scaledBy: 'load', atOnce: 2, waits: 0, leastSeconds: 0 }).length, 1);
  t.match(
    lines({ pods: 2, scaledBy: 'load', atOnce: 1, waits: 1 })[0],
    'lets 1 of 2 Pods (the fewest that autoscaler load leaves) be evicted',
  );
  t.end();
});

void t.test('drains that nothing holds back, that never end, that fail, and of which nobody knows', (t) => {
  t.same(lines({ verdict: 'unprotected', budgets: [] }), [
    'no PodDisruptionBudget holds evictions back: drains of several nodes may stop all of 3 Pods at the same time',
  ]);
  t.same(lines({ verdict: 'unprotected', budgets: [], pods: 1, needsForce: true }), [
    'no PodDisruptionBudget holds its eviction back',
    'kubectl drain needs --force: no controller makes the Pod again',
  ]);
  t.same(lines({ verdict: 'blocked' }), [
    'PodDisruptionBudget web (maxUnavailable 1) lets none of its Pods be evicted: a drain of their nodes waits for ever',
  ]);
  t.same(lines({ verdict: 'refused', budgets: [WEB, { ...WEB, name: 'all' }] }), [
    'each eviction of its Pods fails (error 500): PodDisruptionBudgets web, all all select them',
  ]);
  t.same(lines({ verdict: 'unknown', pods: undefined }), [
    'PodDisruptionBudget web (maxUnavailable 1) decides how many of its Pods may be evicted at a time',
  ]);
  t.same(lines({ verdict: 'stays' }), ['kubectl drain needs --ignore-daemonsets, and leaves its Pods where they are']);
  t.end();
});

void t.test('what the eviction API answers now', (t) => {
  const count = { healthy: 1, desired: 2, allowed: 0, expected: 3 };
  const now = (state: Partial<EvictionsNow>): string | undefined => {
    const unknown = { pod: undefined, isEvicted: undefined, count: undefined, evictsUnready: undefined };
    return lines({ atOnce: 1, waits: 0, now: { ...unknown, ...state } })[1];
  };
  const counted = 'the budget counts 1 Pod that is ready and needs 2';
  t.equal(now({ pod: 'pending', isEvicted: true }), 'now: the Pod is Pending, so no budget is asked, and an eviction deletes it');
  t.equal(now({ pod: 'deleted', isEvicted: true }), 'now: the Pod is being deleted already, and no budget is asked');
  t.equal(
    now({ pod: 'unready', isEvicted: false, count, evictsUnready: false }),
    `now: the Pod is not ready, and ${counted}: its eviction is refused (error 429)`,
  );
  t.equal(now({ pod: 'unready', isEvicted: true, evictsUnready: true }), 'now: the Pod is not ready: an eviction deletes it');
  t.equal(
    now({ pod: 'ready', isEvicted: true, count: { healthy: 3, desired: 2, allowed: 1, expected: 3 }, evictsUnready: true }),
    'now: the Pod is ready, and the budget counts 3 Pods that are ready and needs 2: an eviction deletes it',
  );
  t.equal(now({ count, evictsUnready: false }), `now: ${counted}; none may be evicted, whether ready or not`);
  t.equal(now({ count, evictsUnready: true }), `now: ${counted}; none that is ready may be evicted, but any that is not ready`);
  t.equal(
    now({ count: { healthy: 3, desired: 2, allowed: 1, expected: 3 }, evictsUnready: true }),
    'now: the budget counts 3 Pods that are ready and needs 2; 1 may be evicted, and any that is not ready',
  );
  t.equal(now({ evictsUnready: true }), 'a Pod that is not ready is evicted at any time (unhealthyPodEvictionPolicy AlwaysAllow)');
  t.end();
});

void t.test('what kubectl has to be told before it drains', (t) => {
  t.equal(
    lines({ atOnce: 3, waits: 0, emptyDirs: ['cache', 'tmp'] }).at(-1),
    'kubectl drain needs --delete-emptydir-data: what is in emptyDir cache, tmp is lost',
  );
  t.end();
});
