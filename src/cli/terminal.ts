/** Where a command writes to, and in which colours. */
import { styleText } from 'node:util';

export interface OutputStream {
  write(text: string): unknown;
  readonly isTTY?: boolean | undefined;
}

export interface Terminal {
  readonly stdout: OutputStream;
  readonly stderr: OutputStream;
}

type Style = Parameters<typeof styleText>[0];

/** Colours only where somebody looks: on a terminal, and not where NO_COLOR asks for none. */
export function styler(stream: OutputStream, env: NodeJS.ProcessEnv): (style: Style, text: string) => string {
  const forced = env['FORCE_COLOR'];
  const wanted = forced === undefined ? stream.isTTY === true && !env['NO_COLOR'] : forced !== '0';
  return wanted ? (style, text) => styleText(style, text, { validateStream: false }) : (_, text) => text;
}

const REDRAW_INTERVAL_MS = 100;

/** A line on a terminal's standard error that says how far a long piece of work is; nothing where nobody looks. */
export class Progress {
  readonly #stream: OutputStream;
  readonly #what: string;
  #count = 0;
  #drawnAtMs = 0;

  /** @param what is counted: `objects` */
  constructor(stream: OutputStream, what: string) {
    this.#stream = stream;
    this.#what = what;
  }

  step(): void {
    this.#count += 1;
    if (this.#stream.isTTY !== true) return;
    const nowMs = performance.now();
    if (nowMs - this.#drawnAtMs < REDRAW_INTERVAL_MS) return;
    this.#drawnAtMs = nowMs;
    this.#stream.write(`\r\u001b[K${this.#count.toLocaleString('en')} ${this.#what} …`);
  }

  done(): void {
    if (this.#stream.isTTY === true && this.#drawnAtMs > 0) this.#stream.write('\r\u001b[K');
  }
}
