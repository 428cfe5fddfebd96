/**
 * Replaces a file as a whole: the new content is written to a file beside it, which is then renamed.
 *
 * Until the rename, and if anything fails before it, the old file is unchanged.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { createWriteStream, type Stats, type WriteStream } from 'node:fs';
import { realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { finished } from 'node:stream/promises';
import { codeOf } from './system-error.ts';

const USUAL_MODE = 0o666;

export class ReplacedFile {
  /** Undefined where what is written to is no file to be replaced: a pipe, a terminal, /dev/null. */
  readonly #target: string | undefined;
  readonly #stream: WriteStream;
  readonly #finished: Promise<void>;

  private constructor(target: string | undefined, stream: WriteStream) {
    this.#target = target;
    this.#stream = stream;
    this.#finished = finished(stream);
    // An error while nobody waits is told by the next call.
    this.#finished.catch(() => undefined);
  }

  /**
   * @param file need not exist; a symbolic link leads to the file that is replaced
   * @throws {Error} of the file system, where nothing can be written there
   */
  static async open(file: string): Promise<ReplacedFile> {
    const old = await statIfThere(file);
    if (old !== undefined && !old.isFile()) return new ReplacedFile(undefined, await opened(createWriteStream(file)));
    const target = old === undefined ? file : await realpath(file);
    const staged = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.new`);
    const mode = old === undefined ? USUAL_MODE : old.mode & 0o777;
    return new ReplacedFile(target, await opened(createWriteStream(staged, { flags: 'wx', mode })));
  }

  /** Resolves once there is room for more. */
  async write(text: string): Promise<void> {
    if (this.#stream.write(text)) return;
    // A stream that has failed never drains.
    await (this.#stream.errored == null ? once(this.#stream, 'drain') : this.#finished);
  }

  /** Puts what was written in the place of the old file. */
  async replace(): Promise<void> {
    this.#stream.end();
    try {
      await this.#finished;
      if (this.#target !== undefined) await rename(this.#stream.path, this.#target);
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  /** Leaves the old file as it was; nothing stays of what was written. */
  async discard(): Promise<void> {
    this.#stream.destroy();
    if (this.#target !== undefined) await rm(this.#stream.path, { force: true });
  }
}

async function opened(stream: WriteStream): Promise<WriteStream> {
  await once(stream, 'open');
  return stream;
}

async function statIfThere(file: string): Promise<Stats | undefined> {
  try {
    return await stat(file);
  } catch (error) {
    if (codeOf(error) === 'ENOENT') return undefined;
    throw error;
  }
}
