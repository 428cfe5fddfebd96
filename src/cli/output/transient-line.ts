/** A temporary line on a terminal's standard error: the progress of the work, or what the command waits for. */
import { countIn } from '../../core/map-entry.ts';
import { visibleLine } from '../../core/visible-text.ts';
import { elapsedMs } from '../elapsed.ts';
import { grouped } from './grouped.ts';
import type { RawOutput } from './watched-output.ts';

const ERASE_LINE = '\r\u001b[K';

export class TransientLine {
  readonly #raw: RawOutput;
  #isDrawn = false;

  constructor(raw: RawOutput) {
    this.#raw = raw;
  }

  /** Whether anybody sees it. */
  get isShown(): boolean {
    return this.#raw.isTTY === true;
  }

  draw(text: string): void {
    if (!this.isShown) return;
    this.#raw.write(`${ERASE_LINE}${visibleLine(text)} …`);
    this.#isDrawn = true;
  }

  erase(): void {
    if (this.#isDrawn) this.#raw.write(ERASE_LINE);
    this.#isDrawn = false;
  }
}

const REDRAW_INTERVAL_MS = 100;

/** Counts, and shows the counts once the work has taken a moment. */
export class Progress {
  readonly #line: TransientLine;
  readonly #what: string;
  /** By what is counted, in the order in which it was first counted. */
  readonly #counts = new Map<string, number>();
  #drawAtMs = elapsedMs() + REDRAW_INTERVAL_MS;

  /** @param what is counted unless a step says so: `objects` */
  constructor(line: TransientLine, what: string) {
    this.#line = line;
    this.#what = what;
  }

  step(what = this.#what): void {
    countIn(this.#counts, what);
    if (!this.#line.isShown) return;
    const nowMs = elapsedMs();
    if (nowMs < this.#drawAtMs) return;
    this.#drawAtMs = nowMs + REDRAW_INTERVAL_MS;
    this.#line.draw([...this.#counts].map(([counted, count]) => `${grouped(count)} ${counted}`).join(', '));
  }

  done(): void {
    this.#line.erase();
  }
}
