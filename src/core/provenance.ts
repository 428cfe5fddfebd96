/**
 * Whether somebody set a value on purpose that equals the API server's default.
 *
 * In admission the defaults are already filled in, and the managedFields of ordinary requests list scheme defaults as if
 * the client had sent them (seen on 1.36.3). So a value that equals the default counts as not set, unless there is
 * evidence: the last-applied annotation and managedFields entries of operation `Apply` hold only what the client sent, and
 * no managedFields entry lists what admission plugins added later.
 */
import { parseBoundedJson } from './bounded-json.ts';
import { DeferredManagedFields } from './deferred-managed-fields.ts';
import { DEFAULT_TOLERATION_SECONDS, NOT_READY_TAINT, UNREACHABLE_TAINT } from './defaults.ts';
import { isObject, type JsonObject } from './json.ts';
import { FieldSets, placeInFieldSet, type ManagedFieldsEntry } from './managed-fields.ts';
import { FieldPath } from './path.ts';
import type { ObjectMeta, Toleration } from './pod.ts';

/**
 * - `user`: the value differs from the default, or there is evidence that a client sent it.
 * - `toleration-default`: added by the admission plugin DefaultTolerationSeconds.
 */
export type TolerationOrigin = 'user' | 'toleration-default';

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const TOLERATIONS = FieldPath.of('spec', 'tolerations');

interface Origin {
  readonly isAdmitted: boolean;
  readonly isNew: boolean;
  readonly isCustom?: boolean;
}

/** The evidence that one object carries. */
export class Provenance {
  readonly #metadata: ObjectMeta;
  readonly #received: object;
  readonly #root: FieldPath;
  /** Whether the API server's defaults may stand among what was sent. */
  readonly #isFilledIn: boolean;
  readonly #isNew: boolean;
  /** Whether no API server has seen the object: what one drops without a word is still there. */
  readonly isOnlyWritten: boolean;
  #lastApplied: unknown;
  #lastAppliedRead = false;
  /** Elements of lists of the last-applied object by name, once somebody has asked for one of them. */
  readonly #named = new Map<readonly unknown[], ReadonlyMap<unknown, unknown>>();
  #sentTolerations: boolean | undefined;
  #sentTolerationsRead = false;
  #sentFieldsFound: FieldSets | undefined;
  #appliedFieldsFound: FieldSets | undefined;
  #appliedFieldsRead = false;

  /**
   * @param metadata of the object that was received: the Pod or the workload
   * @param received the Pod or template as it was received, before defaults
   * @param root where the Pod or template stands in the object
   * @param origin `isAdmitted`: whether an API server has seen the object, as it has in every AdmissionReview; false for a file, unless
   *   the object in it was read from a cluster. `isNew`: whether the request creates it. `isCustom`: whether it is of a kind that is not
   *   Kubernetes' own, whose template the API server stores as it was sent
   */
  constructor(metadata: ObjectMeta, received: object, root: FieldPath, { isAdmitted, isNew, isCustom = false }: Origin) {
    this.#metadata = metadata;
    this.#received = received;
    this.#root = root;
    this.isOnlyWritten = !isAdmitted && metadata.uid == null;
    this.#isFilledIn = !isCustom && !this.isOnlyWritten;
    this.#isNew = isNew;
  }

