/** The objects around a workload that concern its Pods, as values. Nothing is judged here. */
import { autoscalerOf, selectsPods, servicesThatSelect, type Autoscaler, type Known, type Surroundings } from './surroundings.ts';
import type { Subject } from './subject.ts';

export interface PodSurroundings {
  /** The names of the Services that select the Pods. */
  readonly services: Known<readonly string[]>;
  /** The names of the PodDisruptionBudgets that select the Pods. */
  readonly podDisruptionBudgets: Known<readonly string[]>;
  /** Undefined where nothing scales the workload. */
  readonly autoscaler: Known<Autoscaler | undefined>;
  readonly resourceQuotas: Known<readonly string[]>;
  readonly limitRanges: Known<readonly string[]>;
}

export function podSurroundingsOf(subject: Subject, surroundings: Surroundings): PodSurroundings {
  const labels = subject.pod.metadata.labels ?? {};
  const { services, podDisruptionBudgets, autoscalers, resourceQuotas, limitRanges } = surroundings;
  return {
    services: known(services, () => namesOf(servicesThatSelect(labels, services))),
    podDisruptionBudgets: known(podDisruptionBudgets, (all) => namesOf(all.filter(({ selector }) => selectsPods(selector, labels)))),
    autoscaler: known(autoscalers, (all) => autoscalerOf(subject, all)),
    resourceQuotas: known(resourceQuotas, namesOf),
    limitRanges: known(limitRanges, namesOf),
  };
}

function known<T, U>(of: Known<T>, read: (value: T) => U): Known<U> {
  return of.isKnown ? { isKnown: true, value: read(of.value) } : of;
}

function namesOf(objects: readonly { readonly name: string }[]): string[] {
  return objects.map(({ name }) => name);
}
