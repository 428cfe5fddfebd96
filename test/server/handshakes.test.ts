/** Handshakes in turns: on a real server, with clients that say when which bytes come. */
import { once } from 'node:events';
import { createServer } from 'node:https';
import { connect, type AddressInfo, type Socket } from 'node:net';
import { duplexPair } from 'node:stream';
import { connect as connectTls, type TLSSocket } from 'node:tls';
import t, { type Test } from 'tap';
import { takeTurnsAtHandshakes } from '../../src/server/handshakes.ts';
import { dial, exchange, isAnswered, POLICY } from './connection.ts';
import { authority, issuePair, pair, startServing } from './serving.ts';

interface Served {
  readonly port: number;
  /** In which turn of the event loop each connection came to TLS. */
  readonly turns: readonly number[];
  /** Of the clients, in the order in which they came to TLS. */
  readonly ports: readonly number[];
}

/** Counts its turns as long as the test runs. */
async function serve(t: Test, firstRecordMs = 10_000): Promise<Served> {
  const server = createServer({ cert: pair.certPem, key: pair.keyPem }, (_, response) => response.end('hello'));
  const turns: number[] = [];
  let turn = 0;
  let isOver = false;
  const count = (): void => {
    turn += 1;
    if (!isOver) setImmediate(count);
  };
  count();
  const ports: number[] = [];
  server.on('connection', ({ remotePort = 0 }: Socket) => {
    turns.push(turn);
    ports.push(remotePort);
  });
  takeTurnsAtHandshakes(server, firstRecordMs);
  await once(server.listen(0, '127.0.0.1'), 'listening');
  t.teardown(() => {
    isOver = true;
    server.closeAllConnections();
    server.close();
  });
  return { turns, ports, port: (server.address() as AddressInfo).port };
}

async function open(t: Test, port: number): Promise<Socket> {
  const socket = connect({ host: '127.0.0.1', port });
  socket.on('error', () => undefined);
  t.teardown(() => socket.destroy());
  await once(socket, 'connect');
  return socket;
}

function beginTls(socket: Socket): TLSSocket {
  return connectTls({ socket, servername: 'localhost', ca: authority.certPem }).on('error', () => undefined);
}

void t.test('of handshakes that begin at once, each has a turn', async (t) => {
  const { port, turns } = await serve(t);
  const sockets = await Promise.all(Array.from({ length: 20 }, () => open(t, port)));
  await Promise.all(sockets.map((socket) => once(beginTls(socket), 'secureConnect')));
  t.equal(turns.length, 20);
  t.equal(new Set(turns).size, 20, 'no two in one turn');
});

void t.test('a handshake that begins behind many does not wait for all of them', async (t) => {
  const { port, ports } = await serve(t);
  const sockets: Socket[] = [];
  for (let count = 0; count < 20; count++) sockets.push(await open(t, port));
  const last = sockets.at(-1)?.localPort ?? 0;
  await Promise.all(sockets.map((socket) => once(beginTls(socket), 'secureConnect')));
  const place = ports.indexOf(last);
  t.ok(place >= 0 && place < 5, `it is number ${place}`);
});

void t.test('a first record in pieces has its turn when it is whole', async (t) => {
  const { port, turns } = await serve(t);
  const clients = await Promise.all(
    Array.from({ length: 20 }, async () => {
      const socket = await open(t, port);
      const [before, behind] = duplexPair();
      // What TLS sends comes out here: the first byte goes at once, the rest when all connections have sent theirs.
      const hello = once(behind, 'data') as Promise<[Buffer]>;
      const client = connectTls({ socket: before, servername: 'localhost', ca: authority.certPem }).on('error', () => undefined);
      const [bytes] = await hello;
      socket.write(bytes.subarray(0, 1));
      return { socket, client, behind, rest: bytes.subarray(1) };
    }),
  );
  await once(beginTls(await open(t, port)), 'secureConnect');
  t.equal(turns.length, 1, 'a byte begins nothing');
  await Promise.all(
    clients.map(({ socket, client, behind, rest }) => {
      socket.write(rest);
      socket.pipe(behind).pipe(socket);
      return once(client, 'secureConnect');
    }),
  );
  t.equal(new Set(turns).size, 21, 'no two in one turn');
});

void t.test('a connection that ends before its handshake is closed at once', async (t) => {
  const { port, turns } = await serve(t);
  for (const bytes of [Buffer.alloc(0), Buffer.from([22, 3, 1, 0, 200, 1])]) {
    const socket = (await open(t, port)).resume();
    socket.end(bytes);
    await once(socket, 'close');
  }
  t.same(turns, []);
});

void t.test('what is no handshake is refused at once', async (t) => {
  const { port, turns } = await serve(t);
  const socket = (await open(t, port)).resume();
  socket.write('GET / HTTP/1.1\r\n\r\n');
  await once(socket, 'close');
  t.equal(turns.length, 1);
});

void t.test('a connection on which nothing has come keeps no other one waiting', async (t) => {
  const { port, turns } = await serve(t);
  const silent = await open(t, port);
  const socket = beginTls(await open(t, port));
  await once(socket, 'secureConnect');
  t.equal(turns.length, 1);
  const late = beginTls(silent);
  await once(late, 'secureConnect');
  t.equal(turns.length, 2, 'and it can begin later');
});

void t.test('a connection on which nothing comes is closed after a while', async (t) => {
  const { port, turns } = await serve(t, 50);
  const silent = (await open(t, port)).resume();
  await once(silent, 'close');
  t.same(turns, []);
});

for (const [how, leave] of Object.entries<(socket: Socket) => void>({
  'has gone': (socket) => socket.destroy(),
  'has reset it': (socket) => {
    socket.resetAndDestroy();
  },
})) {
  void t.test(`a connection whose other side ${how} before its turn comes costs nothing`, async (t) => {
    const { port, turns } = await serve(t);
    for (let each = 0; each < 5; each++) leave(await open(t, port));
    const socket = beginTls(await open(t, port));
    await once(socket, 'secureConnect');
    t.ok(turns.length <= 6, `${turns.length} handshakes`);
  });
}

void t.test('new certificates while handshakes are under way: each of them ends, and is served', async (t) => {
  const { server, port, failures } = await startServing(t, { policy: POLICY });
  const pairs = await Promise.all(Array.from({ length: 4 }, () => issuePair()));
  const sockets = await Promise.all(Array.from({ length: 20 }, () => open(t, port)));
  const clients = sockets.map((socket, index) => {
    if (index % 5 === 4) server.useCertificate(pairs[Math.floor(index / 5)] ?? pair);
    return beginTls(socket);
  });
  await Promise.all(clients.map((client) => once(client, 'secureConnect')));
  for (const client of clients) {
    t.ok(client.authorized);
    t.ok(isAnswered(await exchange(client)));
  }
  const newest = await dial(t, port);
  t.equal(newest.getPeerX509Certificate()?.toString(), pairs.at(-1)?.certPem.split(/(?<=-----END CERTIFICATE-----\n)/)[0]);
  t.same(failures, []);
});
