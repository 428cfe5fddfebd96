import { Readable } from 'node:stream';
import t from 'tap';
import { ReplayedBytes } from '../../../src/offline/input/replayed-bytes.ts';

async function textOf(bytes: AsyncIterable<string | Uint8Array>): Promise<string> {
  let text = '';
  for await (const chunk of bytes) text += typeof chunk === 'string' ? chunk : Buffer.from(chunk).toString('utf8');
  return text;
}

void t.test('what was read once can be read again, also after a reader has left early', async (t) => {
  const bytes = new ReplayedBytes(Readable.from(['a', 'b', 'c']));
  for await (const chunk of bytes) {
    t.equal(String(chunk), 'a');
    break;
  }
  t.equal(await textOf(bytes), 'abc');
  t.equal(await textOf(bytes), 'abc');
});

void t.test('nothing is read before somebody asks', async (t) => {
  let isRead = false;
  const source = (async function* (): AsyncGenerator<string> {
    isRead = true;
    yield await Promise.resolve('a');
  })();
  const bytes = new ReplayedBytes(source);
  t.equal(isRead, false);
  t.equal(await textOf(bytes), 'a');
});
