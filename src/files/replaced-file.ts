/**
 * Replaces a file as a whole: the new content is written to a file beside it, which is then renamed.
 *
 * Until the rename, and if anything fails before it, the old file is unchanged.
 */
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { constants, createWriteStream, openSync, type Stats, type WriteStream } from 'node:fs';
import { readlink, realpath, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import type { Writable } from 'node:stream';
import { finished } from 'node:stream/promises';
import { setTimeout } from 'node:timers/promises';
import { codeOf } from './system-error.ts';

const USUAL_MODE = 0o666;

/** How long a reader of a pipe waits for its first byte at most. */
const READER_INTERVAL_MS = 50;

/** As many links in a row as Linux follows (`path_resolution(7)`). */
const MAX_LINKS = 40;

interface Staged {
  readonly target: string;
  readonly path: string;
}

export class ReplacedFile {
  /** Undefined where what is written to is no file to be replaced: a pipe, a terminal, /dev/null. */
  readonly #staged: Staged | undefined;
  readonly #stream: Writable;
  readonly #finished: Promise<void>;

  private constructor(staged: Staged | undefined, stream: Writable) {
    this.#staged = staged;
    this.#stream = stream;
    this.#finished = finished(stream);
    // An error while nobody waits is told by the next call.
    this.#finished.catch(() => undefined);
  }

  /**
   * @param file need not exist; a symbolic link leads to the file that is replaced
   * @param signal ends the wait for a reader of a pipe
   * @throws {Error} of the file system, where nothing can be written there
   */
  static async open(file: string, signal?: AbortSignal): Promise<ReplacedFile> {
    const old = await statIfThere(file);
    if (old?.isFIFO() === true) return new ReplacedFile(undefined, await pipeTo(file, signal));
    if (old !== undefined && !old.isFile()) return new ReplacedFile(undefined, await opened(createWriteStream(file)));
    const target = old === undefined ? await endOfLinks(file) : await realpath(file);
    const path = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.new`);
    const mode = old === undefined ? USUAL_MODE : old.mode & 0o777;
    return new ReplacedFile({ target, path }, await opened(createWriteStream(path, { flags: 'wx', mode })));
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
      if (this.#staged !== undefined) await rename(this.#staged.path, this.#staged.target);
    } catch (error) {
      await this.discard();
      throw error;
    }
  }

  /** Leaves the old file as it was; nothing stays of what was written. */
  async discard(): Promise<void> {
    this.#stream.destroy();
    if (this.#staged !== undefined) await rm(this.#staged.path, { force: true });
  }
}

/**
 * To open a pipe waits for its reader, and to write waits for its room, each in a thread of the system that nothing can end, the end of
 * the process included. So it is opened once there is a reader, and the event loop waits for room.
 */
async function pipeTo(file: string, signal: AbortSignal | undefined): Promise<Writable> {
  for (;;) {
    try {
      const descriptor = openSync(file, constants.O_WRONLY | constants.O_NONBLOCK);
      const { Socket } = await import('node:net');
      return new Socket({ fd: descriptor, readable: false, writable: true, ...(signal !== undefined && { signal }) });
    } catch (error) {
      // There is no reader.
      if (codeOf(error) !== 'ENXIO') throw error;
    }
    await setTimeout(READER_INTERVAL_MS, undefined, signal && { signal });
  }
}

/** Where the file would be made that a symbolic link leads to, and that is not there. */
async function endOfLinks(file: string): Promise<string> {
  let end = file;
  for (let links = 0; links < MAX_LINKS; links++) {
    const next = await readlink(end).catch(() => undefined);
    if (next === undefined) break;
    end = resolve(dirname(end), next);
  }
  return end;
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
