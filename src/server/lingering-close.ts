/**
 * Ends connections so that the other side can read what it was answered.
 *
 * The system answers bytes that come for a closed connection with a reset, upon which the other side may lose what it has not read yet. So
 * a connection is closed in two stages (RFC 9112, 9.6): first our side of it, and the rest when the other side has closed its own, or
 * after a while.
 */
import type { IncomingMessage, ServerResponse } from 'node:http';
import { Socket } from 'node:net';
import { silenceParser } from './silent-parser.ts';

/** Some ways to the other side of the world and back. */
const LINGER_MS = 1_000;
/** So much is thrown away to see the end behind it. The rest is not read: it waits in the system, and is no reason for a reset. */
const LINGER_BYTES = 64 * 1024;

/** Nothing that comes on them is worked on. */
const cut = new WeakSet<Socket>();
const closing = new WeakSet<Socket>();

/** Whether the connection comes to its end, so that what its parser says is of no interest. */
export function isCutOff(socket: Socket): boolean {
  return cut.has(socket);
}

/**
 * If Node closes the connection after an answer, that is after all of the request, or in two stages.
 *
 * @param request gives the one that is not answered yet, or undefined
 */
export function lingerAfterAnswers(socket: Socket, request: () => IncomingMessage | undefined): void {
  socket.destroySoon = () => {
    const current = request();
    if (current?.complete !== false && !cut.has(socket)) {
      Socket.prototype.destroySoon.call(socket);
      return;
    }
    closeLingering(socket);
    // It may wait for its turn.
    current?.resume();
  };
}

/** Of a request and what comes behind it, nothing more is worked on. Its answer can be read; it closes the connection. */
export function cutOff(request: IncomingMessage): void {
  takeFromParser(request.socket);
  // Node makes the connection flow again for the body of a request that is read.
  request._read = () => undefined;
}

/** The same for a request that gets no answer: the one before it on its connection does. */
export function cutOffAfter(answer: ServerResponse | undefined, { socket }: IncomingMessage): void {
  if (cut.has(socket)) return;
  takeFromParser(socket);
  if (answer === undefined || answer.writableFinished) {
    closeLingering(socket);
    return;
  }
  if (!answer.headersSent) answer.setHeader('connection', 'close');
  answer.once('finish', () => {
    closeLingering(socket);
  });
}

/** Everything that is to be written is, or is on its way. */
export function closeLingering(socket: Socket): void {
  if (socket.destroyed || closing.has(socket)) return;
  closing.add(socket);
  takeFromParser(socket);
  const destroySoon = (): void => {
    Socket.prototype.destroySoon.call(socket);
  };
  const timer = setTimeout(() => {
    socket.destroy();
  }, LINGER_MS);
  socket.once('close', () => {
    clearTimeout(timer);
  });
  if (socket.readableEnded) {
    destroySoon();
    return;
  }
  socket.once('end', destroySoon);
  let bytes = 0;
  socket.on('data', (chunk: Buffer) => {
    bytes += chunk.length;
    if (bytes > LINGER_BYTES) socket.pause();
  });
  socket.end();
  socket.resume();
}

/**
 * Node takes bytes past its HTTP parser as soon as somebody listens for them. What it has read already is a record of TLS at most, which
 * the parser works on to its end, in silence.
 */
function takeFromParser(socket: Socket): void {
  if (cut.has(socket)) return;
  cut.add(socket);
  silenceParser(socket);
  socket.removeAllListeners('data').removeAllListeners('end');
  socket.on('data', ignore).pause();
}

function ignore(): void {
  // Nobody reads it.
}
