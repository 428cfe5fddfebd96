/** Reads what the API server sends: whole answers, the lines of a watch, the texts of its `Warning` headers. */
import type { IncomingMessage } from 'node:http';
import { isObject, type JsonObject } from '../../core/json.ts';

/** More was sent than whoever asked has room for. */
export class LongAnswerError extends Error {
  override readonly name = 'LongAnswerError';

  constructor(path: string, maxBytes: number) {
    super(`the answer for ${path} has more than ${maxBytes} bytes`);
  }
}

/**
 * @param path what was asked for, for messages
 * @throws {LongAnswerError}
 */
export async function readWhole(response: IncomingMessage, path: string, maxBytes = Infinity): Promise<string> {
  const chunks: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    length += chunk.length;
    if (length > maxBytes) throw new LongAnswerError(path, maxBytes);
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}

/**
 * The events of a watch: a newline ends each of them; JSON has none inside.
 *
 * @param path what was asked for, for messages
 * @param maxBytes of one line
 * @throws {LongAnswerError}
 */
export async function* linesOf(response: IncomingMessage, path: string, maxBytes: number): AsyncGenerator<string, void, undefined> {
  let rest: Buffer[] = [];
  let length = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    let from = 0;
    for (let end = chunk.indexOf(NEWLINE); end >= 0; end = chunk.indexOf(NEWLINE, from)) {
      const line = Buffer.concat([...rest, chunk.subarray(from, end)]).toString('utf8');
      [rest, length, from] = [[], 0, end + 1];
      if (line !== '') yield line;
    }
    length += chunk.length - from;
    if (length > maxBytes) throw new LongAnswerError(path, maxBytes);
    rest.push(chunk.subarray(from));
  }
}

const NEWLINE = 0x0a;

/** A text that is no JSON object is the `message` of one. */
export function bodyOf(text: string): JsonObject {
  try {
    // eslint-disable-next-line no-restricted-properties -- the API server that the kubeconfig trusts; a page of a list is larger than any review
    const body = JSON.parse(text) as unknown;
    return isObject(body) ? body : { message: text };
  } catch {
    // Proxies and /readyz answer in plain text; the text is the message.
    return { message: text };
  }
}

/** `299 - "text"`, quotes and backslashes inside escaped (RFC 9110 without its date). */
export function warningsOf(headers: readonly string[]): string[] {
  return headers.flatMap((header) =>
    [...header.matchAll(/299 \S+ "((?:[^"\\]|\\.)*)"/g)].map(([, text = '']) => text.replace(/\\(.)/g, '$1')),
  );
}
