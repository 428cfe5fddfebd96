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
const BODY_BYTES_IN_A_TURN = 128 * 1024;

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

/** What a body is read with. */
export interface ReceivingPorts {
  /** What long bodies are counted in; short ones are bounded by the number of connections. */
  readonly inFlight: BytesInFlight;
  /** When more of a long body is read, so that forty of them do not hold up what else has arrived. */
  readonly turns: Turns;
}

/** @param done called once: with the body, or with why there is none */
export function receiveBody(
  request: IncomingMessage,
  ports: ReceivingPorts,
  done: (error: BodyNotReceivedError | null, body?: ReceivedBody) => void,
): void {
  if (Number(request.headers['content-length']) > BODY_LIMIT_BYTES) done(tooLong());
  else new Receiving(request, ports, done).begin();
}

/** One body on its way. */
class Receiving {
  readonly #startedMs = performance.now();
  readonly #request: IncomingMessage;
  readonly #ports: ReceivingPorts;
  readonly #done: (error: BodyNotReceivedError | null, body?: ReceivedBody) => void;
  readonly #peer: string;
  #chunks: Buffer[] = [];
  #length = 0;
  #bytesInTurn = 0;
  #held: HeldBytes | undefined;

  constructor(request: IncomingMessage, ports: ReceivingPorts, done: (error: BodyNotReceivedError | null, body?: ReceivedBody) => void) {
    this.#request = request;
    this.#ports = ports;
    this.#done = done;
    this.#peer = request.socket.remoteAddress ?? '';
  }

  begin(): void {
    this.#request.on('data', this.#onData).on('end', this.#onEnd).on('error', this.#onError);
  }

  readonly #onData = (chunk: Buffer): void => {
    this.#length += chunk.length;
    if (this.#length > BODY_LIMIT_BYTES) {
      this.#fail(tooLong());
      return;
    }
    this.#chunks.push(chunk);
    if (this.#chunks.length > SHORT_PIECES && this.#length < this.#chunks.length * LEAST_BYTES_OF_PIECE) {
      this.#fail(new BodyNotReceivedError(400, `the body must come in pieces of ${LEAST_BYTES_OF_PIECE} bytes or more`));
      // It is answered. What has come with these pieces is as bad, and a piece of a body that still lives is a turn of Node's.
      cutOff(this.#request);
      return;
    }
    this.#hold(chunk.length);
    this.#readOnInTurn(chunk.length);
  };

  readonly #onEnd = (): void => {
    this.#stop();
    // It has come whole: nothing is left to give up.
    if (this.#held !== undefined) this.#held.evict = undefined;
    const [only] = this.#chunks;
    const bytes = this.#chunks.length === 1 && only !== undefined ? only : Buffer.concat(this.#chunks, this.#length);
    this.#done(null, { bytes, startedMs: this.#startedMs, receivedMs: performance.now(), held: this.#held });
  };

  readonly #onError = (cause: Error): void => {
    this.#fail(new BodyNotReceivedError(400, 'the body must be whole, but the connection ended before', { cause }));
  };

  /** May end it: the body with the most bytes has to go, and may be this one. */
  #hold(bytes: number): void {
    if (this.#held !== undefined) {
      this.#held.add(bytes);
    } else if (this.#length > LARGE_FROM_BYTES) {
      this.#held = this.#ports.inFlight.hold(this.#peer, () => {
        this.#fail(new BodyNotReceivedError(503, 'the body is long, and too many bytes of others are here'));
      });
      this.#held.add(this.#length);
    }
  }

  #readOnInTurn(bytes: number): void {
    this.#bytesInTurn += bytes;
    if (this.#bytesInTurn < BODY_BYTES_IN_A_TURN) return;
    this.#bytesInTurn = 0;
    this.#request.pause();
    this.#ports.turns.add(() => this.#request.resume(), { peer: this.#peer, isLittle: false });
  }

  #fail(error: BodyNotReceivedError): void {
    this.#stop();
    this.#held?.free();
    this.#chunks = [];
    this.#done(error);
  }

  #stop(): void {
    this.#request.off('data', this.#onData).off('end', this.#onEnd).off('error', this.#onError);
  }
}

function tooLong(): BodyNotReceivedError {
  return new BodyNotReceivedError(413, `the body must not be longer than ${BODY_LIMIT_BYTES} bytes`);
}
