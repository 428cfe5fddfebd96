/** From files and standard input to text, within bounds. */
import { closeSync, constants, createReadStream, fstatSync, openSync, readFileSync } from 'node:fs';
import { statsOf } from '../../files/stats.ts';
import { reasonOf } from '../../files/system-error.ts';
import { STDIN, STDIN_NAME } from './files.ts';
import { InputError } from './input-error.ts';

/**
 * What is read as a whole. 64 MiB are some 15,000 Pods as `kubectl get -o json` prints them; the worst text of that size
 * (`[{},{},…`) takes 8 s and 3 GB.
 */
export const MAX_TEXT_BYTES = 64 * 1024 * 1024;

/** Bytes, or text in UTF-8, as they arrive. */
export type ByteStream = AsyncIterable<string | Uint8Array>;

export interface ReadOptions {
  /** Read where a path is `-`. */
  readonly stdin: ByteStream;
  /** Larger files are refused; `MAX_TEXT_BYTES` unless given. */
  readonly limitBytes?: number;
  /** Pipes and devices are taken for empty: what they hold can be read once, and is left to whoever reads it whole. */
  readonly onlyFiles?: boolean;
  /** Ends the wait for a pipe. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Reads a file, or standard input for `-`.
 *
 * @throws {InputError} also for what is larger than the limit
 */
export async function readText(file: string, options: ReadOptions): Promise<string> {
  return decodeText(await readBytes(file, options));
}

/** The same, before it is decoded. @throws {InputError} */
export async function readBytes(
  file: string,
  { stdin, limitBytes = MAX_TEXT_BYTES, onlyFiles = false, signal }: ReadOptions,
): Promise<Buffer> {
  if (onlyFiles && file !== STDIN && !isFile(file)) return Buffer.alloc(0);
  return file === STDIN ? readAll(readChunks(file, stdin), STDIN_NAME, limitBytes) : readFile(file, limitBytes, signal);
}

/**
 * Reads a file, or standard input for `-`, piece by piece.
 *
 * @throws {InputError}
 */
export async function* readChunks(file: string, stdin: ByteStream): AsyncGenerator<Buffer> {
  try {
    for await (const chunk of file === STDIN ? stdin : createReadStream(file)) yield Buffer.from(chunk as Uint8Array);
  } catch (error) {
    throw new InputError(nameOf(file), reasonOf(error));
  }
}

/** Joins what comes piece by piece. */
export async function readAll(chunks: AsyncIterable<Buffer>, name: string, limitBytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  let length = 0;
  for await (const chunk of chunks) {
    length += chunk.length;
    if (length > limitBytes) throw tooLarge(name, limitBytes);
    parts.push(chunk);
  }
  return Buffer.concat(parts, length);
}

/** kubectl takes UTF-16 where a byte order mark says so, else UTF-8, in which what is invalid becomes U+FFFD. */
export function decodeText(bytes: Uint8Array): string {
  return DECODERS[encodingOf(bytes)].decode(bytes);
}

const DECODERS = { 'utf-8': new TextDecoder('utf-8'), 'utf-16be': new TextDecoder('utf-16be'), 'utf-16le': new TextDecoder('utf-16le') };

/** The bytes of a text in the encoding of others, with their byte order mark where they have one. */
export function encodeText(text: string, like: Uint8Array): Buffer {
  const encoding = encodingOf(like);
  if (encoding === 'utf-8') return Buffer.from(like[0] === 0xef && like[1] === 0xbb && like[2] === 0xbf ? `\ufeff${text}` : text);
  const bytes = Buffer.from(`\ufeff${text}`, 'utf16le');
  return encoding === 'utf-16be' ? bytes.swap16() : bytes;
}

function encodingOf(bytes: Uint8Array): 'utf-8' | 'utf-16be' | 'utf-16le' {
  if (bytes[0] === 0xfe && bytes[1] === 0xff) return 'utf-16be';
  return bytes[0] === 0xff && bytes[1] === 0xfe ? 'utf-16le' : 'utf-8';
}

/** A file as messages name it. */
export function nameOf(file: string): string {
  return file === STDIN ? STDIN_NAME : file;
}

/** What is not there is told by whoever opens it. */
function isFile(file: string): boolean {
  return statsOf(file)?.isFile() ?? true;
}

/** To open a pipe that has no writer would stop the whole process, signals included. Windows has no such flag, and adds nothing. */
const OPEN = constants.O_RDONLY | constants.O_NONBLOCK;

async function readFile(file: string, limitBytes: number, signal: AbortSignal | undefined): Promise<Buffer> {
  try {
    const descriptor = openSync(file, OPEN);
    const stats = fstatSync(descriptor);
    if (stats.isFIFO()) return await readAll(await pipeOf(descriptor, signal), file, limitBytes);
    if (!stats.isFile() && !stats.isDirectory()) {
      closeSync(descriptor);
      return await readAll(createReadStream(file), file, limitBytes);
    }
    // One call to the system at a time is several times as fast as streams for files of a few kilobytes.
    try {
      if (stats.size > limitBytes) throw tooLarge(file, limitBytes);
      return readFileSync(descriptor);
    } finally {
      closeSync(descriptor);
    }
  } catch (error) {
    throw error instanceof InputError ? error : new InputError(file, reasonOf(error));
  }
}

/** Waits in the event loop for a writer; a thread that waits for one in the system could not be ended. */
async function pipeOf(descriptor: number, signal: AbortSignal | undefined): Promise<AsyncIterable<Buffer>> {
  const { Socket } = await import('node:net');
  return new Socket({ fd: descriptor, readable: true, writable: false, ...(signal !== undefined && { signal }) });
}

function tooLarge(name: string, limitBytes: number): InputError {
  return new InputError(name, `must not be larger than ${limitBytes} bytes; split it`);
}
