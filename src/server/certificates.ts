/**
 * The serving certificate and its key in two files, which are watched for changes.
 *
 * A pair is served only after it is checked as a whole. If the files become wrong, the last good pair stays in use,
 * and the problem is reported once.
 */
import { readFile, stat } from 'node:fs/promises';
import { messageOf } from '../core/error-message.ts';
import { followFiles, type FollowedFiles } from '../files/followed-files.ts';
import { codeOf } from '../files/system-error.ts';
import { lapseOfPair, parseServingPair, ServingPairError, type PairProblem, type ServingPair } from '../pki/serving-pair.ts';

export interface CertificateFilesOptions {
  readonly certFile: string;
  readonly keyFile: string;
  readonly now?: () => Date;
  /** Between two looks at the contents, for changes that the watch does not show, and for the time that runs out. */
  readonly pollMs?: number;
  /** How long a failure has to last before it is told: a certificate and its key are two files, and written one by one. */
  readonly settleMs?: number;
}

export interface CertificateFilesListener {
  /** A new pair, sound and valid, to be served from now on. If this throws, the old pair stays current. */
  readonly onChange: (pair: ServingPair) => void;
  /** What is wrong with the files, or with the pair in use; once for as long as it stays the same. */
  readonly onError: (error: CertificateFileError) => void;
  /** Nothing is wrong any more. */
  readonly onRecovery?: () => void;
}

export type CertificateFileProblem =
  | PairProblem
  | 'missing'
  | 'unreadable'
  | 'not-a-file'
  | 'too-large'
  /** `onChange` threw. */
  | 'refused-by-server'
  /** Changes are noticed by polling alone. */
  | 'not-watched';

type Part = 'certificate' | 'key';

interface CertificateFile {
  readonly part: Part;
  readonly file: string;
}

/** The message names the file: "/certs/tls.crt must hold a PEM certificate, but is empty". */
export class CertificateFileError extends Error {
  override readonly name = 'CertificateFileError';
  /** Which of the two files, for a caller who wants to name its flag. */
  readonly part: Part;
  readonly file: string;
  readonly problem: CertificateFileProblem;

  constructor({ part, file }: CertificateFile, problem: CertificateFileProblem, message: string, options?: ErrorOptions) {
    super(`${file} ${message}`, options);
    this.part = part;
    this.file = file;
    this.problem = problem;
  }
}

const DEFAULT_POLL_MS = 2_000;
const DEFAULT_SETTLE_MS = 1_000;

/** A Secret holds 1 MiB at most (core/v1 `MaxSecretSize`); what is larger is no certificate. */
const MAX_FILE_BYTES = 1024 * 1024;

/** The two files, and the last good pair that was in them. */
export class CertificateFiles {
  readonly #options: Required<CertificateFilesOptions>;
  #contents: Contents;
  #current: ServingPair;
  #lastError: CertificateFileError | undefined;

  #watch: FollowedFiles | undefined;
  #settling: NodeJS.Timeout | undefined;
  /** A failure has lasted for the settle time: if the next look still finds one, that one is told. */
  #settled = false;
  #closed = false;

  private constructor(options: Required<CertificateFilesOptions>, contents: Contents) {
    this.#options = options;
    this.#contents = contents;
    this.#current = parseContents(contents, options);
    this.#lastError = this.#lapseOf(this.#current);
  }

  /**
   * Reads the first pair. One that is sound but expired, or not yet valid, is accepted and becomes `lastError`: a server
   * that runs can say so, and takes the new pair when it comes; one that did not start can do neither.
   *
   * @throws {CertificateFileError} where there is no sound pair
   */
  static async open(options: CertificateFilesOptions): Promise<CertificateFiles> {
    const all = { now: (): Date => new Date(), pollMs: DEFAULT_POLL_MS, settleMs: DEFAULT_SETTLE_MS, ...options };
    return new CertificateFiles(all, await readContents(all));
  }

  /** The pair to serve. */
  get current(): ServingPair {
    return this.#current;
  }

  /** What is wrong with the files, or with the pair in use; undefined where nothing is. */
  get lastError(): CertificateFileError | undefined {
    return this.#lastError;
  }

