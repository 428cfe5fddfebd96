/**
 * The two servers while they run: listening, readiness, certificate swaps, and an end that loses no call.
 *
 * At a stop signal the Pod is still in EndpointSlices, in kube-proxy's rules and in the API server's pool of kept-alive
 * connections. So readiness goes false at once, answering goes on for the drain window, every answer closes its
 * connection, and only then does the server stop listening (server-facts 4.5).
 */
import type { FastifyInstance } from 'fastify';
import type { AddressInfo } from 'node:net';
import { buildOpsApp, type OpsPorts, type ReadinessCheck } from './ops.ts';
import { buildWebhookApp, type ServingPairPem, type WebhookApp, type WebhookPorts } from './webhook.ts';

export interface ServerPorts extends Omit<WebhookPorts, 'isDraining'>, Omit<OpsPorts, 'readiness'> {
  /** What must hold besides for the server to be ready: a policy, a valid certificate. */
  readonly readiness: () => readonly ReadinessCheck[];
}

export interface ServerAddresses {
  readonly host: string;
  readonly port: number;
  readonly opsPort: number;
}

/** In-flight calls end by themselves within the longest `?timeout=` that the API server can ask for. */
const IN_FLIGHT_LIMIT_MS = 30_000;

export class RunningServer {
  readonly #webhook: WebhookApp;
  readonly #ops: FastifyInstance;
  #stopping: Promise<void> | undefined;

  private constructor(ports: ServerPorts, pair: ServingPairPem) {
    const isDraining = (): boolean => this.#stopping !== undefined;
    this.#webhook = buildWebhookApp({ ...ports, isDraining }, pair);
    this.#ops = buildOpsApp({
      ...ports,
      readiness: () => [...ports.readiness(), { name: 'serving', problem: isDraining() ? 'stopping' : undefined }],
    });
  }

  /** @throws an error that names the flag, where a port cannot be listened on; nothing listens then */
  static async start(ports: ServerPorts, pair: ServingPairPem, { host, port, opsPort }: ServerAddresses): Promise<RunningServer> {
    const server = new RunningServer(ports, pair);
    try {
      await listen(server.#ops, host, opsPort, '--ops-port');
      await listen(server.#webhook, host, port, '--port');
    } catch (error) {
      await Promise.all([server.#ops.close(), server.#webhook.close()]);
      throw error;
    }
    return server;
  }

  /** The port that the webhook listens on, which the system chose where 0 was asked for. */
  get port(): number {
    return portOf(this.#webhook.server.address());
  }

  get opsPort(): number {
    return portOf(this.#ops.server.address());
  }

  /** New handshakes get the new pair; connections that are open keep what they have. */
  useCertificate({ certPem, keyPem }: ServingPairPem): void {
    this.#webhook.server.setSecureContext({ cert: certPem, key: keyPem, minVersion: 'TLSv1.2' });
  }

  /**
   * Drains, ends in-flight calls, closes. A second call waits for the first.
   *
   * @param drainMs how long answering goes on: as long as endpoints take to disappear everywhere
   */
  stop(drainMs: number): Promise<void> {
    this.#stopping ??= this.#drainAndClose(drainMs);
    return this.#stopping;
  }

  async #drainAndClose(drainMs: number): Promise<void> {
    await new Promise((resolve) => setTimeout(resolve, drainMs));
    const hardStop = setTimeout(() => {
      this.#webhook.server.closeAllConnections();
    }, IN_FLIGHT_LIMIT_MS);
    await this.#webhook.close();
    clearTimeout(hardStop);
    // Readiness answers "stopping" to the end.
    await this.#ops.close();
  }
}

async function listen(app: Pick<FastifyInstance, 'listen'>, host: string, port: number, flag: string): Promise<void> {
  try {
    await app.listen({ host, port });
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException;
    const reason = code === 'EADDRINUSE' ? 'is in use' : code === 'EACCES' ? 'may not be used by this user' : `cannot be used: ${message}`;
    throw new Error(`${flag}: port ${port} of ${host} ${reason}`, { cause: error });
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server does not listen');
  return address.port;
}
