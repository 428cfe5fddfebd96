/** Liveness, readiness and metrics on a plain HTTP port, separate from the port that the API server calls. */
import { fastify, type FastifyInstance, type FastifyReply } from 'fastify';
import { Connections, type ConnectionLimits } from './connections.ts';
import { refuseUnparsed } from './unparsed-request.ts';

export interface ReadinessCheck {
  readonly name: string;
  /** Why the server is not ready; undefined where it is. */
  readonly problem?: string | undefined;
  /** What somebody who looks should know although the server is ready. */
  readonly note?: string | undefined;
}

export interface OpsPorts {
  readonly readiness: () => readonly ReadinessCheck[];
  readonly metrics: () => Promise<string>;
  readonly metricsContentType: string;
  /** A connection was closed to make room for another. */
  readonly recordEvicted: () => void;
  /** A bug of ours: the caller gets a 500 without details. */
  readonly recordFailure: (error: Error) => void;
}

const CONNECTION_TIMEOUT_MS = 10_000;

/** A kubelet opens one for each probe, and must get in whatever others have open. */
const CONNECTION_LIMITS: ConnectionLimits = { maxConnections: 200, maxConnectionsOfPeer: 100 };

/** `/livez`, `/readyz`, `/status` and `/metrics`; builds the app, does not listen. */
export function buildOpsApp(
  { readiness, metrics, metricsContentType, recordEvicted, recordFailure }: OpsPorts,
  limits: ConnectionLimits = CONNECTION_LIMITS,
): FastifyInstance {
  const app = fastify({
    logger: false,
    connectionTimeout: CONNECTION_TIMEOUT_MS,
    forceCloseConnections: true,
    clientErrorHandler: refuseUnparsed,
    // A path that is no URL finds no route.
    frameworkErrors: (_, __, reply) => {
      void sayWhatThereIs(reply);
    },
  });
  new Connections(app.server, limits, recordEvicted);
  // Scrapes and probes send no bodies: none is read.
  app.removeAllContentTypeParsers();

  // Liveness depends on nothing: a restart mends neither a missing certificate nor a bad policy.
  app.get('/livez', (_, reply) => reply.type('text/plain').send('ok\n'));
  app.get('/readyz', (_, reply) => {
    const checks = readiness();
    const code = isReady(checks) ? 200 : 503;
    return reply.code(code).type('text/plain').send(readinessText(checks));
  });
  // What /readyz tells people, for programs: `podgrace status` asks for it.
  app.get('/status', (_, reply) => reply.send(statusOf(readiness())));
  app.get('/metrics', async (_, reply) => reply.header('content-type', metricsContentType).send(await metrics()));
  app.setNotFoundHandler((_, reply) => sayWhatThereIs(reply));
  app.setErrorHandler((error: Error & { statusCode?: number }, _, reply) => {
    // What Fastify refuses is a fault of the request: QUERY without a content type.
    if (error.statusCode !== undefined && error.statusCode < 500) return sayWhatThereIs(reply);
    recordFailure(error);
    return reply.code(500).type('text/plain').send('internal error\n');
  });
  return app;
}

function isReady(checks: readonly ReadinessCheck[]): boolean {
  return checks.every(({ problem }) => problem === undefined);
}

/** A line for each check, as kube-apiserver answers `/readyz?verbose`. */
function readinessText(checks: readonly ReadinessCheck[]): string {
  const lines = checks.map(({ name, problem, note }) => {
    if (problem !== undefined) return `[-] ${name}: ${problem}`;
    return note === undefined ? `[+] ${name}` : `[+] ${name} (${note})`;
  });
  return `${lines.join('\n')}\n${isReady(checks) ? 'ready' : 'not ready'}\n`;
}

function statusOf(checks: readonly ReadinessCheck[]): object {
  return { ready: isReady(checks), checks: checks.map(({ name, problem = null, note = null }) => ({ name, problem, note })) };
}

function sayWhatThereIs(reply: FastifyReply): FastifyReply {
  return reply.code(404).type('text/plain').send('there is only GET /livez, /readyz, /status and /metrics\n');
}
