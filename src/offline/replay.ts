/** Runs recorded AdmissionReviews through a policy, and compares the answers with those of another one or of a webhook. */
import { admit, type Admission } from './admit.ts';
import { answerOf, denialMessage, type AdmissionReviewAnswer } from '../admission/response.ts';
import { decodeReview, UnreadableReviewError, type AdmissionRequest } from '../admission/review.ts';
import { nameOf } from '../admission/submission.ts';
import { warningsOf } from '../admission/warnings.ts';
import { equalJson } from '../core/json.ts';
import type { PatchOperation } from '../core/json-patch.ts';
import type { Policy } from '../core/policy.ts';
import { bySeverity, isReported, reported, type ReportedFinding } from './finding.ts';

/** A review as it was read; whether it is one, decoding says. */
export interface ReviewSource {
  /** `reviews/a.json`, `audit.log:17`. */
  readonly source: string;
  readonly review: unknown;
}

export interface ReplayAnswer {
  readonly validate: {
    readonly allowed: boolean;
    /** Of a denial; null where the request is allowed. */
    readonly message: string | null;
    readonly warnings: readonly string[];
    readonly findings: readonly ReportedFinding[];
  };
  readonly mutate: {
    readonly patch: readonly PatchOperation[];
    readonly patched: boolean;
    readonly warnings: readonly string[];
    /** What was repaired (`repair`), and what a rule whose mutation is `would` would repair. */
    readonly findings: readonly ReportedFinding[];
  };
}

export interface ReplayResult extends ReplayAnswer {
  readonly source: string;
  readonly uid: string;
  readonly operation: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly dryRun: boolean;
  /** Only where answers are compared: what is not the same. */
  readonly differences?: readonly Difference[];
}

export interface Difference {
  readonly of: 'validate.allowed' | 'validate.message' | 'validate.warnings' | 'validate.findings' | 'mutate.patch';
  readonly here: unknown;
  readonly there: unknown;
}

export interface ReplayError {
  readonly source: string;
  readonly message: string;
}

/**
 * @returns the request, or what keeps the review from being one
 */
export function readReview({ source, review }: ReviewSource): AdmissionRequest | ReplayError {
  try {
    return decodeReview(review);
  } catch (error) {
    if (error instanceof UnreadableReviewError) return { source, message: error.message };
    throw error;
  }
}

export function replayRequest(source: string, request: AdmissionRequest, policy: Policy, nowMs: number): ReplayResult {
  return { ...identityOf(source, request), ...answerOfAdmission(request, admit(request, policy, { nowMs, detailed: true }), policy) };
}

function identityOf(source: string, request: AdmissionRequest): Omit<ReplayResult, keyof ReplayAnswer | 'differences'> {
  const { uid, operation, kind, namespace, dryRun } = request;
  return { source, uid, operation, kind: kind.kind, namespace, name: nameOf(request), dryRun };
}

function answerOfAdmission(request: AdmissionRequest, { mutate, validate }: Admission, policy: Policy): ReplayAnswer {
  return {
    validate: {
      allowed: validate.allowed,
      message: validate.allowed ? null : denialMessage(request, validate.findings, policy.name),
      warnings: warningsOf(validate.findings),
      findings: bySeverity([
        ...validate.findings.filter(isReported).map((finding) => reported(finding)),
        ...validate.repaired.map((finding) => reported(finding, 'repair')),
      ]),
    },
    mutate: {
      patch: mutate.patch,
      patched: mutate.patch.length > 0,
      warnings: [],
      findings: [
        ...mutate.repaired.map((finding) => reported(finding, 'repair')),
        ...mutate.suggested.map((finding) => reported(finding, 'would')),
        ...mutate.findings.map((finding) => reported(finding)),
      ],
    },
  };
}

/** The answers that the webhook would send: to the call of the mutating webhook, then to that of the validating one. */
export function answersOf(request: AdmissionRequest, policy: Policy, nowMs: number): AdmissionReviewAnswer[] {
  const { mutate, validate } = admit(request, policy, { nowMs });
  return [answerOf(request, mutate, policy.name), answerOf(request, validate, policy.name)];
}

/** The same request under another policy: decisions and patches that differ, and findings that come or go. */
export function compareAnswers(here: ReplayAnswer, there: ReplayAnswer): Difference[] {
  return differencesOf([
    ['validate.allowed', here.validate.allowed, there.validate.allowed],
    ['validate.findings', findingKeys(here), findingKeys(there)],
    ['mutate.patch', here.mutate.patch, there.mutate.patch],
  ]);
}

function findingKeys({ validate, mutate }: ReplayAnswer): string[] {
  return [...validate.findings, ...mutate.findings].map(({ mode, rule, field }) => `${mode} ${rule} ${field}`);
}

function differencesOf(pairs: readonly (readonly [of: Difference['of'], here: unknown, there: unknown])[]): Difference[] {
  return pairs.filter(([, here, there]) => !equalJson(here, there)).map(([of, here, there]) => ({ of, here, there }));
}

/** What a webhook answered, after its own patch was applied as the API server does it. */
export interface RemoteAnswer {
  readonly allowed: boolean;
  readonly message: string | null;
  readonly warnings: readonly string[];
  readonly patch: readonly PatchOperation[];
}

export function compareWithRemote({ validate, mutate }: ReplayAnswer, remote: RemoteAnswer): Difference[] {
  return differencesOf([
    ['validate.allowed', validate.allowed, remote.allowed],
    ['validate.message', validate.message, remote.message],
    ['validate.warnings', validate.warnings, remote.warnings],
    ['mutate.patch', mutate.patch, remote.patch],
  ]);
}

export interface ReplaySummary {
  readonly reviews: number;
  readonly allowed: number;
  readonly denied: number;
  readonly warned: number;
  readonly mutated: number;
  readonly errors: number;
  /** Null where nothing was compared. */
  readonly differing: number | null;
  /** Requests of an audit log that were not judged, by the reason. */
  readonly skipped: readonly SkippedRequests[];
}

export interface SkippedRequests {
  readonly reason: string;
  readonly requests: number;
}

export class ReplayTally {
  readonly #compares: boolean;
  #reviews = 0;
  #allowed = 0;
  #denied = 0;
  #warned = 0;
  #mutated = 0;
  #errors = 0;
  #differing = 0;
  readonly #skipped = new Map<string, number>();

  constructor(compares: boolean) {
    this.#compares = compares;
  }

  countResult({ validate, mutate, differences = [] }: ReplayResult): void {
    this.#reviews += 1;
    if (validate.allowed) this.#allowed += 1;
    else this.#denied += 1;
    if (validate.warnings.length > 0) this.#warned += 1;
    if (mutate.patched) this.#mutated += 1;
    if (differences.length > 0) this.#differing += 1;
  }

  countError(): void {
    this.#reviews += 1;
    this.#errors += 1;
  }

  countSkipped(reason: string): void {
    this.#skipped.set(reason, (this.#skipped.get(reason) ?? 0) + 1);
  }

  /** Whether nothing was read, not even what is wrong or not to be judged. */
  get isEmpty(): boolean {
    return this.#reviews === 0 && this.#skipped.size === 0;
  }

  get summary(): ReplaySummary {
    return {
      reviews: this.#reviews,
      allowed: this.#allowed,
      denied: this.#denied,
      warned: this.#warned,
      mutated: this.#mutated,
      errors: this.#errors,
      differing: this.#compares ? this.#differing : null,
      skipped: [...this.#skipped].map(([reason, requests]) => ({ reason, requests })).sort((a, b) => b.requests - a.requests),
    };
  }
}
