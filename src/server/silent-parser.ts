/**
 * Node's HTTP parser, silent about what it still finds in a piece of TLS.
 *
 * The parser works on all of a record (16 kB), whoever has stopped listening. It tells JavaScript about each request and each piece of a
 * body in it, a microsecond and more each: thousands in one record. What it does not find a function for, it passes by in C. So the functions
 * are taken away until the record has been read. There is no public way to do this. Without these names nothing is taken away, and it only takes longer.
 */
import type { Socket } from 'node:net';

/** Of the class, the numbers under which an instance has its functions. */
const FUNCTIONS = ['kOnHeaders', 'kOnHeadersComplete', 'kOnBody', 'kOnMessageComplete'] as const;

interface Parser {
  readonly constructor: Readonly<Partial<Record<(typeof FUNCTIONS)[number], number>>>;
  [functionNumber: number]: unknown;
}

/** Until the end of this turn of the event loop, in which all that Node has read is parsed. */
export function silenceParser(socket: Socket): void {
  const { parser } = socket as { parser?: Parser | null };
  if (parser === undefined || parser === null) return;
  const taken: [number: number, was: unknown][] = [];
  for (const name of FUNCTIONS) {
    const number = parser.constructor[name];
    if (number === undefined) continue;
    taken.push([number, parser[number]]);
    parser[number] = undefined;
  }
  const giveBack = (): void => {
    socket.off('close', giveBack);
    clearImmediate(endOfTurn);
    for (const [number, was] of taken) parser[number] = was;
  };
  const endOfTurn = setImmediate(giveBack);
  // Node has the same parser for another connection as soon as this one is closed.
  socket.prependOnceListener('close', giveBack);
}
