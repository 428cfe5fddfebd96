/**
 * From what is to stand in a document to edits of its text. Only the lines that change are touched; what is added looks like
 * what is around it, and a comment in what goes stays as a line of its own.
 */
import { valueOf, type Draft, type MappingDraft, type SequenceDraft, type Slot } from './draft.ts';
import type { TextEdit } from './edits.ts';
import { flowStyleOf } from './flow-style.ts';
import { columnOf, EditRefusal, nextMark, type Layout, type LayoutNode, type LayoutSequence } from './layout.ts';
import { Replacement, type NodePlace } from './replacement.ts';
import type { DocumentStyle } from './style.ts';
import { TextChanges, type TextPart } from './text-changes.ts';
import { entryLines, flowEntryText, flowText, indentedLines, itemLines } from './value-text.ts';

export class Writer {
  readonly #layout: Layout;
  readonly #text: string;
  readonly #style: DocumentStyle;
  readonly #changes: TextChanges;
  readonly #replacement: Replacement;

  constructor(layout: Layout, style: DocumentStyle) {
    this.#layout = layout;
    this.#text = layout.text;
    this.#style = style;
    this.#changes = new TextChanges(layout);
    this.#replacement = new Replacement(layout, style, this.#changes);
  }

  /**
   * @param slot what is to stand there, and what it takes the place of
   * @throws {EditRefusal}
   */
  static editsOf(slot: Slot, layout: Layout, style: DocumentStyle): readonly TextEdit[] {
    const writer = new Writer(layout, style);
    writer.#write(slot.draft, writer.#placeOfRoot(slot.draft));
    return writer.#changes.edits;
  }

  /** An object as a whole is never replaced, so that only what is within brackets has to be known. */
  #placeOfRoot({ node }: Draft): NodePlace {
    if (node !== undefined && 'isFlow' in node && node.isFlow) {
      const style = flowStyleOf(node, this.#layout, this.#style.quote);
      const { lines } = style;
      return { in: 'flow', style: { ...style, lines: lines && { ...lines, indent: lines.indent.slice(lines.step.length) } } };
    }
    return { in: 'document' };
  }

  #write(draft: Draft, place: NodePlace): void {
    switch (draft.kind) {
      case 'kept':
        return;
      case 'value':
        if (draft.node !== undefined) this.#replacement.put(draft.node, draft.value, place);
        return;
      case 'mapping':
        this.#mapping(draft, place);
        return;
      case 'sequence':
        this.#sequence(draft, place);
    }
  }

  #mapping(draft: MappingDraft, place: NodePlace): void {
    const { node, members, added } = draft;
    if (members.every((member) => member === undefined)) {
      if (added.size > 0 || members.length > 0) this.#replacement.put(node, valueOf(draft), place);
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
    this.#changes.remove(parts, (index) => members[index] !== undefined, node.isFlow);
    if (added.size > 0) this.#addMembers(draft, parts, column);
  }

  /** Behind the last member that stays. @param parts where the members stand */
  #addMembers({ node, members, added }: MappingDraft, parts: readonly TextPart[], column: number): void {
    const last = members.findLastIndex((member) => member !== undefined);
    const end = parts[last]?.end ?? 0;
    const isLast = last === members.length - 1;
    const values = [...added].map(([key, { draft }]): [string, unknown] => [key, valueOf(draft)]);
    if (node.isFlow) {
      const style = flowStyleOf(node, this.#layout, this.#style.quote);
      const texts = values.map(([key, value]) => flowEntryText(key, value, style));
      this.#changes.insertFlow(end, texts, style, !isLast);
    } else {
      const lines = values.flatMap(([key, value]) => indentedLines(entryLines(key, value, column, this.#style), column));
      this.#changes.insertLines(this.#changes.lineBehind(end, isLast ? column : undefined), lines);
    }
  }

  #sequence(draft: SequenceDraft, place: NodePlace): void {
    const { node, items } = draft;
    const placeOf = new Map(node.items.map((item, index) => [item, index]));
    const places = items.map(({ draft: { node: origin } }) => (origin === undefined ? -1 : (placeOf.get(origin) ?? -1)));
    const kept = new Set(places);
    const isCut = node.items.some((_, index) => !kept.has(index));
    const startsNew = places[0] === -1;
    if (node.items.length === 0 || items.length === 0 || (isCut && startsNew)) {
      if (items.length > 0 || node.items.length > 0) this.#replacement.put(node, valueOf(draft), place);
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
      if (run.length > 0 && before !== undefined) this.#changes.insertFlow(before.end, run, style, before === lastKept && isRestRemoved);
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
        this.#changes.edit(origin.start, origin.start, run.map((text) => `${text},${separator}`).join(''));
        run = [];
      }
      flush();
      this.#write(draft, { in: 'flow', style });
      before = origin;
    }
    flush();
    this.#changes.remove(node.items, (index) => kept.has(index), true);
  }

  #blockSequence({ node, items }: SequenceDraft, places: readonly number[], kept: ReadonlySet<number>): void {
    const dashes = this.#dashesOf(node);
    const column = columnOf(this.#text, dashes[0] ?? node.start);
    const linesOf = (value: unknown): string[] => indentedLines(itemLines(value, column, this.#style.dashWidth, this.#style), column);
    let before: { readonly end: number; readonly isLast: boolean } | undefined;
    let run: string[] = [];
    const flush = (): void => {
      if (run.length === 0) return;
      if (before === undefined) {
        // The first dash may stand behind another one, so the new lines come between it and what is before it.
        this.#changes.edit(dashes[0] ?? 0, dashes[0] ?? 0, `${run.join('\n').trimStart()}\n${' '.repeat(column)}`);
      } else {
        this.#changes.insertLines(this.#changes.lineBehind(before.end, before.isLast ? column + 1 : undefined), run);
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
    this.#changes.remove(
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
}
