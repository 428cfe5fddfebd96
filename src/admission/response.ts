/** Decisions as AdmissionReview v1 answers (apiserver `request/admissionreview.go` VerifyAdmissionResponse). */
import type { Finding } from '../core/finding.ts';
import type { PatchOperation } from '../core/json-patch.ts';
import type { Decision, MutateDecision, ValidateDecision } from './decision.ts';
import { ADMISSION_API_VERSION, type AdmissionRequest } from './review.ts';
import { nameOf } from './submission.ts';
import { singleLine, warningsOf } from './warnings.ts';

/** metav1.StatusCause: `reason` is the rule's id. */
export interface StatusCause {
  readonly reason: string;
  readonly message: string;
  readonly field: string;
}

export interface AdmissionResponse {
  readonly uid: string;
  readonly allowed: boolean;
  readonly status?: {
    readonly code: number;
    readonly reason: string;
    readonly message: string;
    readonly details: { readonly name: string; readonly group: string; readonly kind: string; readonly causes: readonly StatusCause[] };
  };
  readonly patchType?: 'JSONPatch';
  /** Standard base64 of the JSON Patch. */
  readonly patch?: string;
  readonly warnings?: readonly string[];
  readonly auditAnnotations?: Readonly<Record<string, string>>;
}

export interface AdmissionReviewAnswer {
  readonly apiVersion: typeof ADMISSION_API_VERSION;
  readonly kind: 'AdmissionReview';
  readonly response: AdmissionResponse;
}

/** People read a denial in a terminal; a Pod of 100,000 containers must not make it endless. */
const MAX_LISTED_FINDINGS = 20;

/** A message may hold a value of the user's, of any length and with anything in it; the longest of ours has some 300. */
const MAX_TEXT_RUNES = 1024;

/** Upstream sets no limit on annotations; audit logs have their own. */
const MAX_ANNOTATION_RUNES = 4096;

/**
 * The answer as JSON.
 *
 * @param policyName goes into the denial and into the audit annotations
 */
export function answerText(request: AdmissionRequest, decision: Decision, policyName: string): string {
  // Nearly every answer: nothing in it changes but the uid.
  if (hasNothingToSay(decision)) return `${ALLOWED[0]}${JSON.stringify(request.uid)}${ALLOWED[1]}`;
  return JSON.stringify(answerOf(request, decision, policyName));
}

function hasNothingToSay(decision: Decision): boolean {
  if (decision.findings.length > 0) return false;
  return decision.phase === 'validate' || (decision.patch.length === 0 && decision.suggestedPatch.length === 0);
}

/** Around the uid. */
const ALLOWED = [`{"apiVersion":"${ADMISSION_API_VERSION}","kind":"AdmissionReview","response":{"uid":`, ',"allowed":true}}'] as const;

/** @param policyName as for `answerText` */
export function answerOf(request: AdmissionRequest, decision: Decision, policyName: string): AdmissionReviewAnswer {
  const response =
    decision.phase === 'validate' ? validateResponse(request, decision, policyName) : mutateResponse(request, decision, policyName);
  return { apiVersion: ADMISSION_API_VERSION, kind: 'AdmissionReview', response };
}

function validateResponse(request: AdmissionRequest, decision: ValidateDecision, policyName: string): AdmissionResponse {
  const { allowed, findings } = decision;
  const warnings = warningsOf(findings);
  return {
    uid: request.uid,
    allowed,
    ...(!allowed && { status: denial(request, findings, policyName) }),
    ...(warnings.length > 0 && { warnings }),
    ...(findings.length > 0 && { auditAnnotations: findingAnnotations(findings, policyName) }),
  };
}

function mutateResponse({ uid }: AdmissionRequest, decision: MutateDecision, policyName: string): AdmissionResponse {
  const { patch, rules, suggestedPatch, suggestingRules, findings } = decision;
  const annotations = {
    ...(patch.length > 0 && { 'mutated-by': rules.join(',') }),
    ...(suggestedPatch.length > 0 && {
      'would-mutate-by': suggestingRules.join(','),
      'would-patch': singleLine(JSON.stringify(suggestedPatch), MAX_ANNOTATION_RUNES),
    }),
    ...(findings.length > 0 && findingAnnotations(findings, policyName)),
  };
  const isMutated = patch.length > 0;
  // Written out for each case: where members were added by a spread, this took 3.6 instead of 1.9 µs once a policy file had been read.
  if (!isMutated && suggestedPatch.length === 0 && findings.length === 0) return { uid, allowed: true };
  if (!isMutated) return { uid, allowed: true, auditAnnotations: annotations };
  return { uid, allowed: true, patchType: 'JSONPatch', patch: encodePatch(patch), auditAnnotations: annotations };
}

function encodePatch(patch: readonly PatchOperation[]): string {
  return Buffer.from(JSON.stringify(patch)).toString('base64');
}

/** The API server puts `admission webhook "…" denied the request: ` before the message. */
export function denialMessage(request: AdmissionRequest, findings: readonly Finding[], policyName: string): string {
  const denying = findings.filter(({ mode }) => mode === 'enforce');
  const name = [request.namespace, nameOf(request)].filter((part) => part !== '').join('/');
  const rules = new Set(denying.map(({ rule }) => rule)).size;
  const what = `${request.operation === 'DELETE' ? 'Deletion of ' : ''}${request.kind.kind} ${name}`;
  const lines = [`${readable(what)} breaks ${rules === 1 ? 'a rule' : `${rules} rules`} of policy ${policyName}`];
  for (const { rule, field, message, fix } of denying.slice(0, MAX_LISTED_FINDINGS)) {
    lines.push(`- ${readable(field)}: ${readable(message)} (${rule})`, `  fix: ${readable(fix)}`);
  }
  if (denying.length > MAX_LISTED_FINDINGS) lines.push(`- and ${denying.length - MAX_LISTED_FINDINGS} more`);
  return lines.join('\n');
}

function denial(request: AdmissionRequest, findings: readonly Finding[], policyName: string): NonNullable<AdmissionResponse['status']> {
  const causes = findings
    .filter(({ mode }) => mode === 'enforce')
    .slice(0, MAX_LISTED_FINDINGS)
    .map(({ rule, message, field }) => ({ reason: rule, message: readable(message), field: readable(field) }));
  const { group, kind } = request.kind;
  return {
    code: 403,
    reason: 'Forbidden',
    message: denialMessage(request, findings, policyName),
    details: { name: readable(nameOf(request)), group, kind, causes },
  };
}

function readable(text: string): string {
  return singleLine(text, MAX_TEXT_RUNES);
}

/** Keys are plain words: the API server puts `<webhook name>/` before them. */
function findingAnnotations(findings: readonly Finding[], policyName: string): Record<string, string> {
  const annotations: Record<string, string> = { policy: policyName };
  for (const mode of ['enforce', 'warn', 'audit'] as const) {
    const texts = findings.filter((finding) => finding.mode === mode && finding.excuse !== 'exempt').map(annotationText);
    if (texts.length > 0) annotations[mode] = singleLine(texts.join('; '), MAX_ANNOTATION_RUNES);
  }
  const exempted = findings.flatMap(({ rule, exemption }) => (exemption === undefined ? [] : [`${rule}: ${exemption.document.reason}`]));
  if (exempted.length > 0) annotations['exempted'] = singleLine([...new Set(exempted)].join('; '), MAX_ANNOTATION_RUNES);
  return annotations;
}

function annotationText({ rule, field, excuse }: Finding): string {
  return excuse === undefined ? `${rule} ${field}` : `${rule} ${field} (${excuse})`;
}
