/** Connections on which a test says itself when which bytes are sent. */
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { connect, type TLSSocket } from 'node:tls';
import type { Test } from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import { verifyAnswer } from '../admission/contract.ts';
import { latestPod, reviewOf } from '../admission/reviews.ts';
import { eventually } from '../files/eventually.ts';
import { authority } from './serving.ts';

/** Denies the review. */
export const POLICY = presetPolicy('production');
const review = reviewOf(latestPod());

export const BODY = JSON.stringify(review);

/** A connection on which a test writes the bytes itself. Closed with the test. */
export async function dial(t: Test, port: number): Promise<TLSSocket> {
  const socket = connect({ host: '127.0.0.1', port, servername: 'localhost', ca: authority.certPem });
  socket.on('error', () => socket.destroy());
  t.teardown(() => socket.destroy());
  await once(socket, 'secureConnect');
  return socket;
}

/** Everything that comes until the other side closes, or resets the connection because it was written to after that. */
export async function readToEnd(socket: TLSSocket): Promise<string> {
  const chunks: Buffer[] = [];
  socket.on('data', (chunk: Buffer) => chunks.push(chunk));
  // `once` of node:events rejects at an error; `dial` destroys the socket then, and it closes.
  await new Promise((resolve) => socket.once('close', resolve));
  return Buffer.concat(chunks).toString('utf8');
}

/** The same, whole, as bytes on a connection that is kept. */
export const REQUEST = [
  'POST /validate?timeout=10s HTTP/1.1',
  'host: localhost',
  'content-type: application/json',
  `content-length: ${Buffer.byteLength(BODY)}`,
  '',
  BODY,
].join('\r\n');

/** Sends on a connection that stays open, and reads one answer. */
export async function exchange(socket: TLSSocket, request = REQUEST): Promise<string> {
  const chunks: Buffer[] = [];
  const collect = (chunk: Buffer): number => chunks.push(chunk);
  socket.on('data', collect);
  socket.write(request);
  await eventually('an answer on the connection', () => socket.destroyed || isWhole(Buffer.concat(chunks).toString('utf8')));
  socket.off('data', collect);
  return Buffer.concat(chunks).toString('utf8');
}

function isWhole(text: string): boolean {
  const [head = '', ...rest] = text.split('\r\n\r\n');
  const length = /content-length: (\d+)/i.exec(head)?.[1];
  return length !== undefined && Buffer.byteLength(rest.join('\r\n\r\n')) >= Number(length);
}

/** Whether it is the denial that the review gets. */
export function isAnswered(text: string): boolean {
  return text.startsWith('HTTP/1.1 200 ') && !verifyAnswer('validate', review, text.slice(text.indexOf('\r\n\r\n') + 4)).allowed;
}

/** Whether nothing listens there. */
export async function isRefused(port: number): Promise<boolean> {
  const socket = connectTcp(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return false;
  } catch {
    return true;
  } finally {
    socket.destroy();
  }
}

export async function eventuallyRefused(port: number): Promise<void> {
  let refused = false;
  await eventually('the listening has ended', () => {
    void isRefused(port).then((now) => (refused ||= now));
    return refused;
  });
}
