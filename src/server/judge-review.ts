/** From the bytes of a review to the bytes of its answer: the same in the thread that serves and in the one for large reviews. */
import { decideMutation, decideValidation, type Decision } from '../admission/decision.ts';
import { recordOf, type DecisionRecord } from '../admission/record.ts';
import { answerText } from '../admission/response.ts';
import { decodeReview } from '../admission/review.ts';
import type { Policy } from '../core/policy.ts';
import { parseBody } from './body.ts';

export type Phase = Decision['phase'];

export interface JudgedReview {
  /** The AdmissionReview that answers, as JSON. */
  readonly text: string;
  readonly record: DecisionRecord;
}

/**
 * @param bytes the whole body
 * @param deadlineMs on the clock of this thread's `performance.now()`; what was not judged by then is reported as `errored`
 * @throws {UnreadableBodyError | UnreadableReviewError} where the body is no AdmissionReview
 */
export function judgeReview(bytes: Buffer, phase: Phase, policy: Policy, deadlineMs: number): JudgedReview {
  const request = decodeReview(parseBody(bytes));
  const asking = { nowMs: Date.now(), outOfTime: () => performance.now() > deadlineMs };
  const decision = phase === 'validate' ? decideValidation(request, policy, asking) : decideMutation(request, policy, asking);
  return { text: answerText(request, decision, policy.name), record: recordOf(request, decision) };
}
