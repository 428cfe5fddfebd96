/** From the bytes of a review to the bytes of its answer. The serving thread and the thread for large reviews run the same code. */
import { decideMutation, decideValidation, type Asking, type Decision } from '../admission/decision.ts';
import { recordOf, type DecisionRecord } from '../admission/record.ts';
import { answerText } from '../admission/response.ts';
import { decodeReview, type AdmissionRequest } from '../admission/review.ts';
import { imagesOf } from '../core/pod-images.ts';
import type { Policy } from '../core/policy.ts';
import type { Surroundings } from '../core/surroundings.ts';
import { parseBody } from './body.ts';

export type Phase = Decision['phase'];

export interface JudgedReview {
  /** The AdmissionReview that answers, as JSON. */
  readonly text: string;
  readonly record: DecisionRecord;
  /** Those that the judged Pod starts, where rules of the policy ask about images: the first of them. */
  readonly images: readonly string[];
}

/** What is known around the objects of a namespace; answered from memory. */
export type SurroundingsOf = (namespace: string) => Surroundings;

/**
 * @param bytes the whole body
 * @throws {UnreadableBodyError | UnreadableReviewError} where the body is no AdmissionReview
 */
export function readReview(bytes: Buffer): AdmissionRequest {
  return decodeReview(parseBody(bytes));
}

/** How a review is judged. */
export interface Judging {
  readonly phase: Phase;
  readonly policy: Policy;
  /** On the clock of this thread's `performance.now()`; what was not judged by then is reported as `errored`. */
  readonly deadlineMs: number;
  readonly around: SurroundingsOf;
}

/**
 * @param bytes the whole body
 * @throws {UnreadableBodyError | UnreadableReviewError} where the body is no AdmissionReview
 */
export function judgeReview(bytes: Buffer, judging: Judging): JudgedReview {
  const request = readReview(bytes);
  const decision = decide(request, judging, () => performance.now() > judging.deadlineMs);
  return answered(request, decision, judging.policy);
}

/**
 * The same for one that was read, as long as it is little work: counted, so that it does not depend on how busy the machine is.
 *
 * @returns undefined where it takes more than some `MAX_ORDINARY_STEPS`: what was found until then says nothing
 */
export function judgeOrdinaryReview(request: AdmissionRequest, judging: Judging): JudgedReview | undefined {
  const spent = { isTooMuch: false };
  const outOfTime = (steps: number): boolean => {
    spent.isTooMuch ||= steps > MAX_ORDINARY_STEPS;
    return spent.isTooMuch || performance.now() > judging.deadlineMs;
  };
  const decision = decide(request, judging, outOfTime);
  return spent.isTooMuch ? undefined : answered(request, decision, judging.policy);
}

/**
 * Of 404 recorded reviews under preset `strict` none takes more than 575 steps, and all but two take fewer than 200. A script of a hundred bytes can
 * take 20,000 (`core/process/step-budget.ts`), which are 20 ms. What is spent here before it is too much is spent for nothing, and others wait for it.
 */
const MAX_ORDINARY_STEPS = 700;

function decide(request: AdmissionRequest, { phase, policy, around }: Judging, outOfTime: (steps: number) => boolean): Decision {
  const asking: Asking = { nowMs: Date.now(), outOfTime, surroundings: around(request.namespace), othersMayFollow: true };
  return phase === 'validate' ? decideValidation(request, policy, asking) : decideMutation(request, policy, asking);
}

function answered(request: AdmissionRequest, decision: Decision, policy: Policy): JudgedReview {
  return { text: answerText(request, decision, policy.name), record: recordOf(request, decision), images: imagesIn(decision, policy) };
}

/** Few Pods have more containers than ten. */
const MOST_IMAGES = 20;

function imagesIn(decision: Decision, { needs }: Policy): readonly string[] {
  const subject = decision.phase === 'validate' ? decision.subject : undefined;
  return subject === undefined || !needs.has('images') ? NO_IMAGES : [...imagesOf(subject.pod)].slice(0, MOST_IMAGES);
}

export const NO_IMAGES: readonly string[] = [];
