/** A stop ends, in whatever state connections are: what waits for nothing goes at once, and the rest when calls in flight have had their time. */
import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { BODY_LIMIT_BYTES } from '../../src/server/received-body.ts';
import { podOf, reviewOf } from '../admission/reviews.ts';
import { eventually } from '../files/eventually.ts';
import { exchange, isAnswered, isRefused, POLICY, REQUEST } from './connection.ts';
import { authority, startServing, type Serving } from './serving.ts';

const HEAD = 'POST /validate?timeout=10s HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n';
const GET = 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n';
/** Judged in the other thread. */
const LARGE = JSON.stringify(reviewOf(podOf({ metadata: { annotations: { text: 'x'.repeat(6_000_000) } } })));
const LARGE_REQUEST = `${HEAD}content-length: ${LARGE.length}\r\n\r\n${LARGE}`;
/** More than anybody reads of it, and than the system keeps for who does not read. */
const MUCH = ' '.repeat(20_000_000);

/** Leaves its own side open when the server closes the other one, as only a client does that means no good. */
async function open(t: Test, port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
  socket.on('error', () => undefined);
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

async function openTls(t: Test, port: number): Promise<TLSSocket> {
  const socket = connectTls({ socket: await open(t, port), servername: 'localhost', ca: authority.certPem });
  socket.on('error', () => undefined);
  t.teardown(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

async function openProven(t: Test, port: number): Promise<TLSSocket> {
  const socket = await openTls(t, port);
  t.ok(isAnswered(await exchange(socket)));
  return socket;
}

type Hold = (t: Test, serving: Serving) => Promise<unknown>;

const tcp =
  (act: (socket: Socket) => unknown): Hold =>
  async (t, { port }) =>
    act(await open(t, port));

const tls =
  (act: (socket: TLSSocket) => unknown): Hold =>
  async (t, { port }) =>
    act(await openTls(t, port));

const proven =
  (act: (socket: TLSSocket) => unknown): Hold =>
  async (t, { port }) =>
    act(await openProven(t, port));

const refused =
  (act: (socket: TLSSocket) => unknown): Hold =>
  async (t, serving) => {
    const socket = await openTls(t, serving.port);
    socket.resume().write(`${HEAD}content-length: ${BODY_LIMIT_BYTES + 1}\r\n\r\n`);
    await eventually('it is refused', () => serving.unreadable.includes(413));
    act(socket);
  };

const STATES: Readonly<Record<string, Hold>> = {
  'nothing has come': tcp(() => undefined),
  'a handshake has begun': tcp((socket) => socket.write(Buffer.from([22, 3, 1, 0, 200, 1]))),
  'a handshake has begun, and the other side is closed': tcp((socket) => socket.end(Buffer.from([22, 3, 1, 0, 200, 1]))),
  'nothing was asked': tls(() => undefined),
  'nothing was asked, and the other side is closed': tls((socket) => socket.end()),
  'it is idle': proven(() => undefined),
  'it was idle, and the other side is closed': proven((socket) => socket.end()),
  'headers are on their way': tls((socket) => socket.write(HEAD)),
  'headers are on their way, and the other side is closed': tls((socket) => socket.end(HEAD)),
  'a body is on its way': tls((socket) => socket.write(REQUEST.slice(0, -100))),
  'a body is on its way, and the other side is closed': tls((socket) => socket.end(REQUEST.slice(0, -100))),
  'a long body is on its way': tls((socket) => socket.write(LARGE_REQUEST.slice(0, -100))),
  'a body was announced': tls((socket) => socket.write(`${HEAD}expect: 100-continue\r\ncontent-length: 100\r\n\r\n`)),
  'a review is with the other thread': tls((socket) => socket.write(LARGE_REQUEST)),
  'a review is with the other thread, and the other side is closed': tls((socket) => socket.end(LARGE_REQUEST)),
  'a review is with the other thread, and the other side has gone': tls((socket) => {
    socket.write(LARGE_REQUEST, () => socket.destroy());
  }),
  'a review is with the other thread, and more is asked': tls((socket) => socket.write(LARGE_REQUEST + GET.repeat(1_000))),
  'it was refused, and the other side stays open': refused(() => undefined),
  'it was refused, and more comes': refused((socket) => socket.write(MUCH)),
  'it was refused, and nobody reads why': refused((socket) => {
    socket.pause();
    socket.write(MUCH);
  }),
  'pieces of a byte come after a review': proven((socket) =>
    socket.write(`${HEAD}transfer-encoding: chunked\r\n\r\n${'1\r\n \r\n'.repeat(1_000)}`),
  ),
  'an expectation, and more comes': proven((socket) => socket.write(`${HEAD}expect: cake\r\ncontent-length: 100000\r\n\r\n${MUCH}`)),
  'all is asked at once': proven((socket) => socket.write(REQUEST.repeat(50))),
  'what is no HTTP': tls((socket) => socket.write(`HELLO\r\n\r\n${MUCH}`)),
};

/** Enough for what has come to be worked on, on a machine with nothing else to do; on a busy one the test holds other states. */
async function settle(port: number, t: Test): Promise<void> {
  (await openProven(t, port)).destroy();
}

for (const [what, hold] of Object.entries(STATES)) {
  void t.test(`a stop ends where ${what}`, async (t) => {
    const serving = await startServing(t, { policy: POLICY, limits: { inFlightTimeoutMs: 500 } });
    await hold(t, serving);
    await settle(serving.port, t);
    await serving.server.stop(0);
    t.ok(await isRefused(serving.port));
    t.same(serving.failures, []);
  });
}

void t.test('a stop ends where all of that is so at once, and its time to come whole is over', async (t) => {
  // Long enough for a busy machine: a request that this test sends whole is not over in between.
  const limits = { inFlightTimeoutMs: 500, headersTimeoutMs: 2000, requestTimeoutMs: 3000, timeoutCheckIntervalMs: 50 };
  const serving = await startServing(t, { policy: POLICY, limits });
  for (const [what, hold] of Object.entries(STATES)) {
    t.comment(what);
    await hold(t, serving);
  }
  // The time of the one that came last is over last.
  const last = await openTls(t, serving.port);
  last.write(HEAD);
  const [answer] = (await once(last, 'data')) as [Buffer];
  t.match(answer.toString(), /^HTTP\/1\.1 408 /);
  await settle(serving.port, t);
  await serving.server.stop(0);
  t.ok(await isRefused(serving.port));
  t.same(serving.failures, []);
});
