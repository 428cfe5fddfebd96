import t from 'tap';
import { othersUnder } from '../../src/core/shared-budget.ts';
import {
  NOTHING_KNOWN,
  type Autoscaler,
  type KnownWorkload,
  type PodDisruptionBudget,
  type Surroundings,
} from '../../src/core/surroundings.ts';
import { Work } from '../../src/core/work.ts';

const SELECTOR = { matchLabels: { app: 'web' } };
const BUDGET: PodDisruptionBudget = { name: 'web', selector: SELECTOR, minAvailable: 2, maxUnavailable: undefined };

const workload = (name: string, more: Partial<KnownWorkload> = {}): KnownWorkload => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', name, labels: { app: 'web' }, replicas: 1, setsReplicas: true, keepsData: false },
  ...more,
});
const barePod = (name: string, more: Partial<KnownWorkload> = {}): KnownWorkload =>
  workload(name, { apiVersion: 'v1', kind: 'Pod', replicas: undefined, ...more });

const scaler = (name: string, maxReplicas: number): Autoscaler => ({
  ...{ name, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name }, minReplicas: 1, maxReplicas },
});

const around = (workloads: readonly KnownWorkload[], autoscalers: readonly Autoscaler[] = []): Surroundings => ({
  ...NOTHING_KNOWN,
  workloads: { isKnown: true, value: { isComplete: true, workloads } },
  autoscalers: { isKnown: true, value: autoscalers },
});

void t.test('beside a workload, the budget counts all others that it selects, and not the workload itself', (t) => {
  const itself = workload('web', { replicas: 3 });
  const workloads = [itself, workload('canary', { replicas: 2 }), barePod('debug'), workload('db', { labels: {} })];
  t.match(othersUnder(BUDGET, itself, around(workloads, [scaler('canary', 4)]), Work.UNBOUNDED), { replicas: 4, barePods: 1 });
  t.match(othersUnder(BUDGET, itself, NOTHING_KNOWN, Work.UNBOUNDED), { replicas: 0, barePods: 0, uncounted: undefined });
  t.end();
});
