/** Fields that a policy sets twice: YAML takes the last, and the others would count for nothing without a word. */
import { FieldPath } from '../core/path.ts';
import { normalizeLineEnds, type SourceDocument } from '../yaml/kubernetes-yaml.ts';
import type { DocumentPath } from '../yaml/positions.ts';
import { TextPlaces } from '../yaml/text-places.ts';
import type { LayoutNode } from '../yaml/edit/layout.ts';
import { layoutOf } from '../yaml/edit/read-layout.ts';
import type { PolicyProblem } from './policy-problem.ts';

/** A field that an object has before. Offsets count in the text of the document. */
interface Repetition {
  readonly path: DocumentPath;
  readonly firstOffset: number;
  readonly offset: number;
}

/**
 * What is set twice in the same object. A field beside `<<` that the merge brings too is none: it replaces that one on purpose.
 *
 * @param document one that `parseDocument` reads
 */
export function repeatedFields(document: SourceDocument): PolicyProblem[] {
  const text = normalizeLineEnds(document.text);
  const places = new TextPlaces(text);
  const lineAt = (offset: number): number => document.line - 1 + places.at(offset).line;
  return [...repetitionsIn(layoutOf(text).root, [])].map(({ path, firstOffset, offset }) => ({
    path: FieldPath.from(path).text,
    line: lineAt(offset),
    message: `must be set once, but is set on line ${lineAt(firstOffset)}, too`,
  }));
}

function* repetitionsIn(node: LayoutNode, path: DocumentPath): Generator<Repetition> {
  if (node.kind === 'sequence') {
    for (const [index, item] of node.items.entries()) yield* repetitionsIn(item, [...path, index]);
  } else if (node.kind === 'mapping') {
    const firstOffsets = new Map<string, number>();
    for (const { key, keyStart, value } of node.entries) {
      if (key === undefined) continue;
      const inside = [...path, key];
      const firstOffset = firstOffsets.get(key);
      if (firstOffset === undefined) firstOffsets.set(key, keyStart);
      else yield { path: inside, firstOffset, offset: keyStart };
      yield* repetitionsIn(value, inside);
    }
  }
}
