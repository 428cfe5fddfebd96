/** What a cluster, or the files of a run, have around a workload: who reaches it, protects it, scales it and limits it. */
import type { PodNames, PodSurroundings, RefusingQuota } from '../../../core/pod-surroundings.ts';
import type { Subject } from '../../../core/subject.ts';
import type { Known } from '../../../core/surroundings.ts';
import type { ExplainedSurroundings } from '../../../offline/explained-surroundings.ts';
import { styled, text, type Part } from '../../output/text.ts';

export function surroundingsLines(
  {
    isOfCluster,
    services,
    podDisruptionBudgets,
    autoscaler,
    resourceQuotas,
    refusingQuotas,
    limitRanges,
    podNames,
    missing,
    unknown,
  }: ExplainedSurroundings,
  { workloadClass, workload }: Subject,
): Part[] {
  const list = (known: Known<readonly string[]>, some: (names: string) => string, none?: string): string[] => {
    if (known.isKnown && known.value.length > 0) return [some(known.value.join(', '))];
    // Files seldom have everything, so that is not worth a line.
    if (!isOfCluster) return [];
    if (!known.isKnown) return [known.reason];
    return none === undefined ? [] : [none];
  };
  return [
    ...list(services, (names) => `it is reached through Service ${names}`, 'no Service selects its Pods'),
    ...(podNames?.isKnown === true && (isOfCluster || podNames.value !== 'none')
      ? podNameLines(podNames.value, workload?.serviceName ?? '')
      : []),
    ...list(
      podDisruptionBudgets,
      (names) => `its Pods are protected by PodDisruptionBudget ${names}`,
      'no PodDisruptionBudget selects its Pods',
    ),
    ...(workloadClass === 'pod' ? [] : autoscalerLines(autoscaler, isOfCluster)),
    ...list(resourceQuotas, (names) => `the namespace has ResourceQuota ${names}`),
    ...(refusingQuotas.isKnown ? refusingQuotas.value.map((quota) => styled('red', refusalText(quota))) : []),
    ...list(limitRanges, (names) => `the namespace has LimitRange ${names}`),
    ...missing.map(({ field, message, rule }) => text`${styled('yellow', field)}: ${message} ${styled('dim', `[${rule}]`)}`),
    ...unknown,
  ];
}

/** The Service `serviceName` may come later; Pods that ask for each other by name find nobody until then. */
function podNameLines(names: PodNames, serviceName: string): string[] {
  if (names === 'own') return [];
  const why = names === 'none' ? `there is no Service ${serviceName}` : `Service ${serviceName} does not select its Pods`;
  return [`${why} (serviceName), so its Pods have no names of their own in DNS`];
}

/** Mirrors `Constraints`: what a quota counts, each container has to set. */
function refusalText({ name, unset }: RefusingQuota): string {
  const amounts = [...Map.groupBy(unset, ({ amount }) => amount)];
  const texts = amounts.map(([amount, containers]) => `${amount} for ${containers.map(({ container }) => container).join(', ')}`);
  return `ResourceQuota ${name} lets no such Pod be made: set ${texts.join(', and ')}`;
}

function autoscalerLines(autoscaler: PodSurroundings['autoscaler'], isOfCluster: boolean): string[] {
  if (!autoscaler.isKnown) return isOfCluster ? [autoscaler.reason] : [];
  if (autoscaler.value === undefined) return [];
  const { name, kind = 'HorizontalPodAutoscaler', minReplicas, maxReplicas } = autoscaler.value;
  const from = minReplicas === 0 ? 'up' : `from ${minReplicas}`;
  return [`${kind} ${name} scales it ${from} to ${maxReplicas} Pods`];
}
