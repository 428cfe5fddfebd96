/** The kinds that CustomResourceDefinitions among the files of a run define. */
import { isObject } from '../core/json.ts';

export class DefinedKinds {
  readonly #kinds = new Set<string>();

  /** @param value what a document holds; what is no CustomResourceDefinition defines nothing */
  add(value: unknown): void {
    if (!isObject(value) || value['kind'] !== 'CustomResourceDefinition' || !isObject(value['spec'])) return;
    const { group, names } = value['spec'];
    if (typeof group === 'string' && isObject(names) && typeof names['kind'] === 'string') this.#kinds.add(`${group}/${names['kind']}`);
  }

  has(group: string, kind: string): boolean {
    return this.#kinds.has(`${group}/${kind}`);
  }
}

/** Whether a file may define a kind; quick to ask. */
export function mayDefineKinds(text: string): boolean {
  return text.includes('CustomResourceDefinition');
}
