/**
 * Runs work one piece at a time, and lets the server read what has arrived between two pieces.
 *
 * Node reads everything that has arrived before it does anything else. If forty callers each send a review of 10 ms at
 * once, an ordinary review that arrives with them would wait for all of them. With turns it waits for one.
 */
export class Turns {
  readonly #waiting: (() => void)[] = [];
  #isScheduled = false;
  #isOver = false;

  /** Whether enough was done in this turn of the event loop: what else has arrived is for later ones. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Something took long, and not by `add`. */
  end(): void {
    if (this.#isOver) return;
    this.#isOver = true;
    setImmediate(() => {
      this.#isOver = false;
    });
  }

  /** @param work must not throw: nobody is there to catch it */
  add(work: () => void): void {
    this.#waiting.push(work);
    this.#schedule();
  }

  #schedule(): void {
    if (this.#isScheduled || this.#waiting.length === 0) return;
    this.#isScheduled = true;
    // Runs when all that has arrived is read; what it schedules itself runs after what has arrived then.
    setImmediate(() => {
      this.#isScheduled = false;
      const work = this.#waiting.shift();
      this.#schedule();
      work?.();
    });
  }
}
