/**
 * Runs work one piece at a time, and lets the server read what has arrived between two pieces.
 *
 * Node reads everything that has arrived before it does anything else. If forty callers each send a review of 10 ms at
 * once, an ordinary review that arrives with them would wait for all of them. With turns it waits for one: what is probably
 * little work goes first, and among the rest each peer has its turn, however much one of them sends.
 */
import { entryOf } from '../core/map-entry.ts';

/** Whose work it is, and of what kind. */
export interface TurnOptions {
  /** The address that asks for it. */
  readonly peer: string;
  /** Probably little: it does not wait for what may be much. */
  readonly isLittle: boolean;
}

/**
 * Whether, of what one peer waits for, the oldest is next, or the newest and the oldest in turn. Then what comes behind many that came
 * at once waits for one of them, and each of these for twice as long at the most.
 */
export type Order = 'oldest' | 'newest-and-oldest';

/** So that what may be much has its turn, too, however much comes that is little. */
const LITTLE_IN_A_ROW = 8;

export class Turns {
  readonly #little: Queue;
  readonly #other: Queue;
  #littleInARow = 0;
  #isScheduled = false;

  constructor(order: Order = 'oldest') {
    this.#little = new Queue(order);
    this.#other = new Queue(order);
  }

  /** @param work must not throw: nobody is there to catch it */
  add(work: () => void, { peer, isLittle }: TurnOptions): void {
    (isLittle ? this.#little : this.#other).add(peer, work);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || (this.#little.isEmpty && this.#other.isEmpty)) return;
    this.#isScheduled = true;
    // Runs when all that has arrived is read; what it schedules itself runs after what has arrived then.
    setImmediate(() => {
      this.#isScheduled = false;
      const work = this.#next();
      this.#schedule();
      work?.();
    });
  }

  #next(): (() => void) | undefined {
    const isTurnOfLittle = !this.#little.isEmpty && (this.#littleInARow < LITTLE_IN_A_ROW || this.#other.isEmpty);
    this.#littleInARow = isTurnOfLittle ? this.#littleInARow + 1 : 0;
    return (isTurnOfLittle ? this.#little : this.#other).take();
  }
}

/** What waits of one peer. */
interface Waiting {
  readonly works: (() => void)[];
  isTurnOfNewest: boolean;
}

/** The peers take turns. */
class Queue {
  readonly #order: Order;
  /** The peer whose turn is next comes first. None is without work. */
  readonly #byPeer = new Map<string, Waiting>();

  constructor(order: Order) {
    this.#order = order;
  }

  get isEmpty(): boolean {
    return this.#byPeer.size === 0;
  }

  add(peer: string, work: () => void): void {
    entryOf(this.#byPeer, peer, (): Waiting => ({ works: [], isTurnOfNewest: false })).works.push(work);
  }

  take(): (() => void) | undefined {
    for (const [peer, waiting] of this.#byPeer) {
      const { works, isTurnOfNewest } = waiting;
      const work = isTurnOfNewest ? works.pop() : works.shift();
      waiting.isTurnOfNewest = !isTurnOfNewest && this.#order === 'newest-and-oldest';
      this.#byPeer.delete(peer);
      if (works.length > 0) this.#byPeer.set(peer, waiting);
      return work;
    }
    return undefined;
  }
}
