/** How long a connection may take for what, scaled down. */
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { buildWebhook } from '../../src/server/webhook.ts';
import { WEBHOOK_LIMITS } from '../../src/server/webhook-limits.ts';
import { eventually } from '../files/eventually.ts';
import { dial, exchange, isAnswered, POLICY, readToEnd, REQUEST } from './connection.ts';
import { podOf, reviewOf } from '../admission/reviews.ts';
import { authority, pair, post, rememberingPorts, startServing } from './serving.ts';

/** So short that a test sees them pass, and longer than a busy machine takes for a handshake, which is bounded as headers are. */
const SHORT = { headersTimeoutMs: 2000, requestTimeoutMs: 2500, timeoutCheckIntervalMs: 50 };

void t.test('idle connections are kept for longer than kube-apiserver keeps them', (t) => {
  t.ok(WEBHOOK_LIMITS.keepAliveTimeoutMs > 90_000);
  const { app } = buildWebhook({ ...rememberingPorts(POLICY), isDraining: () => false }, pair);
  const { keepAliveTimeout, headersTimeout, requestTimeout, timeout } = app.server;
  t.same(
    { keepAliveTimeout, headersTimeout, requestTimeout, timeout },
    { keepAliveTimeout: 120_000, headersTimeout: 10_000, requestTimeout: 20_000, timeout: 0 },
  );
  t.end();
});

void t.test('a connection that is idle for longer than headers and requests may take is not closed', async (t) => {
  const { port } = await startServing(t, { policy: POLICY, limits: SHORT });
  const socket = await dial(t, port);
  t.ok(isAnswered(await exchange(socket)));
  await sleep(SHORT.requestTimeoutMs + 500);
  t.ok(isAnswered(await exchange(socket)));
});

void t.test('a connection that is idle for longer than the keep-alive time is closed', async (t) => {
  const { port } = await startServing(t, { policy: POLICY, limits: { keepAliveTimeoutMs: 100 } });
  const socket = await dial(t, port);
  t.ok(isAnswered(await exchange(socket)));
  await readToEnd(socket);
  t.ok(socket.destroyed);
});

void t.test('headers that do not end: 408, and closed', async (t) => {
  const { port } = await startServing(t, { policy: POLICY, limits: SHORT });
  const socket = await dial(t, port);
  const answer = readToEnd(socket);
  socket.write('POST /validate HTTP/1.1\r\nhost: localhost\r\n');
  const dripping = setInterval(() => socket.write('x-more: y\r\n'), 20);
  t.match(await answer, /^HTTP\/1\.1 408 /);
  clearInterval(dripping);
});

void t.test('a body that does not end: closed', async (t) => {
  const { port } = await startServing(t, { policy: POLICY, limits: SHORT });
  const socket = await dial(t, port);
  const answer = readToEnd(socket);
  socket.write(REQUEST.slice(0, REQUEST.indexOf('\r\n\r\n') + 4));
  const dripping = setInterval(() => socket.write(' '), 20);
  t.notMatch(await answer, /^HTTP\/1\.1 200 /);
  clearInterval(dripping);
});

void t.test('a connection on which nothing is asked is closed', async (t) => {
  const { port } = await startServing(t, { policy: POLICY, limits: SHORT });
  const socket = await dial(t, port);
  await readToEnd(socket);
  t.ok(socket.destroyed);
});

