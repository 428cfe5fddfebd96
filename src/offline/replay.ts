/** Runs recorded AdmissionReviews through a policy, and compares the answers where there is something to compare them with. */
import { decodeReview, UnreadableReviewError } from '../admission/review.ts';
import { countIn } from '../core/map-entry.ts';
import type { Policy } from '../core/policy.ts';
import type { AnswerComparison, Difference } from './compare.ts';
import { nameOf } from './input/file-text.ts';
import { namedOnce } from './input/files.ts';
import { readReviews, type ReadReviewsOptions, type RecordedReview } from './input/reviews.ts';
import type { Outcome } from './outcome.ts';
import { answerRequest, type AnsweredRequest, type ReplayAnswer, type ReplayedRequest } from './replayed-answer.ts';
import { hintAboutKind } from './unlisted-kind.ts';
import { WebhookCallError } from './webhook-client.ts';

export interface ReplayResult extends ReplayedRequest, ReplayAnswer {
  /** Only where answers are compared: what is not the same. */
  readonly differences?: readonly Difference[];
}

export interface ReplayError {
  readonly source: string;
  readonly message: string;
}

/** A request of an audit log that is not judged. */
export interface ReplaySkip {
  readonly source: string;
  readonly reason: string;
}

/** A review that has an answer comes with what the webhook would send, and with what everybody should be told of its kind. */
export type ReplayOutcome = Outcome<ReplayResult, ReplaySkip, ReplayError> & {
  readonly reviews?: AnsweredRequest['reviews'];
  readonly hint?: string | undefined;
};

export interface ReplayContext {
  readonly policy: Policy;
  readonly nowMs: number;
  readonly comparison?: AnswerComparison | undefined;
}

/**
 * Replays every review of files as they are read, one at a time.
 *
 * @param paths as `readReviews` takes them; to hold no review at all is an error of each of them
 */
export async function* replayFiles(
  paths: readonly string[],
  context: ReplayContext,
  options: Omit<ReadReviewsOptions, 'judged'>,
): AsyncGenerator<ReplayOutcome, void, undefined> {
  let isEmpty = true;
  for await (const item of readReviews(paths, { ...options, judged: context.policy })) {
    isEmpty = false;
    if ('message' in item) yield { outcome: 'error', errors: [item] };
    else if ('skipped' in item) yield { outcome: 'skipped', skip: { source: item.source, reason: item.skipped } };
    else yield await replayReview(item, context);
  }
  if (isEmpty) yield { outcome: 'error', errors: namedOnce(paths).map(holdsNothing) };
}

/** Never throws for anything that a recorded review can hold. */
async function replayReview({ source, review }: RecordedReview, { policy, nowMs, comparison }: ReplayContext): Promise<ReplayOutcome> {
  try {
    const request = decodeReview(review);
    const { answer, reviews } = answerRequest(source, request, policy, nowMs);
    const differences = await comparison?.differences({ answer, request, review, nowMs });
    return {
      outcome: 'judged',
      result: { ...answer, ...(differences && { differences }) },
      reviews,
      hint: policy.isExcludedNamespace(request.namespace) ? undefined : hintAboutKind(request.kind, request.object, policy.kinds),
    };
  } catch (error) {
    if (error instanceof UnreadableReviewError || error instanceof WebhookCallError)
      return { outcome: 'error', errors: [{ source, message: error.message }] };
    throw error;
  }
}

function holdsNothing(path: string): ReplayError {
  return {
    source: nameOf(path),
    message: 'must hold an AdmissionReview or an audit event of a finished request, but holds none',
  };
}

export interface ReplaySummary {
  /** Those that have an answer. */
  readonly reviews: number;
  readonly allowed: number;
  readonly denied: number;
  readonly warned: number;
  readonly mutated: number;
  /** Files that cannot be read, and reviews that have no answer. */
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

/** Counts what became of the requests, for the line at the end. */
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

  /** @param compares whether the answers are compared with others */
  constructor(compares: boolean) {
    this.#compares = compares;
  }

  count(outcome: ReplayOutcome): void {
    switch (outcome.outcome) {
      case 'judged':
        this.#countResult(outcome.result);
        break;
      case 'skipped':
        countIn(this.#skipped, outcome.skip.reason);
        break;
      case 'error':
        this.#errors += outcome.errors.length;
    }
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

  #countResult({ validate, mutate, differences = [] }: ReplayResult): void {
    this.#reviews += 1;
    if (validate.allowed) this.#allowed += 1;
    else this.#denied += 1;
    if (validate.warnings.length > 0) this.#warned += 1;
    if (mutate.patched) this.#mutated += 1;
    if (differences.length > 0) this.#differing += 1;
  }
}
