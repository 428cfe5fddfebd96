/** How requests are answered, and what is noted of it. */
import type { FastifyReply, RouteGenericInterface } from 'fastify';
import type { Server } from 'node:https';
import { UnreadableReviewError } from '../admission/review.ts';
import { UnreadableBodyError } from './body.ts';
import type { Connections } from './connections.ts';
import type { JudgedReview } from './judge-review.ts';
import { BodyNotReceivedError } from './received-body.ts';
import type { WebhookPorts } from './webhook-ports.ts';

export type Reply = FastifyReply<RouteGenericInterface, Server>;

/** What every request is answered with. */
export interface Answering {
  readonly ports: WebhookPorts;
  readonly connections: Connections;
}

/** A review whose answer is to be sent. */
export interface Judged {
  readonly reply: Reply;
  readonly judged: JudgedReview;
  readonly receivedMs: number;
}

/** What is no review, or met a bug. */
export interface Refused {
  readonly reply: Reply;
  readonly error: Error;
}

/** In their order, one right after the other; then the log and the metrics, for the same reason as in `Arrivals`. */
export function sendAll(group: readonly (Judged | Refused)[], answering: Answering): void {
  const elapsedMs = group.map((one) => {
    if ('error' in one) {
      refuseFor(one.error, one.reply, answering);
      return Number.NaN;
    }
    try {
      send(one.reply, answering, { code: 200, text: one.judged.text, isReview: true });
    } catch (error) {
      refuseFor(asError(error), one.reply, answering);
    }
    return performance.now() - one.receivedMs;
  });
  // They are answered: what is wrong with the log or the metrics is no matter of the callers.
  for (const [index, one] of group.entries()) {
    if ('error' in one) continue;
    try {
      answering.ports.record(one.judged.record, elapsedMs[index] ?? Number.NaN);
      if (one.judged.images.length > 0) answering.ports.wantImages(one.judged.images);
    } catch (error) {
      answering.ports.recordFailure(asError(error));
    }
  }
}

/** What was thrown, as an Error: JavaScript can throw anything. */
export function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

/**
 * Answers a request that ended with an error, with the status code that the error has or stands for. What is no fault of the
 * sender is recorded as a failure, and answered with 500 and without its text.
 */
export function refuseFor(error: Error & { statusCode?: number }, reply: Reply, answering: Answering): void {
  if (error instanceof UnreadableBodyError || error instanceof UnreadableReviewError) {
    refuse(reply, answering, 400, error.message);
  } else if (error.statusCode !== undefined && error.statusCode < 500) {
    refuse(reply, answering, error.statusCode, error.message);
  } else if (error instanceof BodyNotReceivedError) {
    refuse(reply, answering, error.statusCode, error.message);
  } else {
    answering.ports.recordFailure(error);
    refuse(reply, answering, 500, 'internal error');
  }
}

/** What is no AdmissionReview gets a plain answer in JSON; to the API server it is a failed call, as it should be. */
export function refuse(reply: Reply, answering: Answering, code: number, message: string): void {
  answering.ports.recordUnreadable(code);
  send(reply, answering, { code, text: JSON.stringify({ error: { code, message } }), isReview: false });
}

interface Answer {
  readonly code: number;
  readonly text: string;
  /** Whether it is an AdmissionReview, and no refusal. */
  readonly isReview: boolean;
}

/** On a connection that has never brought a review there is nothing to wait for; the API server's are kept. */
function send(reply: Reply, { ports, connections }: Answering, { code, text, isReview }: Answer): void {
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
