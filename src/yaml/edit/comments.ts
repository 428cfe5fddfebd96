/** The comments in a part of a document, which an edit must not lose. */
import { lineEndOf, type LayoutNode } from './layout.ts';

/** The comments between two places, from `#` to the end of their lines. */
export function commentsIn(text: string, start: number, end: number, root: LayoutNode): string[] {
  const comments: string[] = [];
  const scalars = scalarsIn(root, start, end);
  let at = start;
  for (const scalar of [...scalars, { start: end, end, isBlock: false }]) {
    while (at < scalar.start) {
      const mark = text.indexOf('#', at);
      if (mark < 0 || mark >= scalar.start) break;
      const lineEnd = Math.min(lineEndOf(text, mark), end);
      comments.push(text.slice(mark, lineEnd).trimEnd());
      at = lineEnd;
    }
    if (scalar.isBlock && scalar.start >= start) {
      const header = text.slice(scalar.start, lineEndOf(text, scalar.start));
      if (header.includes('#')) comments.push(header.slice(header.indexOf('#')).trimEnd());
    }
    at = Math.max(at, scalar.end);
  }
  return comments;
}

interface ScalarExtent {
  readonly start: number;
  readonly end: number;
  readonly isBlock: boolean;
}

/** What is written as text between two places, keys included, in its order. */
function scalarsIn(node: LayoutNode, start: number, end: number): ScalarExtent[] {
  if (node.start >= end || node.end <= start) return [];
  switch (node.kind) {
    case 'alias':
      return [];
    case 'scalar':
      return node.end <= start ? [] : [{ start: node.start, end: node.end, isBlock: node.style === 'block' }];
    case 'sequence':
      return node.items.flatMap((item) => scalarsIn(item, start, end));
    case 'mapping':
      return node.entries.flatMap(({ keyStart, keyEnd, value }) => {
        if (Math.max(value.end, keyEnd) <= start || keyStart >= end) return [];
        return [{ start: keyStart, end: keyEnd, isBlock: false }, ...scalarsIn(value, start, end)].filter((scalar) => scalar.end > start);
      });
  }
}

/** Whether nothing but blanks and a comment stands on the rest of a line. */
export function isBlankOrComment(text: string): boolean {
  return /^[ \t]*(?:#.*)?\r?$/.test(text);
}
