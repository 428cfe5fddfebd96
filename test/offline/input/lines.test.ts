import fc from '../../fast-check.ts';
import t from 'tap';
import { peekFirstLine, splitLines, type TextLine } from '../../../src/offline/input/lines.ts';
import { runs } from '../../long-tests.ts';

void t.test('lines are the same however the bytes arrive', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.constantFrom('a', '\u00e9', '\n', '\n\n', '\r\n', '\u{1f600}')),
      fc.array(fc.integer({ min: 1, max: 5 }), { minLength: 1 }),
      async (parts, sizes) => {
        const text = parts.join('');
        const expected = text
          .replace(/\n$/, '')
          .split(/\r?\n/)
          .map((line, index) => ({ line: index + 1, text: line.replace(/\r$/, '') }));
        const lines = await collect(splitLines(inPieces(Buffer.from(text), sizes)));
        return JSON.stringify(lines) === JSON.stringify(text === '' ? [] : expected);
      },
    ),
    { numRuns: runs(500) },
  );
});

void t.test('a line above the limit has no text, and the next is whole again', async (t) => {
  t.same(await collect(splitLines(inPieces(Buffer.from('abcd\nabcde\nabc'), [2]), 4)), [
    { line: 1, text: 'abcd' },
    { line: 2, text: undefined },
    { line: 3, text: 'abc' },
  ]);
});

void t.test('a byte order mark is dropped', async (t) => {
  t.same(await collect(splitLines(inPieces(Buffer.from('\ufeffa\n\ufeffb'), [9]))), [
    { line: 1, text: 'a' },
    { line: 2, text: '\ufeffb' },
  ]);
});

void t.test('a look at the first line loses nothing of the stream', async (t) => {
  for (const size of [1, 3, 100]) {
    const { firstLine, chunks } = await peekFirstLine(inPieces(Buffer.from('\n  \nfirst\nsecond\nthird'), [size]));
    t.equal(firstLine, 'first');
    const read: Buffer[] = [];
    for await (const chunk of chunks) read.push(chunk);
    t.equal(Buffer.concat(read).toString(), '\n  \nfirst\nsecond\nthird');
  }
});

void t.test('a first line above the limit is not looked at', async (t) => {
  const { firstLine, chunks } = await peekFirstLine(inPieces(Buffer.from('first\nsecond'), [2]), 3);
  t.equal(firstLine, undefined);
  t.same(
    (await collect(splitLines(chunks))).map(({ text }) => text),
    ['first', 'second'],
  );
});

void t.test('a first line without an end is not waited for beyond the limit', async (t) => {
  let taken = 0;
  async function* endless(): AsyncGenerator<Buffer> {
    for (;;) {
      taken += 1;
      yield await Promise.resolve(Buffer.alloc(10, 'x'));
    }
  }
  const { firstLine } = await peekFirstLine(endless(), 100);
  t.equal(firstLine, undefined);
  t.equal(taken, 11, 'chunks of 10 bytes, until there are more than 100');
});

async function* inPieces(bytes: Buffer, sizes: readonly number[]): AsyncGenerator<Buffer> {
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const size = sizes[turn % sizes.length] ?? 1;
    yield await Promise.resolve(bytes.subarray(at, at + size));
    at += size;
  }
}

async function collect(lines: AsyncIterable<TextLine>): Promise<TextLine[]> {
  const all: TextLine[] = [];
  for await (const line of lines) all.push(line);
  return all;
}
