/**
 * What stands around a workload in the files of a run: Services, PodDisruptionBudgets and autoscalers of its namespace, in its
 * folder. A folder that has one of them is taken for the whole of an application: what it does not have is not there. Of any other
 * folder nothing is known.
 */
import { dirname } from 'node:path';
import { isObject } from '../core/json.ts';
import { surroundingObjectOf } from '../core/surrounding-object.ts';
import { NOTHING_KNOWN, type Autoscaler, type PodDisruptionBudget, type Service, type Surroundings } from '../core/surroundings.ts';

/** Whether a text may hold one of the objects that count; quick to ask. */
export const MAY_HOLD_SURROUNDINGS = /\b(?:Service|PodDisruptionBudget|HorizontalPodAutoscaler|ScaledObject)\b/;

/** By name: of two files with the same object, one for each environment, the last one counts. */
interface Around {
  readonly services: Map<string, Service>;
  readonly budgets: Map<string, PodDisruptionBudget>;
  readonly autoscalers: Map<string, Autoscaler>;
}

/** Collects what the files hold, then answers for each workload. */
export class SurroundingsOfFiles {
  readonly #places = new Map<string, Around>();

  /**
   * @param value what a document holds, of any kind; what does not look like an object that counts is left out
   * @param defaultNamespace for an object that names none
   */
  add(file: string, value: unknown, defaultNamespace: string): void {
    if (!isObject(value)) return;
    const found = surroundingObjectOf(value);
    if (found === undefined) return;
    const around = this.#around(placeOf(file, value, defaultNamespace));
    switch (found.surrounding) {
      case 'services':
        around.services.set(found.value.name, found.value);
        break;
      case 'podDisruptionBudgets':
        around.budgets.set(found.value.name, found.value);
        break;
      case 'autoscalers':
        around.autoscalers.set(found.value.name, found.value);
        break;
      // What a namespace limits is set by whoever runs the cluster, and seldom stands beside the workloads.
      case 'limitRanges':
      case 'resourceQuotas':
        break;
    }
  }

  /** What is known around an object of a file. */
  around(file: string, value: unknown, defaultNamespace: string): Surroundings {
    const around = this.#places.get(placeOf(file, value, defaultNamespace));
    if (around === undefined) return NOTHING_KNOWN;
    const { services, budgets, autoscalers } = around;
    return {
      ...NOTHING_KNOWN,
      services: { isKnown: true, value: [...services.values()] },
      podDisruptionBudgets: { isKnown: true, value: [...budgets.values()] },
      autoscalers: { isKnown: true, value: [...autoscalers.values()] },
    };
  }

  #around(place: string): Around {
    let around = this.#places.get(place);
    if (around === undefined) {
      around = { services: new Map(), budgets: new Map(), autoscalers: new Map() };
      this.#places.set(place, around);
    }
    return around;
  }
}

/** A namespace in a folder; no name of a namespace has a slash. */
function placeOf(file: string, value: unknown, defaultNamespace: string): string {
  const metadata = isObject(value) ? value['metadata'] : undefined;
  const namespace = isObject(metadata) && typeof metadata['namespace'] === 'string' ? metadata['namespace'] : '';
  return `${dirname(file)}/${namespace || defaultNamespace}`;
}
