/** The HTTPS server that kube-apiserver calls: `/validate` and `/mutate`. Builds the app; does not listen. */
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest, type RouteGenericInterface } from 'fastify';
import type { Server } from 'node:https';
import { decideUnjudged } from '../admission/decision.ts';
import { recordOf, type DecisionRecord } from '../admission/record.ts';
import { answerText } from '../admission/response.ts';
import { UnreadableReviewError } from '../admission/review.ts';
import type { Policy } from '../core/policy.ts';
import { isLarge, isShort, UnreadableBodyError } from './body.ts';
import { BytesInFlight } from './bytes-in-flight.ts';
import { Connections, type ConnectionLimits } from './connections.ts';
import { judgeOrdinaryReview, NO_IMAGES, type JudgedReview, type Phase, type SurroundingsOf } from './judge-review.ts';
import { LargeReviews, type LargeReviewOutcome } from './large-reviews.ts';
import { BodyNotReceivedError, receiveBody, type ReceivedBody } from './received-body.ts';
import { readReviewHead } from './review-head.ts';
import { Turns } from './turns.ts';

/** What the webhook needs from outside. */
export interface WebhookPorts {
  /** The policy in force; asked for once per request, so a reload never changes a request half-way. */
  readonly policy: () => Policy;
  /** What is known of other objects; asked once per request, and answered from memory. */
  readonly surroundings: SurroundingsOf;
  /** @param elapsedMs from the last byte of the body to the answer */
  readonly record: (record: DecisionRecord, elapsedMs: number) => void;
  /** What a judged Pod starts, after it was answered; never empty. */
  readonly wantImages: (images: readonly string[]) => void;
  /** A request that was no readable AdmissionReview. */
  readonly recordUnreadable: (code: number) => void;
  /** A bug of ours: the caller gets a 500 without details. */
  readonly recordFailure: (error: Error) => void;
  /** A connection was closed to make room for another, or found none. */
  readonly recordEvicted: () => void;
  /** While true, every answer closes its connection, so that clients move to another replica. */
  readonly isDraining: () => boolean;
}

export interface ServingPairPem {
  readonly certPem: string;
  readonly keyPem: string;
}

/**
 * What TLS 1.2 and 1.3 may use: forward secrecy and authenticated encryption. Node's own list for TLS 1.2 holds CBC suites,
 * which scanners report. kube-apiserver speaks TLS 1.3; clients that are limited to 1.2 have these suites (RFC 9325, 4.2).
 */
export const TLS_LIMITS = {
  minVersion: 'TLSv1.2',
  ciphers: [
    // TLS 1.3; Node reads both lists from one text.
    'TLS_AES_128_GCM_SHA256',
    'TLS_AES_256_GCM_SHA384',
    'TLS_CHACHA20_POLY1305_SHA256',
    'ECDHE-ECDSA-AES128-GCM-SHA256',
    'ECDHE-RSA-AES128-GCM-SHA256',
    'ECDHE-ECDSA-AES256-GCM-SHA384',
    'ECDHE-RSA-AES256-GCM-SHA384',
    'ECDHE-ECDSA-CHACHA20-POLY1305',
    'ECDHE-RSA-CHACHA20-POLY1305',
  ].join(':'),
} as const;

/** How long a connection may take for what, and how many there may be. */
export interface WebhookLimits extends ConnectionLimits {
  /**
   * kube-apiserver keeps idle connections for 90 s and does not retry a POST that meets a connection which the server is
   * just closing (Go's net/http, `shouldRetryRequest`), so the server must be the one that waits longer.
   */
  readonly keepAliveTimeoutMs: number;
  /** For the TLS handshake, then from the first byte of a request to the last of its headers; the API server sends all at once. */
  readonly headersTimeoutMs: number;
  /** From the first byte of a request to the last of its body. */
  readonly requestTimeoutMs: number;
  /** How exact the two above are. */
  readonly timeoutCheckIntervalMs: number;
  /** Of all bodies together that are longer than an ordinary one. */
  readonly bytesInFlight: number;
}