void t.test('a connection on which no handshake is made is closed', async (t) => {
  const { port } = await startServing(t, { policy: POLICY, limits: { headersTimeoutMs: 200 } });
  const socket = connectTcp(port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.resume().on('error', () => undefined);
  await once(socket, 'close');
  t.ok(socket.destroyed);
});

/** As another machine would: every address of 127.0.0.0/8 is this one. */
async function dialFrom(t: Test, localAddress: string, port: number): Promise<TLSSocket> {
  const socket = connect({ socket: connectTcp({ host: '127.0.0.1', port, localAddress }), servername: 'localhost', ca: authority.certPem });
  socket.on('error', () => undefined);
  t.teardown(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

/** A connection on which a review was sent and answered. */
async function dialProven(t: Test, port: number): Promise<TLSSocket> {
  const socket = await dial(t, port);
  t.ok(isAnswered(await exchange(socket)));
  return socket;
}

void t.test('where there are too many, the oldest on which no review came makes room for the new one', async (t) => {
  const serving = await startServing(t, { policy: POLICY, limits: { maxConnections: 3 } });
  const proven = await dialProven(t, serving.port);
  const [stranger, younger] = [await dial(t, serving.port), await dial(t, serving.port)];
  const newcomer = await dialProven(t, serving.port);
  await closed(stranger);
  t.equal(serving.evicted.length, 1);
  for (const socket of [proven, younger, newcomer]) t.ok(isAnswered(await exchange(socket)));
});

void t.test('where a review came on all of them, the oldest makes room', async (t) => {
  const { port } = await startServing(t, { policy: POLICY, limits: { maxConnections: 2 } });
  const [first, second] = [await dialProven(t, port), await dialProven(t, port)];
  const third = await dialProven(t, port);
  await closed(first);
  for (const socket of [second, third]) t.ok(isAnswered(await exchange(socket)));
});

void t.test('a peer with too many makes room among its own', async (t) => {
  const { port } = await startServing(t, {
    policy: POLICY,
    limits: { maxConnections: 10, maxConnectionsOfPeer: 2 },
    addresses: { host: '127.0.0.1' },
  });
  const elsewhere = await dialFrom(t, '127.0.0.2', port);
  const [first, second] = [await dial(t, port), await dial(t, port)];
  const third = await dial(t, port);
  await closed(first);
  for (const socket of [second, third, elsewhere]) t.ok(isAnswered(await exchange(socket)));
});

void t.test('a peer that floods a full server makes room for others, not they for it', async (t) => {
  const { port } = await startServing(t, { policy: POLICY, limits: { maxConnections: 3 } });
  const flood = [await dial(t, port), await dial(t, port), await dial(t, port)];
  const apiServer = await dialFrom(t, '127.0.0.2', port);
  for (let more = 0; more < 5; more++) flood.push(await dial(t, port));
  t.ok(isAnswered(await exchange(apiServer)), 'although nothing had come on it when the others came');
  await eventually('two of the flood are left', () => flood.filter(({ destroyed }) => !destroyed).length <= 2);
  t.equal(flood.filter(({ destroyed }) => !destroyed).length, 2);
});

void t.test('who has never sent a review is not kept after a refusal, who has is', async (t) => {
  const { port } = await startServing(t, { policy: POLICY });
  const nothing = 'POST /nothing HTTP/1.1\r\nhost: localhost\r\ncontent-length: 0\r\n\r\n';
  const stranger = await dial(t, port);
  stranger.write(nothing);
  t.match(await readToEnd(stranger), /^HTTP\/1\.1 404 /);
  const proven = await dialProven(t, port);
  t.match(await exchange(proven, nothing), /^HTTP\/1\.1 404 /);
  t.ok(isAnswered(await exchange(proven)));
});

void t.test('who sends a request before the last one is answered is cut off: what comes in one piece is not all worked on', async (t) => {
  const serving = await startServing(t, { policy: POLICY });
  const get = 'GET / HTTP/1.1\r\nhost: localhost\r\n\r\n';
  for (const [request, taken] of [
    [REQUEST, serving.records],
    [get, serving.unreadable],
    [REQUEST.replace(/\{/, '['), serving.unreadable],
  ] as const) {
    for (const socket of [await dial(t, serving.port), await dialProven(t, serving.port)]) {
      const before = taken.length;
      const answers = readToEnd(socket);
      socket.write(request.repeat(100));
      await answers;
      t.ok(taken.length - before <= 1, `${taken.length - before} of 100`);
    }
  }
  const socket = connectTcp(serving.opsPort, '127.0.0.1');
  t.teardown(() => socket.destroy());
  const chunks: Buffer[] = [];
  socket.on('error', () => undefined).on('data', (chunk: Buffer) => chunks.push(chunk));
  socket.write(get.repeat(100));
  await once(socket, 'close');
  t.ok(Buffer.concat(chunks).toString('utf8').split('HTTP/1.1').length <= 2, 'nor on the ops port');
});

void t.test('a second review before the first is answered ends the connection, also where it comes later', async (t) => {
  const serving = await startServing(t, { policy: POLICY });
  const socket = await dialProven(t, serving.port);
  const large = JSON.stringify(reviewOf(podOf({ metadata: { annotations: { text: 'x'.repeat(60_000) } } })));
  const ended = readToEnd(socket);
  socket.write(REQUEST.replace(/content-length: .*$/s, `content-length: ${Buffer.byteLength(large)}\r\n\r\n${large}`));
  await sleep(1);
  socket.write(REQUEST.repeat(20));
  await ended;
  t.ok(serving.records.length <= 2, `${serving.records.length} of 21`);
});

void t.test('an expectation that nobody knows: 417, and the connection is closed with the body on its way', async (t) => {
  const { port } = await startServing(t, { policy: POLICY });
  const socket = await dialProven(t, port);
  const answer = readToEnd(socket);
  socket.write('POST /validate HTTP/1.1\r\nhost: localhost\r\nexpect: cake\r\ntransfer-encoding: chunked\r\n\r\n1\r\n ');
  t.match(await answer, /^HTTP\/1\.1 417 /);
});

void t.test('of long bodies that do not end only so many bytes are kept, and an ordinary review is answered beside them', async (t) => {
  const serving = await startServing(t, { policy: POLICY, limits: { bytesInFlight: 400_000 } });
  const head = ['POST /validate HTTP/1.1', 'host: localhost', 'content-type: application/json', 'content-length: 1000000', '', ''].join(
    '\r\n',
  );
  const answers: Promise<string>[] = [];
  for (let each = 0; each < 8; each++) {
    const socket = await dial(t, serving.port);
    answers.push(readToEnd(socket));
    socket.write(head);
    socket.write(' '.repeat(100_000));
  }
  await eventually('the fifth and those after it have cost one each', () => serving.unreadable.length === 4);
  t.same(serving.unreadable, [503, 503, 503, 503]);
  t.ok(isAnswered(await exchange(await dial(t, serving.port))));
  t.match((await Promise.race(answers)).split('\r\n\r\n')[1], 'too many bytes of others are here');
});

void t.test('a long body for a path that does not exist is not kept: a large review has the room', async (t) => {
  const { port } = await startServing(t, { policy: POLICY, limits: { bytesInFlight: 100_000 } });
  for (let each = 0; each < 2; each++) t.equal((await post(port, '/other', ' '.repeat(40_000))).status, 404);
  const large = reviewOf(podOf({ metadata: { annotations: { text: 'x'.repeat(60_000) } } }));
  t.equal((await post(port, '/validate', JSON.stringify(large))).status, 200);
});

async function closed(socket: TLSSocket): Promise<void> {
  await eventually('the connection is closed', () => socket.destroyed);
}
