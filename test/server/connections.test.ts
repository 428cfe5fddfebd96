/** The connections of a server as values: how many there are, which go, and what is known of each. Real sockets. */
import { once } from 'node:events';
import { createServer, type IncomingMessage, type RequestListener } from 'node:http';
import { connect, type AddressInfo, type Server, type Socket } from 'node:net';
import { connect as connectTls } from 'node:tls';
import t, { type Test } from 'tap';
import { Connections, type ConnectionLimits } from '../../src/server/connections.ts';
import { WEBHOOK_LIMITS, type WebhookLimits } from '../../src/server/webhook-limits.ts';
import { buildWebhook } from '../../src/server/webhook.ts';
import { eventually } from '../files/eventually.ts';
import { BODY, dial, exchange, isAnswered, POLICY, readToEnd, REQUEST } from './connection.ts';
import { authority, pair, rememberingPorts, type Told } from './serving.ts';

interface Served {
  readonly connections: Connections;
  readonly port: number;
  readonly server: Server;
  readonly evicted: number[];
}

const ROOMY: ConnectionLimits = { maxConnections: 100, maxConnectionsOfPeer: 100 };

const leaveUnanswered: RequestListener = () => undefined;

async function serve(t: Test, limits = ROOMY, answer: RequestListener = leaveUnanswered): Promise<Served> {
  const server = createServer(answer);
  const evicted: number[] = [];
  const connections = new Connections(server, limits, () => evicted.push(1));
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => {
    connections.endAll();
    server.close();
  });
  return { connections, server, evicted, port: (server.address() as AddressInfo).port };
}

/** Linux has all of 127.0.0.0/8: on this address no other process takes a port that a test is to have again. */
const CLIENT_ADDRESS = process.platform === 'linux' ? '127.0.0.2' : '127.0.0.1';

/** @param localPort the port of this side; the system chooses one where 0 is given */
async function open(t: Test, port: number, localPort = 0): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port, localAddress: CLIENT_ADDRESS, localPort });
  socket.resume().on('error', () => undefined);
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

const head = (length: number): string => `POST / HTTP/1.1\r\nhost: localhost\r\ncontent-length: ${length}\r\n\r\n`;

/** Opens a connection and asks on it. The request is the server's view of both. */
async function ask(
  t: Test,
  { port, server }: Served,
  text: string,
): Promise<{ readonly client: Socket; readonly request: IncomingMessage }> {
  const client = await open(t, port);
  const came = once(server, 'request');
  client.write(text);
  const [request] = (await came) as [IncomingMessage];
  return { client, request };
}

void t.test('those that are open are counted', async (t) => {
  const { connections, port } = await serve(t);
  t.equal(connections.count, 0);
  const [first, second] = [await open(t, port), await open(t, port)];
  await eventually('both have come', () => connections.count === 2);
  first.destroy();
  await eventually('one has gone', () => connections.count === 1);
  second.destroy();
  await eventually('both have gone', () => connections.count === 0);
});

void t.test('one whose request is answered just now is not closed to make room: the new one is', async (t) => {
  const served = await serve(t, { maxConnections: 1, maxConnectionsOfPeer: 1 });
  const { client, request } = await ask(t, served, head(0));
  served.connections.asked(request.socket);
  const newcomer = await open(t, served.port);
  await eventually('the new one is closed', () => newcomer.destroyed);
  t.equal(served.evicted.length, 1);
  t.notOk(client.destroyed);
  served.connections.answered(request.socket, true);
  await open(t, served.port);
  await eventually('now it may go', () => client.destroyed);
  t.equal(served.connections.count, 1);
});

void t.test('a connection is kept once a review has come on it', async (t) => {
  const served = await serve(t);
  const { request } = await ask(t, served, head(0));
  t.equal(served.connections.answered(request.socket, false), false);
  t.equal(served.connections.answered(request.socket, true), true);
  t.equal(served.connections.answered(request.socket, false), true);
});

