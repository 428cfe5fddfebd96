/** When each review is judged, and in which thread. */
import { decideUnjudged } from '../admission/decision.ts';
import { recordOf } from '../admission/record.ts';
import { answerText } from '../admission/response.ts';
import type { AdmissionRequest } from '../admission/review.ts';
import type { Policy } from '../core/policy.ts';
import { asError, refuse, refuseFor, sendAll, type Answering, type Judged, type Refused, type Reply } from './answers.ts';
import { Arrivals } from './arrivals.ts';
import { isLarge, isShort } from './body.ts';
import { judgeOrdinaryReview, NO_IMAGES, readReview, type Phase } from './judge-review.ts';
import { LargeReviews, type LargeReviewOutcome } from './large-reviews.ts';
import type { ReceivedBody } from './received-body.ts';
import { readReviewHead } from './review-head.ts';
import type { Turns } from './turns.ts';

/** How a review is to be judged, and until when. */
export interface Asked {
  readonly phase: Phase;
  readonly policy: Policy;
  readonly received: ReceivedBody;
  /** When rules are no longer asked, and when it is answered whatever the other thread does. */
  readonly deadlineMs: number;
  readonly lastMs: number;
}

interface Waiting {
  readonly asked: Asked;
  readonly reply: Reply;
}

interface Read extends Waiting {
  readonly request: AdmissionRequest;
}

/** So many are judged before they are answered, or those that are judged in so many milliseconds. */
const GROUP = 32;
const GROUP_MS = 2;

export class ReviewsInTurn {
  readonly largeReviews = new LargeReviews();
  readonly #answering: Answering;
  readonly #turns: Turns;
  readonly #short: Arrivals<Waiting>;

  /** @param turns those of everything that the server does for a peer */
  constructor(answering: Answering, turns: Turns) {
    this.#answering = answering;
    this.#turns = turns;
    this.#short = new Arrivals((reviews) => {
      this.#judgeInGroups(reviews);
    });
  }

  /** Judges a review when its turn comes, and answers it. */
  add(asked: Asked, reply: Reply): void {
    const { bytes } = asked.received;
    if (isLarge(bytes)) this.#judgeApart(asked, reply);
    else if (isShort(bytes)) this.#short.add({ asked, reply });
    else this.#judgeLater({ asked, reply });
  }

  /** In a turn of its own. */
  #judgeLater(waiting: Waiting): void {
    const { bytes } = waiting.asked.received;
    const { socket } = waiting.reply.request;
    const judge = (): void => void this.#judgeGroup([waiting]);
    const isLittle = isShort(bytes) && this.#answering.connections.wasLittle(socket);
    this.#turns.add(judge, { peer: socket.remoteAddress ?? '', isLittle });
  }

  /** All in this turn, unless one turns out to be much work: those after it are judged in later turns. */
  #judgeInGroups(reviews: readonly Waiting[]): void {
    for (let from = 0; from < reviews.length; from += GROUP) {
      const afterMuch = this.#judgeGroup(reviews.slice(from, from + GROUP));
      if (afterMuch === undefined) continue;
      for (const waiting of reviews.slice(from + afterMuch)) this.#judgeLater(waiting);
      return;
    }
  }

  /** @returns the place after the first that turned out to be much work: nothing was judged from there on */
  #judgeGroup(group: readonly Waiting[]): number | undefined {
    const read = group.map(readHere);
    let answers: (Judged | Refused)[] = [];
    let untilMs = performance.now() + GROUP_MS;
    for (const [index, one] of read.entries()) {
      const answer = 'error' in one ? one : this.#judgeHere(one);
      if (answer === undefined) {
        sendAll(answers, this.#answering);
        return index + 1;
      }
      answers.push(answer);
      const nowMs = performance.now();
      if (nowMs < untilMs) continue;
      sendAll(answers, this.#answering);
      answers = [];
      untilMs = nowMs + GROUP_MS;
    }
    sendAll(answers, this.#answering);
    return undefined;
  }

  /**
   * In this thread, unless it turns out to be much work: then the thread for large reviews judges it.
   *
   * @returns what is to be sent, or undefined where that thread sends it
   */
  #judgeHere({ asked, reply, request }: Read): Judged | Refused | undefined {
    const { phase, policy, deadlineMs, received } = asked;
    const { ports, connections } = this.#answering;
    try {
      const judged = judgeOrdinaryReview(request, { phase, policy, deadlineMs, around: ports.surroundings });
      const wasLittle = judged !== undefined;
      connections.judged(reply.request.socket, wasLittle);
      if (wasLittle) return { reply, judged, receivedMs: received.receivedMs };
    } catch (error) {
      return { reply, error: asError(error) };
    }
    this.#judgeApart(asked, reply);
    return undefined;
  }

  /** In the thread for large reviews. */
  #judgeApart(asked: Asked, reply: Reply): void {
    const { phase, policy, deadlineMs, lastMs, received } = asked;
    const around = this.#answering.ports.surroundings;
    this.largeReviews
      .judge({ bytes: received.bytes, phase, policy, deadlineMs, lastMs, held: received.held, around })
      .then((outcome) => {
        answerLarge(outcome, reply, this.#answering, asked);
      })
      .catch((error: unknown) => {
        refuseFor(asError(error), reply, this.#answering);
      });
  }
}

function readHere({ asked, reply }: Waiting): Read | Refused {
  try {
    return { asked, reply, request: readReview(asked.received.bytes) };
  } catch (error) {
    return { reply, error: asError(error) };
  }
}

function answerLarge(outcome: LargeReviewOutcome, reply: Reply, answering: Answering, { phase, policy, received }: Asked): void {
  const { receivedMs } = received;
  switch (outcome.outcome) {
    case 'judged':
      sendAll([{ reply, judged: outcome.judged, receivedMs }], answering);
      break;
    case 'unreadable':
      refuse(reply, answering, 400, outcome.message);
      break;
    case 'failed':
      refuseFor(outcome.error, reply, answering);
      break;
    case 'unjudged': {
      const request = readReviewHead(outcome.head);
      if (request === undefined) {
        refuse(reply, answering, 503, `the review could not be judged: ${outcome.reason}`);
        break;
      }
      const decision = decideUnjudged(phase, request, policy, outcome.reason);
      const judged = { text: answerText(request, decision, policy.name), record: recordOf(request, decision), images: NO_IMAGES };
      sendAll([{ reply, judged, receivedMs }], answering);
      break;
    }
  }
}
