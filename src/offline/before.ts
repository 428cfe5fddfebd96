/** The objects of manifests before a change, found by their names. */
import { isObject, type JsonObject } from '../core/json.ts';
import { asObject } from '../core/json-reading.ts';
import { groupOf } from '../core/workload.ts';
import { readRepository, type UnreadableManifest } from './input/documents.ts';
import type { ReadOptions } from './input/file-text.ts';

/** Of several with one name, the last one counts, as `kubectl apply` would leave it. */
export class ObjectsBefore {
  readonly #byName = new Map<string, JsonObject>();
  readonly #namespace: string;

  /** @param namespace of objects that name none */
  private constructor(namespace: string) {
    this.#namespace = namespace;
  }

  /**
   * @param paths files, folders, `-` for standard input; of a folder, what nobody has rendered is left out
   * @returns the objects, or what cannot be read: half of what was before is nothing to compare with
   */
  static async read(paths: readonly string[], namespace: string, options: ReadOptions): Promise<ObjectsBefore | UnreadableManifest> {
    const before = new ObjectsBefore(namespace);
    for await (const document of readRepository(paths, options)) {
      if ('message' in document) return document;
      if ('value' in document && isObject(document.value)) before.#byName.set(before.#nameOf(document.value), document.value);
    }
    return before;
  }

  find(object: JsonObject): JsonObject | undefined {
    return this.#byName.get(this.#nameOf(object));
  }

  /** Without the version: the same object has several. */
  #nameOf({ apiVersion, kind, metadata }: JsonObject): string {
    const { namespace, name } = asObject(metadata);
    return JSON.stringify([groupOf(String(apiVersion)), kind, namespace || this.#namespace, name]);
  }
}
