/** How a document writes what stands in brackets. */
import { lineStartOf, nextMark, type Layout, type LayoutMapping, type LayoutNode, type LayoutSequence } from './layout.ts';
import type { FlowStyle } from './value-text.ts';

/**
 * How the parts of an object or list in brackets are written: like the parts that are there, or like the JSON around it.
 *
 * @param quote of the document
 */
export function flowStyleOf(node: LayoutMapping | LayoutSequence, { text, isJson, root }: Layout, quote: FlowStyle['quote']): FlowStyle {
  const isMapping = node.kind === 'mapping';
  const [first, second] = isMapping
    ? node.entries.slice(0, 2).map(({ keyStart }) => keyStart)
    : node.items.slice(0, 2).map(({ start }) => start);
  const lines = first === undefined ? undefined : linesOf(text, node.start, first);
  const colon = firstColon(node, text) ?? firstColon(root, text);
  const afterColon = isJson && colon !== undefined && !/\s/.test(text.charAt(colon + 1)) ? '' : ' ';
  return {
    isQuoted: isJson || (isMapping && first !== undefined && text.charAt(first) === '"'),
    quote,
    afterColon,
    afterComma: (second === undefined ? undefined : afterCommaBefore(second, text)) ?? afterColon,
    padding: isMapping && first !== undefined && lines === undefined && text.charAt(node.start + 1) === ' ' ? ' ' : '',
    lines,
  };
}

/** @returns undefined where the first part stands on the line of the bracket */
function linesOf(text: string, bracket: number, first: number): FlowStyle['lines'] {
  if (!text.slice(bracket, first).includes('\n')) return undefined;
  const [outer, indent] = [indentAt(text, bracket), indentAt(text, first)];
  const isDeeper = indent.length > outer.length && indent.startsWith(outer);
  return { indent, step: isDeeper ? indent.slice(outer.length) : '  ' };
}

function indentAt(text: string, offset: number): string {
  return /^[ \t]*/.exec(text.slice(lineStartOf(text, offset)))?.[0] ?? '';
}

/** @returns undefined where the part stands on a line of its own */
function afterCommaBefore(part: number, text: string): string | undefined {
  const comma = text.lastIndexOf(',', part);
  const between = comma < 0 ? '\n' : text.slice(comma + 1, part);
  return between.includes('\n') ? undefined : between;
}

function firstColon(node: LayoutNode, text: string): number | undefined {
  if (node.kind === 'mapping') {
    const [entry] = node.entries;
    return entry === undefined ? undefined : nextMark(text, entry.keyEnd);
  }
  const item = node.kind === 'sequence' ? node.items.find(({ kind }) => kind === 'mapping') : undefined;
  return item === undefined ? undefined : firstColon(item, text);
}
