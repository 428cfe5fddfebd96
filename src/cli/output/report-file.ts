/** A report in a file, which `--output-file` names. */
import { OptionFile } from './option-file.ts';
import { TextOutput } from './text-output.ts';
import type { RawOutput } from './watched-output.ts';

export class ReportFile implements RawOutput {
  readonly #file: OptionFile;
  #written: Promise<void> = Promise.resolve();

  private constructor(file: OptionFile) {
    this.#file = file;
  }

  /**
   * @param inputs what is read, and so must not be written over; looked at only where the file exists
   * @param signal ends the wait for a reader of a pipe
   * @throws {UsageError} where the file cannot be made; `drained` and `replace` throw one, too
   */
  static async open(file: string, inputs: Iterable<string>, signal?: AbortSignal): Promise<ReportFile> {
    return new ReportFile(await OptionFile.open({ option: '--output-file', file }, inputs, signal));
  }

  /** For reporters. */
  get output(): TextOutput {
    return new TextOutput(this, false);
  }

  write(text: string): void {
    this.#written = this.#file.write(text);
    // Told by `drained`.
    this.#written.catch(() => undefined);
  }

  async drained(): Promise<void> {
    await this.#written;
  }

  async replace(): Promise<void> {
    await this.drained();
    await this.#file.replace();
  }

  /** Leaves the old file as it was. */
  async discard(): Promise<void> {
    await this.#file.discard();
  }
}
