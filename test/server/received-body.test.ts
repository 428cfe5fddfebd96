import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { BytesInFlight, type HeldBytes } from '../../src/server/bytes-in-flight.ts';
import { receiveBody, type ReceivedBody } from '../../src/server/received-body.ts';
import { Turns, type TurnOptions } from '../../src/server/turns.ts';
import { eventually } from '../files/eventually.ts';

/** Counts what it is given. */
class CountedTurns extends Turns {
  readonly seen: TurnOptions[] = [];

  override add(work: () => void, options: TurnOptions): void {
    this.seen.push(options);
    super.add(work, options);
  }
}

/** Knows how many bodies it has counted. */
class CountedBytes extends BytesInFlight {
  bodies = 0;

  override hold(peer: string, evict: () => void): HeldBytes {
    this.bodies += 1;
    return super.hold(peer, evict);
  }
}

/** Sends a body, or its pieces in chunks of their own, to a server of its own. */
async function received(t: Test, body: Buffer | readonly Buffer[], turns: Turns): Promise<Buffer> {
  const server = createServer();
  t.teardown(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const { port } = server.address() as AddressInfo;
  const sent = httpRequest({ port, host: '127.0.0.1', method: 'POST' }, (response) => response.resume());
  // Who is refused may not be able to send the rest.
  sent.on('error', () => undefined);
  if (Buffer.isBuffer(body)) sent.end(body);
  else {
    for (const piece of body) sent.write(piece);
    sent.end();
  }
  const { bytes } = await new Promise<ReceivedBody>((resolve, reject) => {
    server.once('request', (request, response) => {
      receiveBody(request, { inFlight: new BytesInFlight(100_000_000), turns }, (error, got) => {
        response.end();
        if (got === undefined) reject(error ?? new Error('neither a body nor an error'));
        else resolve(got);
      });
    });
  });
  return bytes;
}

void t.test('a long body is read a part at a time, and comes whole', async (t) => {
  const body = Buffer.from(Array.from({ length: 3_000_000 }, (_, index) => index % 251));
  const turns = new CountedTurns();
  t.ok((await received(t, body, turns)).equals(body));
  const parts = turns.seen.length;
  t.ok(parts > 10 && parts <= body.length / (128 * 1024), `${parts} parts`);
  for (const options of turns.seen) t.same(options, { peer: '127.0.0.1', isLittle: false });
});

void t.test('an ordinary body waits for no turn', async (t) => {
  const turns = new CountedTurns();
  t.equal((await received(t, Buffer.from('x'.repeat(20_000)), turns)).length, 20_000);
  t.same(turns.seen, []);
});

void t.test('a body in tiny pieces is not collected: they take more memory than what is in them', async (t) => {
  const pieces = (count: number, length: number): Buffer[] => Array.from({ length: count }, () => Buffer.alloc(length, 'x'));
  t.equal((await received(t, pieces(30, 1), new Turns())).length, 30, 'some of them may be tiny');
  t.equal((await received(t, pieces(3_000, 1_200), new Turns())).length, 3_600_000);
  await t.rejects(received(t, pieces(3_000, 1), new Turns()), {
    statusCode: 400,
    message: 'the body must come in pieces of 256 bytes or more',
  });
});

void t.test('of a body in tiny pieces little more is read than what had come when it was refused', async (t) => {
  const server = createServer();
  t.teardown(() => server.close());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1');
  socket.write('POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n');
  const [request] = (await once(server, 'request')) as [IncomingMessage];
  const refused = new Promise((resolve) => {
    receiveBody(request, { inFlight: new BytesInFlight(100_000_000), turns: new Turns() }, resolve);
  });
  socket.on('error', () => undefined).end('1\r\nx\r\n'.repeat(2_000_000));
  t.match(await refused, { statusCode: 400 });
  const { bytesRead } = request.socket;
  // Whoever would read on has done so by then.
  for (let turn = 0; turn < 1_000; turn++) await setImmediate();
  t.ok(
    request.socket.bytesRead - bytesRead <= 2 * request.socket.readableHighWaterMark,
    `${request.socket.bytesRead - bytesRead} of 12 MB`,
  );
  t.equal(request.readableLength, 0, 'and nothing is kept');
  socket.destroy();
});

/** Longer than what is counted, and no more than is read in one turn. */
const LONG = ' '.repeat(100_000);
const POST = 'POST / HTTP/1.1\r\nhost: localhost\r\n';
const CHUNK = `186a0\r\n${LONG}\r\n`;

type WayOut = readonly [what: string, text: string, act?: ((socket: Socket) => unknown) | undefined, limitBytes?: number];

const WAYS_OUT: readonly WayOut[] = [
  ['it has come whole', `${POST}content-length: ${LONG.length}\r\n\r\n${LONG}`, undefined],
  ['its connection ends', `${POST}content-length: 200000\r\n\r\n${LONG}`, (socket: Socket) => socket.destroy()],
  ['its other side is closed', `${POST}content-length: 200000\r\n\r\n${LONG}`, (socket: Socket) => socket.end()],
  ['its connection is reset', `${POST}content-length: 200000\r\n\r\n${LONG}`, (socket: Socket) => socket.resetAndDestroy()],
  ['it becomes too long', `${POST}transfer-encoding: chunked\r\n\r\n${CHUNK.repeat(80)}`, undefined],
  ['its chunks are none', `${POST}transfer-encoding: chunked\r\n\r\n${CHUNK}no length\r\n`, undefined],
  ['it goes on in tiny pieces', `${POST}transfer-encoding: chunked\r\n\r\n${CHUNK}${'1\r\n \r\n'.repeat(500)}`, undefined],
  ['others are longer', `${POST}content-length: 2000000\r\n\r\n${LONG.repeat(10)}`, undefined, 500_000],
];

for (const [what, text, act, limitBytes] of WAYS_OUT) {
  void t.test(`the bytes of a long body are counted until ${what}`, async (t) => {
    const inFlight = new CountedBytes(limitBytes ?? 100_000_000);
    const server = createServer().on('clientError', (_, socket) => socket.destroy());
    t.teardown(() => server.close());
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const socket = connect((server.address() as AddressInfo).port, '127.0.0.1').on('error', () => undefined);
    t.teardown(() => socket.destroy());
    socket.write(text);
    const [request] = (await once(server, 'request')) as [IncomingMessage];
    let outcomes = 0;
    const received = new Promise<ReceivedBody | undefined>((resolve) => {
      receiveBody(request, { inFlight, turns: new Turns() }, (_, body) => {
        outcomes += 1;
        resolve(body);
      });
    });
    await eventually('some of it is here', () => inFlight.bodies === 1);
    act?.(socket);
    const body = await received;
    body?.held?.free();
    t.equal(inFlight.totalBytes, 0);
    request.socket.destroy();
    await eventually('nothing more comes', () => request.socket.closed);
    t.equal(inFlight.totalBytes, 0);
    t.equal(outcomes, 1);
  });
}