  /**
   * Whether there is evidence that a client sent this field. Only asked for values that equal the default: what was sent as
   * null, 0 or empty was not set, and the API server put the default there. What a file names its author has named: it is what
   * `kubectl apply` will note down.
   *
   * @param path in the Pod, with the elements of lists that it goes through
   */
  wasSent(path: FieldPath): boolean {
    if (!this.#isFilledIn && Boolean(this.#receivedAt(path))) return true;
    // The annotation is asked last: it is a text that has to be parsed.
    if (this.#appliedFields?.lists(path.within(this.#root)) === true) return true;
    return this.#lastAppliedObject() !== undefined && Boolean(this.#lastAppliedAt(path.within(this.#root)));
  }

  /**
   * Whether there is evidence that a client sent a field that has no default, and not the scheduler. A new Pod is on no node yet. Later
   * the managedFields tell: the scheduler writes through the subresource `binding`, and adds nothing to them (seen on 1.36.3).
   *
   * @param path in the Pod
   */
  wasNamed(path: FieldPath): boolean {
    if (this.#isNew || this.wasSent(path)) return true;
    return hasListed(this.#metadata.managedFields, path.within(this.#root)) === true;
  }

  /**
   * Whether admission has put an element there that its sender did not send. managedFields are made before admission, and nobody adds
   * to them what a webhook adds (seen on 1.36.3 and 1.37.2, for requests of every kind). Webhooks do that to Pods; of a template, and
   * where there are no managedFields, nothing is known.
   *
   * @param path of an element with a name, in the Pod
   */
  wasAdded(path: FieldPath): boolean {
    if (this.#root.depth > 0) return false;
    const entries = entriesOf(this.#metadata.managedFields);
    if (entries.length === 0) return false;
    this.#sentFieldsFound ??= new FieldSets(entries.map(({ fieldsV1 }) => fieldsV1));
    return !this.#sentFieldsFound.lists(path);
  }

  /**
   * Where one toleration of the (defaulted) Pod comes from. It is the plugin's if it has the plugin's form, stands where
   * the plugin appends, and nothing shows that a client sent it: tolerations are one atomic list in managedFields, so a
   * client that sent others leaves no trace of who added these. The plugin does not run on templates: what stands in one
   * was sent.
   */
  originOfToleration(tolerations: readonly Toleration[], index: number): TolerationOrigin {
    const toleration = tolerations[index];
    if (toleration === undefined || !isPluginToleration(toleration)) return 'user';
    const received = this.#receivedAt(TOLERATIONS);
    if (!Array.isArray(received) || index >= received.length) return 'toleration-default';
    if (this.#root.depth > 0 || !this.#isFilledIn) return 'user';
    const sentSome = this.#clientSentTolerations;
    if (sentSome === false) return 'toleration-default';
    if (!tolerations.slice(index).every(isPluginToleration)) return 'user';
    const othersSent = tolerations.some((other) => !isPluginToleration(other));
    if (sentSome === true && !othersSent) return 'user';
    const sent = this.#lastAppliedAt(TOLERATIONS);
    const wasApplied = Array.isArray(sent) && sent.some((entry: unknown) => isObject(entry) && entry['key'] === toleration.key);
    return wasApplied ? 'user' : 'toleration-default';
  }

  /**
   * managedFields are made before admission: they list a Pod's tolerations exactly if the client sent some.
   *
   * @returns undefined where there are none to ask, as in a recording that left them out
   */
  get #clientSentTolerations(): boolean | undefined {
    if (this.#sentTolerationsRead) return this.#sentTolerations;
    this.#sentTolerationsRead = true;
    this.#sentTolerations = hasListed(this.#metadata.managedFields, TOLERATIONS);
    return this.#sentTolerations;
  }

  /** What was sent by server-side apply, undefined where nobody has used it. */
  get #appliedFields(): FieldSets | undefined {
    if (this.#appliedFieldsRead) return this.#appliedFieldsFound;
    this.#appliedFieldsRead = true;
    const applied = entriesWith(this.#metadata.managedFields, 'Apply').filter(({ operation }) => operation === 'Apply');
    if (applied.length > 0) this.#appliedFieldsFound = new FieldSets(applied.map(({ fieldsV1 }) => fieldsV1));
    return this.#appliedFieldsFound;
  }

  #lastAppliedAt(path: FieldPath): unknown {
    if (path.parent === undefined) return this.#lastAppliedObject();
    const parent = this.#lastAppliedAt(path.parent);
    const { step, keys } = path;
    if (typeof step === 'string') return isObject(parent) && Object.hasOwn(parent, step) ? parent[step] : undefined;
    return Array.isArray(parent) && keys !== undefined ? this.#elementsByName(parent).get(keys['name']) : undefined;
  }

  /** Elements are found by their names: a repair may have put others before them. */
  #receivedAt(path: FieldPath): unknown {
    if (path.parent === undefined) return this.#received;
    const parent = this.#receivedAt(path.parent);
    const { step, keys } = path;
    if (typeof step === 'string') return isObject(parent) && Object.hasOwn(parent, step) ? parent[step] : undefined;
    if (!Array.isArray(parent)) return undefined;
    return keys?.['name'] === undefined ? parent[step] : this.#elementsByName(parent).get(keys['name']);
  }

  #elementsByName(list: readonly unknown[]): ReadonlyMap<unknown, unknown> {
    let named = this.#named.get(list);
    if (named === undefined) {
      // Of two with one name the first counts.
      named = new Map(
        list
          .filter(isObject)
          .map((element): [unknown, JsonObject] => [element['name'], element])
          .reverse(),
      );
      this.#named.set(list, named);
    }
    return named;
  }

  #lastAppliedObject(): unknown {
    if (this.#lastAppliedRead) return this.#lastApplied;
    this.#lastAppliedRead = true;
    const text = this.#metadata.annotations?.[LAST_APPLIED];
    if (text != null) this.#lastApplied = parseOrUndefined(text);
    return this.#lastApplied;
  }
}

/** @returns undefined where there are no entries to ask */
function hasListed(fields: ObjectMeta['managedFields'], path: FieldPath): boolean | undefined {
  if (fields instanceof DeferredManagedFields && !fields.mayHold(`f:${path.step}`)) return fields.isEmpty ? undefined : false;
  const entries = entriesOf(fields);
  return entries.length === 0 ? undefined : entries.some(({ fieldsV1 }) => placeInFieldSet(fieldsV1, path) === 'listed');
}

/** @returns the entries, or none where the text shows that `word` stands in no one of them */
function entriesWith(fields: ObjectMeta['managedFields'], word: string): readonly ManagedFieldsEntry[] {
  return fields instanceof DeferredManagedFields && !fields.mayHold(word) ? [] : entriesOf(fields);
}

function entriesOf(fields: ObjectMeta['managedFields']): readonly ManagedFieldsEntry[] {
  return (fields instanceof DeferredManagedFields ? fields.entries : fields) ?? [];
}

/** Exactly what DefaultTolerationSeconds appends, with the API server's default flags. */
function isPluginToleration({ key, operator, value, effect, tolerationSeconds }: Toleration): boolean {
  const ofPlugin = key === NOT_READY_TAINT || key === UNREACHABLE_TAINT;
  return ofPlugin && operator === 'Exists' && !value && effect === 'NoExecute' && tolerationSeconds === DEFAULT_TOLERATION_SECONDS;
}

/** The annotation is text that users can write; what is no JSON, or more than any object holds, proves nothing. */
function parseOrUndefined(text: string): unknown {
  try {
    return parseBoundedJson(text);
  } catch {
    return undefined;
  }
}
