/** How the author of a document writes, so that added text looks the same. */
import { columnOf, type Layout, type LayoutNode } from './layout.ts';

export interface DocumentStyle {
  /** Columns by which what belongs to a key stands further right. */
  readonly indent: number;
  /** The same for the `-` of a list that belongs to a key: often 0. */
  readonly listIndent: number;
  /** From a `-` to what follows it. */
  readonly dashWidth: number;
  /** For strings that need quotes. */
  readonly quote: "'" | '"';
}

/** What is most frequent in a document; of what it does not have, what `kubectl get -o yaml` prints. */
export function styleOf({ root, text }: Layout): DocumentStyle {
  const counts = { indent: new Counts(), listIndent: new Counts(), dashWidth: new Counts() };
  const quotes = { single: 0, double: 0 };
  const visit = (node: LayoutNode, column: number | undefined): void => {
    if (node.kind === 'scalar') {
      if (node.style === 'single' || node.style === 'double') quotes[node.style] += 1;
    } else if (node.kind === 'mapping') {
      const own = node.isFlow ? undefined : columnOf(text, node.start);
      if (own !== undefined && column !== undefined) counts.indent.add(own - column);
      for (const { value } of node.entries) visit(value, own);
    } else if (node.kind === 'sequence') {
      const own = node.isFlow ? undefined : columnOf(text, node.start);
      if (own !== undefined && column !== undefined) counts.listIndent.add(own - column);
      for (const item of node.items) {
        if (own !== undefined && item.kind === 'mapping' && !item.isFlow) counts.dashWidth.add(columnOf(text, item.start) - own);
        visit(item, undefined);
      }
    }
  };
  visit(root, undefined);
  return {
    indent: Math.max(counts.indent.most ?? 2, 1),
    listIndent: Math.max(counts.listIndent.most ?? 0, 0),
    dashWidth: Math.max(counts.dashWidth.most ?? 2, 2),
    quote: quotes.single > quotes.double ? "'" : '"',
  };
}

class Counts {
  readonly #counts = new Map<number, number>();

  add(value: number): void {
    this.#counts.set(value, (this.#counts.get(value) ?? 0) + 1);
  }

  /** Of several, the one that was first. */
  get most(): number | undefined {
    let most: number | undefined;
    for (const [value, count] of this.#counts) if (most === undefined || count > (this.#counts.get(most) ?? 0)) most = value;
    return most;
  }
}
