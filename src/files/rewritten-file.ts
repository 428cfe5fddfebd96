/**
 * Gives a file that was read a new content: all of it or nothing. A change that somebody else made in the meantime is
 * never overwritten.
 *
 * Each step runs synchronously, so no signal comes between two steps. If the program is stopped, each file has its old
 * content or its new content, and no other file is left.
 */
import { randomBytes } from 'node:crypto';
import {
  accessSync,
  closeSync,
  constants,
  fchmodSync,
  fchownSync,
  fsyncSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
  type Stats,
} from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { codeOf, reasonOf } from './system-error.ts';

/** A file that keeps its content, and why. */
export class NotRewrittenError extends Error {
  override readonly name = 'NotRewrittenError';
}

/**
 * @param file a symbolic link leads to the file that is rewritten; its permissions stay
 * @param before what was read from it
 * @throws {NotRewrittenError} the file is as it was then
 */
export function rewriteFile(file: string, before: Uint8Array, after: Uint8Array): void {
  let staged: string | undefined;
  try {
    const target = realpathSync(file);
    const stats = statSync(target);
    refuseSpecial(stats);
    accessSync(target, constants.W_OK);
    staged = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.new`);
    writeDurably(staged, after, stats);
    // Between this look and the rename there is no time for anything but another program.
    if (Buffer.compare(readFileSync(target), before) !== 0) throw new NotRewrittenError('it was changed by somebody else meanwhile');
    renameSync(staged, target);
    staged = undefined;
    syncFolder(dirname(target));
  } catch (error) {
    throw error instanceof NotRewrittenError ? error : new NotRewrittenError(reasonOf(error), { cause: error });
  } finally {
    if (staged !== undefined) rmSync(staged, { force: true });
  }
}

function refuseSpecial(stats: Stats): void {
  if (!stats.isFile()) throw new NotRewrittenError('it is no regular file');
  // Root may write it all the same, and so could anybody by a rename; but somebody said that it is to stay.
  if ((stats.mode & 0o222) === 0) throw new NotRewrittenError('it is read-only');
  if (stats.nlink > 1) throw new NotRewrittenError(`it has ${stats.nlink} names (hard links), and the others would keep the old content`);
}

function writeDurably(file: string, content: Uint8Array, { mode, uid, gid }: Stats): void {
  const descriptor = openSync(file, 'wx', mode & 0o777);
  try {
    writeFileSync(descriptor, content);
    keepOwner(descriptor, uid, gid);
    // After the owner, whose change takes bits away; and whatever the umask is.
    fchmodSync(descriptor, mode & 0o7777);
    fsyncSync(descriptor);
  } finally {
    closeSync(descriptor);
  }
}

/** Only root may give files away; what others write is theirs, as with any editor that renames. */
function keepOwner(descriptor: number, uid: number, gid: number): void {
  try {
    fchownSync(descriptor, uid, gid);
  } catch (error) {
    if (codeOf(error) !== 'EPERM') throw error;
  }
}

/** The new name is on the disk too. Some file systems cannot, and need not, do that for a folder. */
function syncFolder(folder: string): void {
  const descriptor = openSync(folder, 'r');
  try {
    fsyncSync(descriptor);
  } catch (error) {
    if (!['EINVAL', 'EPERM', 'ENOTSUP', 'EISDIR'].includes(codeOf(error) ?? '')) throw error;
  } finally {
    closeSync(descriptor);
  }
}
