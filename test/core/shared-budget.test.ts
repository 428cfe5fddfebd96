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
