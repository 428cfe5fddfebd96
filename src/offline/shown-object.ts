/**
 * The objects of manifests as the cluster receives them, or as it stores them, for people and programs that want to see
 * every field.
 */
import { asObject, asText } from '../core/json-reading.ts';
import { readSubject } from '../core/subject.ts';
import { fieldOrigins, type FieldOrigin } from '../core/field-origin.ts';
import { isObject, type JsonObject } from '../core/json.ts';
import type { Policy } from '../core/policy.ts';
import { storedObject } from '../core/stored-object.ts';
import { trustIn, type Submission } from '../admission/submission.ts';
import { creationOf } from './creation.ts';
import { holdNothing, readDocuments, type ManifestDocument, type UnreadableManifest } from './input/documents.ts';
import type { ReadOptions } from './input/file-text.ts';
import type { Outcome } from './outcome.ts';

export interface ShownObject {
  readonly file: string;
  readonly document: number;
  readonly line: number;
  readonly object: unknown;
  /** Who set each field, by JSON Pointer; only where defaults are shown. */
  readonly provenance?: ReadonlyMap<string, FieldOrigin>;
}

export type ShownOutcome = Outcome<ShownObject, never, UnreadableManifest>;

/**
 * @param policyFor where defaults are to be shown: the kinds and the target version of a file's policy count; without it, each
 *   document is shown as kubectl sends it
 * @param namespace of Pods and workloads that name none; they stay as they are if not given
 * @param paths files, folders, `-` for standard input; to hold no object at all is an error of each of them
 */
export async function* showObjects(
  paths: readonly string[],
  policyFor: ((file: string) => Policy) | undefined,
  { namespace, ...options }: ReadOptions & { readonly namespace?: string | undefined },
): AsyncGenerator<ShownOutcome, void, undefined> {
  let isEmpty = true;
  for await (const read of readDocuments(paths, options)) {
    isEmpty = false;
    yield 'message' in read ? { outcome: 'error', errors: [read] } : show(read, policyFor?.(read.file), namespace);
  }
  if (isEmpty) yield { outcome: 'error', errors: holdNothing(paths) };
}

function show({ file, document, line, value }: ManifestDocument, policy: Policy | undefined, namespace: string | undefined): ShownOutcome {
  if (policy === undefined) return { outcome: 'judged', result: { file, document, line, object: value } };
  const submission = creationOf(value, '');
  const problems = typeof submission === 'string' ? [submission] : problemsOf(submission, policy);
  if (problems.length > 0) return { outcome: 'error', errors: problems.map((message) => ({ file, document, line, message })) };
  const given = isObject(value) && namespace !== undefined ? inNamespace(value, namespace, policy) : value;
  const stored = isObject(given) ? storedObject(given, policy.kubernetesMinor) : given;
  return { outcome: 'judged', result: { file, document, line, object: stored, provenance: fieldOrigins(given, stored) } };
}

/** What the API server would not accept gets no defaults. */
function problemsOf(submission: Submission, { kinds, kubernetesMinor }: Policy): readonly string[] {
  const reading = readSubject(submission.object, { kinds, kubernetesMinor, trust: trustIn(submission, kinds) });
  return reading.outcome === 'malformed' ? reading.problems.map(({ path, message }) => `${path.text} ${message}`) : [];
}

/** As kubectl sends an object. Of other kinds than these, nobody knows here whether they have a namespace. */
function inNamespace(object: JsonObject, namespace: string, { kinds }: Policy): JsonObject {
  const metadata = asObject(object['metadata']);
  const isNamespaced = kinds.templates(asText(object['apiVersion']), asText(object['kind'])).length > 0;
  return isNamespaced && !metadata['namespace'] ? { ...object, metadata: { ...metadata, namespace } } : object;
}
