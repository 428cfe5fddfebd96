/** How few Pods of a workload there may be while it serves: what its autoscaler goes down to, or what it says itself. */
import type { Subject } from './subject.ts';
import { autoscalerOf, startsFromNone, type Surroundings } from './surroundings.ts';

/**
 * A workload that is scaled leaves its own `replicas` away, and the API server then fills in 1. One that is scaled to nothing while
 * there is nothing to do serves with one Pod at least.
 *
 * @returns 0 for a workload that somebody has switched off, and which no autoscaler starts again; undefined for kinds without replicas
 */
export function fewestReplicasOf(subject: Subject, { autoscalers }: Pick<Surroundings, 'autoscalers'>): number | undefined {
  const own = subject.workload?.replicas;
  if (own === undefined || !autoscalers.isKnown) return own;
  const autoscaler = autoscalerOf(subject, autoscalers.value);
  if (autoscaler === undefined || (own === 0 && !startsFromNone(autoscaler))) return own;
  return Math.max(1, autoscaler.minReplicas);
}
