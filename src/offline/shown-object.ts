/**
 * The objects of manifests as the cluster receives them, or as it stores them, for people and programs that want to see
 * every field.
 */
import { readSubject } from '../core/subject.ts';
import { fieldOrigins, type FieldOrigin } from '../core/field-origin.ts';
import { isObject } from '../core/json.ts';
import type { Policy } from '../core/policy.ts';
import { storedObject } from '../core/stored-object.ts';
import { trustIn } from '../admission/submission.ts';
import { creationOf } from './creation.ts';
import { holdsNothing, readDocuments, type ManifestDocument, type UnreadableManifest } from './input/documents.ts';
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
 * @param paths files, folders, `-` for standard input; to hold no object at all is an error of each of them
 */
export async function* showObjects(
  paths: readonly string[],
  policyFor: ((file: string) => Policy) | undefined,
  options: ReadOptions,
): AsyncGenerator<ShownOutcome, void, undefined> {
  let isEmpty = true;
  for await (const read of readDocuments(paths, options)) {
    isEmpty = false;
    yield 'message' in read ? { outcome: 'error', errors: [read] } : show(read, policyFor?.(read.file));
  }
  if (isEmpty) yield { outcome: 'error', errors: paths.map(holdsNothing) };
}

function show({ file, document, line, value }: ManifestDocument, policy: Policy | undefined): ShownOutcome {
  if (policy === undefined) return { outcome: 'judged', result: { file, document, line, object: value } };
  const problems = problemsOf(value, policy);
  if (problems.length > 0) return { outcome: 'error', errors: problems.map((message) => ({ file, document, line, message })) };
  const stored = isObject(value) ? storedObject(value, policy.kubernetesMinor) : value;
  return { outcome: 'judged', result: { file, document, line, object: stored, provenance: fieldOrigins(value, stored) } };
}

/** What the API server would not accept gets no defaults. */
function problemsOf(value: unknown, { kinds, kubernetesMinor }: Policy): readonly string[] {
  const submission = creationOf(value, '');
  if (typeof submission === 'string') return [submission];
  const reading = readSubject(value, { kinds, kubernetesMinor, trust: trustIn(submission, kinds) });
  return reading.outcome === 'malformed' ? reading.problems.map(({ path, message }) => `${path.text} ${message}`) : [];
}
