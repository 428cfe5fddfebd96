/** The end of a server: nothing that was asked stays without an answer, and nothing idle holds it up. */
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import t from 'tap';
import { BODY, dial, eventuallyRefused, exchange, isAnswered, isRefused, POLICY, readToEnd, REQUEST } from './connection.ts';
import { getOps, post, startServing } from './serving.ts';

void t.test('while the server drains, every answer closes its connection, and new connections are answered', async (t) => {
  const { server, port, opsPort } = await startServing(t, { policy: POLICY });
  const socket = await dial(t, port);
  t.notMatch(await exchange(socket), /connection: close/i);
  const stopped = server.stop(1_000);
  t.equal((await getOps(opsPort, '/readyz')).status, 503);
  const last = readToEnd(socket);
  socket.write(REQUEST);
  const answer = await last;
  t.match(answer, /\r\nconnection: close\r\n/i);
  t.ok(isAnswered(answer));
  for (const path of ['/validate', '/mutate', '/nowhere']) {
    const { status, headers } = await post(port, path, BODY);
    t.equal(status, path === '/nowhere' ? 404 : 200);
    t.equal(headers.connection, 'close');
  }
  await stopped;
  t.ok(await isRefused(port));
  t.ok(await isRefused(opsPort));
});

void t.test('a request that is under way when the listening ends is finished', async (t) => {
  const { server, port, opsPort } = await startServing(t, { policy: POLICY });
  const socket = await dial(t, port);
  const half = REQUEST.length - 100;
  socket.write(REQUEST.slice(0, half));
  // Another request on another connection has been answered: this one has surely come.
  await post(port, '/validate', BODY);
  const stopped = server.stop(0);
  await eventuallyRefused(port);
  t.equal((await getOps(opsPort, '/readyz')).text, '[-] serving: stopping\nnot ready\n', 'readiness answers to the end');
  const answer = readToEnd(socket);
  socket.write(REQUEST.slice(half));
  t.ok(isAnswered(await answer));
  await stopped;
  t.ok(await isRefused(opsPort));
});

void t.test('a request whose headers are under way when the listening ends is answered', async (t) => {
  const { server, port } = await startServing(t, { policy: POLICY });
  const socket = await dial(t, port);
  await exchange(socket);
  socket.write(REQUEST.slice(0, 30));
  await post(port, '/validate', BODY);
  const stopped = server.stop(0);
  await eventuallyRefused(port);
  const answer = readToEnd(socket);
  socket.write(REQUEST.slice(30));
  t.ok(isAnswered(await answer));
  await stopped;
});

void t.test('a request that never ends is cut off in the end', async (t) => {
  const { server, port } = await startServing(t, { policy: POLICY, limits: { inFlightTimeoutMs: 100 } });
  const socket = await dial(t, port);
  const answer = readToEnd(socket);
  socket.write(REQUEST.slice(0, -100));
  await post(port, '/validate', BODY);
  await server.stop(0);
  t.equal(await answer, '');
});

void t.test('connections that are idle, or on which nothing was asked yet, do not hold up the end', async (t) => {
  const { server, port } = await startServing(t, { policy: POLICY });
  const withoutHandshake = connectTcp(port, '127.0.0.1');
  withoutHandshake.resume().on('error', () => undefined);
  const withoutRequest = await dial(t, port);
  const idle = await dial(t, port);
  await exchange(idle);
  await server.stop(0);
  t.ok(await isRefused(port));
  for (const socket of [withoutHandshake, withoutRequest, idle]) if (!socket.closed) await once(socket, 'close');
});

void t.test('a second stop waits for the first, whatever window it asks for', async (t) => {
  const { server, port } = await startServing(t, { policy: POLICY });
  const first = server.stop(300);
  const second = server.stop(0);
  t.equal(first, second);
  t.equal((await post(port, '/validate', BODY)).status, 200);
  await second;
  t.ok(await isRefused(port));
  await server.stop(0);
});
