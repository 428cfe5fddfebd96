/** The HTTPS server that kube-apiserver calls: `/validate` and `/mutate`. Builds the app; does not listen. */
import { fastify, type FastifyInstance, type FastifyRequest, type RouteGenericInterface } from 'fastify';
import type { Server, ServerOptions } from 'node:https';
import { refuse, refuseFor, type Answering, type Reply } from './answers.ts';
import { UnreadableBodyError } from './body.ts';
import { BytesInFlight } from './bytes-in-flight.ts';
import { Connections } from './connections.ts';
import { takeTurnsAtHandshakes } from './handshakes.ts';
import type { Phase } from './judge-review.ts';
import type { LargeReviews } from './large-reviews.ts';
import { receiveBody, type ReceivedBody } from './received-body.ts';
import { ReviewsInTurn, type Asked } from './reviews-in-turn.ts';
import { Turns } from './turns.ts';
import { refuseUnparsed } from './unparsed-request.ts';
import { TLS_LIMITS, WEBHOOK_LIMITS, type WebhookLimits } from './webhook-limits.ts';
import type { WebhookPorts } from './webhook-ports.ts';

export interface ServingPairPem {
  readonly certPem: string;
  readonly keyPem: string;
}

/** v1 allows 1 to 30 s and the API server always sends its own; what is sent besides counts as the longest. */
const MAX_TIMEOUT_SECONDS = 30;

/**
 * The API server's clock started before ours, and an answer that comes when it has given up is none: a part of the time
 * is left for the way, and for the rule that runs when the rest is over.
 */
const USABLE_SHARE_OF_TIMEOUT = 0.8;

/** When a review in the other thread is answered without it: the API server has not given up yet. */
const LAST_SHARE_OF_TIMEOUT = 0.9;

/** The app, and what of it is not Fastify's. */
export interface Webhook {
  readonly app: WebhookApp;
  readonly connections: Connections;
  readonly largeReviews: LargeReviews;
}

type WebhookApp = FastifyInstance<Server>;
type Request = FastifyRequest<RouteGenericInterface, Server>;

/**
 * @param limits for tests, which have less time than kube-apiserver
 * @param clientAuthorityPem where given, only clients with a certificate of this authority get through the handshake
 */
export function buildWebhook(
  ports: WebhookPorts,
  pair: ServingPairPem | undefined,
  limits: WebhookLimits = WEBHOOK_LIMITS,
  clientAuthorityPem?: string,
): Webhook {
  const app = fastify({
    https: httpsOptions(pair, limits, clientAuthorityPem),
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    // A request that arrives while the server closes is answered, with `Connection: close`; the default is a 503.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    logger: false,
    exposeHeadRoutes: false,
    clientErrorHandler: refuseUnparsed,
    // A path that is no URL finds no route.
    frameworkErrors: (_, __, reply) => {
      refuse(reply, serving, 404, NO_ROUTE);
    },
  });
  // For HTTP what `allowHalfOpen` is for TLS: the connection ends with the answer that is due.
  Object.assign(app.server, { httpAllowHalfOpen: true });
  takeTurnsAtHandshakes(app.server, limits.headersTimeoutMs);
  const answering: Answering = { ports, connections: new Connections(app.server, limits, ports.recordEvicted) };
  const turns = new Turns();
  const reviews = new ReviewsInTurn(answering, turns);
  const serving: Serving = { ...answering, inFlight: new BytesInFlight(limits.bytesInFlight), turns, reviews };
  app.addHook('onClose', () => reviews.largeReviews.close());
  addParser(app, serving);
  addAnswers(app, serving);
  return { app, connections: serving.connections, largeReviews: reviews.largeReviews };
}

/** Node's own options; HTTP/1.1 is all that the API server speaks to a Service. */
function httpsOptions(pair: ServingPairPem | undefined, limits: WebhookLimits, clientAuthorityPem: string | undefined): ServerOptions {
  return {
    ...(pair && { cert: pair.certPem, key: pair.keyPem }),
    ...TLS_LIMITS,
    ...(clientAuthorityPem !== undefined && { ca: clientAuthorityPem, requestCert: true, rejectUnauthorized: true }),
    // Whoever closes its own side after the request still reads the answer.
    allowHalfOpen: true,
    handshakeTimeout: limits.headersTimeoutMs,
    headersTimeout: limits.headersTimeoutMs,
    connectionsCheckingInterval: limits.timeoutCheckIntervalMs,
  };
}

/** One parser for every content type that is accepted, which is one: what is judged is what was parsed. */
function addParser(app: WebhookApp, serving: Serving): void {
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', (request, payload, done) => {
    // The body is read neither for a path that does not exist nor for one that cannot be unpacked.
    if (request.is404) done(null);
    else if (request.headers['content-encoding'] !== undefined) done(new HttpError(415, 'the body must not be compressed'));
    else receiveBody(payload, serving, done);
  });
}

function addAnswers(app: WebhookApp, serving: Serving): void {
  for (const phase of ['validate', 'mutate'] as const) {
    app.post(`/${phase}`, (request, reply) => {
      answer(request, reply, serving, phase);
    });
  }
  app.setNotFoundHandler((_, reply) => {
    refuse(reply, serving, 404, NO_ROUTE);
  });
  app.setErrorHandler((error: Error & { statusCode?: number }, _, reply) => {
    refuseFor(error, reply, serving);
  });
}

/** What every request is answered with. */
interface Serving extends Answering {
  readonly inFlight: BytesInFlight;
  readonly turns: Turns;
  readonly reviews: ReviewsInTurn;
}

const NO_ROUTE = 'there is only POST /validate and POST /mutate';

class HttpError extends Error {
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

function answer(request: Request, reply: Reply, serving: Serving, phase: Phase): void {
  // Without a body there is no content type to parse it by.
  const received = request.body as ReceivedBody | undefined;
  if (received === undefined) throw new UnreadableBodyError('the body must not be empty');
  serving.connections.asked(request.socket);
  const { startedMs } = received;
  const timeoutMs = timeoutMsOf(request.url);
  const asked: Asked = {
    phase,
    received,
    policy: serving.ports.policy(),
    deadlineMs: startedMs + timeoutMs * USABLE_SHARE_OF_TIMEOUT,
    lastMs: startedMs + timeoutMs * LAST_SHARE_OF_TIMEOUT,
  };
  serving.reviews.add(asked, reply);
}

/** What was asked last: an API server asks the same thing nearly every time. */
const last = { url: '', timeoutMs: MAX_TIMEOUT_SECONDS * 1000 };

/** The API server says how long it waits: `?timeout=5s`. What is not of that form gives the longest time. */
function timeoutMsOf(url: string): number {
  if (url !== last.url) {
    last.timeoutMs = readTimeoutMs(url);
    last.url = url;
  }
  return last.timeoutMs;
}

function readTimeoutMs(url: string): number {
  const query = url.indexOf('?');
  const seconds = query < 0 ? undefined : /[?&]timeout=(\d{1,2})s(?:&|$)/.exec(url.slice(query))?.[1];
  return Math.min(seconds === undefined ? MAX_TIMEOUT_SECONDS : Number(seconds), MAX_TIMEOUT_SECONDS) * 1000;
}
