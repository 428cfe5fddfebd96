/**
 * Connections on which nothing was asked yet: the handshake is not made, or no request has come after it.
 *
 * kube-apiserver opens more connections than it uses, and whoever can reach the port can open some. `server.close()`
 * ends idle connections, but takes these for busy ones and waits for them.
 */
import type { IncomingMessage } from 'node:http';
import type { Server } from 'node:https';
import type { Socket } from 'node:net';

/** Keeps track of them for one server. */
export class UnusedConnections {
  /** By the other side's address: the TLS socket of a connection does not tell which one it wraps. */
  readonly #withoutHandshake = new Map<string, Socket>();
  readonly #withoutRequest = new Set<Socket>();
  #ending = false;

  constructor(server: Server) {
    server.on('connection', (socket: Socket) => {
      if (this.#ending) socket.destroy();
      const address = addressOf(socket);
      this.#withoutHandshake.set(address, socket);
      socket.once('close', () => {
        if (this.#withoutHandshake.get(address) === socket) this.#withoutHandshake.delete(address);
      });
    });
    server.on('secureConnection', (socket: Socket) => {
      this.#withoutHandshake.delete(addressOf(socket));
      this.#withoutRequest.add(socket);
      socket.once('close', () => this.#withoutRequest.delete(socket));
    });
    server.on('request', ({ socket }: IncomingMessage) => this.#withoutRequest.delete(socket));
  }

  /** Closes those that there are, and every one that still comes. */
  end(): void {
    this.#ending = true;
    for (const socket of this.#withoutHandshake.values()) socket.destroy();
    for (const socket of this.#withoutRequest) socket.destroy();
  }
}

function addressOf({ remoteAddress, remotePort }: Socket): string {
  return `${remoteAddress ?? ''} ${remotePort ?? ''}`;
}
