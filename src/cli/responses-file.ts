/** Where `replay --responses` writes the AdmissionReview answers, one a line. */
import { createWriteStream, type WriteStream } from 'node:fs';
import { once } from 'node:events';
import { finished } from 'node:stream/promises';
import { UsageError } from './exit-code.ts';
import { reasonOf } from '../offline/input/input-error.ts';
import type { OutputStream } from './terminal.ts';

export interface Responses {
  write(answer: object): Promise<void>;
  end(): Promise<void>;
}

/** What stands for standard output. */
export const STDOUT = '-';

/** @throws {UsageError} where the file cannot be made; `write` and `end` throw one, too */
export async function openResponses(file: string, stdout: OutputStream): Promise<Responses> {
  if (file === STDOUT)
    return { write: (answer) => Promise.resolve(void stdout.write(`${JSON.stringify(answer)}\n`)), end: () => Promise.resolve() };
  const stream = createWriteStream(file);
  await orUsageError(file, once(stream, 'open'));
  return new ResponsesFile(file, stream);
}

class ResponsesFile implements Responses {
  readonly #file: string;
  readonly #stream: WriteStream;
  readonly #finished: Promise<void>;

  constructor(file: string, stream: WriteStream) {
    this.#file = file;
    this.#stream = stream;
    this.#finished = orUsageError(file, finished(stream));
    // An error while nobody waits is told by the next call.
    this.#finished.catch(() => undefined);
  }

  async write(answer: object): Promise<void> {
    if (this.#stream.write(`${JSON.stringify(answer)}\n`)) return;
    // A stream that has failed never drains.
    await (this.#stream.errored == null ? orUsageError(this.#file, once(this.#stream, 'drain')) : this.#finished);
  }

  async end(): Promise<void> {
    this.#stream.end();
    await this.#finished;
  }
}

async function orUsageError(file: string, work: Promise<unknown>): Promise<void> {
  try {
    await work;
  } catch (error) {
    throw new UsageError(`--responses: ${file} cannot be written: ${reasonOf(error)}`, { cause: error });
  }
}
