/** What podgrace decides about one request: the evaluation, with the scope and the sender of the request considered. */
import { ERRORED, excuseWhatWasThere, mutate, suggest, validate, type Circumstances, type Finding } from '../core/evaluate.ts';
import { equalJson, isObject } from '../core/json.ts';
import type { PatchOperation } from '../core/json-patch.ts';
import type { Policy } from '../core/policy.ts';
import type { ShapeProblem } from '../core/shape.ts';
import { readSubject, type Subject, type SubjectReading } from '../core/subject.ts';
import type { AdmissionRequest } from './review.ts';
import { isSentByKubelet, isSentByWorkloadController } from './senders.ts';

/** The rule name of findings about objects that no rule could be asked about. */
export const WELL_FORMED = 'well-formed';

/** Why a request was let through without asking any rule. */
export type Skipped =
  | 'no-template' // a kind without a Pod template
  | 'operation' // DELETE, CONNECT; for a mutation also UPDATE
  | 'subresource' // status, scale, binding, eviction, exec, …
  | 'excluded-namespace'
  | 'unchanged'; // an update that leaves the Pod template as it was: metadata, status, finalizers, replicas

export interface Clock {
  readonly nowMs: number;
  readonly outOfTime?: () => boolean;
}

export interface ValidateDecision {
  readonly phase: 'validate';
  readonly allowed: boolean;
  readonly skipped?: Skipped;
  readonly findings: readonly Finding[];
}

export interface MutateDecision {
  readonly phase: 'mutate';
  readonly skipped?: Skipped;
  readonly patch: readonly PatchOperation[];
  /** The rules that changed the Pod. */
  readonly rules: readonly string[];
  /** What rules whose mutation is `would` would change besides. */
  readonly suggestedPatch: readonly PatchOperation[];
  readonly suggestingRules: readonly string[];
  /** Rules that failed, or an object that cannot be read; never a reason to refuse a mutation call. */
  readonly findings: readonly Finding[];
}

export type Decision = ValidateDecision | MutateDecision;

/**
 * Judges a request as it was received. A workload is judged by the Pods that will come out of it: with the repairs that
 * they get when they are created. Of an update, only what it makes worse is denied.
 */
export function decideValidation(request: AdmissionRequest, policy: Policy, clock: Clock): ValidateDecision {
  const skipped = outOfScope(request, policy);
  if (skipped !== undefined) return allowed(skipped);
  const reading = readSubject(request.object, subjectOptions(request, policy));
  if (reading.outcome === 'no-template') return allowed('no-template');
  if (reading.outcome === 'malformed') return judged(malformedFindings(reading.problems, policy));

  const circumstances = circumstancesOf(request, clock);
  const { subject } = reading;
  if (request.operation !== 'UPDATE') return judged(findingsOf(subject, policy, circumstances));
  const before = readSubject(request.oldObject, subjectOptions(request, policy));
  if (before.outcome !== 'subject') return judged(findingsOf(subject, policy, circumstances));
  if (equalJson(subject.received['spec'], before.subject.received['spec'])) return allowed('unchanged');
  const findings = findingsOf(subject, policy, circumstances);
  // A clean object needs no comparison with what it was.
  if (!findings.some(({ mode }) => mode === 'enforce')) return judged(findings);
  return judged(excuseWhatWasThere(findings, findingsOf(before.subject, policy, circumstances)));
}

/** Repairs a Pod that is being created; anything else stays as it is (most of a Pod's spec is immutable later). */
export function decideMutation(request: AdmissionRequest, policy: Policy, clock: Clock): MutateDecision {
  const skipped = outOfScope(request, policy) ?? (request.operation === 'CREATE' && request.subResource === '' ? undefined : 'operation');
  if (skipped !== undefined) return { ...NOT_MUTATED, skipped };
  const reading: SubjectReading = readSubject(request.object, subjectOptions(request, policy));
  if (reading.outcome === 'malformed') return { ...NOT_MUTATED, findings: malformedFindings(reading.problems, policy) };
  if (reading.outcome === 'no-template' || reading.subject.isTemplate) return { ...NOT_MUTATED, skipped: 'no-template' };

  const circumstances = circumstancesOf(request, clock);
  const applied = mutate(policy, reading.subject, circumstances);
  const suggested = suggest(policy, reading.subject, circumstances, applied);
  return {
    phase: 'mutate',
    patch: applied.patch,
    rules: applied.rules,
    suggestedPatch: suggested.patch,
    suggestingRules: suggested.rules,
    findings: [...applied.errored, ...suggested.errored],
  };
}

const NOT_MUTATED: MutateDecision = { phase: 'mutate', patch: [], rules: [], suggestedPatch: [], suggestingRules: [], findings: [] };

/** Findings in the Pod, or in the Pod that comes out of a template once it has been repaired. */
function findingsOf(subject: Subject, policy: Policy, circumstances: Circumstances): Finding[] {
  if (!subject.isTemplate) return validate(policy, subject, circumstances);
  return validate(policy, subject, circumstances, mutate(policy, subject, circumstances).pod);
}

function outOfScope({ operation, subResource, namespace }: AdmissionRequest, policy: Policy): Skipped | undefined {
  if (operation === 'DELETE' || operation === 'CONNECT') return 'operation';
  if (subResource !== '' && !JUDGED_SUBRESOURCES.has(subResource)) return 'subresource';
  return policy.isExcludedNamespace(namespace) ? 'excluded-namespace' : undefined;
}

/** Those that carry a Pod whose containers or resources have changed (K§7). */
const JUDGED_SUBRESOURCES: ReadonlySet<string> = new Set(['ephemeralcontainers', 'resize']);

function subjectOptions(request: AdmissionRequest, policy: Policy): Parameters<typeof readSubject>[1] {
  const { group, version, kind } = request.kind;
  return {
    kinds: policy.kinds,
    kubernetesMinor: policy.kubernetesMinor,
    admitted: true,
    namespace: request.namespace === '' ? undefined : request.namespace,
    apiVersion: group === '' ? version : `${group}/${version}`,
    kind,
    trustMirrorAnnotation: isSentByKubelet(request.username),
  };
}

function circumstancesOf(request: AdmissionRequest, clock: Clock): Circumstances {
  return { ...clock, sentByController: isSentByWorkloadController(request.username, request.kind.kind) };
}

function malformedFindings(problems: readonly ShapeProblem[], policy: Policy): Finding[] {
  return problems.map(({ field, message }) => ({
    rule: WELL_FORMED,
    messageId: ERRORED,
    mode: policy.errored,
    message,
    fix: 'send an object that the API server accepts',
    field,
  }));
}

function judged(findings: readonly Finding[]): ValidateDecision {
  return { phase: 'validate', allowed: !findings.some(({ mode }) => mode === 'enforce'), findings };
}

function allowed(skipped: Skipped): ValidateDecision {
  return { phase: 'validate', allowed: true, skipped, findings: [] };
}

/** The namespace and name of what a request is about, where `name` is empty for generated names. */
export function nameOf({ name, object }: AdmissionRequest): string {
  if (name !== '' || !isObject(object)) return name;
  const metadata = object['metadata'];
  if (!isObject(metadata)) return '';
  const chosen = metadata['name'] ?? metadata['generateName'];
  return typeof chosen === 'string' ? chosen : '';
}
