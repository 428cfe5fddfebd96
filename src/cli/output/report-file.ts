/** A report in a file: it takes the place of the old one once it is whole. */
import { stat } from 'node:fs/promises';
import { ReplacedFile } from '../../files/replaced-file.ts';
import { reasonOf } from '../../files/system-error.ts';
import { UsageError } from '../exit-code.ts';
import { TextOutput } from './text-output.ts';
import type { RawOutput } from './watched-output.ts';

export class ReportFile implements RawOutput {
  readonly #name: string;
  readonly #replaced: ReplacedFile;
  #written: Promise<void> = Promise.resolve();

  private constructor(name: string, replaced: ReplacedFile) {
    this.#name = name;
    this.#replaced = replaced;
  }

  /**
   * @param inputs what is read, and so must not be written over
   * @throws {UsageError} where the file cannot be made; all others throw one, too
   */
  static async open(name: string, inputs: readonly string[]): Promise<ReportFile> {
    const output = await identityOf(name);
    for (const input of inputs) {
      if (output !== undefined && (await identityOf(input)) === output)
        throw new UsageError(`--output-file: ${name} must not be what is checked: it would be lost`);
    }
    return new ReportFile(name, await orUsageError(name, ReplacedFile.open(name)));
  }

  /** For reporters. */
  get output(): TextOutput {
    return new TextOutput(this, false);
  }

  write(text: string): void {
    this.#written = this.#replaced.write(text);
    // Told by `drained`.
    this.#written.catch(() => undefined);
  }

  async drained(): Promise<void> {
    await orUsageError(this.#name, this.#written);
  }

  async replace(): Promise<void> {
    await this.drained();
    await orUsageError(this.#name, this.#replaced.replace());
  }

  /** Leaves the old file as it was. */
  async discard(): Promise<void> {
    await this.#replaced.discard();
  }
}

/** The same for all names of one file; undefined for what is not there, and for what is no file. */
async function identityOf(path: string): Promise<string | undefined> {
  const stats = await stat(path).catch(() => undefined);
  return stats?.isFile() === true ? `${stats.dev} ${stats.ino}` : undefined;
}

async function orUsageError<T>(name: string, work: Promise<T>): Promise<T> {
  try {
    return await work;
  } catch (error) {
    throw new UsageError(`--output-file: ${name} cannot be written: ${reasonOf(error)}`, { cause: error });
  }
}
