/**
 * Large reviews are judged in a thread of their own, with a bound on its memory and its time (docs/adr/0023).
 *
 * The thread begins with the first large review and ends when there was none for a while: ordinary reviews never need it. Of
 * those that wait, the shortest is next, so that one of 40 kB does not stand behind many of 7 MB. A thread that runs out of time
 * or memory is ended; its review is answered without being judged, and the next one gets a new thread. A thread that is
 * still starting is not ended when a review runs out of time: on a busy node the start takes longer than one review may wait,
 * and the next review needs the thread.
 */
import { setImmediate } from 'node:timers/promises';
import type { Worker } from 'node:worker_threads';
import type { Policy } from '../core/policy.ts';
import { codeOf } from '../files/system-error.ts';
import type { HeldBytes } from './bytes-in-flight.ts';
import type { JudgedReview, Phase, SurroundingsOf } from './judge-review.ts';
import { readReviewHead, REVIEW_HEAD_BYTES } from './review-head.ts';
import { startReviewThread } from './review-thread.ts';
import type { WorkerInput, WorkerMessage } from './review-worker.ts';
import { SentLists } from './sent-lists.ts';

export interface LargeReview {
  readonly bytes: Buffer;
  readonly phase: Phase;
  readonly policy: Policy;
  /** When rules are no longer asked, on the clock of `performance.now()`. */
  readonly deadlineMs: number;
  /** When it is answered whatever the thread does. */
  readonly lastMs: number;
  readonly held: HeldBytes | undefined;
  readonly around: SurroundingsOf;
}

export type LargeReviewOutcome =
  | { readonly outcome: 'judged'; readonly judged: JudgedReview }
  | { readonly outcome: 'unreadable'; readonly message: string }
  | { readonly outcome: 'failed'; readonly error: Error }
  /** No time, no memory, or no room for it: `reason` follows "could not be judged: ". `head` is the beginning of its body. */
  | { readonly outcome: 'unjudged'; readonly reason: string; readonly head: Buffer };

/**
 * 7 MB of JSON, as 300,000 small objects or one long text, take some 80 MB to parse and to judge. With what the other thread
 * has, the process stays below the 512 MiB of the manifest.
 */
const HEAP_LIMIT_MB = 160;
/** For new objects; V8 may use twice this before it moves them to the heap above. */
const YOUNG_HEAP_LIMIT_MB = 16;
const IDLE_MS = 10_000;
/** Of lists that are copied to the thread: a few milliseconds. */
const PARTS_IN_A_TURN = 8;

const STOPPING = 'the server stops';

export interface LargeReviewsOptions {
  readonly heapLimitMb: number;
  readonly idleMs: number;
}

export class LargeReviews {
  readonly #options: LargeReviewsOptions;
  readonly #waiting = new Set<Waiting>();
  #running: Running | undefined;
  #thread: Thread | undefined;
  #idle: NodeJS.Timeout | undefined;

  constructor(options: Partial<LargeReviewsOptions> = {}) {
    this.#options = { heapLimitMb: HEAP_LIMIT_MB, idleMs: IDLE_MS, ...options };
  }

  /** Never rejects: what becomes of a review is its outcome. */
  judge(review: LargeReview): Promise<LargeReviewOutcome> {
    return new Promise((resolve) => {
      const waiting: Waiting = {
        review,
        settle: (outcome) => {
          clearTimeout(waiting.timer);
          review.held?.free();
          resolve(outcome);
        },
        timer: setTimeout(
          () => {
            this.#giveUp(waiting, 'the time that the API server waits is over');
          },
          Math.max(0, review.lastMs - performance.now()),
        ),
      };
      if (review.held !== undefined) {
        review.held.evict = () => {
          this.#giveUp(waiting, 'too many bytes of other reviews are here');
        };
      }
      this.#waiting.add(waiting);
      this.#next();
    });
  }

