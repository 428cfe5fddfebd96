/**
 * Who set a value that equals the API server's default: somebody on purpose, or nobody.
 *
 * In admission the defaults are filled in already, and scheme defaults are listed in managedFields of ordinary requests
 * as if the client had sent them (seen on 1.36.3). So a value that equals the default counts as nobody's, unless there is evidence:
 * the last-applied annotation and managedFields entries of operation `Apply` hold only what the client sent, and no
 * managedFields entry of any kind lists what admission plugins added later.
 */
import { DEFAULT_TOLERATION_SECONDS, NOT_READY_TAINT, UNREACHABLE_TAINT } from './defaults.ts';
import { isObject } from './json.ts';
import type { Maybe, ObjectMeta, Pod, Toleration } from './pod.ts';

/**
 * - `user`: the value differs from the default, or there is evidence that a client sent it.
 * - `default`: a scheme default (probe numbers, grace period, requests from limits), for all that can be known.
 * - `toleration-default`: added by the admission plugin DefaultTolerationSeconds.
 * - `limit-ranger`: added by the admission plugin LimitRanger, which says so in an annotation.
 */
export type Origin = 'user' | 'default' | 'toleration-default' | 'limit-ranger';

/** A path inside a Pod; an element of a list is named by its `name`: `['spec', 'containers', { name: 'web' }, 'image']`. */
export type FieldPath = readonly (string | { readonly name: string })[];

const LAST_APPLIED = 'kubectl.kubernetes.io/last-applied-configuration';
const LIMIT_RANGER = 'kubernetes.io/limit-ranger';
const TOLERATIONS = ['spec', 'tolerations'] as const;

/** The evidence that one object carries. */
export class Provenance {
  readonly #metadata: ObjectMeta;
  readonly #received: Pod;
  readonly #templatePath: readonly string[];
  readonly #admitted: boolean;
  #lastApplied: unknown;
  #lastAppliedRead = false;

  /**
   * @param metadata of the object that was received: the Pod or the workload
   * @param received the Pod or template as it was received, before defaults
   * @param templatePath where the template stands in the object
   * @param admitted whether an API server has seen the object, as it has in every AdmissionReview; false for a file
   */
  constructor(metadata: ObjectMeta, received: Pod, templatePath: readonly string[], admitted: boolean) {
    this.#metadata = metadata;
    this.#received = received;
    this.#templatePath = templatePath;
    this.#admitted = admitted;
  }

  /**
   * Whether there is evidence that a client sent this field. Only asked for values that equal the default: what was sent as
   * null, 0 or empty was not set, and the API server put the default there.
   */
  wasSent(path: FieldPath): boolean {
    const full: FieldPath = [...this.#templatePath, ...path];
    const applied = (entry: { operation?: Maybe<string>; fieldsV1?: Maybe<object> }): boolean =>
      entry.operation === 'Apply' && hasManagedField(entry.fieldsV1, full);
    return Boolean(fieldAt(this.#lastAppliedObject(), full)) || (this.#metadata.managedFields?.some(applied) ?? false);
  }

  /** Where a value comes from that has a scheme default. */
  originOf(path: FieldPath, value: unknown, schemeDefault: unknown): Origin {
    return value !== schemeDefault || this.wasSent(path) ? 'user' : 'default';
  }

  /**
   * Where one toleration of the (defaulted) Pod comes from. It is the plugin's if it has the plugin's form, stands where
   * the plugin appends, and nothing shows that a client sent it: tolerations are one atomic list in managedFields, so a
   * client that sent others leaves no trace of who added these. The plugin does not run on templates: what stands in one
   * was sent.
   */
  originOfToleration(tolerations: readonly Toleration[], index: number): Origin {
    const toleration = tolerations[index];
    if (toleration === undefined || !isPluginToleration(toleration)) return 'user';
    if (index >= (this.#received.spec.tolerations?.length ?? 0)) return 'toleration-default';
    if (this.#templatePath.length > 0) return 'user';
    const sentSome = this.#clientSentTolerations();
    if (sentSome === false) return 'toleration-default';
    if (!tolerations.slice(index).every(isPluginToleration)) return 'user';
    const othersSent = tolerations.some((other) => !isPluginToleration(other));
    if (sentSome === true && !othersSent) return 'user';
    const sent = fieldAt(this.#lastAppliedObject(), TOLERATIONS);
    const wasApplied = Array.isArray(sent) && sent.some((entry: unknown) => isObject(entry) && entry['key'] === toleration.key);
    return wasApplied ? 'user' : 'toleration-default';
  }

  /** Whether LimitRanger set this request or limit; it leaves `cpu, memory request for container web; …` behind. */
  originOfResource(container: string, part: 'requests' | 'limits', resource: string): Origin {
    const note = this.#metadata.annotations?.[LIMIT_RANGER];
    if (note == null) return 'user';
    const word = part === 'requests' ? 'request' : 'limit';
    for (const clause of note.replace(/^LimitRanger plugin set: /, '').split('; ')) {
      const match = /^(?<names>.*) (?<word>request|limit) for (?:init )?container (?<container>.*)$/.exec(clause)?.groups;
      if (match?.['container'] !== container || match['word'] !== word) continue;
      if (match['names']?.split(', ').includes(resource)) return 'limit-ranger';
    }
    return 'user';
  }

  /**
   * managedFields are made before admission: they list a Pod's tolerations exactly if the client sent some.
   *
   * @returns undefined where there are none to ask, as in a recording that left them out
   */
  #clientSentTolerations(): boolean | undefined {
    const entries = this.#metadata.managedFields;
    if (entries != null && entries.length > 0) return entries.some(({ fieldsV1 }) => hasManagedField(fieldsV1, TOLERATIONS));
    return this.#admitted ? undefined : this.#received.spec.tolerations != null;
  }

  #lastAppliedObject(): unknown {
    if (this.#lastAppliedRead) return this.#lastApplied;
    this.#lastAppliedRead = true;
    const text = this.#metadata.annotations?.[LAST_APPLIED];
    if (text != null) this.#lastApplied = parseOrUndefined(text);
    return this.#lastApplied;
  }
}

/** Exactly what DefaultTolerationSeconds appends, with the API server's default flags. */
function isPluginToleration({ key, operator, value, effect, tolerationSeconds }: Toleration): boolean {
  const ofPlugin = key === NOT_READY_TAINT || key === UNREACHABLE_TAINT;
  return ofPlugin && operator === 'Exists' && !value && effect === 'NoExecute' && tolerationSeconds === DEFAULT_TOLERATION_SECONDS;
}

function fieldAt(object: unknown, path: FieldPath): unknown {
  let at = object;
  for (const part of path) {
    if (typeof part === 'string') at = isObject(at) && Object.hasOwn(at, part) ? at[part] : undefined;
    else at = Array.isArray(at) ? at.find((element: unknown) => isObject(element) && element['name'] === part.name) : undefined;
  }
  return at;
}

/** Whether a fieldsV1 tree holds a path: `f:spec`, `f:containers`, `k:{"name":"web"}`, … */
function hasManagedField(fields: Maybe<object>, path: FieldPath): boolean {
  let at: unknown = fields;
  for (const part of path) {
    const key = typeof part === 'string' ? `f:${part}` : `k:${JSON.stringify({ name: part.name })}`;
    if (!isObject(at) || !Object.hasOwn(at, key)) return false;
    at = at[key];
  }
  return true;
}

/** The annotation is text that users can write; what is no JSON proves nothing. */
function parseOrUndefined(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
