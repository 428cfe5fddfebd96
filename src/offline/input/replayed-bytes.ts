/** Standard input that is read more than once. */
import type { ByteStream } from './file-text.ts';

/** Keeps what has been read, so that the next reader begins at the beginning again; one reader at a time. */
export class ReplayedBytes implements ByteStream {
  readonly #source: AsyncIterator<string | Uint8Array>;
  readonly #chunks: (string | Uint8Array)[] = [];

  constructor(source: ByteStream) {
    this.#source = source[Symbol.asyncIterator]();
  }

  /** A reader that leaves early closes nothing: others may come. @throws what the source throws */
  async *[Symbol.asyncIterator](): AsyncGenerator<string | Uint8Array, void, undefined> {
    for (let index = 0; ; index++) {
      if (index === this.#chunks.length) {
        const next = await this.#source.next();
        if (next.done === true) return;
        this.#chunks.push(next.value);
      }
      const chunk = this.#chunks[index];
      if (chunk !== undefined) yield chunk;
    }
  }
}
