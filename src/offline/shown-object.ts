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
import { holdNothing, readRepository, type ManifestDocument, type ReadOutcome, type UnreadableManifest } from './input/documents.ts';
import type { ReadOptions } from './input/file-text.ts';
import { manifestError } from './manifest-error.ts';
import type { Outcome } from './outcome.ts';
import type { RenderedManifest } from './rendering/render.ts';
import type { Skip } from './skip.ts';
import { skipOfDocument, skipOfTemplates } from './skipped-document.ts';

export interface ShownObject {
  readonly file: string;
  readonly document: number;
  readonly line: number;
  /** Set where a tool has rendered the object and its line in the file is not known: 1 stands for it. */
  readonly renderedLine?: number;
  readonly object: unknown;
  /** Who set each field, by JSON Pointer; only where defaults are shown. */
  readonly provenance?: ReadonlyMap<string, FieldOrigin>;
}

export interface ShownInput extends ReadOptions {
  /** Files, folders, `-` for standard input; to hold no object at all is an error of each of them. */
  readonly paths: readonly string[];
  /** What tools have rendered, which is shown after the files. */
  readonly rendered: readonly RenderedManifest[];
}

export type ShownOutcome = Outcome<ShownObject, Skip, UnreadableManifest>;

/**
 * @param policyFor where defaults are to be shown: the kinds and the target version of a file's policy count; without it, each
 *   document is shown as kubectl sends it
 * @param namespace of Pods and workloads that name none; they stay as they are if not given
 */
export async function* showObjects(
  { paths, rendered, ...options }: ShownInput,
  policyFor: ((file: string) => Policy) | undefined,
  namespace: string | undefined,
): AsyncGenerator<ShownOutcome, void, undefined> {
  let isEmpty = true;
  const show = (read: ReadOutcome): ShownOutcome => {
    if ('message' in read) return { outcome: 'error', errors: [read] };
    if ('leftOut' in read) return { outcome: 'skipped', skip: skipOfTemplates(read) };
    const skip = skipOfDocument(read);
    return skip === undefined ? shown(read, policyFor?.(read.file), namespace) : { outcome: 'skipped', skip };
  };
  for await (const read of readRepository(paths, options)) {
    const outcome = show(read);
    if (outcome.outcome !== 'skipped' || outcome.skip.kind !== '') isEmpty = false;
    yield outcome;
  }
  if (isEmpty && paths.length > 0) yield { outcome: 'error', errors: holdNothing(paths) };
  for (const manifest of rendered) yield show(manifest);
}

function shown(manifest: ManifestDocument, policy: Policy | undefined, namespace: string | undefined): ShownOutcome {
  const { file, document, line, renderedLine, value } = manifest;
  const source = { file, document, line, ...(renderedLine !== undefined && { renderedLine }) };
  if (policy === undefined) return { outcome: 'judged', result: { ...source, object: value } };
  const submission = creationOf(value, '');
  const problems = typeof submission === 'string' ? [submission] : problemsOf(submission, policy);
  if (problems.length > 0) return { outcome: 'error', errors: problems.map((message) => manifestError(manifest, message)) };
  const given = isObject(value) && namespace !== undefined ? inNamespace(value, namespace, policy) : value;
  const stored = isObject(given) ? storedObject(given, policy.kubernetesMinor) : given;
  return { outcome: 'judged', result: { ...source, object: stored, provenance: fieldOrigins(given, stored) } };
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
