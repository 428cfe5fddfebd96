/** The answer that podgrace gives to a recorded request: to the mutating call, then, patched, to the validating one. */
import { answerOf, denialMessage, type AdmissionReviewAnswer } from '../admission/response.ts';
import type { AdmissionRequest } from '../admission/review.ts';
import { nameOf } from '../admission/submission.ts';
import { warningsOf } from '../admission/warnings.ts';
import type { PatchOperation } from '../core/json-patch.ts';
import type { Policy } from '../core/policy.ts';
import { admit, type Admission } from './admit.ts';
import { bySeverity, isReported, reported, type ReportedFinding } from './finding.ts';

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

/** What a request is about. */
export interface ReplayedRequest {
  readonly source: string;
  readonly uid: string;
  readonly operation: string;
  readonly kind: string;
  readonly namespace: string;
  readonly name: string;
  readonly dryRun: boolean;
}

export interface AnsweredRequest {
  readonly answer: ReplayedRequest & ReplayAnswer;
  /** What the webhook would send: to the call of the mutating webhook, then to that of the validating one. */
  readonly reviews: () => readonly AdmissionReviewAnswer[];
}

/**
 * What podgrace answers to a recorded request.
 *
 * @param source where it was read, for the report
 */
export function answerRequest(source: string, request: AdmissionRequest, policy: Policy, nowMs: number): AnsweredRequest {
  const admission = admit(request, policy, { nowMs, detailed: true });
  return {
    answer: { ...identityOf(source, request), ...answerOfAdmission(request, admission, policy) },
    reviews: () => [answerOf(request, admission.mutate, policy.name), answerOf(request, admission.validate, policy.name)],
  };
}

function identityOf(source: string, request: AdmissionRequest): ReplayedRequest {
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
