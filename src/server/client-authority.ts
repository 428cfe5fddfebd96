/** The CA of the clients that may call, in a file that is watched for changes. */
import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { followFiles, type FollowedFiles } from '../files/followed-files.ts';
import { certificateBlocks, readPem } from '../pki/pem.ts';

/** A file that holds no authority. The message names it and says what was expected. */
export class ClientAuthorityError extends Error {
  override readonly name = 'ClientAuthorityError';
}

export interface ClientAuthorityListener {
  readonly onChange: (pem: string) => void;
  /** What the file holds now cannot be used: the authority that was read before stays. Once for as long as it stays the same. */
  readonly onRefused: (error: Error) => void;
  /** The file's directory cannot be watched; changes are noticed at the intervals alone. */
  readonly onUnwatched: (directory: string, cause: Error) => void;
}

const POLL_MS = 5_000;

/** One or more certificates in a file, and the last that were good. */
export class ClientAuthority {
  readonly #file: string;
  #pem: string;
  #refusal: string | undefined;
  #watch: FollowedFiles | undefined;

  private constructor(file: string, pem: string) {
    this.#file = file;
    this.#pem = pem;
  }

  /** @throws {ClientAuthorityError} where the file holds no certificates */
  static async open(file: string): Promise<ClientAuthority> {
    return new ClientAuthority(file, await readAuthority(file));
  }

  get pem(): string {
    return this.#pem;
  }

  /** Keeps no process alive. */
  watch(listener: ClientAuthorityListener): void {
    this.#watch = followFiles([this.#file], POLL_MS, () => this.#look(listener), listener.onUnwatched);
  }

  close(): void {
    this.#watch?.close();
    this.#watch = undefined;
  }

  async #look({ onChange, onRefused }: ClientAuthorityListener): Promise<void> {
    try {
      const pem = await readAuthority(this.#file);
      if (this.#watch === undefined) return;
      if (pem !== this.#pem) {
        try {
          onChange(pem);
        } catch (cause) {
          throw new ClientAuthorityError(`${this.#file} is refused by the server: ${(cause as Error).message}`, { cause });
        }
        this.#pem = pem;
      }
      this.#refusal = undefined;
    } catch (error) {
      if (!(error instanceof ClientAuthorityError)) throw error;
      if (this.#watch === undefined || error.message === this.#refusal) return;
      this.#refusal = error.message;
      onRefused(error);
    }
  }
}

async function readAuthority(file: string): Promise<string> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    throw new ClientAuthorityError(`${file} must be readable: ${(error as Error).message}`, { cause: error });
  }
  const pem = readPem(text);
  const blocks = certificateBlocks(pem);
  if (blocks.length === 0 || pem.cutOff !== undefined) throw new ClientAuthorityError(`${file} must hold PEM certificates, whole ones`);
  for (const [index, block] of blocks.entries()) {
    let certificate: X509Certificate;
    try {
      certificate = new X509Certificate(block);
    } catch (error) {
      throw new ClientAuthorityError(`${file}: certificate ${index + 1} cannot be read: ${(error as Error).message}`, { cause: error });
    }
    if (!certificate.ca) throw new ClientAuthorityError(`${file}: certificate ${index + 1} must be that of an authority (CA:TRUE)`);
  }
  return blocks.join('');
}
