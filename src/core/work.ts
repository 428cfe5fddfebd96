/**
 * Counts work in steps (a container, a volume, a mount, a finding looked at), so that an evaluation ends when its time is used up.
 *
 * An object with a method, and not a closure for each evaluation: as long as V8 has not optimized its callers, it keeps such
 * closures, and the review with them, until the next full collection (twice the memory under load, seen with Node 24.21).
 */

/** The time of a request has passed before it was judged whole. */
export class OutOfTimeError extends Error {
  override readonly name = 'OutOfTimeError';

  constructor() {
    super('the deadline of the request has passed');
  }
}

/** So much work is done between two looks at the clock: a fraction of a millisecond. */
const STEPS_BETWEEN_LOOKS = 256;
/** A text that is read in passing costs a step for so many characters. */
export const CHARACTERS_PER_STEP = 32;

/** So many elements of a list are counted at once, in places that are hot. */
const COUNTED_TOGETHER = 128;

export class Work {
  /** For callers without a deadline who do not ask how much was done. */
  static readonly UNBOUNDED = new Work();

  readonly #outOfTime: ((steps: number) => boolean) | undefined;
  #steps = 0;
  #lookAt = STEPS_BETWEEN_LOOKS;

  /** @param outOfTime whether there is no time left, or none for so many steps */
  constructor(outOfTime?: (steps: number) => boolean) {
    this.#outOfTime = outOfTime;
  }

  /** How much was done so far; grows with the size of the object, and no faster. */
  get steps(): number {
    return this.#steps;
  }

  get isOutOfTime(): boolean {
    return this.#outOfTime?.(this.#steps) ?? false;
  }

  /** The elements of a list: its length is counted, and a long one ends with the time that there is. */
  each<T>(list: readonly T[]): Iterable<T> {
    return counted(list, this);
  }

  /**
   * For a loop over anything, as its first step.
   *
   * @param index of the element that is next; a short list is counted with the one that it stands in
   */
  spendAt(index: number): void {
    if (index % COUNTED_TOGETHER === COUNTED_TOGETHER - 1) this.spend(COUNTED_TOGETHER);
  }

  /** A text that is read letter by letter; a short one is counted with the list that it stands in. */
  spendOnText({ length }: string): void {
    if (length >= CHARACTERS_PER_STEP) this.spend(Math.floor(length / CHARACTERS_PER_STEP));
  }

  /**
   * @param steps how much is about to be looked at
   * @throws {OutOfTimeError} where there is no time left
   */
  spend(steps: number): void {
    this.#steps += steps;
    if (this.#steps < this.#lookAt) return;
    this.#lookAt = this.#steps + STEPS_BETWEEN_LOOKS;
    if (this.isOutOfTime) throw new OutOfTimeError();
  }
}

function counted<T>(list: readonly T[], work: Work): Iterable<T> {
  if (list.length > COUNTED_TOGETHER) return countedOneByOne(list, work);
  work.spend(list.length);
  return list;
}

function* countedOneByOne<T>(list: readonly T[], work: Work): Generator<T> {
  for (let start = 0; start < list.length; start += COUNTED_TOGETHER) {
    const part = list.slice(start, start + COUNTED_TOGETHER);
    work.spend(part.length);
    yield* part;
  }
}
