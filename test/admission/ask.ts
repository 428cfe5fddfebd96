/** Decisions with their answers: whatever a test asks, the answer is one that kube-apiserver takes. */
import { decideMutation, decideValidation, type Asking, type MutateDecision, type ValidateDecision } from '../../src/admission/decision.ts';
import { answerOf } from '../../src/admission/response.ts';
import { decodeReview } from '../../src/admission/review.ts';
import type { Policy } from '../../src/core/policy.ts';
import { verifyAnswer, type VerifiedAnswer } from './contract.ts';
import type { Review } from './reviews.ts';

/** Midnight of a day that exemptions in tests can be before or after. */
export const NOW_MS = Date.parse('2027-01-15T00:00:00Z');

export interface Validation {
  readonly decision: ValidateDecision;
  readonly answer: VerifiedAnswer;
  /** `rule mode field`, with the excuse where there is one, in the order of the decision. */
  readonly findings: readonly string[];
}

export function askValidate(review: Review, policy: Policy, asking: Partial<Asking> = {}): Validation {
  const request = decodeReview(review);
  const decision = decideValidation(request, policy, { nowMs: NOW_MS, ...asking });
  const answer = verifyAnswer('validate', review, JSON.stringify(answerOf(request, decision, policy.name)));
  return { decision, answer, findings: decision.findings.map(line) };
}

export interface Mutation {
  readonly decision: MutateDecision;
  readonly answer: VerifiedAnswer;
  readonly findings: readonly string[];
}

export function askMutate(review: Review, policy: Policy, asking: Partial<Asking> = {}): Mutation {
  const request = decodeReview(review);
  const decision = decideMutation(request, policy, { nowMs: NOW_MS, ...asking });
  const answer = verifyAnswer('mutate', review, JSON.stringify(answerOf(request, decision, policy.name)));
  return { decision, answer, findings: decision.findings.map(line) };
}

function line({ rule, mode, field, excuse }: ValidateDecision['findings'][number]): string {
  return [rule, mode, field, ...(excuse === undefined ? [] : [excuse])].join(' ');
}