for (const [what, text] of [
  ['a length', head(100)],
  ['chunks', 'POST / HTTP/1.1\r\nhost: localhost\r\ntransfer-encoding: chunked\r\n\r\n'],
] as const) {
  void t.test(`it is not kept while a body with ${what} is still to come`, async (t) => {
    const served = await serve(t);
    const { request } = await ask(t, served, text);
    t.equal(served.connections.answered(request.socket, true), false);
  });
}

void t.test('whether the last review was little work is known of each', async (t) => {
  const served = await serve(t);
  const { request } = await ask(t, served, head(0));
  const { request: other } = await ask(t, served, head(0));
  const { connections } = served;
  t.equal(connections.wasLittle(request.socket), false, 'nothing was judged yet');
  connections.judged(request.socket, true);
  t.equal(connections.wasLittle(request.socket), true);
  t.equal(connections.wasLittle(other.socket), false);
  connections.judged(request.socket, false);
  t.equal(connections.wasLittle(request.socket), false);
});

void t.test('of a connection of another server nothing is known', async (t) => {
  const { connections } = await serve(t);
  const { request } = await ask(t, await serve(t), head(0));
  connections.asked(request.socket);
  connections.judged(request.socket, true);
  t.equal(connections.answered(request.socket, true), false);
  t.equal(connections.wasLittle(request.socket), false);
});

void t.test('the end of unused ones: those that asked stay, and a new one is closed at once', async (t) => {
  const served = await serve(t);
  const { client } = await ask(t, served, head(0));
  const unused = await open(t, served.port);
  await eventually('both have come', () => served.connections.count === 2);
  served.connections.endUnused();
  await eventually('the unused one is closed', () => unused.destroyed);
  const late = await open(t, served.port);
  await eventually('the late one is closed', () => late.destroyed);
  t.notOk(client.destroyed);
  t.equal(served.connections.count, 1);
  t.same(served.evicted, [], 'that is no lack of room');
});

void t.test('the end of all, also of one that nobody reads and whose client has its port for another connection', async (t) => {
  const served = await serve(t);
  const { client } = await ask(t, served, head(10_000_000) + ' '.repeat(5_000_000));
  const { localPort } = client;
  client.resetAndDestroy();
  await once(client, 'close');
  const again = await open(t, served.port, localPort);
  await eventually('nobody has seen the end of the first', () => served.connections.count === 2);
  again.destroy();
  await eventually('the second has gone', () => served.connections.count === 1);
  served.connections.endAll();
  await eventually('both have gone', () => served.connections.count === 0);
});

interface Webhooked extends Told {
  readonly connections: Connections;
  readonly port: number;
}

/** The same with TLS. */
async function serveTls(t: Test, limits: Partial<WebhookLimits> = {}): Promise<Webhooked> {
  const ports = rememberingPorts(POLICY);
  const { app, connections } = buildWebhook({ ...ports, isDraining: () => false }, pair, { ...WEBHOOK_LIMITS, ...limits });
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => {
    connections.endAll();
    return app.close();
  });
  return { ...ports, connections, port: (app.server.address() as AddressInfo).port };
}

/** A handshake record that says it is longer than what comes. */
const BEGINNING = Buffer.from([22, 3, 1, 0, 200, 1]);

for (const [what, act] of Object.entries<(socket: Socket) => void>({
  'nothing comes': () => undefined,
  'its other side is closed': (socket) => socket.end(),
  'it begins and does not go on': (socket) => socket.write(BEGINNING),
  'it begins, and the other side is closed': (socket) => socket.end(BEGINNING),
  'what comes is no TLS': (socket) => socket.write('GET / HTTP/1.1\r\n\r\n'),
  'what comes is no TLS, and the other side is closed': (socket) => socket.end('GET / HTTP/1.1\r\n\r\n'),
  'it begins and is reset': (socket) => {
    socket.write(BEGINNING, () => socket.resetAndDestroy());
  },
})) {
  void t.test(`a handshake that fails leaves no connection: ${what}`, async (t) => {
    const { connections, port, unreadable } = await serveTls(t, { headersTimeoutMs: 100 });
    const socket = connect({ host: '127.0.0.1', port, allowHalfOpen: true });
    socket.resume().on('error', () => undefined);
    t.teardown(() => socket.destroy());
    await once(socket, 'connect');
    await eventually('it has come', () => connections.count === 1);
    act(socket);
    await eventually('it has gone', () => connections.count === 0);
    t.same(unreadable, []);
  });
}

