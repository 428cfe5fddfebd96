/**
 * What stands around a workload in the files of a run: Services, PodDisruptionBudgets and autoscalers of its namespace, in its
 * folder. A folder that has one of them is taken for the whole of an application: what it does not have is not there. Of any other
 * folder nothing is known.
 */
import { dirname } from 'node:path';
import { isObject, type JsonObject } from '../core/json.ts';
import type { LabelSelector } from '../core/pod.ts';
import type { IntOrPercentage } from '../core/rollout.ts';
import { NOTHING_KNOWN, type Autoscaler, type PodDisruptionBudget, type Service, type Surroundings } from '../core/surroundings.ts';
import { groupOf } from '../core/workload.ts';

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
    const { apiVersion, kind, metadata, spec } = value;
    if (typeof apiVersion !== 'string' || typeof kind !== 'string' || !isObject(metadata) || !isObject(spec)) return;
    const { name } = metadata;
    if (typeof name !== 'string') return;
    const around = (): Around => this.#around(placeOf(file, value, defaultNamespace));
    switch (`${groupOf(apiVersion)}/${kind}`) {
      case '/Service':
        around().services.set(name, { name, selector: textsOf(spec['selector']) });
        break;
      case 'policy/PodDisruptionBudget':
        around().budgets.set(name, {
          name,
          selector: selectorOf(spec['selector']),
          minAvailable: boundOf(spec['minAvailable']),
          maxUnavailable: boundOf(spec['maxUnavailable']),
        });
        break;
      case 'autoscaling/HorizontalPodAutoscaler':
        addAutoscaler(name, spec, { min: 'minReplicas', max: 'maxReplicas', defaultMin: 1, defaultMax: 1 }, around().autoscalers);
        break;
      // KEDA scales to 0 and up to 100 where nobody says otherwise.
      case 'keda.sh/ScaledObject':
        addAutoscaler(name, spec, { min: 'minReplicaCount', max: 'maxReplicaCount', defaultMin: 0, defaultMax: 100 }, around().autoscalers);
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

interface ScaleFields {
  readonly min: string;
  readonly max: string;
  readonly defaultMin: number;
  readonly defaultMax: number;
}

function addAutoscaler(
  name: string,
  spec: JsonObject,
  { min, max, defaultMin, defaultMax }: ScaleFields,
  into: Map<string, Autoscaler>,
): void {
  const target = spec['scaleTargetRef'];
  if (!isObject(target) || typeof target['name'] !== 'string') return;
  const { apiVersion = 'apps/v1', kind = 'Deployment', name: targetName } = target;
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return;
  into.set(name, {
    name,
    scaleTargetRef: { apiVersion, kind, name: targetName },
    minReplicas: numberOf(spec[min]) ?? defaultMin,
    maxReplicas: numberOf(spec[max]) ?? defaultMax,
  });
}

function numberOf(value: unknown): number | undefined {
  return typeof value === 'number' ? value : undefined;
}

function boundOf(value: unknown): IntOrPercentage | undefined {
  return typeof value === 'number' || (typeof value === 'string' && /^\d+%$/.test(value)) ? value : undefined;
}

function textsOf(value: unknown): Record<string, string> {
  if (!isObject(value)) return {};
  return Object.fromEntries(Object.entries(value).filter((entry): entry is [string, string] => typeof entry[1] === 'string'));
}

function selectorOf(value: unknown): LabelSelector | undefined {
  if (!isObject(value)) return undefined;
  const { matchExpressions } = value;
  const expressions = Array.isArray(matchExpressions) ? matchExpressions.flatMap(expressionOf) : [];
  return { matchLabels: textsOf(value['matchLabels']), matchExpressions: expressions };
}

function expressionOf(value: unknown): { key: string; operator: string; values: string[] }[] {
  if (!isObject(value) || typeof value['key'] !== 'string' || typeof value['operator'] !== 'string') return [];
  const { values } = value;
  const texts = Array.isArray(values) ? values.filter((text): text is string => typeof text === 'string') : [];
  return [{ key: value['key'], operator: value['operator'], values: texts }];
}
