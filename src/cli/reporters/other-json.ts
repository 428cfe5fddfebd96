/** An object without Pods of its own in the JSON of `explain`: whose Pods it concerns, and what it does with them. */
import type { ExplainSkip } from '../../offline/explanation.ts';
import { effectLines, MOST_NAMED } from './explanation/effect-lines.ts';

/** @returns undefined for an object that concerns no Pods */
export function otherJson({ file, line, renderedLine, kind, other }: ExplainSkip): object | undefined {
  if (other === undefined) return undefined;
  const { document, apiVersion, namespace, name, effect } = other;
  const { affected } = effect;
  const workloads = affected?.workloads.slice(0, MOST_NAMED);
  return {
    ...{ file, document, line, ...(renderedLine !== undefined && { renderedLine }) },
    ...{ apiVersion, kind, namespace, name },
    workloads: workloads?.map(({ kind, name, replicas }) => ({ kind, name, replicas: replicas ?? null })) ?? null,
    moreWorkloads: affected === undefined || workloads === undefined ? 0 : affected.workloads.length - workloads.length,
    evictions: effect.by === 'budget' ? { whileReady: effect.budget.evictions, now: effect.budget.count?.allowed ?? null } : null,
    amounts:
      effect.by === 'quota'
        ? effect.amounts.map(({ resource, hard, used, left }) => ({ resource, hard, used: used ?? null, left: left ?? null }))
        : [],
    says: effectLines(effect),
  };
}
