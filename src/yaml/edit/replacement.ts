/** Puts a value in the place of a node, in the form of what it stands in. */
import { scalarText } from '../scalar-text.ts';
import { commentsIn } from './comments.ts';
import { behindProperties, columnOf, EditRefusal, lineEndOf, nextMark, type Layout, type LayoutEntry, type LayoutNode } from './layout.ts';
import type { DocumentStyle } from './style.ts';
import type { TextChanges } from './text-changes.ts';
import { blockLines, childLines, emptyText, flowText, indentedLines, isFilled, type FlowStyle } from './value-text.ts';

/** Where a node stands: behind a key of a block, behind a dash, within brackets, or at the top. */
export type NodePlace =
  | PlaceInEntry
  | { readonly in: 'item'; readonly dash: number }
  | { readonly in: 'flow'; readonly style: FlowStyle }
  | { readonly in: 'document' };

interface PlaceInEntry {
  readonly in: 'entry';
  readonly entry: LayoutEntry;
  /** Of its key. */
  readonly column: number;
}

export class Replacement {
  readonly #layout: Layout;
  readonly #text: string;
  readonly #style: DocumentStyle;
  readonly #changes: TextChanges;

  constructor(layout: Layout, style: DocumentStyle, changes: TextChanges) {
    this.#layout = layout;
    this.#text = layout.text;
    this.#style = style;
    this.#changes = changes;
  }

  /** @throws {EditRefusal} where that would lose a comment, or something else */
  put(node: LayoutNode, value: unknown, place: NodePlace): void {
    if (isAbsent(node) && node.anchor === undefined && !':-'.includes(this.#text.charAt(node.end - 1)))
      throw new EditRefusal('it has no value behind a colon', node.start);
    switch (place.in) {
      case 'flow':
        this.#putInFlow(node, value, place.style);
        return;
      case 'entry':
        this.#putInEntry(node, value, place);
        return;
      case 'item':
        this.#putInItem(node, value, place.dash);
        return;
      case 'document':
        throw new EditRefusal('it would change as a whole', node.start);
    }
  }

  #putInFlow(node: LayoutNode, value: unknown, style: FlowStyle): void {
    const text = sameQuotes(node, value) ?? flowText(value, style);
    this.#changes.refuseComments(node.start, node.end);
    if (isAbsent(node)) this.#changes.edit(node.end, node.end, ` ${text}`);
    else this.#changes.edit(node.start, node.end, text);
  }

  #putInEntry(node: LayoutNode, value: unknown, { entry, column }: PlaceInEntry): void {
    const text = this.#text;
    const colon = nextMark(text, entry.keyEnd);
    if (text.charAt(colon) !== ':') throw new EditRefusal('it has no colon of its own', entry.keyStart);
    // An anchor or a tag stays in front of the new value.
    const head = behindProperties(text, colon + 1);
    if (text.slice(colon, head).includes('\n'))
      throw new EditRefusal('its anchor or tag does not stand on the line of its key', node.anchorStart ?? node.start);
    const isOnKeyLine = !text.slice(colon, node.start).includes('\n');
    if (isBlock(node) || !isOnKeyLine) this.#putBelowKey(node, value, { column, head, valueStart: isOnKeyLine ? node.start : head });
    else this.#putBehindKey(node, value, { column, head });
  }

  /** In the place of what takes lines of its own; their comments stay. */
  #putBelowKey(node: LayoutNode, value: unknown, { column, head, valueStart }: BehindKey & { readonly valueStart: number }): void {
    const text = this.#text;
    const keyLineEnd = lineEndOf(text, head);
    const lineEnd = lineEndOf(text, node.end);
    // The header of a block scalar, or nothing but blanks and a comment.
    const comment = text.slice(valueStart, keyLineEnd).indexOf('#');
    const inline = isFilled(value) ? '' : ` ${this.#inlineText(node, value)}`;
    this.#changes.edit(head, comment < 0 ? keyLineEnd : valueStart + comment, comment < 0 ? inline : `${inline} `);
    const comments = this.#commentLines(keyLineEnd, lineEnd, column);
    const lines = isFilled(value) ? childLines(value, column, this.#style) : [];
    this.#changes.edit(keyLineEnd, lineEnd, [...comments, ...lines].map((line) => `\n${line}`).join(''));
  }

  /** In the place of what stands on the line of its key. */
  #putBehindKey(node: LayoutNode, value: unknown, { column, head }: BehindKey): void {
    this.#changes.refuseComments(node.start, node.end);
    if (isFilled(value)) {
      this.#changes.edit(head, node.end, '');
      this.#changes.insertLines(this.#changes.lineBehind(node.end, undefined), childLines(value, column, this.#style));
    } else if (isAbsent(node)) {
      this.#changes.edit(head, head, ` ${this.#inlineText(node, value)}`);
    } else {
      this.#changes.edit(node.start, node.end, this.#inlineText(node, value));
    }
  }

  #putInItem(node: LayoutNode, value: unknown, dash: number): void {
    const text = this.#text;
    const head = behindProperties(text, dash + 1);
    const isBehindProperty = head > dash + 1;
    const inner = columnOf(text, dash) + this.#style.dashWidth;
    const start = isAbsent(node) ? node.end : node.start;
    const lineBehind = (): number => this.#changes.lineBehind(node.end, undefined);
    if (isFilled(value) && isBehindProperty && !text.slice(head, start).includes('\n')) {
      const comments = this.#commentLines(start, node.end, inner);
      this.#changes.edit(head, node.end, '');
      this.#changes.insertLines(lineBehind(), [...comments, ...indentedLines(blockLines(value, inner, this.#style), inner)]);
      return;
    }
    const own = isAbsent(node) ? inner : columnOf(text, start);
    const gap = isAbsent(node) ? ' '.repeat(isBehindProperty ? 1 : this.#style.dashWidth - 1) : '';
    const [first = '', ...rest] = isFilled(value) ? blockLines(value, own, this.#style) : [this.#inlineText(node, value)];
    const comments = this.#commentLines(start, node.end, own);
    this.#changes.edit(start, node.end, gap + first);
    if (rest.length > 0 || comments.length > 0) this.#changes.insertLines(lineBehind(), [...rest, ...comments]);
  }

  /** @param value a scalar, or what is empty */
  #inlineText(node: LayoutNode, value: unknown): string {
    return sameQuotes(node, value) ?? emptyText(value) ?? scalarText(value, this.#style);
  }

  /** The comments between two places, each as a line of its own. */
  #commentLines(start: number, end: number, column: number): string[] {
    return commentsIn(this.#text, start, end, this.#layout.root).map((comment) => ' '.repeat(column) + comment);
  }
}

/** The column of a key, and where what stands behind it begins: behind its colon, anchor and tag. */
interface BehindKey {
  readonly column: number;
  readonly head: number;
}

/** A string in the quotes of the one that it takes the place of. */
function sameQuotes(node: LayoutNode, value: unknown): string | undefined {
  if (typeof value !== 'string' || node.kind !== 'scalar') return undefined;
  if (node.style === 'single') return scalarText(value, { quote: "'", isQuoted: true });
  return node.style === 'double' ? scalarText(value, { quote: '"', isQuoted: true }) : undefined;
}

function isAbsent(node: LayoutNode): boolean {
  return node.kind === 'scalar' && node.style === 'absent';
}

/** Whether it takes lines of its own. */
function isBlock(node: LayoutNode): boolean {
  return node.kind === 'scalar' ? node.style === 'block' : node.kind !== 'alias' && !node.isFlow;
}
