/**
 * What registries have answered, on the disk, by its digest. The digest is compared with the content whenever it is read, so whatever
 * happens to a file, nothing else is believed than what the digest stands for.
 */
import { createHash, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** sha256 and sha512 are the registered algorithms (descriptor.md of the OCI image specification). */
const DIGEST = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

/** Whether a digest can be checked. */
export function isDigest(text: string): boolean {
  return DIGEST.test(text);
}

/** @param algorithm `sha256` unless given */
export function digestOf(content: Uint8Array, algorithm = 'sha256'): string {
  return `${algorithm}:${createHash(algorithm).update(content).digest('hex')}`;
}

/** @param digest as `isDigest` has it */
export function hasDigest(content: Uint8Array, digest: string): boolean {
  return digestOf(content, digest.slice(0, digest.indexOf(':'))) === digest;
}

export interface CacheBounds {
  readonly mostFiles: number;
  readonly mostBytes: number;
}

/** An image has three files of some kilobytes: a thousand images. */
const BOUNDS: CacheBounds = { mostFiles: 4000, mostBytes: 64 * 1024 * 1024 };

export class ContentCache {
  readonly #folder: string | undefined;
  readonly #bounds: CacheBounds;

  /** @param folder of its own; undefined where nothing can be kept */
  constructor(folder: string | undefined, bounds = BOUNDS) {
    this.#folder = folder;
    this.#bounds = bounds;
  }

  /** @returns undefined where it is not there, or another than was written */
  async read(digest: string): Promise<Uint8Array | undefined> {
    if (this.#folder === undefined) return undefined;
    const file = join(this.#folder, nameOf(digest));
    try {
      const content = await readFile(file);
      if (!hasDigest(content, digest)) {
        await rm(file);
        return undefined;
      }
      // What is used stays longest.
      const now = new Date();
      await utimes(file, now, now).catch(() => undefined);
      return content;
    } catch {
      return undefined;
    }
  }

  /** For this user alone: a configuration has the environment of its image. What cannot be written is asked for again next time. */
  async write(digest: string, content: Uint8Array): Promise<void> {
    if (this.#folder === undefined) return;
    const file = join(this.#folder, nameOf(digest));
    const staged = `${file}.${randomBytes(6).toString('hex')}.new`;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await writeFile(staged, content, { flag: 'wx', mode: 0o600 });
      await rename(staged, file);
    } catch {
      await rm(staged, { force: true }).catch(() => undefined);
    }
  }

  /** Removes what was not used for longest, until the rest is within bounds. */
  async prune(): Promise<void> {
    if (this.#folder === undefined) return;
    const files: { readonly file: string; readonly bytes: number; readonly usedMs: number }[] = [];
    try {
      for (const name of await readdir(this.#folder)) {
        if (!FILE_NAME.test(name)) continue;
        const file = join(this.#folder, name);
        const { size, mtimeMs } = await stat(file);
        files.push({ file, bytes: size, usedMs: mtimeMs });
      }
      files.sort((a, b) => b.usedMs - a.usedMs);
      let bytes = 0;
      for (const [index, each] of files.entries()) {
        bytes += each.bytes;
        if (index >= this.#bounds.mostFiles || bytes > this.#bounds.mostBytes) await rm(each.file, { force: true });
      }
    } catch {
      // Another run prunes, too, or there is nothing.
    }
  }
}

function nameOf(digest: string): string {
  return digest.replace(':', '-');
}

/** Also what a run has left that was stopped as it wrote. */
const FILE_NAME = /^sha(?:256|512)-[0-9a-f]+(?:\.[0-9a-f]+\.new)?$/;
