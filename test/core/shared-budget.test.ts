import t from 'tap';
import { othersUnder } from '../../src/core/shared-budget.ts';
import { NOTHING_KNOWN } from '../../src/core/surroundings.ts';
import { Work } from '../../src/core/work.ts';
import { around, barePod, BUDGET, scaler, workload } from './around-budget.ts';

void t.test('beside a workload, the budget counts all others that it selects, and not the workload itself', (t) => {
  const itself = workload('web', { replicas: 3 });
  const workloads = [itself, workload('canary', { replicas: 2 }), barePod('debug'), workload('db', { labels: {} })];
  t.match(othersUnder(BUDGET, itself, around(workloads, [scaler('canary', 4)]), Work.UNBOUNDED), { replicas: 4, barePods: 1 });
  t.match(othersUnder(BUDGET, itself, NOTHING_KNOWN, Work.UNBOUNDED), { replicas: 0, barePods: 0, uncounted: undefined });
  t.end();
});

void t.test('where nobody knows the workloads, the controller has counted the Pods of the others', (t) => {
  const counted = { ...BUDGET, count: { healthy: 3, desired: 2, allowed: 1, expected: 5 } };
  const web = (currentReplicas?: number): Parameters<typeof othersUnder>[1] => ({
    kind: 'Deployment',
    name: 'web',
    workload: { currentReplicas },
  });
  const replicas = (of: ReturnType<typeof web>, surroundings = NOTHING_KNOWN): number =>
    othersUnder(counted, of, surroundings, Work.UNBOUNDED).replicas;
  t.equal(replicas(web(3)), 2);
  t.equal(replicas(web()), 0, 'those may be of the workload that it takes the place of');
  t.equal(replicas(web(7)), 0, 'it has Pods that the budget does not select');
  t.equal(replicas(web(3), around([])), 0, 'those that are known are all');
  t.end();
});
