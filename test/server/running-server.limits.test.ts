/** How long a connection may take for what, scaled down. */
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import t from 'tap';
import { buildWebhook, WEBHOOK_LIMITS } from '../../src/server/webhook.ts';
import { eventually } from '../files/eventually.ts';
import { dial, exchange, isAnswered, POLICY, readToEnd, REQUEST } from './connection.ts';
import { authority, pair, rememberingPorts, startServing } from './serving.ts';

/** So short that a test sees them pass; what must not be closed is left open for much longer. */
const SHORT = { headersTimeoutMs: 200, requestTimeoutMs: 400, timeoutCheckIntervalMs: 50 };

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
  for (let round = 0; round < 3; round++) {
    t.ok(isAnswered(await exchange(socket)));
    await sleep(500);
  }
  t.ok(isAnswered(await exchange(socket)));
});

void t.test('a connection that is idle for longer than the keep-alive time is closed', async (t) => {
  const { port } = await startServing(t, { policy: POLICY, limits: { ...SHORT, keepAliveTimeoutMs: 100 } });
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
  const { port } = await startServing(t, { policy: POLICY, limits: SHORT });
  const socket = connectTcp(port, '127.0.0.1');
  t.teardown(() => socket.destroy());
  socket.resume().on('error', () => undefined);
  await once(socket, 'close');
  t.ok(socket.destroyed);
});

void t.test('one connection too many is closed, and there is room again when another goes', async (t) => {
  const { port } = await startServing(t, { policy: POLICY, limits: { maxConnections: 2 } });
  const [first, second] = [await dial(t, port), await dial(t, port)];
  const third = connectTcp(port, '127.0.0.1');
  third.resume().on('error', () => undefined);
  await once(third, 'close');
  t.ok(isAnswered(await exchange(second)), 'those that are open are served');
  first.destroy();
  let fourth: TLSSocket | undefined;
  await eventually('a connection is accepted again', () => {
    if (fourth === undefined || fourth.destroyed) {
      fourth = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: authority.certPem });
      fourth.on('error', () => undefined);
    }
    return fourth.authorized;
  });
  t.ok(fourth !== undefined && isAnswered(await exchange(fourth)));
  fourth?.destroy();
});
