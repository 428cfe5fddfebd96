/** Objects around a PodDisruptionBudget, for tests of what it counts. */
import {
  NOTHING_KNOWN,
  type Autoscaler,
  type KnownWorkload,
  type PodDisruptionBudget,
  type Surroundings,
} from '../../src/core/surroundings.ts';

export const SELECTOR = { matchLabels: { app: 'web' } };
export const BUDGET: PodDisruptionBudget = { name: 'web', selector: SELECTOR, minAvailable: 2, maxUnavailable: undefined };

export const workload = (name: string, more: Partial<KnownWorkload> = {}): KnownWorkload => ({
  ...{ apiVersion: 'apps/v1', kind: 'Deployment', name, labels: { app: 'web' }, replicas: 1, setsReplicas: true, keepsData: false },
  ...more,
});
export const barePod = (name: string, more: Partial<KnownWorkload> = {}): KnownWorkload =>
  workload(name, { apiVersion: 'v1', kind: 'Pod', replicas: undefined, ...more });

export const scaler = (name: string, maxReplicas: number): Autoscaler => ({
  ...{ name, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name }, minReplicas: 1, maxReplicas },
});

export const around = (workloads: readonly KnownWorkload[], autoscalers: readonly Autoscaler[] = []): Surroundings => ({
  ...NOTHING_KNOWN,
  workloads: { isKnown: true, value: { isComplete: true, workloads } },
  autoscalers: { isKnown: true, value: autoscalers },
});
