/** Counts what `fix` did in all files. */
import type { FixedFile } from './fix.ts';

export interface FixSummary {
  readonly files: number;
  readonly writtenFiles: number;
  readonly objects: number;
  /** Objects that are changed, or would be. */
  readonly repaired: number;
  /** Objects that stay as they are although something would have to be repaired. */
  readonly refused: number;
  readonly errors: number;
  /** Objects that would be denied all the same; 0 where nobody asked (`judging`). */
  readonly denied: number;
  /** The rules of `Left.onRequest` of all objects, in the order of the alphabet. */
  readonly onRequest: readonly string[];
}

/** Counts as files come in. */
export class FixTally {
  #summary: FixSummary = { files: 0, writtenFiles: 0, objects: 0, repaired: 0, refused: 0, errors: 0, denied: 0, onRequest: [] };

  count({ outcomes, objects, isRead, isWritten, left }: FixedFile): void {
    let { repaired, refused, errors } = this.#summary;
    for (const outcome of outcomes) {
      if (outcome.outcome === 'error') errors += outcome.errors.length;
      else if (outcome.outcome === 'judged' && outcome.result.refused === null) repaired += 1;
      else if (outcome.outcome === 'judged') refused += 1;
    }
    const { files, writtenFiles, objects: before, denied, onRequest } = this.#summary;
    this.#summary = {
      files: files + (isRead ? 1 : 0),
      writtenFiles: writtenFiles + (isWritten ? 1 : 0),
      objects: before + objects,
      repaired,
      refused,
      errors,
      denied: denied + left.filter(({ isDenied }) => isDenied).length,
      onRequest: [...new Set([...onRequest, ...left.flatMap((each) => each.onRequest)])].sort(),
    };
  }

  get summary(): FixSummary {
    return this.#summary;
  }
}
