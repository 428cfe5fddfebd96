/** A line to the API server that can be cut, which is what a client sees of one that restarts. */
import { once } from 'node:events';
import { createConnection, createServer, type AddressInfo, type Socket } from 'node:net';
import type { Test } from 'tap';

export class Line {
  readonly url: string;
  readonly #sockets = new Set<Socket>();
  #isCut = false;

  private constructor(url: string) {
    this.url = url;
  }

  static async to(t: Test, server: string): Promise<Line> {
    const { hostname, port } = new URL(server);
    const listener = createServer().listen(0, '127.0.0.1');
    await once(listener, 'listening');
    const line = new Line(`https://127.0.0.1:${(listener.address() as AddressInfo).port}`);
    listener.on('connection', (socket) => {
      line.#carry(socket, createConnection(Number(port), hostname));
    });
    t.teardown(() => {
      line.cut();
      listener.close();
    });
    return line;
  }

  cut(): void {
    this.#isCut = true;
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  mend(): void {
    this.#isCut = false;
  }

  #carry(client: Socket, server: Socket): void {
    for (const [from, to] of [
      [client, server],
      [server, client],
    ] as const) {
      this.#sockets.add(from);
      from.on('error', () => to.destroy());
      from.on('close', () => {
        this.#sockets.delete(from);
        to.destroy();
      });
      from.pipe(to);
    }
    if (this.#isCut) client.resetAndDestroy();
  }
}
