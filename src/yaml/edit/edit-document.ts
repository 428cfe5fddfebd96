/**
 * Changes a document of a file where it stands: nothing else is touched, neither comments nor quotes, indentation or line ends.
 *
 * A change is taken as a whole or refused with a reason. What comes out is read again, and is given back only where it is what
 * was meant.
 */
import { normalizeLineEnds, parseDocument, splitDocuments, type SourceDocument } from '../kubernetes-yaml.ts';
import type { DocumentPath } from '../positions.ts';
import { draftOf, isEqual, type EditOperation } from './draft.ts';
import { applyEdits, withLineEndsOf, type TextEdit } from './edits.ts';
import { EditRefusal, lineStartOf, type Layout, type LayoutNode } from './layout.ts';
import { layoutOf } from './read-layout.ts';
import { styleOf } from './style.ts';
import { Writer } from './writer.ts';

export interface DocumentChange {
  /** Where the object stands in the document: empty, or `['items', 3]`. */
  readonly path: DocumentPath;
  /** What to do to the object; the operations apply in their order. */
  readonly operations: readonly EditOperation[];
  /** What the document is to hold there afterwards. */
  readonly result: unknown;
}

export interface EditedDocument {
  /** What turns the document's text into the edited one; nothing where every change is refused. */
  readonly edits: readonly TextEdit[];
  /** For each change, why it was not made; undefined where it was. */
  readonly refusals: readonly (DocumentRefusal | undefined)[];
}

export interface DocumentRefusal {
  /** Goes on after "is not changed: ". */
  readonly reason: string;
  /** In the document, from 1. */
  readonly line: number;
}

/**
 * @param document of `splitDocuments`, one that `parseDocument` reads
 * @param changes of objects none of which holds another
 */
export function editDocument(document: SourceDocument, changes: readonly DocumentChange[]): EditedDocument {
  const { text } = document;
  const value = parseDocument(document);
  const lines = normalizeLineEnds(text);
  const layout = layoutOf(lines);
  const style = styleOf(layout);
  const edits: TextEdit[] = [];
  const made: DocumentChange[] = [];
  const template = templateComment(lines);
  const refusals = changes.map((change) => {
    try {
      if (template !== undefined) throw template;
      for (const edit of editsOf(change, value, layout, style)) edits.push(edit);
      made.push(change);
      return undefined;
    } catch (error) {
      if (error instanceof EditRefusal) return { reason: error.message, line: lineOf(lines, error.offset) };
      throw error;
    }
  });
  if (edits.length === 0) return { edits, refusals };
  const placed = withLineEndsOf(text, edits);
  const edited = editedText(text, placed);
  const expected = made.reduce((whole, { path, result }) => withValueAt(whole, path, result), value);
  if (edited !== undefined && isEqual(readOnly(edited), expected)) return { edits: placed, refusals };
  const reason = 'podgrace finds no way to write the change that leaves everything else as it is';
  return {
    edits: [],
    refusals: refusals.map(
      (refusal, index) => refusal ?? { reason, line: lineOf(lines, nodeAt(layout.root, changes[index]?.path ?? []).start) },
    ),
  };
}

function editsOf(
  { path, operations }: DocumentChange,
  value: unknown,
  layout: Layout,
  style: ReturnType<typeof styleOf>,
): readonly TextEdit[] {
  const root = nodeAt(layout.root, path);
  const slot = draftOf(root, valueAt(value, path), operations);
  return Writer.editsOf(slot, layout, style);
}

/** A Helm template that is YAML by chance keeps its actions in comments, and means something else once it is rendered. */
function templateComment(text: string): EditRefusal | undefined {
  const match = /^[ \t]*#.*\{\{/m.exec(text);
  return match === null ? undefined : new EditRefusal('the document is a template: its comments hold {{ }}', match.index);
}

function editedText(text: string, edits: readonly TextEdit[]): string | undefined {
  try {
    return applyEdits(text, edits);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}

/** What a text holds that is to be one document; undefined where it is none, or several. */
function readOnly(text: string): unknown {
  const [document, ...others] = splitDocuments(text);
  if (document === undefined || others.length > 0) return undefined;
  try {
    return parseDocument(document);
  } catch {
    return undefined;
  }
}

/** @throws {EditRefusal} where the way leads through what others share */
function nodeAt(root: LayoutNode, path: DocumentPath): LayoutNode {
  let node = root;
  for (const step of path) {
    if (node.isShared === true)
      throw new EditRefusal(
        `it is within the anchor &${node.anchor ?? ''}, and aliases stand for it as well`,
        node.anchorStart ?? node.start,
      );
    let next: LayoutNode | undefined;
    if (node.kind === 'sequence') next = node.items[Number(step)];
    else if (node.kind === 'mapping') next = node.entries.findLast(({ key }) => key === step)?.value;
    if (next === undefined) throw new EditRefusal('it comes from elsewhere in the document, through an alias or <<', node.start);
    node = next;
  }
  return node;
}

function valueAt(value: unknown, path: DocumentPath): unknown {
  return path.reduce<unknown>((holder, step) => (holder as Record<string | number, unknown>)[step], value);
}

function withValueAt(whole: unknown, path: DocumentPath, value: unknown): unknown {
  const [step, ...rest] = path;
  if (step === undefined) return value;
  const changed = withValueAt((whole as Record<string | number, unknown>)[step], rest, value);
  if (Array.isArray(whole)) return whole.with(Number(step), changed);
  return { ...(whole as object), [step]: changed };
}

function lineOf(text: string, offset: number): number {
  return text.slice(0, lineStartOf(text, offset)).split('\n').length;
}
