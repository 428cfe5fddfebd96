/** Keys for a map of objects by name, in which no object takes the place of another one that the API server would keep beside it. */
import type { JsonObject } from './json.ts';
import { metadataOf } from './json-reading.ts';

/** Of an object's content in a key: more would only make keys long. Names, labels and images mostly stand within. */
const MAX_CHARACTERS = 2_000;

export class DistinctKeys {
  #generated = 0;

  /**
   * Each document whose name the API server generates makes an object of its own, even if another document is equal.
   *
   * Such objects are sorted by the beginning and the length of their content: the order of the files matters only where both are equal.
   *
   * @param name what the name is or begins with, and what else the key has
   */
  keyOf(object: JsonObject, name: string): string {
    if (metadataOf(object)['name']) return name;
    this.#generated += 1;
    const content = JSON.stringify(object);
    return `${name}\0${content.slice(0, MAX_CHARACTERS)}\0${content.length}\0${this.#generated}`;
  }
}
