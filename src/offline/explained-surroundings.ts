/** What `explain` says of the objects around a Pod: those of a cluster, or those of the files. */
import { disputedDefaultsOf } from '../core/disputed-defaults.ts';
import { Evaluation, subjectWithin } from '../core/evaluation.ts';
import { allReferencesOf } from '../core/pod-references.ts';
import { podSurroundingsOf, type PodSurroundings } from '../core/pod-surroundings.ts';
import type { Policy } from '../core/policy.ts';
import { asksForInventories } from '../core/rule.ts';
import type { Subject } from '../core/subject.ts';
import type { Surroundings } from '../core/surroundings.ts';
import type { ReportedFinding } from './finding.ts';

export interface ExplainedSurroundings extends PodSurroundings {
  /** Else of the files of the run, which do not have to say everything. */
  readonly isOfCluster: boolean;
  /** What the Pods name and the cluster does not have, by the rules of the policy: some of the findings. */
  readonly missing: readonly ReportedFinding[];
  /** What nobody knows of it, and why. */
  readonly unknown: readonly string[];
}

/**
 * What a cluster has around a Pod.
 *
 * @param subject without what stands around it: a rule reads both
 * @param findings what the rules of the policy find in it
 */
export function aroundOf(
  subject: Subject,
  surroundings: Surroundings,
  findings: readonly ReportedFinding[],
  { policy, nowMs }: { readonly policy: Policy; readonly nowMs: number },
): ExplainedSurroundings {
  const around = podSurroundingsOf(subjectWithin(subject, surroundings), surroundings);
  const { settings } = new Evaluation(policy, subject, { nowMs, surroundings });
  const asking = new Set(settings.validating.flatMap(({ rule }) => (asksForInventories(rule) ? [rule.meta.id] : [])));
  const disputed = disputedIn(subject, surroundings);
  if (asking.size === 0) return { ...around, isOfCluster: true, missing: [], unknown: disputed };
  const unknownNames = [...new Set(allReferencesOf(subject.pod.spec).map(({ to }) => to))].flatMap((inventory) => {
    const known = surroundings[inventory];
    return known.isKnown ? [] : [known.reason];
  });
  return {
    ...around,
    isOfCluster: true,
    missing: findings.filter(({ rule }) => asking.has(rule)),
    unknown: [...unknownNames, ...disputed],
  };
}

/**
 * What Pods name and the files do not have is among the findings.
 *
 * @param subject without what stands around it
 */
export function aroundInFiles(subject: Subject, surroundings: Surroundings): ExplainedSurroundings | undefined {
  const { services, resourceQuotas, limitRanges } = surroundings;
  if (![services, resourceQuotas, limitRanges].some(({ isKnown }) => isKnown)) return undefined;
  const around = podSurroundingsOf(subjectWithin(subject, surroundings), surroundings);
  return { ...around, isOfCluster: false, missing: [], unknown: disputedIn(subject, surroundings) };
}

function disputedIn({ pod }: Subject, { limitRanges }: Surroundings): string[] {
  if (!limitRanges.isKnown) return [];
  const disputed = disputedDefaultsOf(pod.spec, limitRanges.value);
  return [...Map.groupBy(disputed, ({ ranges }) => ranges.join(', '))].map(([names, defaults]) => {
    const amounts = defaults.map(({ amount }) => amount).join(', ');
    return `nobody can tell which ${amounts} its containers get: LimitRanges ${names} say different ones, and the API server asks them in no order`;
  });
}
