/**
 * From what is to stand in a document to edits of its text. Only the lines that change are touched; what is added looks like
 * what is around it, and a comment in what goes stays as a line of its own.
 */
import { scalarText } from '../scalar-text.ts';
import { commentsIn, isBlankOrComment } from './comments.ts';
import { valueOf, type Draft, type MappingDraft, type SequenceDraft, type Slot } from './draft.ts';
import type { TextEdit } from './edits.ts';
import { flowStyleOf } from './flow-style.ts';
import {
  columnOf,
  EditRefusal,
  lineEndOf,
  lineStartOf,
  behindProperties,
  nextMark,
  type Layout,
  type LayoutEntry,
  type LayoutNode,
  type LayoutSequence,
} from './layout.ts';
import type { DocumentStyle } from './style.ts';
import {
  childLines,
  blockLines,
  emptyText,
  entryLines,
  flowEntryText,
  flowText,
  isFilled,
  itemLines,
  type FlowStyle,
} from './value-text.ts';

/** Where a node stands: behind a key of a block, behind a dash, within brackets, or at the top. */
type Surroundings =
  | { readonly in: 'entry'; readonly entry: LayoutEntry; readonly column: number }
  | { readonly in: 'item'; readonly dash: number }
  | { readonly in: 'flow'; readonly style: FlowStyle }
  | { readonly in: 'document' };

export class Writer {
  readonly #layout: Layout;
  readonly #text: string;
  readonly #style: DocumentStyle;
  readonly #edits: TextEdit[] = [];

  constructor(layout: Layout, style: DocumentStyle) {
    this.#layout = layout;
    this.#text = layout.text;
    this.#style = style;
  }

  /**
   * @param slot what is to stand there, and what it takes the place of
   * @throws {EditRefusal}
   */
  static editsOf(slot: Slot, layout: Layout, style: DocumentStyle): readonly TextEdit[] {
    const writer = new Writer(layout, style);
    writer.#write(slot.draft, writer.#surroundingsOfRoot(slot.draft));
    return writer.#edits;
  }

  /** An object as a whole is never replaced, so that only what is within brackets has to be known. */
  #surroundingsOfRoot({ node }: Draft): Surroundings {
    if (node !== undefined && 'isFlow' in node && node.isFlow) {
      const style = flowStyleOf(node, this.#layout, this.#style.quote);
      const { lines } = style;
      return { in: 'flow', style: { ...style, lines: lines && { ...lines, indent: lines.indent.slice(lines.step.length) } } };
    }
    return { in: 'document' };
  }

