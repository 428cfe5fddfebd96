/** What the repairs of a policy would change in one object of a file. */
import type { Policy } from '../core/policy.ts';
import { NOTHING_KNOWN, type Surroundings } from '../core/surroundings.ts';
import type { DocumentChange } from '../yaml/edit/edit-document.ts';
import type { DocumentPath } from '../yaml/positions.ts';
import { admit, patchedObject } from './admit.ts';
import { repairedIn, type CheckError } from './check.ts';
import { creationOf, type Creation } from './creation.ts';
import { stepsIn } from './field-place.ts';
import { reported, type ReportedFinding } from './finding.ts';
import type { ObjectInFile } from './object-in-file.ts';
import type { Outcome } from './outcome.ts';
import { Proposals } from './proposal.ts';
import { refusalsOf } from './refusals.ts';
import { repairsOf, type Repairs } from './repairs.ts';
import type { Skip } from './skip.ts';
import { otherThanManifest } from './skipped-document.ts';

/** An object in which a policy repairs something. */
export interface FixResult extends ObjectInFile {
  /** The name of the policy. */
  readonly policy: string;
  /** What the repairs set right. */
  readonly findings: readonly ReportedFinding[];
  /** Why the object stays as it is; null where it is changed. */
  readonly refused: { readonly reason: string; readonly line: number } | null;
}

/** What is found in an object once it is repaired. */
export interface Left {
  /** Whether the cluster would deny the object. */
  readonly isDenied: boolean;
  /** Rules that enforce or warn, and have a repair that is not made without being asked for. */
  readonly onRequest: readonly string[];
}

export type FixOutcome = Outcome<FixResult, Skip, CheckError>;

export interface FixContext {
  readonly policy: Policy;
  /** For objects that name none, as kubectl's `--namespace`. */
  readonly namespace: string;
  readonly nowMs: number;
  /** The policy of the cluster, which also makes repairs that are not made here; what is left is said only if given. */
  readonly judging?: Policy;
  /** What is known of other objects around one of a file; nothing unless given. */
  readonly around?: (value: unknown) => Surroundings;
}

/** Where an object stands, and how its file came in. */
export interface DocumentPlace {
  readonly file: string;
  readonly document: number;
  readonly isFound: boolean;
}

export interface Planned {
  readonly change: DocumentChange;
  readonly result: Omit<FixResult, 'refused'>;
  readonly left: Left | undefined;
}

/** An object of a document. */
interface ObjectOfDocument {
  readonly path: DocumentPath;
  readonly object: unknown;
  /** What the document holds. */
  readonly whole: unknown;
}

/** @param lineOf a field of the object */
export function planFor(
  { path, object, whole }: ObjectOfDocument,
  { isFound, ...place }: DocumentPlace & { readonly line: number },
  { policy, namespace, nowMs, judging, around }: FixContext,
  lineOf: (field: DocumentPath) => number,
): Planned | FixOutcome {
  const other = isFound ? otherThanManifest(object) : undefined;
  if (other !== undefined) return { outcome: 'skipped', skip: { file: place.file, line: place.line, kind: '', reason: other } };
  const submission = creationOf(object, namespace);
  if (typeof submission === 'string') return { outcome: 'error', errors: [{ ...place, message: submission }] };
  const surroundings = around?.(object) ?? NOTHING_KNOWN;
  const repairs = repairsOf(submission, policy, nowMs, surroundings);
  if (repairs.outcome === 'skipped')
    return { outcome: 'skipped', skip: { file: place.file, line: place.line, kind: submission.kind.kind, reason: repairs.reason } };
  const errors =
    repairs.outcome === 'malformed'
      ? repairs.problems.map(({ path: field, message }) => ({ line: lineOf(stepsIn(object, field)), message: `${field.text} ${message}` }))
      : repairs.errored.map(({ field, message, rule }) => ({ message: `${field} ${message} (${rule})` }));
  if (repairs.outcome === 'malformed' || errors.length > 0)
    return { outcome: 'error', errors: errors.map((error) => ({ ...place, ...error })) };
  const { apiVersion, kind, name, namespace: ofSubject } = repairs.subject;
  // An item of a typed List need not say what it is; it is changed as it stands.
  const written = path.reduce<unknown>((holder, step) => (holder as Record<string | number, unknown>)[step], whole);
  return {
    change: { path, operations: repairs.patch, result: patchedObject(written, repairs.patch) },
    result: {
      ...place,
      apiVersion,
      kind,
      namespace: ofSubject,
      name,
      policy: policy.name,
      findings: repairs.repaired.map((finding) => reported(finding, 'repair')),
    },
    left: judging && leftIn(submission, { ...repairs, file: place.file }, { policy, judging }, { nowMs, surroundings }),
  };
}

function leftIn(
  submission: Creation,
  { subject, patch, file }: Extract<Repairs, { readonly outcome: 'read' }> & Pick<DocumentPlace, 'file'>,
  { policy, judging }: { readonly policy: Policy; readonly judging: Policy },
  circumstances: { readonly nowMs: number; readonly surroundings: Surroundings },
): Left {
  const admission = admit(submission, policy, { ...circumstances, detailed: true });
  const verdict = judging === policy ? admission : admit(submission, judging, circumstances);
  const rules = admission.validate.findings.filter(({ mode }) => mode === 'enforce' || mode === 'warn').map(({ rule }) => rule);
  const proposals = new Proposals(repairedIn(admission));
  // The API server sees the template of a file with the repairs that are written into it.
  const admitted = subject.isTemplate ? patchedObject(submission.object, patch) : verdict.admitted;
  const isRefused = refusalsOf(submission, { ...verdict, admitted }, judging.kubernetesMinor, { file, application: file }).length > 0;
  const isDenied = !verdict.validate.allowed || isRefused;
  return { isDenied, onRequest: [...new Set(rules)].filter((rule) => proposals.of(rule).length > 0) };
}
