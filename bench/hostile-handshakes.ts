/**
 * Connections whose bytes come at the same moment: hundreds of them stand ready, and one turn of the caller sends what each of them has.
 */
import { once } from 'node:events';
import { connect as connectTcp, type Socket } from 'node:net';
import { Duplex } from 'node:stream';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';

/** Where the server listens, and what its certificate is verified by. */
export interface Peer {
  readonly port: number;
  readonly caPem: string;
}

/** As many connections at a time as the system lets wait for a server. */
const TOGETHER = 50;

/** The beginning of a handshake, from each of `count` connections that are open already. */
export async function beginHandshakes(count: number, { port, caPem }: Peer): Promise<string> {
  const hello = await clientHello(caPem);
  const sockets = await openAll(count, () => open(port));
  for (const socket of sockets) socket.write(hello);
  await sleep(3_000);
  for (const socket of sockets) socket.destroy();
  return '';
}

/** The end of a handshake and a request right behind it, from each of `count` connections whose handshakes have begun. */
export async function endHandshakes(count: number, peer: Peer, request: string): Promise<string> {
  const ready = await openAll(count, () => readyToAsk(peer, request));
  for (const { release } of ready) release();
  await sleep(3_000);
  const answered = ready.filter(({ socket }) => socket.bytesRead > 0).length;
  for (const { raw } of ready) raw.destroy();
  return `${answered} answered`;
}

async function openAll<T>(count: number, openOne: () => Promise<T>): Promise<T[]> {
  const opened: T[] = [];
  while (opened.length < count) {
    const next = Array.from({ length: Math.min(TOGETHER, count - opened.length) }, openOne);
    opened.push(...(await Promise.all(next)));
  }
  return opened;
}

async function open(port: number): Promise<Socket> {
  const socket = connectTcp(port, '127.0.0.1');
  socket.setNoDelay().on('error', () => undefined);
  await once(socket, 'connect');
  return socket;
}

/** The bytes with which a client begins. Nobody has to know what they promise to begin again with the same. */
async function clientHello(caPem: string): Promise<Buffer> {
  return new Promise((resolve) => {
    const wire = new Duplex({
      read: () => undefined,
      write: (chunk: Buffer) => {
        resolve(chunk);
      },
    });
    connect({ socket: wire, servername: 'localhost', ca: caPem }).on('error', () => undefined);
  });
}

interface Ready {
  readonly raw: Socket;
  readonly socket: TLSSocket;
  /** Sends what was held back. */
  readonly release: () => void;
}

/** A client that has what the server says in the handshake, and holds back its own answer and a request. */
async function readyToAsk({ port, caPem }: Peer, request: string): Promise<Ready> {
  const raw = await open(port);
  const held: Buffer[] = [];
  let hasBegun = false;
  let isReleased = false;
  const wire = new Duplex({
    read: () => undefined,
    write: (chunk: Buffer, _encoding, done) => {
      if (hasBegun && !isReleased) held.push(chunk);
      else raw.write(chunk);
      hasBegun = true;
      done();
    },
  });
  raw.on('data', (chunk: Buffer) => wire.push(chunk));
  const socket = connect({ socket: wire, servername: 'localhost', ca: caPem });
  socket.resume().on('error', () => undefined);
  // A full server closes connections to make room.
  const isOpen = await Promise.race([
    once(socket, 'secureConnect').then(
      () => true,
      () => false,
    ),
    once(raw, 'close').then(() => false),
  ]);
  if (isOpen) await new Promise((resolve) => socket.write(request, resolve));
  const release = (): void => {
    isReleased = true;
    raw.write(Buffer.concat(held));
  };
  return { raw, socket, release };
}
