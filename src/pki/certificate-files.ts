/**
 * An authority and its serving pair as four files in a directory. The names are those of a Secret of type
 * kubernetes.io/tls. Either all four files are written or none.
 */
import { createPrivateKey, randomBytes, X509Certificate } from 'node:crypto';
import { copyFile, lstat, mkdir, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { verifiesAgainst } from './ca-bundle.ts';
import { certificateBlocks, readPem, type PemPair } from './pem.ts';
import { missingNames, readServingPair, ServingPairError, type ServerNames } from './serving-pair.ts';
import { DAY_MS } from './validity.ts';

export interface CertificateSet {
  readonly ca: PemPair;
  readonly pair: PemPair;
}

/** When certificates that are there already are good enough to stay. */
export interface KeepRule extends ServerNames {
  /** Days that the whole chain must still be valid for, the authority included. */
  readonly minRemainingDays: number;
  readonly now: Date;
}

export interface WriteOptions {
  /** Replaces files that are there; without it they are never touched. */
  readonly overwrite?: boolean;
  /** Leaves files alone that meet it, and writes otherwise. */
  readonly keep?: KeepRule;
}

const FILE_NAMES = ['ca.crt', 'ca.key', 'tls.crt', 'tls.key'] as const;
type FileName = (typeof FILE_NAMES)[number];

/** Files are there, and `overwrite` was not given. */
export class CertificatesExistError extends Error {
  override readonly name = 'CertificatesExistError';
  readonly files: readonly string[];

  constructor(directory: string, files: readonly string[], unfit: string | undefined) {
    super(
      `${directory} holds ${files.join(', ')} already${unfit === undefined ? '' : `, to be replaced because ${unfit}`}; they are replaced only on demand`,
    );
    this.files = files;
  }
}

/**
 * Writes ca.crt, ca.key, tls.crt and tls.key; the keys are readable by their owner alone. The directory is made if need be.
 *
 * @returns `kept` where `keep` was given and is met by the files that are there
 * @throws {CertificatesExistError} where files are there, and may not be replaced
 * @throws {Error} of the file system, after everything was put back as it was
 */
export async function writeCertificates(
  directory: string,
  { ca, pair }: CertificateSet,
  options: WriteOptions = {},
): Promise<'written' | 'kept'> {
  const existing = await existingFiles(directory);
  let unfit: string | undefined;
  if (options.keep !== undefined) {
    unfit = await replacementReason(directory, options.keep);
    if (unfit === undefined) return 'kept';
  }
  if (existing.length > 0 && options.overwrite !== true) throw new CertificatesExistError(directory, existing, unfit);
  await makeDirectory(directory);
  await replaceAll(directory, { 'ca.crt': ca.certPem, 'ca.key': ca.keyPem, 'tls.crt': pair.certPem, 'tls.key': pair.keyPem });
  return 'written';
}

/**
 * With its parents. Not Node's `recursive`, which tries for ever where a parent is there and nothing can be made in it
 * (`/proc/x`).
 */
async function makeDirectory(directory: string): Promise<void> {
  const isDirectory = async (path: string): Promise<boolean> => (await stat(path).catch(() => undefined))?.isDirectory() === true;
  try {
    await mkdir(directory);
  } catch (error) {
    if (await isDirectory(directory)) return;
    const parent = dirname(directory);
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT' || (await isDirectory(parent))) throw error;
    await makeDirectory(parent);
    await mkdir(directory);
  }
}

/**
 * Why the certificates in a directory cannot stay; undefined where they can. To be asked before new ones are made.
 * They stay if all four files are there, both keys belong to their certificates, the pair is issued by the authority and
 * covers the wanted names, and all of it is still valid after the wanted days.
 */
export async function replacementReason(directory: string, { minRemainingDays, now, ...names }: KeepRule): Promise<string | undefined> {
  const existing = await existingFiles(directory);
  const missing = FILE_NAMES.filter((name) => !existing.includes(name));
  if (missing.length > 0) return `${missing.join(', ')} ${missing.length === 1 ? 'is' : 'are'} not there`;
  const read = (name: FileName): Promise<string> => readText(join(directory, name));
  const [caCert, caKey, tlsCert, tlsKey] = await Promise.all([read('ca.crt'), read('ca.key'), read('tls.crt'), read('tls.key')]);
  if (!belongsTogether(caCert, caKey)) return 'ca.key is not the key of ca.crt';
  try {
    const pair = readServingPair(tlsCert, tlsKey, now);
    const uncovered = missingNames(pair, names);
    if (uncovered.length > 0) return `tls.crt is not good for ${uncovered.join(', ')}`;
    const today = verifiesAgainst(pair, caCert, now);
    if (!today.verified) return today.reason;
    const then = verifiesAgainst(pair, caCert, new Date(now.getTime() + minRemainingDays * DAY_MS));
    return then.verified ? undefined : `${minRemainingDays} days from now it no longer verifies: ${then.reason}`;
  } catch (error) {
    if (!(error instanceof ServingPairError)) throw error;
    return `${error.part === 'key' ? 'tls.key' : 'tls.crt'} ${error.message}`;
  }
}

function belongsTogether(certPem: string, keyPem: string): boolean {
  const [first] = certificateBlocks(readPem(certPem));
  try {
    return first !== undefined && new X509Certificate(first).checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    // One of the two cannot be read at all: they do not belong together either.
    return false;
  }
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new Error(`${path} must be a readable file (${code ?? message})`, { cause });
  }
}

/** A link that leads nowhere is there too. */
async function existingFiles(directory: string): Promise<readonly FileName[]> {
  const existing: FileName[] = [];
  // One after the other: of several that cannot be looked at, always the same one is told.
  for (const name of FILE_NAMES) if (await isThere(join(directory, name))) existing.push(name);
  return existing;
}

async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
    throw error;
  }
}

/** Each file is replaced by a rename, so that a reader sees the old or the new one; after an error, the old ones are back. */
async function replaceAll(directory: string, texts: Readonly<Record<FileName, string>>): Promise<void> {
  const suffix = randomBytes(6).toString('hex');
  const staged = (name: FileName): string => join(directory, `.${name}.${suffix}.new`);
  const previous = (name: FileName): string => join(directory, `.${name}.${suffix}.old`);
  const undo: (() => Promise<void>)[] = [];
  try {
    for (const name of FILE_NAMES) await writeDurably(staged(name), texts[name], name.endsWith('.key') ? 0o600 : 0o644);
    for (const name of FILE_NAMES) {
      const target = join(directory, name);
      const isReplacement = await isThere(target);
      if (isReplacement) await copyFile(target, previous(name));
      await rename(staged(name), target);
      undo.push(() => (isReplacement ? rename(previous(name), target) : rm(target)));
    }
  } catch (error) {
    for (const step of undo.reverse()) await step();
    throw error;
  } finally {
    for (const name of FILE_NAMES) {
      await rm(staged(name), { force: true });
      await rm(previous(name), { force: true });
    }
  }
}

/** On the disk before it gets its name: otherwise a crash could leave a name with nothing behind it. */
async function writeDurably(path: string, text: string, mode: number): Promise<void> {
  const handle = await open(path, 'wx', mode);
  try {
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
