/** The bytes of a request's body, and the time at which they arrive. */
import type { IncomingMessage } from 'node:http';
import { LARGE_FROM_BYTES } from './body.ts';
import type { BytesInFlight, HeldBytes } from './bytes-in-flight.ts';
import { cutOff } from './lingering-close.ts';
import type { Turns } from './turns.ts';

/**
 * An UPDATE carries two objects, of 1.5 MiB each as etcd stores them and up to 3 MiB as the API server reads them, and the
 * envelope; controller-runtime derives the same number. What escapes make longer is refused (docs/adr/0016).
 */
export const BODY_LIMIT_BYTES = 7 * 1024 * 1024;

export interface ReceivedBody {
  readonly bytes: Buffer;
  /** When the headers were read, in milliseconds of `performance.now()`. The caller's own clock started before. */
  readonly startedMs: number;
  /** When the last byte was read. */
  readonly receivedMs: number;
  /** For a long one: its part of the bytes that are here, to be freed when it is done with. */
  readonly held: HeldBytes | undefined;
}

/** Of a long body, so much is read in one turn of the event loop: a fraction of a millisecond, most of it for TLS. */
export const BODY_BYTES_IN_A_TURN = 128 * 1024;

/**
 * A piece of a body takes some 200 bytes besides what is in it, so that of bodies in pieces of one byte the memory of the process is soon
 * full. TLS gives pieces of a record, which have 1.2 kB and more in all but the last one (Go's crypto/tls, `maxPayloadSizeForWrite`).
 */
const LEAST_BYTES_OF_PIECE = 256;
/** So many may be as short as they like. */
const SHORT_PIECES = 32;

/** A body that was not read to its end; `statusCode` is what the caller is answered. */
export class BodyNotReceivedError extends Error {
  override readonly name = 'BodyNotReceivedError';
  readonly statusCode: number;

  constructor(statusCode: number, message: string, options?: ErrorOptions) {
    super(message, options);
    this.statusCode = statusCode;
  }
}

/**
 * @param inFlight what long bodies are counted in; short ones are bounded by the number of connections
 * @param turns when more of a long body is read, so that forty of them do not hold up what else has arrived
 * @param done called once: with the body, or with why there is none
 */
export function receiveBody(
  request: IncomingMessage,
  inFlight: BytesInFlight,
  turns: Turns,
  done: (error: BodyNotReceivedError | null, body?: ReceivedBody) => void,
): void {
  const startedMs = performance.now();
  if (Number(request.headers['content-length']) > BODY_LIMIT_BYTES) {
    done(tooLong());
    return;
  }
  const peer = request.socket.remoteAddress ?? '';
  const chunks: Buffer[] = [];
  let length = 0;
  let bytesInTurn = 0;
  let held: HeldBytes | undefined;
  const fail = (error: BodyNotReceivedError): void => {
    request.off('data', onData).off('end', onEnd).off('error', onError);
    held?.free();
    chunks.length = 0;
    done(error);
  };
  const onData = (chunk: Buffer): void => {
    length += chunk.length;
    if (length > BODY_LIMIT_BYTES) {
      fail(tooLong());
      return;
    }
    chunks.push(chunk);
    if (chunks.length > SHORT_PIECES && length < chunks.length * LEAST_BYTES_OF_PIECE) {
      fail(new BodyNotReceivedError(400, `the body must come in pieces of ${LEAST_BYTES_OF_PIECE} bytes or more`));
      // It is answered. What has come with these pieces is as bad, and a piece of a body that still lives is a turn of Node's.
      cutOff(request);
      return;
    }
    if (held !== undefined) {
      held.add(chunk.length);
    } else if (length > LARGE_FROM_BYTES) {
      held = inFlight.hold(peer, () => {
        fail(new BodyNotReceivedError(503, 'the body is long, and too many bytes of others are here'));
      });
      held.add(length);
    }
    bytesInTurn += chunk.length;
    if (bytesInTurn < BODY_BYTES_IN_A_TURN) return;
    bytesInTurn = 0;
    request.pause();
    turns.add(() => request.resume(), { peer, isLittle: false });
  };
  const onEnd = (): void => {
    request.off('data', onData).off('end', onEnd).off('error', onError);
    // It has come whole: `fail` has nothing left to do.
    if (held !== undefined) held.evict = undefined;
    const [only] = chunks;
    const bytes = chunks.length === 1 && only !== undefined ? only : Buffer.concat(chunks, length);
    done(null, { bytes, startedMs, receivedMs: performance.now(), held });
  };
  const onError = (cause: Error): void => {
    fail(new BodyNotReceivedError(400, 'the body must be whole, but the connection ended before', { cause }));
  };
  request.on('data', onData).on('end', onEnd).on('error', onError);
}

function tooLong(): BodyNotReceivedError {
  return new BodyNotReceivedError(413, `the body must not be longer than ${BODY_LIMIT_BYTES} bytes`);
}