void t.test('of what was sent before a reset nothing is worked on', async (t) => {
  const serving = await serveTls(t);
  for (let each = 0; each < 5; each++) {
    const raw = connect(serving.port, '127.0.0.1');
    const socket = connectTls({ socket: raw, servername: 'localhost', ca: authority.certPem });
    socket.on('error', () => undefined);
    await once(socket, 'secureConnect');
    socket.write('GET / HTTP/1.1\r\nhost: localhost\r\n\r\n'.repeat(200));
    raw.resetAndDestroy();
  }
  await eventually('they have gone', () => serving.connections.count === 0);
  t.same(serving.unreadable, []);
  t.same(serving.failures, []);
});

const ENDLESS = `transfer-encoding: chunked\r\n\r\n${'1\r\n \r\n'.repeat(200)}`;

for (const [what, refused] of Object.entries({
  'pieces of a byte': `POST /validate HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\n${ENDLESS}`,
  'a path that does not exist': `POST /nothing HTTP/1.1\r\nhost: localhost\r\n${ENDLESS}`,
  'a body that is compressed': `POST /validate HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-encoding: gzip\r\n${ENDLESS}`,
  'another content type': `POST /validate HTTP/1.1\r\nhost: localhost\r\ncontent-type: text/plain\r\n${ENDLESS}`,
})) {
  void t.test(`a body that was refused is not read to its end, although a review has come before it: ${what}`, async (t) => {
    const { connections, port } = await serveTls(t);
    const socket = await dial(t, port);
    t.ok(isAnswered(await exchange(socket)));
    const answer = readToEnd(socket);
    socket.write(refused);
    t.match(await answer, /^HTTP\/1\.1 4\d\d [^]*\r\nconnection: close\r\n/i);
    await eventually('it has gone', () => connections.count === 0);
  });
}

void t.test('of expectations in one piece, the first is refused', async (t) => {
  const { connections, port } = await serveTls(t);
  const socket = await dial(t, port);
  const answers = readToEnd(socket);
  socket.write('POST /validate HTTP/1.1\r\nhost: localhost\r\nexpect: cake\r\ncontent-length: 0\r\n\r\n'.repeat(100));
  t.match(await answers, /^HTTP\/1\.1 417 (?:(?!HTTP\/)[^])*$/, 'one answer');
  await eventually('it has gone', () => connections.count === 0);
});

void t.test('of a long review and what comes right behind it, the first is answered', async (t) => {
  const { connections, port, records } = await serveTls(t);
  const long = `${' '.repeat(300_000)}${BODY}`;
  const request = REQUEST.replace(/(content-length: )[^]*/, `$1${Buffer.byteLength(long)}\r\n\r\n${long}`);
  const socket = await dial(t, port);
  const answers = readToEnd(socket);
  socket.write(request + REQUEST.repeat(3));
  t.match(await answers, /^HTTP\/1\.1 200 (?:(?!HTTP\/)[^])*$/, 'one answer');
  t.equal(records.length, 1);
  await eventually('it has gone', () => connections.count === 0);
});

void t.test('what asks for another protocol gets none', async (t) => {
  const { connections, port } = await serveTls(t);
  const tunnel = await dial(t, port);
  tunnel.write('CONNECT example.com:443 HTTP/1.1\r\nhost: example.com\r\n\r\n');
  t.equal(await readToEnd(tunnel), '');
  const socket = await dial(t, port);
  t.ok(isAnswered(await exchange(socket, REQUEST.replace('\r\n', '\r\nconnection: upgrade\r\nupgrade: websocket\r\n'))));
  socket.destroy();
  await eventually('they have gone', () => connections.count === 0);
});
