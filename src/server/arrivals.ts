/**
 * Collects what arrives in one turn of the event loop.
 *
 * Node reads a request, and would answer it before it reads the next one. What each of these steps needs is then in none of the
 * processor's caches when its turn comes again: to judge a review takes twice as long as right after another one (docs/performance.md).
 */
export class Arrivals<Item> {
  readonly #handle: (items: readonly Item[]) => void;
  #items: Item[] = [];

  /** @param handle called with what has arrived when all of it is read; must not throw: nobody is there to catch it */
  constructor(handle: (items: readonly Item[]) => void) {
    this.#handle = handle;
  }

  add(item: Item): void {
    if (this.#items.push(item) > 1) return;
    // Runs when all that has arrived is read.
    setImmediate(() => {
      const items = this.#items;
      this.#items = [];
      this.#handle(items);
    });
  }
}
