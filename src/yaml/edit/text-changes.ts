/**
 * Edits of the text of a document, in lines and within brackets: only the lines that change are touched, and a comment in what goes
 * stays as a line of its own.
 */
import { commentsIn, isBlankOrComment } from './comments.ts';
import type { TextEdit } from './edits.ts';
import { EditRefusal, lineEndOf, lineStartOf, nextMark, type Layout } from './layout.ts';
import type { FlowStyle } from './value-text.ts';

/** A key with its value, or an element. */
export interface TextPart {
  readonly start: number;
  readonly end: number;
}

export class TextChanges {
  readonly #layout: Layout;
  readonly #text: string;
  readonly #edits: TextEdit[] = [];

  constructor(layout: Layout) {
    this.#layout = layout;
    this.#text = layout.text;
  }

  get edits(): readonly TextEdit[] {
    return this.#edits;
  }

  edit(start: number, end: number, text: string): void {
    if (start !== end || text !== '') this.#edits.push({ start, end, text });
  }

  /** Takes parts out, each run of them at once. */
  remove(parts: readonly TextPart[], isKept: (index: number) => boolean, isFlow: boolean): void {
    for (let first = 0; first < parts.length; first++) {
      if (isKept(first)) continue;
      let last = first;
      while (last + 1 < parts.length && !isKept(last + 1)) last += 1;
      const start = parts[first]?.start ?? 0;
      const end = parts[last]?.end ?? 0;
      const next = parts[last + 1];
      const previous = parts[first - 1];
      if (isFlow) this.#removeFlow(next === undefined ? (previous?.end ?? start) : start, next?.start ?? end);
      else this.#removeLines(start, end, next?.start);
      first = last;
    }
  }

  #removeFlow(start: number, end: number): void {
    this.refuseComments(start, end);
    this.edit(start, end, '');
  }

  #removeLines(start: number, end: number, next: number | undefined): void {
    const text = this.#text;
    const lineStart = lineStartOf(text, start);
    const indent = ' '.repeat(start - lineStart);
    const lineEnd = lineEndOf(text, end);
    const isAlone = text.slice(lineStart, start).trim() === '';
    if (isAlone && lineStart > 0) {
      // With the line feed before and not the one behind: at that one, something may be added to what is around.
      const comments = commentsIn(text, start, lineEnd, this.#layout.root);
      this.edit(lineStart - 1, lineEnd, comments.map((comment) => `\n${indent}${comment}`).join(''));
    } else if (next !== undefined) {
      const comments = commentsIn(text, start, next, this.#layout.root);
      this.edit(start, next, comments.map((comment) => `${comment}\n${indent}`).join(''));
    } else {
      throw new EditRefusal('it stands on a line with others', start);
    }
  }

  /**
   * Behind a part that stays.
   *
   * @param isRestRemoved whether nothing that was behind it stays, its comma included
   */
  insertFlow(end: number, texts: readonly string[], { lines, afterComma }: FlowStyle, isRestRemoved: boolean): void {
    if (lines === undefined) {
      this.edit(end, end, texts.map((text) => `,${afterComma}${text}`).join(''));
      return;
    }
    // A comma goes behind the value, a line behind its comment.
    const text = this.#text;
    const comma = nextMark(text, end);
    const hasComma = !isRestRemoved && text.charAt(comma) === ',';
    const line = lineEndOf(text, hasComma ? comma : end);
    const hasComment = isBlankOrComment(text.slice(hasComma ? comma + 1 : end, line));
    const place = hasComment ? line : hasComma ? comma + 1 : end;
    if (!hasComma) this.edit(end, end, ',');
    this.edit(place, place, texts.map((added) => `\n${lines.indent}${added}`).join(',') + (hasComma ? ',' : ''));
  }

  /** Below a line that ends there. */
  insertLines(lineEnd: number, lines: readonly string[]): void {
    this.edit(lineEnd, lineEnd, lines.map((line) => `\n${line}`).join(''));
  }

  /**
   * The end of the line on which something ends.
   *
   * @param column comments that follow at once from this column on belong to it
   */
  lineBehind(end: number, column: number | undefined): number {
    const text = this.#text;
    let lineEnd = lineEndOf(text, end);
    if (!isBlankOrComment(text.slice(end, lineEnd))) throw new EditRefusal('something else stands on its last line', end);
    while (column !== undefined && lineEnd < text.length) {
      const next = lineEndOf(text, lineEnd + 1);
      const comment = /^ *#/.exec(text.slice(lineEnd + 1, next));
      if (comment === null || comment[0].length - 1 < column) break;
      lineEnd = next;
    }
    return lineEnd;
  }

  /** @throws {EditRefusal} */
  refuseComments(start: number, end: number): void {
    if (commentsIn(this.#text, start, end, this.#layout.root).length > 0)
      throw new EditRefusal('it holds comments, which would be lost', start);
  }
}