  #write(draft: Draft, around: Surroundings): void {
    switch (draft.kind) {
      case 'kept':
        return;
      case 'value':
        if (draft.node !== undefined) this.#replace(draft.node, draft.value, around);
        return;
      case 'mapping':
        this.#mapping(draft, around);
        return;
      case 'sequence':
        this.#sequence(draft, around);
    }
  }

  #mapping(draft: MappingDraft, around: Surroundings): void {
    const { node, members, added } = draft;
    if (members.every((member) => member === undefined)) {
      if (added.size > 0 || members.length > 0) this.#replace(node, valueOf(draft), around);
      return;
    }
    if (node.isPair) throw new EditRefusal('it is a pair in brackets without braces', node.start);
    const style = node.isFlow ? flowStyleOf(node, this.#layout, this.#style.quote) : undefined;
    const column = columnOf(this.#text, node.start);
    for (const [index, member] of members.entries()) {
      const entry = node.entries[index];
      if (member === undefined || entry === undefined) continue;
      this.#write(member.draft, style === undefined ? { in: 'entry', entry, column } : { in: 'flow', style });
    }
    const parts = node.entries.map(({ keyStart, value, keyEnd }) => ({ start: keyStart, end: Math.max(value.end, keyEnd) }));
    this.#remove(parts, (index) => members[index] !== undefined, node.isFlow);
    if (added.size === 0) return;
    const last = members.findLastIndex((member) => member !== undefined);
    const values = [...added].map(([key, { draft: value }]): [string, unknown] => [key, valueOf(value)]);
    if (style !== undefined) {
      this.#insertFlow(
        parts[last]?.end ?? 0,
        values.map(([key, value]) => flowEntryText(key, value, style)),
        style,
        last < members.length - 1,
      );
      return;
    }
    const lines = values.flatMap(([key, value]) => this.#indented(entryLines(key, value, column, this.#style), column));
    this.#insertLines(this.#lineBehind(parts[last]?.end ?? 0, last === members.length - 1 ? column : undefined), lines);
  }

  #sequence(draft: SequenceDraft, around: Surroundings): void {
    const { node, items } = draft;
    const placeOf = new Map(node.items.map((item, index) => [item, index]));
    const places = items.map(({ draft: { node: origin } }) => (origin === undefined ? -1 : (placeOf.get(origin) ?? -1)));
    const kept = new Set(places);
    const isCut = node.items.some((_, index) => !kept.has(index));
    const startsNew = places[0] === -1;
    if (node.items.length === 0 || items.length === 0 || (isCut && startsNew)) {
      if (items.length > 0 || node.items.length > 0) this.#replace(node, valueOf(draft), around);
      return;
    }
    if (node.isFlow) this.#flowSequence(draft, places, kept);
    else this.#blockSequence(draft, places, kept);
  }

  #flowSequence({ node, items }: SequenceDraft, places: readonly number[], kept: ReadonlySet<number>): void {
    const style = flowStyleOf(node, this.#layout, this.#style.quote);
    const lastKept = node.items[places.reduce((last, place) => Math.max(last, place), 0)];
    const isRestRemoved = lastKept !== node.items.at(-1);
    let before: LayoutNode | undefined;
    let run: string[] = [];
    const flush = (): void => {
      if (run.length > 0 && before !== undefined) this.#insertFlow(before.end, run, style, before === lastKept && isRestRemoved);
      run = [];
    };
    for (const [index, { draft }] of items.entries()) {
      const origin = node.items[places[index] ?? -1];
      if (origin === undefined) {
        run.push(flowText(valueOf(draft), style));
        continue;
      }
      if (before === undefined && run.length > 0) {
        const separator = style.lines === undefined ? style.afterComma : `\n${style.lines.indent}`;
        this.#edit(origin.start, origin.start, run.map((text) => `${text},${separator}`).join(''));
        run = [];
      }
      flush();
      this.#write(draft, { in: 'flow', style });
      before = origin;
    }
    flush();
    this.#remove(node.items, (index) => kept.has(index), true);
  }

  #blockSequence({ node, items }: SequenceDraft, places: readonly number[], kept: ReadonlySet<number>): void {
    const dashes = this.#dashesOf(node);
    const column = columnOf(this.#text, dashes[0] ?? node.start);
    const linesOf = (value: unknown): string[] => this.#indented(itemLines(value, column, this.#style.dashWidth, this.#style), column);
    let before: { readonly end: number; readonly isLast: boolean } | undefined;
    let run: string[] = [];
    const flush = (): void => {
      if (run.length === 0) return;
      if (before === undefined) {
        // The first dash may stand behind another one, so the new lines come between it and what is before it.
        this.#edit(dashes[0] ?? 0, dashes[0] ?? 0, `${run.join('\n').trimStart()}\n${' '.repeat(column)}`);
      } else {
        this.#insertLines(this.#lineBehind(before.end, before.isLast ? column + 1 : undefined), run);
      }
      run = [];
    };
    for (const [index, { draft }] of items.entries()) {
      const place = places[index] ?? -1;
      const origin = node.items[place];
      if (origin === undefined) {
        for (const line of linesOf(valueOf(draft))) run.push(line);
        continue;
      }
      flush();
      this.#write(draft, { in: 'item', dash: dashes[place] ?? origin.start });
      before = { end: origin.end, isLast: place === node.items.length - 1 };
    }
    flush();
    this.#remove(
      node.items.map(({ end }, index) => ({ start: dashes[index] ?? end, end })),
      (index) => kept.has(index),
      false,
    );
  }

  /** Where the dash of each element stands: the next thing behind the end of the one before. */
  #dashesOf(node: LayoutSequence): number[] {
    let from = node.start;
    return node.items.map((item) => {
      const dash = nextMark(this.#text, from);
      if (this.#text.charAt(dash) !== '-') throw new Error('an element of a block has no dash');
      from = item.end;
      return dash;
    });
  }

  /** Takes parts out, each run of them at once. */
  #remove(parts: readonly { readonly start: number; readonly end: number }[], isKept: (index: number) => boolean, isFlow: boolean): void {
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
    this.#refuseComments(start, end);
    this.#edit(start, end, '');
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
      this.#edit(lineStart - 1, lineEnd, comments.map((comment) => `\n${indent}${comment}`).join(''));
    } else if (next !== undefined) {
      const comments = commentsIn(text, start, next, this.#layout.root);
      this.#edit(start, next, comments.map((comment) => `${comment}\n${indent}`).join(''));
    } else {
      throw new EditRefusal('it stands on a line with others', start);
    }
  }

  /** Puts a value in the place of a node. */
  #replace(node: LayoutNode, value: unknown, around: Surroundings): void {
    if (isAbsent(node) && node.anchor === undefined && !':-'.includes(this.#text.charAt(node.end - 1)))
      throw new EditRefusal('it has no value behind a colon', node.start);
    switch (around.in) {
      case 'flow':
        this.#refuseComments(node.start, node.end);
        this.#edit(
          isAbsent(node) ? node.end : node.start,
          node.end,
          `${isAbsent(node) ? ' ' : ''}${this.#sameQuotes(node, value) ?? flowText(value, around.style)}`,
        );
        return;
      case 'entry':
        this.#replaceOfEntry(node, value, around);
        return;
      case 'item':
        this.#replaceOfItem(node, value, around);
        return;
      case 'document':
        throw new EditRefusal('it would change as a whole', node.start);
    }
  }

  #replaceOfEntry(node: LayoutNode, value: unknown, { entry, column }: Extract<Surroundings, { in: 'entry' }>): void {
    const text = this.#text;
    const colon = nextMark(text, entry.keyEnd);
    if (text.charAt(colon) !== ':') throw new EditRefusal('it has no colon of its own', entry.keyStart);
    const lines = isFilled(value) ? childLines(value, column, this.#style) : [];
    const inline = isFilled(value) ? '' : ` ${this.#sameQuotes(node, value) ?? emptyText(value) ?? scalarText(value, this.#style)}`;
    // An anchor or a tag stays in front of the new value.
    const head = behindProperties(text, colon + 1);
    if (text.slice(colon, head).includes('\n'))
      throw new EditRefusal('its anchor or tag does not stand on the line of its key', node.start);
    const isOnKeyLine = !text.slice(colon, node.start).includes('\n');
    if (isBlock(node) || !isOnKeyLine) {
      const keyLineEnd = lineEndOf(text, head);
      const lineEnd = lineEndOf(text, node.end);
      // The header of a block scalar, or nothing but blanks and a comment.
      const valueStart = isOnKeyLine ? node.start : head;
      const comment = text.slice(valueStart, keyLineEnd).indexOf('#');
      this.#edit(head, comment < 0 ? keyLineEnd : valueStart + comment, comment < 0 ? inline : `${inline} `);
      const comments = commentsIn(text, keyLineEnd, lineEnd, this.#layout.root).map((kept) => `${' '.repeat(column)}${kept}`);
      this.#edit(keyLineEnd, lineEnd, [...comments, ...lines].map((line) => `\n${line}`).join(''));
      return;
    }
    this.#refuseComments(node.start, node.end);
    if (lines.length === 0) {
      if (isAbsent(node)) this.#edit(head, head, inline);
      else this.#edit(node.start, node.end, inline.trimStart());
      return;
    }
    this.#edit(head, node.end, '');
    const lineEnd = lineEndOf(text, node.end);
    if (!isBlankOrComment(text.slice(node.end, lineEnd))) throw new EditRefusal('something else stands on its last line', node.start);
    this.#insertLines(lineEnd, lines);
  }

  #replaceOfItem(node: LayoutNode, value: unknown, { dash }: Extract<Surroundings, { in: 'item' }>): void {
    const text = this.#text;
    const head = behindProperties(text, dash + 1);
    const isBehindProperty = head > dash + 1;
    const inner = columnOf(text, dash) + this.#style.dashWidth;
    const start = isAbsent(node) ? node.end : node.start;
    if (isFilled(value) && isBehindProperty && !text.slice(head, start).includes('\n')) {
      const comments = commentsIn(text, start, node.end, this.#layout.root).map((comment) => `${' '.repeat(inner)}${comment}`);
      this.#edit(head, node.end, '');
      const lines = this.#indented(blockLines(value, inner, this.#style), inner);
      this.#insertLines(this.#lineBehind(node.end, undefined), [...comments, ...lines]);
      return;
    }
    const own = isAbsent(node) ? inner : columnOf(text, start);
    const gap = isAbsent(node) ? ' '.repeat(isBehindProperty ? 1 : this.#style.dashWidth - 1) : '';
    const lines = isFilled(value)
      ? blockLines(value, own, this.#style)
      : [this.#sameQuotes(node, value) ?? emptyText(value) ?? scalarText(value, this.#style)];
    const comments = commentsIn(text, start, node.end, this.#layout.root).map((comment) => `${' '.repeat(own)}${comment}`);
    const [first = '', ...rest] = lines;
    this.#edit(start, node.end, gap + first);
    if (rest.length > 0 || comments.length > 0) this.#insertLines(this.#lineBehind(node.end, undefined), [...rest, ...comments]);
  }

  /** A string in the quotes of the one that it takes the place of. */
  #sameQuotes(node: LayoutNode, value: unknown): string | undefined {
    if (typeof value !== 'string' || node.kind !== 'scalar') return undefined;
    if (node.style === 'single') return scalarText(value, { quote: "'", isQuoted: true });
    return node.style === 'double' ? scalarText(value, { quote: '"', isQuoted: true }) : undefined;
  }

  /**
   * Behind a part that stays.
   *
   * @param isRestRemoved whether nothing that was behind it stays, its comma included
   */
  #insertFlow(end: number, texts: readonly string[], { lines, afterComma }: FlowStyle, isRestRemoved: boolean): void {
    if (lines === undefined) {
      this.#edit(end, end, texts.map((text) => `,${afterComma}${text}`).join(''));
      return;
    }
    // A comma goes behind the value, a line behind its comment.
    const text = this.#text;
    const comma = nextMark(text, end);
    const hasComma = !isRestRemoved && text.charAt(comma) === ',';
    const line = lineEndOf(text, hasComma ? comma : end);
    const hasComment = isBlankOrComment(text.slice(hasComma ? comma + 1 : end, line));
    const place = hasComment ? line : hasComma ? comma + 1 : end;
    if (!hasComma) this.#edit(end, end, ',');
    this.#edit(place, place, texts.map((added) => `\n${lines.indent}${added}`).join(',') + (hasComma ? ',' : ''));
  }

  #refuseComments(start: number, end: number): void {
    if (commentsIn(this.#text, start, end, this.#layout.root).length > 0)
      throw new EditRefusal('it holds comments, which would be lost', start);
  }

  #indented([first = '', ...rest]: readonly string[], column: number): string[] {
    return [' '.repeat(column) + first, ...rest];
  }

  #insertLines(lineEnd: number, lines: readonly string[]): void {
    this.#edit(lineEnd, lineEnd, lines.map((line) => `\n${line}`).join(''));
  }

  /**
   * The end of the line on which something ends.
   *
   * @param column comments that follow at once from this column on belong to it
   */
  #lineBehind(end: number, column: number | undefined): number {
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

  #edit(start: number, end: number, text: string): void {
    if (start !== end || text !== '') this.#edits.push({ start, end, text });
  }
}

function isAbsent(node: LayoutNode): boolean {
  return node.kind === 'scalar' && node.style === 'absent';
}

/** Whether it takes lines of its own. */
function isBlock(node: LayoutNode): boolean {
  return node.kind === 'scalar' ? node.style === 'block' : node.kind !== 'alias' && !node.isFlow;
}
