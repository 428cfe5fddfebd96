/** Keys for a map of objects by name, in which no object takes the place of another one that the API server would keep beside it. */
import type { JsonObject } from './json.ts';
import { metadataOf } from './json-reading.ts';

export class DistinctKeys {
  #generated = 0;

  /**
   * Each document whose name the API server generates makes an object of its own, even if another document is equal.
   *
   * @param name what the name is or begins with, and what else the key has; what is generated comes in an order of its content
   */
  keyOf(object: JsonObject, name: string): string {
    if (metadataOf(object)['name']) return name;
    this.#generated += 1;
    return `${name}\0${JSON.stringify(object)}\0${this.#generated}`;
  }
}
