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

/** So that what may be much has its turn, too, however much comes that is little. */
const LITTLE_IN_A_ROW = 8;

export class Turns {
  readonly #little = new Queue();
  readonly #other = new Queue();
  #littleInARow = 0;
  #isScheduled = false;

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

/** In the order in which it came from a peer; the peers take turns. */
class Queue {
  /** The peer whose turn is next comes first. None is without work. */
  readonly #byPeer = new Map<string, (() => void)[]>();

  get isEmpty(): boolean {
    return this.#byPeer.size === 0;
  }

  add(peer: string, work: () => void): void {
    entryOf(this.#byPeer, peer, (): (() => void)[] => []).push(work);
  }

  take(): (() => void) | undefined {
    for (const [peer, waiting] of this.#byPeer) {
      const work = waiting.shift();
      this.#byPeer.delete(peer);
      if (waiting.length > 0) this.#byPeer.set(peer, waiting);
      return work;
    }
    return undefined;
  }
}
