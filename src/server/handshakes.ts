/**
 * TLS handshakes take turns.
 *
 * A handshake is half a millisecond of work, and Node begins all whose first bytes have arrived before it looks at anything else. Here a
 * connection comes to TLS when its first bytes are there and its turn has come: one in a turn of the event loop.
 */
import type { Server } from 'node:https';
import type { Socket } from 'node:net';
import { Turns } from './turns.ts';

/**
 * @param server with what Node does with a connection, and before anybody else asks for them
 * @param firstBytesMs how long a connection may take until it begins
 */
export function takeTurnsAtHandshakes(server: Server, firstBytesMs: number): void {
  const turns = new Turns();
  const beginTls = server.listeners('connection') as ((socket: Socket) => void)[];
  server.removeAllListeners('connection').on('connection', (socket: Socket) => {
    const peer = socket.remoteAddress ?? '';
    const destroy = (): void => {
      socket.destroy();
    };
    socket.on('error', destroy).setTimeout(firstBytesMs, destroy);
    socket.once('readable', () => {
      const begin = (): void => {
        if (socket.destroyed) return;
        socket.off('timeout', destroy).setTimeout(0);
        for (const listener of beginTls) listener.call(server, socket);
        // A client that closed its side before TLS began finishes no handshake.
        socket.once('end', destroy);
      };
      turns.add(begin, { peer, isLittle: false });
    });
  });
}
