/** A file that an option names and that a command writes: it takes the place of an older one once it is whole. */
import { stat } from 'node:fs/promises';
import { ReplacedFile } from '../../files/replaced-file.ts';
import { reasonOf } from '../../files/system-error.ts';
import { UsageError } from '../exit-code.ts';

interface Place {
  /** `--output-file` */
  readonly option: string;
  readonly file: string;
}

export class OptionFile {
  readonly #place: Place;
  readonly #replaced: ReplacedFile;

  private constructor(place: Place, replaced: ReplacedFile) {
    this.#place = place;
    this.#replaced = replaced;
  }

  /**
   * @param inputs what is read, and so must not be written over; looked at only where the file exists
   * @param signal ends the wait for a reader of a pipe
   * @throws {UsageError} where the file cannot be made; all others but `discard` throw one, too
   */
  static async open(place: Place, inputs: Iterable<string>, signal?: AbortSignal): Promise<OptionFile> {
    const output = await identityOf(place.file);
    if (output !== undefined) {
      for (const input of inputs) {
        if ((await identityOf(input)) === output)
          throw new UsageError(`${place.option}: ${place.file} must not be a file that is read: it would be lost`);
      }
    }
    return new OptionFile(place, await orUsageError(place, ReplacedFile.open(place.file, signal)));
  }

  /** Resolves once there is room for more. */
  write(text: string): Promise<void> {
    return orUsageError(this.#place, this.#replaced.write(text));
  }

  /** Puts what was written in the place of the old file. */
  replace(): Promise<void> {
    return orUsageError(this.#place, this.#replaced.replace());
  }

  /** Leaves the old file as it was. */
  discard(): Promise<void> {
    return this.#replaced.discard();
  }
}

/** The same for all names of one file; undefined for what is not there, and for what is no file. */
async function identityOf(path: string): Promise<string | undefined> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isFile() === true ? `${stats.dev} ${stats.ino}` : undefined;
}

async function orUsageError<T>({ option, file }: Place, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new UsageError(`${option}: ${file} cannot be written: ${reasonOf(error)}`, { cause: error });
  }
}
