/** Text line by line, with a bound on the length of a line. */

/** An audit event holds a request and a response of up to 3 MiB each (the API server's limit), and what is in quotes grows. */
export const MAX_LINE_BYTES = 16 * 1024 * 1024;

export interface TextLine {
  /** From 1. */
  readonly line: number;
  /** Without its end; undefined where the line is longer than the limit. */
  readonly text: string | undefined;
}

const LINE_FEED = 0x0a;

/** Splits UTF-8 at LF or CRLF; memory is that of the longest line. A byte order mark is dropped. */
export async function* splitLines(chunks: AsyncIterable<Buffer>, limitBytes = MAX_LINE_BYTES): AsyncGenerator<TextLine> {
  let line = 0;
  let parts: Buffer[] = [];
  let length = 0;
  const add = (part: Buffer): void => {
    length += part.length;
    if (length <= limitBytes) parts.push(part);
  };
  const end = (): TextLine => {
    line += 1;
    const text = length <= limitBytes ? Buffer.concat(parts, length).toString('utf8') : undefined;
    parts = [];
    length = 0;
    return { line, text: text?.replace(/\r$/, '').replace(line === 1 ? /^\ufeff/ : '', '') };
  };
  for await (const chunk of chunks) {
    let start = 0;
    for (let at = chunk.indexOf(LINE_FEED); at >= 0; at = chunk.indexOf(LINE_FEED, start)) {
      add(chunk.subarray(start, at));
      yield end();
      start = at + 1;
    }
    add(chunk.subarray(start));
  }
  if (length > 0) yield end();
}

/** A stream, and its first line that is not blank; undefined where that is longer than the limit. */
export interface PeekedStream {
  readonly firstLine: string | undefined;
  /** All of it, the first line included. */
  readonly chunks: AsyncIterable<Buffer>;
}

/** Looks at the beginning of a stream without losing it; what is held in memory for that is the limit and one chunk. */
export async function peekFirstLine(stream: AsyncIterable<Buffer>, limitBytes = MAX_LINE_BYTES): Promise<PeekedStream> {
  const iterator = stream[Symbol.asyncIterator]();
  const read: Buffer[] = [];
  let readBytes = 0;
  const line = { isCut: false };
  async function* tee(): AsyncGenerator<Buffer> {
    while (readBytes <= limitBytes) {
      const next = await iterator.next();
      if (next.done === true) return;
      read.push(next.value);
      readBytes += next.value.length;
      yield next.value;
    }
    line.isCut = true;
  }
  let firstLine: string | undefined;
  for await (const { text } of splitLines(tee(), limitBytes)) {
    firstLine = line.isCut ? undefined : text;
    if (text?.trim() !== '') break;
  }
  return { firstLine, chunks: replay(read, iterator) };
}

async function* replay(read: readonly Buffer[], rest: AsyncIterator<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* read;
    for (let next = await rest.next(); next.done !== true; next = await rest.next()) yield next.value;
  } finally {
    await rest.return?.();
  }
}
