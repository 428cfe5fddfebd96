/** Who is refused can read why, whatever of the request is still on its way. */
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import t from 'tap';
import { BODY_LIMIT_BYTES } from '../../src/server/received-body.ts';
import { eventually } from '../files/eventually.ts';
import { dial, exchange, isAnswered, POLICY, readToEnd, REQUEST } from './connection.ts';
import { authority, startServing } from './serving.ts';

const HEAD = 'POST /validate?timeout=10s HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';

/** Sends again and again, until the connection has ended; what it was answered. */
async function answerTo(socket: TLSSocket, head: string, part: string): Promise<string> {
  const answer = readToEnd(socket);
  socket.write(head);
  while (!socket.readableEnded && !socket.destroyed) {
    if (socket.writable) socket.write(part);
    await setImmediate();
  }
  return answer;
}

const REFUSED: Readonly<Record<string, readonly [head: string, part: string, answer: RegExp]>> = {
  'pieces of a byte': [`${HEAD}transfer-encoding: chunked\r\n\r\n`, '1\r\n \r\n', /^HTTP\/1\.1 400 [^]*pieces of 256 bytes/],
  'a body that is too long': [`${HEAD}content-length: ${BODY_LIMIT_BYTES + 1}\r\n\r\n`, ' '.repeat(1_000), /^HTTP\/1\.1 413 /],
  'a body for a path that does not exist': [
    'POST /nothing HTTP/1.1\r\nhost: localhost\r\ncontent-length: 9000000\r\n\r\n',
    ' '.repeat(1_000),
    /^HTTP\/1\.1 404 /,
  ],
  'a body with an expectation': [`${HEAD}expect: cake\r\ncontent-length: 9000000\r\n\r\n`, ' '.repeat(1_000), /^HTTP\/1\.1 417 /],
  'what is no HTTP': ['HELLO\r\n\r\n', ' '.repeat(1_000), /^HTTP\/1\.1 400 [^]*must be HTTP\/1\.1/],
  'headers that are too long': ['GET / HTTP/1.1\r\n', `x-more: ${'y'.repeat(1_000)}\r\n`, /^HTTP\/1\.1 431 [^]*headers are too long/],
};

for (const [what, [head, part, expected]] of Object.entries(REFUSED)) {
  void t.test(`${what}, sent without a break: each of 20 reads why it is refused`, async (t) => {
    const { port, failures } = await startServing(t, { policy: POLICY });
    const sockets = await Promise.all(Array.from({ length: 20 }, () => dial(t, port)));
    for (const answer of await Promise.all(sockets.map((socket) => answerTo(socket, head, part)))) t.match(answer, expected);
    t.same(failures, []);
  });
}

void t.test('who does not wait for an answer reads the first one', async (t) => {
  const { port } = await startServing(t, { policy: POLICY });
  const socket = await dial(t, port);
  t.ok(isAnswered(await exchange(socket)));
  const answers = await answerTo(socket, '', REQUEST.repeat(10));
  t.ok(isAnswered(answers));
  t.equal(answers.split('HTTP/1.1 ').length, 2, 'one answer');
  t.match(answers, /\r\nconnection: close\r\n/i);
});

void t.test('on the ops port, too', async (t) => {
  const { opsPort } = await startServing(t, { policy: POLICY });
  const socket = connectTcp(opsPort, '127.0.0.1').on('error', () => undefined);
  t.teardown(() => socket.destroy());
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk)).write('HELLO\r\n\r\n');
  await once(socket, 'close');
  t.match(Buffer.concat(chunks).toString('utf8'), /^HTTP\/1\.1 400 [^]*"message":"the request must be HTTP\/1\.1, and whole"/);
});

void t.test('who goes on sending, and never closes its side, is not waited for', async (t) => {
  const { port } = await startServing(t, { policy: POLICY });
  const halfOpen = connectTcp({ host: '127.0.0.1', port, allowHalfOpen: true });
  const socket = connect({ socket: halfOpen, servername: 'localhost', ca: authority.certPem });
  t.teardown(() => socket.destroy());
  socket.resume().on('error', () => undefined);
  await once(socket, 'secureConnect');
  socket.write(`${HEAD}content-length: ${BODY_LIMIT_BYTES + 1}\r\n\r\n`);
  await once(socket, 'end');
  await eventually('what is sent is refused', () => !socket.writable || !socket.write(' ') || socket.destroyed);
  t.ok(socket.readableEnded);
});

void t.test('many requests in one piece warn of nothing', async (t) => {
  const { port } = await startServing(t, { policy: POLICY });
  const warnings: Error[] = [];
  const onWarning = (warning: Error): number => warnings.push(warning);
  process.on('warning', onWarning);
  t.teardown(() => process.off('warning', onWarning));
  for (const request of [REQUEST, 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n']) {
    const socket = await dial(t, port);
    t.ok(isAnswered(await exchange(socket)));
    const ended = readToEnd(socket);
    socket.write(request.repeat(100));
    await ended;
  }
  t.same(warnings, []);
});
