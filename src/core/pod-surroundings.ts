/** The objects around a workload that concern its Pods, as values. Nothing is judged here. */
import { unsetForQuotas, type UnsetAmount } from './namespace-limits.ts';
import { countsPodsOf } from './quota-scope.ts';
import {
  autoscalerOf,
  selectsPods,
  servicesThatSelect,
  type Autoscaler,
  type Known,
  type ResourceQuota,
  type Surroundings,
} from './surroundings.ts';
import type { Subject } from './subject.ts';

export interface PodSurroundings {
  /** The names of the Services that select the Pods. */
  readonly services: Known<readonly string[]>;
  /** The names of the PodDisruptionBudgets that select the Pods. */
  readonly podDisruptionBudgets: Known<readonly string[]>;
  /** Undefined where nothing scales the workload. */
  readonly autoscaler: Known<Autoscaler | undefined>;
  readonly resourceQuotas: Known<readonly string[]>;
  /** Those that let no such Pod be made, because its containers do not set what they count. */
  readonly refusingQuotas: Known<readonly RefusingQuota[]>;
  readonly limitRanges: Known<readonly string[]>;
  /** Of a StatefulSet with a `serviceName`; undefined of anything else. */
  readonly podNames: Known<PodNames> | undefined;
}

export interface RefusingQuota {
  readonly name: string;
  readonly unset: readonly UnsetAmount[];
}

/**
 * Whether the Pods of a StatefulSet have names of their own in DNS: `web-0.peers`, where `serviceName` is `peers`.
 *
 * - `none`: there is no such Service.
 * - `others`: there is one, and it selects other Pods.
 */
export type PodNames = 'own' | 'none' | 'others';

/** What there is around the Pods of a subject, by names; what nobody knows of the surroundings, nobody knows of it. */
export function podSurroundingsOf(subject: Subject, surroundings: Surroundings): PodSurroundings {
  const labels = subject.pod.metadata.labels ?? {};
  const { services, podDisruptionBudgets, autoscalers, resourceQuotas, limitRanges } = surroundings;
  return {
    services: known(services, () => namesOf(servicesThatSelect(labels, services))),
    podDisruptionBudgets: known(podDisruptionBudgets, (all) => namesOf(all.filter(({ selector }) => selectsPods(selector, labels)))),
    autoscaler: known(autoscalers, (all) => autoscalerOf(subject, all)),
    resourceQuotas: known(resourceQuotas, namesOf),
    refusingQuotas: known(resourceQuotas, (all) => refusingOf(subject, all)),
    limitRanges: known(limitRanges, namesOf),
    podNames: podNamesOf(subject, services),
  };
}

function refusingOf({ pod: { spec }, kubernetesMinor }: Subject, quotas: readonly ResourceQuota[]): RefusingQuota[] {
  return quotas
    .filter((quota) => countsPodsOf(spec, quota, kubernetesMinor))
    .map((quota) => ({ name: quota.name, unset: unsetForQuotas(spec, [quota]) }))
    .filter(({ unset }) => unset.length > 0);
}

/** A Service without a selector may have endpoints that somebody else writes. */
export function podNamesOf({ workload, pod }: Subject, services: Surroundings['services']): Known<PodNames> | undefined {
  const serviceName = workload?.serviceName;
  if (serviceName === undefined) return undefined;
  return known(services, (all) => {
    const service = all.find(({ name }) => name === serviceName);
    if (service === undefined) return 'none';
    const hasNoSelector = Object.keys(service.selector).length === 0;
    return hasNoSelector || servicesThatSelect(pod.metadata.labels, services).includes(service) ? 'own' : 'others';
  });
}

function known<T, U>(of: Known<T>, read: (value: T) => U): Known<U> {
  return of.isKnown ? { isKnown: true, value: read(of.value) } : of;
}

function namesOf(objects: readonly { readonly name: string }[]): string[] {
  return objects.map(({ name }) => name);
}
