import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { text } from 'node:stream/consumers';
import { setImmediate } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { silenceParser } from '../../src/server/silent-parser.ts';

const HEAD = 'POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n';
/** Of what Node reads at once. */
const PIECES = 5_000;

interface Seen {
  requests: number;
  pieces: number;
  ends: number;
}

/** Sends all in one piece to a server that is silenced by the first piece of a body. */
async function seenOf(t: Test, sent: string, silence: (socket: Socket) => unknown): Promise<Seen> {
  const seen: Seen = { requests: 0, pieces: 0, ends: 0 };
  const server = createServer((request) => {
    seen.requests += 1;
    request
      .on('end', () => (seen.ends += 1))
      .on('data', () => {
        seen.pieces += 1;
        if (seen.pieces === 1) silence(request.socket);
      });
  });
  t.teardown(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  const [[accepted]] = (await Promise.all([once(server, 'connection'), once(socket, 'connect')])) as [[Socket], unknown];
  socket.end(sent);
  // An error comes before it: the last body has no end.
  await new Promise((resolve) => accepted.once('close', resolve));
  return seen;
}

for (const [what, sent, expected] of [
  ['pieces of a body', HEAD + '1\r\nx\r\n'.repeat(PIECES), { requests: 1, pieces: 1, ends: 0 }],
  ['requests', HEAD + `1\r\nx\r\n0\r\n\r\n${HEAD}`.repeat(100), { requests: 1, pieces: 1, ends: 0 }],
] as const) {
  void t.test(`a silent parser tells of no more ${what}`, async (t) => {
    t.ok((await seenOf(t, sent, () => undefined)).pieces >= 100, 'another one does');
    t.same(await seenOf(t, sent, silenceParser), expected);
  });
}

void t.test('the next connection gets the parser as it was', async (t) => {
  const server = createServer((request: IncomingMessage, response) => {
    text(request).then(
      (body) => response.end(body),
      () => response.end(),
    );
  });
  t.teardown(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  for (let each = 0; each < 20; each++) {
    const asked = once(server, 'request') as Promise<[IncomingMessage]>;
    const hostile = connect(port, '127.0.0.1').on('error', () => undefined);
    hostile.write('POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: 4\r\n\r\nbo');
    const [{ socket }] = await asked;
    await setImmediate();
    // It is closed before its turn ends.
    const { parser } = socket as unknown as { parser: { constructor: { kOnBody: number }; [at: number]: unknown } };
    silenceParser(socket);
    const closed = once(socket, 'close').then(() => typeof parser[parser.constructor.kOnBody]);
    process.nextTick(() => socket.destroy());
    t.equal(await closed, 'function', 'no later than with the close');
    const response = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: 'body', headers: { connection: 'close' } });
    t.equal(await response.text(), 'body');
  }
});
