/**
 * The objects of one kind, by namespace and name, with a bound on all of them together: whoever may create objects must not be able to
 * fill the memory of the server.
 */
import { inOrderOfNames } from '../../core/in-order-of-names.ts';

/** There are more, or longer ones, than are kept. */
export class TooMuchToKeepError extends Error {
  override readonly name = 'TooMuchToKeepError';
}

export interface KeptBounds {
  readonly objects: number;
  /** Of what is kept, as JSON. */
  readonly characters: number;
}

interface Kept<T> {
  readonly value: T;
  readonly characters: number;
}

export class KeptObjects<T> {
  readonly #bounds: KeptBounds;
  readonly #byNamespace = new Map<string, Map<string, Kept<T>>>();
  /** Made when somebody asks, good until something changes. */
  readonly #lists = new Map<string, readonly T[]>();
  #size = 0;
  #characters = 0;

  constructor(bounds: KeptBounds) {
    this.#bounds = bounds;
  }

  /** How many there are. */
  get size(): number {
    return this.#size;
  }

  /** @throws {TooMuchToKeepError} with nothing kept of it */
  put(namespace: string, name: string, value: T): void {
    this.remove(namespace, name);
    const characters = JSON.stringify(value).length;
    const { objects: mostObjects, characters: mostCharacters } = this.#bounds;
    if (this.#size >= mostObjects) throw new TooMuchToKeepError(`there are more than ${mostObjects}, and no more are kept`);
    if (this.#characters + characters > mostCharacters)
      throw new TooMuchToKeepError(`they take more than ${mostCharacters} characters, and no more are kept`);
    let ofNamespace = this.#byNamespace.get(namespace);
    if (ofNamespace === undefined) {
      ofNamespace = new Map();
      this.#byNamespace.set(namespace, ofNamespace);
    }
    ofNamespace.set(name, { value, characters });
    this.#size += 1;
    this.#characters += characters;
  }

  remove(namespace: string, name: string): void {
    this.#lists.delete(namespace);
    const ofNamespace = this.#byNamespace.get(namespace);
    const kept = ofNamespace?.get(name);
    if (ofNamespace === undefined || kept === undefined) return;
    ofNamespace.delete(name);
    if (ofNamespace.size === 0) this.#byNamespace.delete(namespace);
    this.#size -= 1;
    this.#characters -= kept.characters;
  }

  get(namespace: string, name: string): T | undefined {
    return this.#byNamespace.get(namespace)?.get(name)?.value;
  }

  /** In the order of their names. */
  of(namespace: string): readonly T[] {
    const ofNamespace = this.#byNamespace.get(namespace);
    if (ofNamespace === undefined) return NOTHING;
    let list = this.#lists.get(namespace);
    if (list === undefined) {
      list = inOrderOfNames(ofNamespace).map(({ value }) => value);
      this.#lists.set(namespace, list);
    }
    return list;
  }
}

const NOTHING: readonly never[] = [];