  /**
   * Follows the files from now on; a change since `open` is noticed first of all. Keeps no process alive.
   * Where `open` found a pair that is not valid, the listener hears of it at once.
   */
  watch(listener: CertificateFilesListener): void {
    if (this.#watch !== undefined || this.#closed) throw new Error('certificate files can be watched once, and not after close()');
    if (this.#lastError !== undefined) listener.onError(this.#lastError);
    const { certFile, keyFile, pollMs } = this.#options;
    this.#watch = followFiles(
      [certFile, keyFile],
      pollMs,
      () => this.#look(listener),
      (directory, { code, message }) => {
        const says = `must be watched for changes, but cannot be (${code ?? message}); it is read every ${pollMs} ms instead`;
        listener.onError(new CertificateFileError({ part: 'certificate', file: directory }, 'not-watched', says));
      },
    );
  }

  /** Nothing is told after this; `current` stays what it is. */
  close(): void {
    this.#closed = true;
    this.#watch?.close();
    clearTimeout(this.#settling);
  }

  async #look(listener: CertificateFilesListener): Promise<void> {
    const settled = this.#settled;
    this.#settled = false;
    const error = await this.#takeOver(listener);
    this.#tell(listener, error, settled);
  }

  /** Makes what the files hold the current pair, if it is new and good; otherwise says why not, or what the current one lacks. */
  async #takeOver(listener: CertificateFilesListener): Promise<CertificateFileError | undefined> {
    try {
      const contents = await readContents(this.#options);
      if (this.#closed) return undefined;
      const isNew = contents.certPem !== this.#contents.certPem || contents.keyPem !== this.#contents.keyPem;
      if (isNew) this.#swap(contents, listener);
    } catch (error) {
      if (error instanceof CertificateFileError) return error;
      throw error;
    }
    return this.#lapseOf(this.#current);
  }

  #swap(contents: Contents, { onChange }: CertificateFilesListener): void {
    const pair = parseContents(contents, this.#options);
    // Also where the current one has lapsed: clients refuse both, and the next good pair ends it.
    const lapse = this.#lapseOf(pair);
    if (lapse !== undefined) throw lapse;
    try {
      onChange(pair);
    } catch (cause) {
      const message = `must be taken by the server, but is refused: ${messageOf(cause)}`;
      throw new CertificateFileError({ part: 'certificate', file: this.#options.certFile }, 'refused-by-server', message, { cause });
    }
    this.#contents = contents;
    this.#current = pair;
  }

  #tell(listener: CertificateFilesListener, error: CertificateFileError | undefined, settled: boolean): void {
    if (this.#closed) return;
    const isKnown = error?.message === this.#lastError?.message;
    if (isKnown || error === undefined) {
      clearTimeout(this.#settling);
      this.#settling = undefined;
      this.#settled = false;
      if (isKnown) return;
      this.#lastError = undefined;
      listener.onRecovery?.();
    } else if (settled) {
      this.#lastError = error;
      listener.onError(error);
    } else {
      // Not started anew by each failure: files that are for ever being rewritten would never be told of.
      this.#settling ??= setTimeout(() => {
        this.#settling = undefined;
        this.#settled = true;
        this.#watch?.wake();
      }, this.#options.settleMs).unref();
    }
  }

  #lapseOf(pair: ServingPair): CertificateFileError | undefined {
    const { certFile, now } = this.#options;
    const lapse = lapseOfPair(pair, now());
    return lapse && new CertificateFileError({ part: 'certificate', file: certFile }, lapse.problem, lapse.message, { cause: lapse });
  }
}

interface Contents {
  readonly certPem: string;
  readonly keyPem: string;
}

type Files = Pick<CertificateFilesOptions, 'certFile' | 'keyFile'>;

function parseContents({ certPem, keyPem }: Contents, { certFile, keyFile }: Files): ServingPair {
  try {
    return parseServingPair(certPem, keyPem);
  } catch (error) {
    if (!(error instanceof ServingPairError)) throw error;
    const { part, problem, message } = error;
    throw new CertificateFileError({ part, file: part === 'key' ? keyFile : certFile }, problem, message, { cause: error });
  }
}

/** One after the other: where both are missing, it is always the certificate that is told of. */
async function readContents({ certFile, keyFile }: Files): Promise<Contents> {
  return { certPem: await readText('certificate', certFile), keyPem: await readText('key', keyFile) };
}

async function readText(part: Part, file: string): Promise<string> {
  try {
    // Asked first: to read a named pipe would wait for ever for somebody to write.
    const stats = await stat(file);
    if (!stats.isFile())
      throw new CertificateFileError(
        { part, file },
        'not-a-file',
        `must be a file, but is ${stats.isDirectory() ? 'a directory' : 'none'}`,
      );
    if (stats.size > MAX_FILE_BYTES) {
      throw new CertificateFileError({ part, file }, 'too-large', `must have at most ${MAX_FILE_BYTES} bytes, but has ${stats.size}`);
    }
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof CertificateFileError) throw error;
    const code = codeOf(error);
    if (code === 'ENOENT') throw new CertificateFileError({ part, file }, 'missing', 'must exist, but does not', { cause: error });
    const says = `must be readable, but ${code === 'EACCES' ? 'this user may not read it' : `is not (${code ?? messageOf(error)})`}`;
    throw new CertificateFileError({ part, file }, 'unreadable', says, { cause: error });
  }
}