/** With kube-apiserver on the other side. */
export const WEBHOOK_LIMITS: WebhookLimits = {
  keepAliveTimeoutMs: 120_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 20_000,
  timeoutCheckIntervalMs: 5_000,
  maxConnections: 1_000,
  // An API server has 200 changes in flight by default (`--max-mutating-requests-inflight`) and keeps 25 idle connections.
  maxConnectionsOfPeer: 500,
  // Four of the longest.
  bytesInFlight: 32 * 1024 * 1024,
};

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
type Reply = FastifyReply<RouteGenericInterface, Server>;

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
    // Node's own options go through `https`; HTTP/1.1 is all that the API server speaks to a Service.
    https: {
      ...(pair && { cert: pair.certPem, key: pair.keyPem }),
      ...TLS_LIMITS,
      ...(clientAuthorityPem !== undefined && { ca: clientAuthorityPem, requestCert: true, rejectUnauthorized: true }),
      handshakeTimeout: limits.headersTimeoutMs,
      headersTimeout: limits.headersTimeoutMs,
      connectionsCheckingInterval: limits.timeoutCheckIntervalMs,
    },
    keepAliveTimeout: limits.keepAliveTimeoutMs,
    requestTimeout: limits.requestTimeoutMs,
    // A request that arrives while the server closes is answered, with `Connection: close`; the default is a 503.
    return503OnClosing: false,
    forceCloseConnections: 'idle',
    logger: false,
    exposeHeadRoutes: false,
    // A path that is no URL finds no route.
    frameworkErrors: (_, __, reply) => {
      refuse(reply, serving, 404, NO_ROUTE);
    },
  });
  const serving: Serving = {
    ports,
    connections: new Connections(app.server, limits, ports.recordEvicted),
    inFlight: new BytesInFlight(limits.bytesInFlight),
    largeReviews: new LargeReviews(),
    turns: new Turns(),
  };
  app.addHook('onClose', () => serving.largeReviews.close());

  // One parser for every content type that is accepted, which is one: what is judged is what was parsed.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', (request, payload, done) => {
    // The body is read neither for a path that does not exist nor for one that cannot be unpacked.
    if (request.is404) done(null);
    else if (request.headers['content-encoding'] !== undefined) done(new HttpError(415, 'the body must not be compressed'));
    else receiveBody(payload, serving.inFlight, serving.turns, done);
  });

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
  return { app, connections: serving.connections, largeReviews: serving.largeReviews };
}

/** What every request is answered with. */
interface Serving {
  readonly ports: WebhookPorts;
  readonly connections: Connections;
  readonly inFlight: BytesInFlight;
  readonly largeReviews: LargeReviews;
  readonly turns: Turns;
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
  const { bytes, startedMs } = received;
  const timeoutMs = timeoutMsOf(request.url);
  const asked: Asked = {
    phase,
    received,
    policy: serving.ports.policy(),
    deadlineMs: startedMs + timeoutMs * USABLE_SHARE_OF_TIMEOUT,
    lastMs: startedMs + timeoutMs * LAST_SHARE_OF_TIMEOUT,
  };
  if (isLarge(bytes)) judgeApart(asked, reply, serving);
  else if (isShort(bytes) && !serving.turns.isOver) {
    if (!judgeHere(asked, reply, serving)) serving.turns.end();
  } else {
    const judge = (): void => {
      try {
        judgeHere(asked, reply, serving);
      } catch (error) {
        refuseFor(asError(error), reply, serving);
      }
    };
    const { socket } = request;
    serving.turns.add(judge, { peer: socket.remoteAddress ?? '', isLittle: isShort(bytes) && serving.connections.wasLittle(socket) });
  }
}

/**
 * In this thread, unless it turns out to be much work.
 *
 * @returns whether it was little
 */
function judgeHere(asked: Asked, reply: Reply, serving: Serving): boolean {
  const { phase, policy, deadlineMs, received } = asked;
  const judged = judgeOrdinaryReview(received.bytes, phase, policy, deadlineMs, serving.ports.surroundings);
  const wasLittle = judged !== undefined;
  serving.connections.judged(reply.request.socket, wasLittle);
  if (wasLittle) sendJudged(reply, serving, judged, received.receivedMs);
  else judgeApart(asked, reply, serving);
  return wasLittle;
}

