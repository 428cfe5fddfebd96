/** Standard output or standard error, for text and JSON: the one place where what others wrote reaches a terminal. */
import { visibleText } from '../../core/visible-text.ts';
import { Text, type Part } from './text.ts';
import type { TransientLine } from './transient-line.ts';
import type { RawOutput } from './watched-output.ts';

export class TextOutput {
  readonly #raw: RawOutput;
  readonly #isColoured: boolean;
  readonly #transient: TransientLine | undefined;

  /** @param transient the line on the same terminal that makes room for what is written */
  constructor(raw: RawOutput, isColoured: boolean, transient?: TransientLine) {
    this.#raw = raw;
    this.#isColoured = isColoured;
    this.#transient = transient;
  }

  get isTTY(): boolean {
    return this.#raw.isTTY === true;
  }

  /** The same output, coloured or not. */
  withColours(isColoured: boolean): TextOutput {
    return new TextOutput(this.#raw, isColoured, this.#transient);
  }

  line(part: Part): void {
    this.lines([part]);
  }

  lines(parts: readonly Part[]): void {
    if (parts.length > 0) this.#write(parts.map((part) => `${Text.of(part).render(this.#isColoured)}\n`).join(''));
  }

  /** Text of podgrace's own with line feeds in it (help, scripts), or JSON; nothing in it but its lines is obeyed. */
  write(text: string): void {
    this.#write(visibleText(text));
  }

  /** The content of a file, for whoever asks for the file: byte by byte but on a terminal, which must not obey it. */
  content(text: string): void {
    this.#write(this.isTTY ? visibleText(text) : text);
  }

  /** Lines of a file with what podgrace says of them, likewise. */
  contentLines(parts: readonly Text[]): void {
    this.#write(parts.map((part) => `${this.isTTY ? part.render(this.#isColoured) : part.raw(this.#isColoured)}\n`).join(''));
  }

  /** A message that may have several lines: those after the first are indented, and so none passes for another message. */
  message(text: string): void {
    this.write(`podgrace: ${text.replaceAll(/\n(?! {2})/g, '\n  ')}\n`);
  }

  /** Resolves once whoever reads has made room: what is not read yet must not pile up in memory. */
  async drained(): Promise<void> {
    await this.#raw.drained?.();
  }

  #write(text: string): void {
    if (this.isTTY) this.#transient?.erase();
    this.#raw.write(text);
  }
}
