/** Standard output and standard error in a pipeline: the reader may be slow or end early, and the disk may be full. */
import type { Writable } from 'node:stream';
import { codeOf, reasonOf } from '../../files/system-error.ts';

/** What texts are written to. */
export interface RawOutput {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
  /** Resolves once there is room again. */
  drained?(): Promise<void>;
}

/** A stream that can no longer be written to. */
export class OutputError extends Error {
  override readonly name = 'OutputError';
  /** Whether the reader closed a pipe, as `head` does: its right, and no fault of anybody. */
  readonly isReaderGone: boolean;

  constructor(name: string, cause: Error) {
    super(`${name} cannot be written: ${reasonOf(cause)}`, { cause });
    this.isReaderGone = codeOf(cause) === 'EPIPE';
  }
}

export type TerminalStream = Writable & { readonly isTTY?: boolean };

/**
 * Ends a command at its next write, once a write has failed: work that nobody will see is not gone on with.
 *
 * A stream tells of an error by an event, which comes too late for that: commands that read files one by one leave the
 * event loop no turn.
 */
export class WatchedOutput implements RawOutput {
  readonly isTTY: boolean | undefined;
  readonly #stream: TerminalStream;
  readonly #name: string;

  /** @param name what messages call it: `standard output` */
  constructor(stream: TerminalStream, name: string) {
    this.#stream = stream;
    this.#name = name;
    this.isTTY = stream.isTTY;
    // Without a listener the event would end the process with a stack; `write` and `check` tell of it.
    stream.on('error', () => undefined);
  }

  /** @throws {OutputError} where this write or an earlier one has failed */
  write(text: string): boolean {
    const hasRoom = this.#stream.write(text);
    this.check();
    return hasRoom;
  }

  /** Resolves at once where there is room. @throws {OutputError} */
  async drained(): Promise<void> {
    this.check();
    if (!this.#stream.writableNeedDrain) return;
    await new Promise<void>((resolve) => {
      const events = ['drain', 'error', 'close'] as const;
      const end = (): void => {
        for (const event of events) this.#stream.off(event, end);
        resolve();
      };
      // A stream that fails, or is closed by its reader, never drains.
      for (const event of events) this.#stream.on(event, end);
    });
    this.check();
  }

  /**
   * Waits until the stream has taken everything that was written: a pipe takes 64 KiB at once and the rest as it is read.
   *
   * @throws {OutputError} where the reader went away before, or the disk was full
   */
  async taken(): Promise<void> {
    if (this.#stream.writableLength > 0) {
      await new Promise<void>((resolve) => {
        this.#stream.write('', () => {
          resolve();
        });
      });
    }
    this.check();
  }

  /** @throws {OutputError} */
  check(): void {
    if (this.#stream.errored != null) throw new OutputError(this.#name, this.#stream.errored);
  }
}