/** In the thread for large reviews. */
function judgeApart(asked: Asked, reply: Reply, serving: Serving): void {
  const { phase, policy, deadlineMs, lastMs, received } = asked;
  serving.largeReviews
    .judge({ bytes: received.bytes, phase, policy, deadlineMs, lastMs, held: received.held, around: serving.ports.surroundings })
    .then((outcome) => {
      answerLarge(outcome, reply, serving, asked);
    })
    .catch((error: unknown) => {
      refuseFor(asError(error), reply, serving);
    });
}

interface Asked {
  readonly phase: Phase;
  readonly policy: Policy;
  readonly received: ReceivedBody;
  /** When rules are no longer asked, and when it is answered whatever the other thread does. */
  readonly deadlineMs: number;
  readonly lastMs: number;
}

function answerLarge(outcome: LargeReviewOutcome, reply: Reply, serving: Serving, { phase, policy, received }: Asked): void {
  const { receivedMs } = received;
  switch (outcome.outcome) {
    case 'judged':
      sendJudged(reply, serving, outcome.judged, receivedMs);
      break;
    case 'unreadable':
      refuse(reply, serving, 400, outcome.message);
      break;
    case 'failed':
      refuseFor(outcome.error, reply, serving);
      break;
    case 'unjudged': {
      const request = readReviewHead(outcome.head);
      if (request === undefined) {
        refuse(reply, serving, 503, `the review could not be judged: ${outcome.reason}`);
        break;
      }
      const decision = decideUnjudged(phase, request, policy, outcome.reason);
      const judged = { text: answerText(request, decision, policy.name), record: recordOf(request, decision), images: NO_IMAGES };
      sendJudged(reply, serving, judged, receivedMs);
      break;
    }
  }
}

function sendJudged(reply: Reply, serving: Serving, { text, record, images }: JudgedReview, receivedMs: number): void {
  send(reply, serving, 200, text, true);
  // It is answered: what is wrong with the log or the metrics is no matter of the caller.
  try {
    serving.ports.record(record, performance.now() - receivedMs);
    if (images.length > 0) serving.ports.wantImages(images);
  } catch (error) {
    serving.ports.recordFailure(asError(error));
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function refuseFor(error: Error & { statusCode?: number }, reply: Reply, serving: Serving): void {
  if (error instanceof UnreadableBodyError || error instanceof UnreadableReviewError) {
    refuse(reply, serving, 400, error.message);
  } else if (error.statusCode !== undefined && error.statusCode < 500) {
    refuse(reply, serving, error.statusCode, error.message);
  } else if (error instanceof BodyNotReceivedError) {
    refuse(reply, serving, error.statusCode, error.message);
  } else {
    serving.ports.recordFailure(error);
    refuse(reply, serving, 500, 'internal error');
  }
}

/** What is no AdmissionReview gets a plain answer in JSON; to the API server it is a failed call, as it should be. */
function refuse(reply: Reply, serving: Serving, code: number, message: string): void {
  serving.ports.recordUnreadable(code);
  send(reply, serving, code, JSON.stringify({ error: { code, message } }), false);
}

/** On a connection that has never brought a review there is nothing to wait for; the API server's are kept. */
function send(reply: Reply, { ports, connections }: Serving, code: number, text: string, isReview: boolean): void {
  const { raw } = reply;
  const { socket } = reply.request;
  const isProven = connections.answered(socket, isReview);
  const closes = ports.isDraining() || !isProven;
  // Fastify is told that the answer is not its own: nothing is left for it to do, and its way there costs as much as the answer.
  reply.hijack();
  const headers = ['content-type', 'application/json; charset=utf-8', 'content-length', String(Buffer.byteLength(text))];
  if (closes || reply.getHeader('connection') === 'close') headers.push('connection', 'close');
  raw.writeHead(code, headers);
  // Text, not bytes: Node then writes it together with the headers.
  raw.end(text);
}

/** The API server says how long it waits: `?timeout=5s`. What is not of that form gives the longest time. */
function timeoutMsOf(url: string): number {
  const query = url.indexOf('?');
  const seconds = query < 0 ? undefined : /[?&]timeout=(\d{1,2})s(?:&|$)/.exec(url.slice(query))?.[1];
  return Math.min(seconds === undefined ? MAX_TIMEOUT_SECONDS : Number(seconds), MAX_TIMEOUT_SECONDS) * 1000;
}
