/**
 * TLS handshakes take turns.
 *
 * A handshake is half a millisecond of work, and Node does it as soon as the record with the ClientHello is whole, for all connections
 * before it looks at anything else. Here a connection comes to TLS when its first record is whole and its turn has come: one in a turn of
 * the event loop.
 */
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import { Turns } from './turns.ts';

/** Of a TLS record: its type, its version and the length of what follows (RFC 8446, 5.1). */
const HEAD_BYTES = 5;
const LENGTH_AT = 3;
/** Content type of the records of a handshake. */
const HANDSHAKE = 22;
/** What a record may hold (RFC 8446, 5.1). TLS refuses a longer one by its head alone. */
const MOST_BYTES = 16_384;

/**
 * @param server with what Node does with a connection, and before anybody else asks for them
 * @param firstRecordMs how long the first record of a connection may take
 */
export function takeTurnsAtHandshakes(server: Server, firstRecordMs: number): void {
  const handshakes = new HandshakeTurns();
  const beginTls = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection').on('connection', (socket: Socket) => {
    const peer = socket.remoteAddress ?? '';
    whenRecordIsWhole(socket, firstRecordMs, () => {
      handshakes.add(peer, () => {
        if (!socket.destroyed) for (const listener of beginTls) listener.call(server, socket);
      });
    });
  });
}

class HandshakeTurns {
  /** Who sends many at once has the address of a caller that opens one connection: both may stand behind one load balancer. */
  readonly #turns = new Turns('newest-and-oldest');
  #waiting = 0;

  /**
   * The only handshake of a turn begins at once, while Node reads what has arrived. What TLS writes later in a turn counts as sent only
   * at the end of the next one, and until then Node drops the alert for a client that TLS refuses.
   */
  add(peer: string, begin: () => void): void {
    const isAlone = this.#waiting === 0;
    this.#waiting += 1;
    this.#turns.add(
      () => {
        this.#waiting -= 1;
        if (!isAlone) begin();
      },
      { peer, isLittle: false },
    );
    if (isAlone) begin();
  }
}

/** Leaves all bytes in the socket. Closes a connection that ends before its TLS does, or whose first record is late. */
function whenRecordIsWhole(socket: Socket, withinMs: number, then: () => void): void {
  const destroy = (): void => {
    socket.destroy();
  };
  const timer = setTimeout(destroy, withinMs);
  socket.once('close', () => {
    clearTimeout(timer);
  });
  let received: Buffer = Buffer.alloc(0);
  const read = (): void => {
    for (let bytes = socket.read() as Buffer | null; bytes !== null; bytes = socket.read() as Buffer | null)
      received = Buffer.concat([received, bytes]);
    if (received.length < HEAD_BYTES || received.length < lengthOfRecord(received)) return;
    clearTimeout(timer);
    socket.off('readable', read).unshift(received);
    then();
  };
  socket.on('error', destroy).on('end', destroy).on('readable', read);
}

/** @returns the bytes of a record with its head; of what is no handshake, or too long, those that TLS needs to refuse it */
function lengthOfRecord(bytes: Buffer): number {
  const length = bytes.readUInt16BE(LENGTH_AT);
  return bytes[0] === HANDSHAKE && length <= MOST_BYTES ? HEAD_BYTES + length : HEAD_BYTES;
}