  /** Ends the thread. What is still to be judged is answered as such. */
  async close(): Promise<void> {
    for (const waiting of this.#waiting) this.#giveUp(waiting, STOPPING);
    if (this.#running !== undefined) this.#giveUp(this.#running.waiting, STOPPING);
    await this.#endThread();
  }

  #next(): void {
    if (this.#running !== undefined) return;
    clearTimeout(this.#idle);
    const waiting = shortest(this.#waiting);
    if (waiting === undefined) {
      if (this.#thread !== undefined) this.#idle = setTimeout(() => void this.#endThread(), this.#options.idleMs).unref();
      return;
    }
    let thread: Thread;
    try {
      thread = this.#thread ??= this.#startThread();
    } catch (error) {
      // No thread can be made: the node has no room for one more.
      this.#settleAll(() => ({ outcome: 'failed', error: error as Error }));
      return;
    }
    if (!thread.isReady) return;
    this.#waiting.delete(waiting);
    const { review } = waiting;
    if (review.held !== undefined) review.held.evict = undefined;
    const running = { waiting, head: Buffer.from(review.bytes.subarray(0, REVIEW_HEAD_BYTES)) };
    this.#running = running;
    this.#handOver(running, thread).catch((error: unknown) => {
      if (this.#running !== running) return;
      // It may have got a part of a list: the next review gets another thread.
      void this.#endThread();
      this.#settleRunning({ outcome: 'failed', error: error as Error });
    });
  }

  /** In one turn of the event loop, unless there is much around the review that the thread does not know. */
  async #handOver(running: Running, thread: Thread): Promise<void> {
    const { worker, sent } = thread;
    const { bytes, phase, policy, deadlineMs, around } = running.waiting.review;
    if (thread.policy !== policy) {
      thread.policy = policy;
      send(worker, { policy: policy.source });
    }
    const namespace = readReviewHead(bytes)?.namespace;
    const next = namespace === undefined ? undefined : sent.next(namespace, around(namespace));
    for (const [index, part] of next?.parts.entries() ?? []) {
      if (index % PARTS_IN_A_TURN === PARTS_IN_A_TURN - 1) await setImmediate();
      // It had to be given up, and the thread with it.
      if (this.#running !== running) return;
      send(worker, { part });
    }
    const ownBytes = transferable(bytes);
    send(worker, { bytes: ownBytes, phase, leftMs: deadlineMs - performance.now(), known: next?.rest }, [ownBytes.buffer]);
  }

  #startThread(): Thread {
    const worker = startReviewThread({
      name: 'large reviews',
      env: {},
      // Loaders and heap sizes of the process are not for this thread.
      execArgv: [],
      resourceLimits: { maxOldGenerationSizeMb: this.#options.heapLimitMb, maxYoungGenerationSizeMb: YOUNG_HEAP_LIMIT_MB },
    });
    const thread: Thread = { worker, isReady: false, policy: undefined, sent: new SentLists() };
    worker.on('message', (message: WorkerMessage) => {
      if (this.#thread !== thread) return;
      if (message.outcome !== 'ready') {
        this.#settleRunning(message);
        return;
      }
      thread.isReady = true;
      this.#next();
    });
    // Out of memory, or a bug that nothing caught: an `exit` follows.
    let problem: Error | undefined;
    worker.on('error', (error) => (problem = error instanceof Error ? error : new Error(String(error))));
    worker.once('exit', () => {
      if (this.#thread !== thread) return;
      this.#thread = undefined;
      const outcomeWith = (head: Buffer): LargeReviewOutcome =>
        problem !== undefined && !isOutOfMemory(problem)
          ? { outcome: 'failed', error: problem }
          : { outcome: 'unjudged', reason: 'it takes more memory than there is for one review', head };
      if (this.#running !== undefined) {
        this.#settleRunning(outcomeWith(this.#running.head));
        return;
      }
      // It could not start.
      this.#settleAll(({ bytes }) => outcomeWith(bytes));
    });
    return thread;
  }

  /** Whoever waits is answered, and nothing is tried for ever. */
  #settleAll(outcomeFor: (review: LargeReview) => LargeReviewOutcome): void {
    const waiting = [...this.#waiting];
    this.#waiting.clear();
    for (const { review, settle } of waiting) settle(outcomeFor(review));
  }

  #settleRunning(outcome: LargeReviewOutcome): void {
    const running = this.#running;
    this.#running = undefined;
    running?.waiting.settle(outcome);
    this.#next();
  }

  #giveUp(waiting: Waiting, reason: string): void {
    if (this.#waiting.delete(waiting)) {
      waiting.settle({ outcome: 'unjudged', reason, head: waiting.review.bytes });
    } else if (this.#running?.waiting === waiting) {
      const { head } = this.#running;
      // Nothing but its end stops a thread that is in the middle of something.
      void this.#endThread();
      this.#settleRunning({ outcome: 'unjudged', reason, head });
    }
  }

  async #endThread(): Promise<void> {
    const thread = this.#thread;
    this.#thread = undefined;
    clearTimeout(this.#idle);
    await thread?.worker.terminate();
  }
}

interface Waiting {
  readonly review: LargeReview;
  readonly settle: (outcome: LargeReviewOutcome) => void;
  readonly timer: NodeJS.Timeout;
}

interface Running {
  readonly waiting: Waiting;
  readonly head: Buffer;
}

interface Thread {
  readonly worker: Worker;
  /** Whether it has loaded its modules and takes reviews. */
  isReady: boolean;
  /** The one that it was sent last. */
  policy: Policy | undefined;
  readonly sent: SentLists;
}

function shortest(waiting: ReadonlySet<Waiting>): Waiting | undefined {
  let found: Waiting | undefined;
  for (const each of waiting) if (found === undefined || each.review.bytes.length < found.review.bytes.length) found = each;
  return found;
}

function send(worker: Worker, input: WorkerInput, transferred: ArrayBuffer[] = []): void {
  worker.postMessage(input, transferred);
}

/** Memory that is the body's alone can change hands; what Node's pool holds is copied. */
function transferable(bytes: Buffer): Uint8Array<ArrayBuffer> {
  const isWhole = bytes.buffer instanceof ArrayBuffer && bytes.byteLength === bytes.buffer.byteLength;
  return isWhole ? new Uint8Array(bytes.buffer) : new Uint8Array(bytes);
}

function isOutOfMemory(error: Error): boolean {
  return codeOf(error) === 'ERR_WORKER_OUT_OF_MEMORY';
}
