/**
 * The two running servers: they listen, report readiness, change certificates, and stop without losing a call.
 *
 * At a stop signal the Pod is still in EndpointSlices, in kube-proxy's rules and in the API server's pool of kept-alive
 * connections. So readiness becomes false at once, and the server continues to answer for the drain window. Every answer
 * closes its connection. Only then does the server stop listening (kubernetes#127335).
 */
import type { FastifyInstance } from 'fastify';
import { lookup } from 'node:dns/promises';
import type { AddressInfo } from 'node:net';
import { messageOf } from '../core/error-message.ts';
import { codeOf } from '../files/system-error.ts';
import { buildOpsApp, type OpsPorts, type ReadinessCheck } from './ops.ts';
import type { WebhookPorts } from './webhook-ports.ts';
import { buildWebhook, type ServingPairPem, type Webhook } from './webhook.ts';
import { TLS_LIMITS, WEBHOOK_LIMITS, type WebhookLimits } from './webhook-limits.ts';

export interface ServerPorts extends Omit<WebhookPorts, 'isDraining'>, Omit<OpsPorts, 'readiness'> {
  /** What must hold besides for the server to be ready: a policy, a valid certificate. */
  readonly readiness: () => readonly ReadinessCheck[];
}

export interface ServerAddresses {
  readonly host: string;
  readonly port: number;
  readonly opsPort: number;
}

export interface ServerLimits extends WebhookLimits {
  /** How long in-flight calls may take to end once the drain window is over; the longest `?timeout=` of the API server. */
  readonly inFlightTimeoutMs: number;
}

const SERVER_LIMITS: ServerLimits = { ...WEBHOOK_LIMITS, inFlightTimeoutMs: 30_000 };

/** An address that cannot be listened on: `port 8443 of 0.0.0.0 is in use`. */
export class ListenError extends Error {
  override readonly name = 'ListenError';
  /** Which part of the addresses is to blame. */
  readonly address: keyof ServerAddresses;

  constructor(address: keyof ServerAddresses, message: string, options?: ErrorOptions) {
    super(message, options);
    this.address = address;
  }
}

export interface ServerOptions {
  /** For tests, which have less time than kube-apiserver. */
  readonly limits?: Partial<ServerLimits> | undefined;
  /** Where given, only clients with a certificate of this authority get through the handshake. */
  readonly clientAuthorityPem?: string | undefined;
}

/** The webhook's port and the ops port, from listening to closed. */
export class RunningServer {
  readonly #webhook: Webhook['app'];
  readonly #connections: Webhook['connections'];
  readonly #ops: FastifyInstance;
  readonly #inFlightTimeoutMs: number;
  #pair: ServingPairPem | undefined;
  #clientAuthorityPem: string | undefined;
  #stopping: Promise<void> | undefined;

  private constructor(ports: ServerPorts, pair: ServingPairPem | undefined, limits: ServerLimits, clientAuthorityPem: string | undefined) {
    this.#pair = pair;
    this.#clientAuthorityPem = clientAuthorityPem;
    this.#inFlightTimeoutMs = limits.inFlightTimeoutMs;
    const isDraining = (): boolean => this.#stopping !== undefined;
    const { app, connections } = buildWebhook({ ...ports, isDraining }, pair, limits, clientAuthorityPem);
    this.#webhook = app;
    this.#connections = connections;
    this.#ops = buildOpsApp({
      ...ports,
      readiness: () => [...ports.readiness(), { name: 'serving', problem: isDraining() ? 'stopping' : undefined }],
    });
  }

  /**
   * @param pair undefined where there is none yet: handshakes fail until `useCertificate` brings one
   * @throws {ListenError} where a port cannot be listened on; nothing listens then
   */
  static async start(
    ports: ServerPorts,
    pair: ServingPairPem | undefined,
    { host, port, opsPort }: ServerAddresses,
    { limits = {}, clientAuthorityPem }: ServerOptions = {},
  ): Promise<RunningServer> {
    const server = new RunningServer(ports, pair, { ...SERVER_LIMITS, ...limits }, clientAuthorityPem);
    try {
      await listen(server.#ops, host, opsPort, 'opsPort');
      await listen(server.#webhook, host, port, 'port');
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
  useCertificate(pair: ServingPairPem): void {
    this.#useContext(pair, this.#clientAuthorityPem);
    this.#pair = pair;
  }

  /** New handshakes demand a certificate of this authority. Only for a server that was started with one. */
  useClientAuthority(pem: string): void {
    if (this.#pair !== undefined) this.#useContext(this.#pair, pem);
    this.#clientAuthorityPem = pem;
  }

  #useContext({ certPem, keyPem }: ServingPairPem, clientAuthorityPem: string | undefined): void {
    const ca = clientAuthorityPem === undefined ? {} : { ca: clientAuthorityPem };
    this.#webhook.server.setSecureContext({ cert: certPem, key: keyPem, ...ca, ...TLS_LIMITS });
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
      this.#connections.endAll();
    }, this.#inFlightTimeoutMs);
    this.#connections.endUnused();
    await this.#webhook.close();
    clearTimeout(hardStop);
    // Readiness answers "stopping" to the end.
    await this.#ops.close();
  }
}

async function listen(app: Pick<FastifyInstance, 'listen'>, host: string, port: number, name: 'port' | 'opsPort'): Promise<void> {
  try {
    // A name is looked up here: `localhost` is two addresses to Fastify, with a server for each, and a new certificate
    // would reach the first alone.
    const { address } = await lookup(host);
    await app.listen({ host: address, port });
  } catch (cause) {
    const code = codeOf(cause);
    if (code === 'EADDRINUSE') throw new ListenError(name, `port ${port} of ${host} is in use`, { cause });
    if (code === 'EACCES') throw new ListenError(name, `port ${port} of ${host} may not be used by this user`, { cause });
    throw new ListenError('host', `${host} cannot be listened on: ${messageOf(cause)}`, { cause });
  }
}

function portOf(address: AddressInfo | string | null): number {
  if (address === null || typeof address === 'string') throw new Error('the server does not listen');
  return address.port;
}
