/** The HTTPS server that kube-apiserver calls: `/validate` and `/mutate`. Builds the app; does not listen. */
import { fastify, type FastifyInstance, type FastifyReply, type FastifyRequest, type RouteGenericInterface } from 'fastify';
import type { Server, ServerOptions } from 'node:https';
import { decideUnjudged } from '../admission/decision.ts';
import { recordOf, type DecisionRecord } from '../admission/record.ts';
import { answerText } from '../admission/response.ts';
import { UnreadableReviewError, type AdmissionRequest } from '../admission/review.ts';
import type { Policy } from '../core/policy.ts';
import { Arrivals } from './arrivals.ts';
import { isLarge, isShort, UnreadableBodyError } from './body.ts';
import { BytesInFlight } from './bytes-in-flight.ts';
import { Connections } from './connections.ts';
import { takeTurnsAtHandshakes } from './handshakes.ts';
import { judgeOrdinaryReview, NO_IMAGES, readReview, type JudgedReview, type Phase, type SurroundingsOf } from './judge-review.ts';
import { LargeReviews, type LargeReviewOutcome } from './large-reviews.ts';
import { BodyNotReceivedError, receiveBody, type ReceivedBody } from './received-body.ts';
import { readReviewHead } from './review-head.ts';
import { Turns } from './turns.ts';
import { refuseUnparsed } from './unparsed-request.ts';
import { TLS_LIMITS, WEBHOOK_LIMITS, type WebhookLimits } from './webhook-limits.ts';

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
  const serving: Serving = {
    ports,
    connections: new Connections(app.server, limits, ports.recordEvicted),
    inFlight: new BytesInFlight(limits.bytesInFlight),
    largeReviews: new LargeReviews(),
    turns: new Turns(),
    shortReviews: new Arrivals((reviews) => {
      judgeInGroups(reviews, serving);
    }),
  };
  app.addHook('onClose', () => serving.largeReviews.close());
  addParser(app, serving);
  addAnswers(app, serving);
  return { app, connections: serving.connections, largeReviews: serving.largeReviews };
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
interface Serving {
  readonly ports: WebhookPorts;
  readonly connections: Connections;
  readonly inFlight: BytesInFlight;
  readonly largeReviews: LargeReviews;
  readonly turns: Turns;
  readonly shortReviews: Arrivals<Waiting>;
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
  else if (isShort(bytes)) serving.shortReviews.add({ asked, reply });
  else judgeLater({ asked, reply }, serving);
}

/** In a turn of its own. */
function judgeLater(waiting: Waiting, serving: Serving): void {
  const { bytes } = waiting.asked.received;
  const { socket } = waiting.reply.request;
  const judge = (): void => void judgeGroup([waiting], serving);
  serving.turns.add(judge, { peer: socket.remoteAddress ?? '', isLittle: isShort(bytes) && serving.connections.wasLittle(socket) });
}

/** So many are judged before they are answered, or those that are judged in so many milliseconds. */
const GROUP = 32;
const GROUP_MS = 2;

/** All in this turn, unless one turns out to be much work: those after it are judged in later turns. */
function judgeInGroups(reviews: readonly Waiting[], serving: Serving): void {
  for (let from = 0; from < reviews.length; from += GROUP) {
    const afterMuch = judgeGroup(reviews.slice(from, from + GROUP), serving);
    if (afterMuch === undefined) continue;
    for (const waiting of reviews.slice(from + afterMuch)) judgeLater(waiting, serving);
    return;
  }
}

/** @returns the place after the first that turned out to be much work: nothing was judged from there on */
function judgeGroup(group: readonly Waiting[], serving: Serving): number | undefined {
  const read = group.map(readHere);
  let answers: (Judged | Refused)[] = [];
  let untilMs = performance.now() + GROUP_MS;
  for (const [index, one] of read.entries()) {
    const answer = 'error' in one ? one : judgeHere(one, serving);
    if (answer === undefined) {
      sendAll(answers, serving);
      return index + 1;
    }
    answers.push(answer);
    const nowMs = performance.now();
    if (nowMs < untilMs) continue;
    sendAll(answers, serving);
    answers = [];
    untilMs = nowMs + GROUP_MS;
  }
  sendAll(answers, serving);
  return undefined;
}

function readHere({ asked, reply }: Waiting): Read | Refused {
  try {
    return { asked, reply, request: readReview(asked.received.bytes) };
  } catch (error) {
    return { reply, error: asError(error) };
  }
}

/**
 * In this thread, unless it turns out to be much work: then the thread for large reviews judges it.
 *
 * @returns what is to be sent, or undefined where that thread sends it
 */
function judgeHere({ asked, reply, request }: Read, serving: Serving): Judged | Refused | undefined {
  const { phase, policy, deadlineMs, received } = asked;
  try {
    const judged = judgeOrdinaryReview(request, { phase, policy, deadlineMs, around: serving.ports.surroundings });
    const wasLittle = judged !== undefined;
    serving.connections.judged(reply.request.socket, wasLittle);
    if (wasLittle) return { reply, judged, receivedMs: received.receivedMs };
  } catch (error) {
    return { reply, error: asError(error) };
  }
  judgeApart(asked, reply, serving);
  return undefined;
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

interface Waiting {
  readonly asked: Asked;
  readonly reply: Reply;
}

interface Read extends Waiting {
  readonly request: AdmissionRequest;
}

/** A review whose answer is to be sent. */
interface Judged {
  readonly reply: Reply;
  readonly judged: JudgedReview;
  readonly receivedMs: number;
}

/** What is no review, or met a bug. */
interface Refused {
  readonly reply: Reply;
  readonly error: Error;
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
      sendAll([{ reply, judged: outcome.judged, receivedMs }], serving);
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
      sendAll([{ reply, judged, receivedMs }], serving);
      break;
    }
  }
}

/** In their order, one right after the other; then the log and the metrics, for the same reason as in `Arrivals`. */
function sendAll(group: readonly (Judged | Refused)[], serving: Serving): void {
  const elapsedMs = group.map((one) => {
    if ('error' in one) {
      refuseFor(one.error, one.reply, serving);
      return Number.NaN;
    }
    try {
      send(one.reply, serving, { code: 200, text: one.judged.text, isReview: true });
    } catch (error) {
      refuseFor(asError(error), one.reply, serving);
    }
    return performance.now() - one.receivedMs;
  });
  // They are answered: what is wrong with the log or the metrics is no matter of the callers.
  for (const [index, one] of group.entries()) {
    if ('error' in one) continue;
    try {
      serving.ports.record(one.judged.record, elapsedMs[index] ?? Number.NaN);
      if (one.judged.images.length > 0) serving.ports.wantImages(one.judged.images);
    } catch (error) {
      serving.ports.recordFailure(asError(error));
    }
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
  send(reply, serving, { code, text: JSON.stringify({ error: { code, message } }), isReview: false });
}

interface Answer {
  readonly code: number;
  readonly text: string;
  /** Whether it is an AdmissionReview, and no refusal. */
  readonly isReview: boolean;
}

/** On a connection that has never brought a review there is nothing to wait for; the API server's are kept. */
function send(reply: Reply, { ports, connections }: Serving, { code, text, isReview }: Answer): void {
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
