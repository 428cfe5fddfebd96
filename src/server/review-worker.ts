/**
 * The thread that judges large reviews, one after the other (`large-reviews.ts`). A heavy review takes no time from the
 * serving thread, and the thread can be ended.
 */
import { parentPort } from 'node:worker_threads';
import { UnreadableReviewError } from '../admission/review.ts';
import { catalogue } from '../config/catalogue.ts';
import { Policy, type PolicySourceDocument } from '../core/policy.ts';
import { NOTHING_KNOWN, type Surroundings } from '../core/surroundings.ts';
import { UnreadableBodyError } from './body.ts';
import { judgeReview, type JudgedReview, type Phase } from './judge-review.ts';
import { ReceivedLists, type ListPart, type SentSurroundings } from './sent-lists.ts';

/** What the thread is sent: the policy before the first review and whenever it has changed, as well as lists of what stands around. */
export type WorkerInput =
  | { readonly policy: PolicySourceDocument }
  | { readonly part: ListPart }
  | {
      readonly bytes: Uint8Array;
      readonly phase: Phase;
      /** Before it is out of time. */
      readonly leftMs: number;
      /** What is known around the objects of the review's namespace; of any other, nothing is. */
      readonly known: SentSurroundings | undefined;
    };

/** What it sends back: once that it has started, then one for each review. */
export type WorkerMessage = { readonly outcome: 'ready' } | WorkerOutput;
type WorkerOutput =
  | { readonly outcome: 'judged'; readonly judged: JudgedReview }
  | { readonly outcome: 'unreadable'; readonly message: string }
  /** A bug of ours. */
  | { readonly outcome: 'failed'; readonly error: Error };

let policy: Policy | undefined;
const lists = new ReceivedLists();

function outputFor({ bytes, phase, leftMs, known }: Extract<WorkerInput, { bytes: Uint8Array }>): WorkerOutput {
  try {
    if (policy === undefined) throw new Error('a review came before the policy');
    const body = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    const around = (namespace: string): Surroundings =>
      known?.namespace === namespace ? { ...NOTHING_KNOWN, ...lists.with(known) } : NOTHING_KNOWN;
    return { outcome: 'judged', judged: judgeReview(body, { phase, policy, deadlineMs: performance.now() + leftMs, around }) };
  } catch (error) {
    if (error instanceof UnreadableBodyError || error instanceof UnreadableReviewError) {
      return { outcome: 'unreadable', message: error.message };
    }
    return { outcome: 'failed', error: error instanceof Error ? error : new Error(String(error)) };
  }
}

parentPort?.on('message', (input: WorkerInput) => {
  if ('policy' in input) policy = new Policy(input.policy.document, catalogue, input.policy.ownNamespace);
  else if ('part' in input) lists.add(input.part);
  else parentPort?.postMessage(outputFor(input));
});

parentPort?.postMessage({ outcome: 'ready' } satisfies WorkerMessage);
