/** What was made of files that a run needs more than once, kept from the first time to the last. */

/** Bounded, so that memory does not grow with the number of files. */
export class KeptByFile<T> {
  readonly #kept = new Map<string, { readonly value: T; readonly characters: number }>();
  readonly #maxCharacters: number;
  #characters = 0;

  /** @param maxCharacters of the texts of all files together, in UTF-16 code units */
  constructor(maxCharacters: number) {
    this.#maxCharacters = maxCharacters;
  }

  /**
   * Does nothing where there is no room.
   *
   * @param characters of the text of the file
   */
  keep(file: string, value: T, characters: number): void {
    if (this.#characters + characters > this.#maxCharacters || this.#kept.has(file)) return;
    this.#characters += characters;
    this.#kept.set(file, { value, characters });
  }

  get(file: string): T | undefined {
    return this.#kept.get(file)?.value;
  }

  /** What was kept of a file, which is not kept any longer. */
  take(file: string): T | undefined {
    const kept = this.#kept.get(file);
    if (kept === undefined) return undefined;
    this.#kept.delete(file);
    this.#characters -= kept.characters;
    return kept.value;
  }
}
