import { once } from 'node:events';
import { createServer, request as httpRequest, type IncomingMessage } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import { setImmediate } from 'node:timers/promises';
import t, { type Test } from 'tap';
import { BytesInFlight } from '../../src/server/bytes-in-flight.ts';
import { BODY_BYTES_IN_A_TURN, receiveBody, type ReceivedBody } from '../../src/server/received-body.ts';
import { Turns, type TurnOptions } from '../../src/server/turns.ts';

/** Counts what it is given. */
class CountedTurns extends Turns {
  readonly seen: TurnOptions[] = [];

  override add(work: () => void, options: TurnOptions): void {
    this.seen.push(options);
    super.add(work, options);
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
      receiveBody(request, new BytesInFlight(100_000_000), turns, (error, got) => {
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
  t.ok(parts > 10 && parts <= body.length / BODY_BYTES_IN_A_TURN, `${parts} parts`);
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
    receiveBody(request, new BytesInFlight(100_000_000), new Turns(), resolve);
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
