/** What commands write to, and in which colours. */
import { styleText } from 'node:util';

export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

export interface Terminal {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

export type Style = 'red' | 'yellow' | 'green' | 'cyan' | 'magenta' | 'dim' | 'bold';

/** Puts a text into a style, or leaves it as it is. */
export type Paint = (style: Style, text: string) => string;

/**
 * Colours only where somebody looks: on a terminal that can show them. NO_COLOR (https://no-color.org) switches them off,
 * FORCE_COLOR on, also against NO_COLOR as in Node itself; FORCE_COLOR of 0 or false switches them off.
 */
export function styler({ isTTY }: OutputStream, { FORCE_COLOR, NO_COLOR, TERM }: NodeJS.ProcessEnv): Paint {
  const wanted = FORCE_COLOR === undefined ? isTTY === true && !NO_COLOR && TERM !== 'dumb' : !['0', 'false'].includes(FORCE_COLOR);
  return wanted ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
}

const REDRAW_INTERVAL_MS = 100;
const ERASE_LINE = '\r\u001b[K';

/**
 * A line on a terminal's standard error that says how far a long piece of work is. It shows once the work has taken a
 * moment, and only where standard error is a terminal.
 */
export class Progress {
  readonly #stream: OutputStream;
  readonly #what: string;
  #count = 0;
  #isDrawn = false;
  #drawAtMs = performance.now() + REDRAW_INTERVAL_MS;

  /** @param what is counted: `objects` */
  constructor(stream: OutputStream, what: string) {
    this.#stream = stream;
    this.#what = what;
  }

  step(): void {
    this.#count += 1;
    if (this.#stream.isTTY !== true) return;
    const nowMs = performance.now();
    if (nowMs < this.#drawAtMs) return;
    this.#drawAtMs = nowMs + REDRAW_INTERVAL_MS;
    this.#stream.write(`${ERASE_LINE}${this.#count.toLocaleString('en')} ${this.#what} …`);
    this.#isDrawn = true;
  }

  done(): void {
    if (this.#isDrawn) this.#stream.write(ERASE_LINE);
    this.#isDrawn = false;
  }

  /** The same stream for a report: the line makes room for what is written there, where both are on one terminal. */
  makingRoom(stream: OutputStream): OutputStream {
    return {
      isTTY: stream.isTTY,
      write: (text) => {
        if (stream.isTTY === true) this.done();
        return stream.write(text);
      },
    };
  }
}
