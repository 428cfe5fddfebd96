/** The HTTPS server that kube-apiserver calls: `/validate` and `/mutate`. Builds the app; does not listen. */
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest, type RouteGenericInterface } from 'fastify';
import type { Server } from 'node:https';
import { decideMutation, decideValidation, type Asking, type Decision } from '../admission/decision.ts';
import { recordOf, type DecisionRecord } from '../admission/record.ts';
import { answerOf } from '../admission/response.ts';
import { decodeReview, UnreadableReviewError, type AdmissionRequest } from '../admission/review.ts';
import type { Policy } from '../core/policy.ts';
import { parseBody, UnreadableBodyError } from './body.ts';
import { receiveBody, type ReceivedBody } from './received-body.ts';

/** What the webhook needs from outside. */
export interface WebhookPorts {
  /** The policy in force; asked for once per request, so a reload never changes a request half-way. */
  readonly policy: () => Policy;
  readonly record: (record: DecisionRecord) => void;
  /** A request that was no readable AdmissionReview. */
  readonly recordUnreadable: (code: number) => void;
  /** A bug of ours: the caller gets a 500 without details. */
  readonly recordFailure: (error: Error) => void;
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
export interface WebhookLimits {
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
  readonly maxConnections: number;
}

/** With kube-apiserver on the other side. */
export const WEBHOOK_LIMITS: WebhookLimits = {
  keepAliveTimeoutMs: 120_000,
  headersTimeoutMs: 10_000,
  requestTimeoutMs: 20_000,
  timeoutCheckIntervalMs: 5_000,
  maxConnections: 1_000,
};

/** v1 allows 1 to 30 s and the API server always sends its own; what is sent besides counts as the longest. */
const MAX_TIMEOUT_SECONDS = 30;

/**
 * The API server's clock started before ours, and an answer that comes when it has given up is none: a part of the time
 * is left for the way, and for the rule that runs when the rest is over.
 */
const USABLE_SHARE_OF_TIMEOUT = 0.8;

export type WebhookApp = FastifyInstance<Server>;
type Request = FastifyRequest<RouteGenericInterface, Server>;
type Reply = FastifyReply<RouteGenericInterface, Server>;

/** @param limits for tests, which have less time than kube-apiserver */
export function buildWebhookApp(ports: WebhookPorts, pair: ServingPairPem | undefined, limits: WebhookLimits = WEBHOOK_LIMITS): WebhookApp {
  const app = fastify({
    // Node's own options go through `https`; HTTP/1.1 is all that the API server speaks to a Service.
    https: {
      ...(pair && { cert: pair.certPem, key: pair.keyPem }),
      ...TLS_LIMITS,
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
      void refuse(reply, ports, 404, NO_ROUTE);
    },
  });
  app.server.maxConnections = limits.maxConnections;

  // One parser for every content type that is accepted, which is one: what is judged is what was parsed.
  app.removeAllContentTypeParsers();
  app.addContentTypeParser('application/json', (request, payload, done) => {
    if (request.headers['content-encoding'] !== undefined) done(new HttpError(415, 'the body must not be compressed'));
    else receiveBody(payload, done);
  });

  app.post('/validate', (request, reply) => answer(request, reply, ports, decideValidation));
  app.post('/mutate', (request, reply) => answer(request, reply, ports, decideMutation));
  app.setNotFoundHandler((_, reply) => refuse(reply, ports, 404, NO_ROUTE));
  app.setErrorHandler((error: Error & { statusCode?: number }, _, reply) => {
    if (error instanceof UnreadableBodyError || error instanceof UnreadableReviewError) return refuse(reply, ports, 400, error.message);
    if (error.statusCode !== undefined && error.statusCode < 500) return refuse(reply, ports, error.statusCode, error.message);
    ports.recordFailure(error);
    return refuse(reply, ports, 500, 'internal error');
  });
  return app;
}

const NO_ROUTE = 'there is only POST /validate and POST /mutate';

class HttpError extends Error {
  readonly statusCode: number;

  constructor(statusCode: number, message: string) {
    super(message);
    this.statusCode = statusCode;
  }
}

type Decide = (request: AdmissionRequest, policy: Policy, asking: Asking) => Decision;

function answer(request: Request, reply: Reply, ports: WebhookPorts, decide: Decide): Reply {
  // Without a body there is no content type to parse it by.
  const received = request.body as ReceivedBody | undefined;
  if (received === undefined) throw new UnreadableBodyError('the body must not be empty');
  const policy = ports.policy();
  const review = decodeReview(parseBody(received.bytes));
  const deadlineMs = received.startedMs + timeoutMsOf(request.url) * USABLE_SHARE_OF_TIMEOUT;
  const asking: Asking = { nowMs: Date.now(), outOfTime: () => performance.now() > deadlineMs };
  const decision = decide(review, policy, asking);
  const body = JSON.stringify(answerOf(review, decision, policy.name));
  send(reply, ports, 200, body);
  ports.record(recordOf(review, decision, performance.now() - received.receivedMs));
  return reply;
}

/** What is no AdmissionReview gets a plain answer in JSON; to the API server it is a failed call, as it should be. */
function refuse(reply: Reply, ports: WebhookPorts, code: number, message: string): Reply {
  ports.recordUnreadable(code);
  return send(reply, ports, code, JSON.stringify({ error: { code, message } }));
}

function send(reply: Reply, { isDraining }: WebhookPorts, code: number, body: string): Reply {
  if (isDraining()) reply.header('connection', 'close');
  return reply.code(code).header('content-type', 'application/json; charset=utf-8').send(body);
}

/** The API server says how long it waits: `?timeout=5s`. What is not of that form gives the longest time. */
function timeoutMsOf(url: string): number {
  const query = url.indexOf('?');
  const seconds = query < 0 ? undefined : /[?&]timeout=(\d{1,2})s(?:&|$)/.exec(url.slice(query))?.[1];
  return Math.min(seconds === undefined ? MAX_TIMEOUT_SECONDS : Number(seconds), MAX_TIMEOUT_SECONDS) * 1000;
}
