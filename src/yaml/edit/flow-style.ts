/** How a document writes what stands in brackets. */
import { lineStartOf, nextMark, type Layout, type LayoutMapping, type LayoutNode, type LayoutSequence } from './layout.ts';
import type { FlowStyle } from './value-text.ts';

/**
 * How the parts of an object or list in brackets are written: like the parts that are there, or like the JSON around it.
 *
 * @param quote of the document
 */
export function flowStyleOf(node: LayoutMapping | LayoutSequence, { text, isJson, root }: Layout, quote: FlowStyle['quote']): FlowStyle {
  const first = node.kind === 'mapping' ? node.entries[0]?.keyStart : node.items[0]?.start;
  const second = node.kind === 'mapping' ? node.entries[1]?.keyStart : node.items[1]?.start;
  const behind = (offset: number | undefined, mark: string): string | undefined => {
    if (offset === undefined) return undefined;
    const at = text.lastIndexOf(mark, offset);
    return at < 0 ? undefined : text.slice(at + 1, offset);
  };
  const colon = firstColon(node, text) ?? firstColon(root, text);
  const afterColon = isJson && colon !== undefined && !/\s/.test(text.charAt(colon + 1)) ? '' : ' ';
  const between = second === undefined ? undefined : behind(second, ',');
  const lineIndent = /^[ \t]*/.exec(text.slice(lineStartOf(text, node.start)))?.[0] ?? '';
  let lines: FlowStyle['lines'];
  if (first !== undefined && text.slice(node.start, first).includes('\n')) {
    const indent = /^[ \t]*/.exec(text.slice(lineStartOf(text, first)))?.[0] ?? '';
    const step = indent.length > lineIndent.length && indent.startsWith(lineIndent) ? indent.slice(lineIndent.length) : '  ';
    lines = { indent, step };
  }
  return {
    isQuoted: isJson || (node.kind === 'mapping' && first !== undefined && text.charAt(first) === '"'),
    quote,
    afterColon,
    afterComma: between !== undefined && !between.includes('\n') ? between : afterColon,
    padding: first !== undefined && lines === undefined && node.kind === 'mapping' && text.charAt(node.start + 1) === ' ' ? ' ' : '',
    lines,
  };
}

function firstColon(node: LayoutNode, text: string): number | undefined {
  if (node.kind === 'mapping') {
    const [entry] = node.entries;
    return entry === undefined ? undefined : nextMark(text, entry.keyEnd);
  }
  const item = node.kind === 'sequence' ? node.items.find(({ kind }) => kind === 'mapping') : undefined;
  return item === undefined ? undefined : firstColon(item, text);
}
