/** What the webhook needs from outside. */
import type { DecisionRecord } from '../admission/record.ts';
import type { Policy } from '../core/policy.ts';
import type { SurroundingsOf } from './judge-review.ts';

export interface WebhookPorts {
  /** The policy in force; asked for once per request, so a reload never changes a request half-way. */
  readonly policy: () => Policy;
  /** What is known of other objects; asked once per request, and answered from memory. */
  readonly surroundings: SurroundingsOf;
  /** @param elapsedMs from the last byte of the body to the answer */
  readonly record: (record: DecisionRecord, elapsedMs: number) => void;
  /** What a judged Pod starts, after it was answered; never empty. */
  readonly wantImages: (images: readonly string[]) => void;
  /** A request that was no readable AdmissionReview. */
  readonly recordUnreadable: (code: number) => void;
  /** A bug of ours: the caller gets a 500 without details. */
  readonly recordFailure: (error: Error) => void;
  /** A connection was closed to make room for another, or found none. */
  readonly recordEvicted: () => void;
  /** While true, every answer closes its connection, so that clients move to another replica. */
  readonly isDraining: () => boolean;
}
