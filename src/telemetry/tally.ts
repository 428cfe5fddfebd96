/** Counts by two labels that are on their way into a counter of prom-client, which hashes the labels at each count. */
import { entryOf } from '../core/map-entry.ts';

export class Tally {
  readonly #counts = new Map<string, Map<string, number>>();

  /** @param first as `second`, one of a closed set of values */
  add(first: string, second: string, count = 1): void {
    const bySecond = entryOf(this.#counts, first, newCounts);
    bySecond.set(second, (bySecond.get(second) ?? 0) + count);
  }

  /** Hands over what was counted since the last time, in the order in which it came first. */
  handOver(take: (first: string, second: string, count: number) => void): void {
    for (const [first, bySecond] of this.#counts) for (const [second, count] of bySecond) take(first, second, count);
    this.#counts.clear();
  }
}

function newCounts(): Map<string, number> {
  return new Map();
}
