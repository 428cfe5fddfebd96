/** The text of one file with the repairs of a policy in it. */
import { editDocument } from '../yaml/edit/edit-document.ts';
import { applyEdits, type TextEdit } from '../yaml/edit/edits.ts';
import { parseDocument, splitDocuments, UnreadableDocumentError, type SourceDocument } from '../yaml/kubernetes-yaml.ts';
import { Positions, type DocumentPath } from '../yaml/positions.ts';
import { itemsOf, TEMPLATE, unrenderedMessage, type LeftOut } from './input/documents.ts';
import { planFor, type DocumentPlace, type FixContext, type FixOutcome, type Left, type Planned } from './planned-repair.ts';
import { skipOfTemplates } from './skipped-document.ts';

/** A text, and what turns it into the repaired one. */
export interface FixedText {
  readonly before: string;
  /** The same as `before` where nothing is changed. */
  readonly after: string;
  readonly edits: readonly TextEdit[];
  /** In the order of the objects; those without anything to repair are not among them. */
  readonly outcomes: readonly FixOutcome[];
  /** Objects that were looked at, or skipped. */
  readonly objects: number;
  /** Of the objects that were looked at; empty where nobody asked (`judging`). */
  readonly left: readonly Left[];
}

export interface FixTextOptions {
  /** Whether the file was found in a folder or by a pattern, and not named: then it may be no manifest at all. */
  readonly isFound?: boolean;
  /** Of the objects that have something to repair, by their number in the file from 0: all unless given. */
  readonly isWanted?: (index: number) => boolean;
}

/**
 * Repairs what one file holds. What cannot be read stays as it is, and the rest is repaired.
 *
 * @param file what it is called in the outcomes
 */
export function fixText(file: string, text: string, context: FixContext, { isFound = false, isWanted }: FixTextOptions = {}): FixedText {
  const edits: TextEdit[] = [];
  const outcomes: FixOutcome[] = [];
  const left: Left[] = [];
  let objects = 0;
  let number = 0;
  let planned = 0;
  const isNextWanted = (): boolean => isWanted?.(planned++) ?? true;
  for (const document of splitDocuments(text)) {
    let value: unknown;
    try {
      value = parseDocument(document);
    } catch (error) {
      if (!(error instanceof UnreadableDocumentError)) throw error;
      number += 1;
      if (TEMPLATE.test(text)) return template({ file, document: number, isFound }, text, error);
      outcomes.push({ outcome: 'error', errors: [{ file, document: number, line: error.line, message: error.reason }] });
      continue;
    }
    if (value === null) continue;
    number += 1;
    const fixed = fixDocument({ file, document: number, isFound }, { source: document, value }, context, isNextWanted);
    objects += fixed.objects;
    for (const { start, end, text: inserted } of fixed.edits)
      edits.push({ start: document.offset + start, end: document.offset + end, text: inserted });
    for (const outcome of fixed.outcomes) outcomes.push(outcome);
    for (const each of fixed.left) left.push(each);
  }
  return { before: text, after: applyEdits(text, edits), edits, outcomes, objects, left };
}

/** Nothing of it is changed, and that is said once. */
function template({ file, document, isFound }: DocumentPlace, text: string, { line, reason }: UnreadableDocumentError): FixedText {
  const outcome: FixOutcome = isFound
    ? leftOut(file, 'template')
    : { outcome: 'error', errors: [{ file, document, line, message: unrenderedMessage(reason) }] };
  return { before: text, after: text, edits: [], outcomes: [outcome], objects: 0, left: [] };
}

function fixDocument(
  place: DocumentPlace,
  { source, value }: { readonly source: SourceDocument; readonly value: unknown },
  context: FixContext,
  isNextWanted: () => boolean,
): Pick<FixedText, 'edits' | 'outcomes' | 'objects' | 'left'> {
  const outcomes: FixOutcome[] = [];
  const planned: Planned[] = [];
  const left: Left[] = [];
  let objects = 0;
  let positions: Positions | undefined;
  const lineOf = (path: DocumentPath): number => {
    if (path.length === 0) return source.contentLine;
    positions ??= new Positions(source.text);
    return source.line - 1 + positions.lineOf(path);
  };
  for (const { path, value: object } of itemsOf(value)) {
    const plan = planFor({ path, object, whole: value }, { ...place, line: lineOf(path) }, context, (field) => lineOf([...path, ...field]));
    if (!('outcome' in plan) || (plan.outcome === 'skipped' && plan.skip.kind !== '')) objects += 1;
    if (!('outcome' in plan) && plan.left !== undefined) left.push(plan.left);
    if ('outcome' in plan) outcomes.push(plan);
    else if (plan.change.operations.length === 0) continue;
    else if (isNextWanted()) planned.push(plan);
    else outcomes.push({ outcome: 'judged', result: { ...plan.result, refused: { reason: 'the answer was no', line: plan.result.line } } });
  }
  if (planned.length === 0) return { edits: [], outcomes, objects, left };
  const { edits, refusals } = editDocument(
    source,
    planned.map(({ change }) => change),
  );
  for (const [index, { result }] of planned.entries()) {
    const refusal = refusals[index];
    const refused = refusal === undefined ? null : { reason: `${refusal.reason}; change it by hand`, line: source.line - 1 + refusal.line };
    outcomes.push({ outcome: 'judged', result: { ...result, refused } });
  }
  return { edits, outcomes, objects, left };
}

/** A file, or all of a chart, that is not looked into. */
export function leftOut(file: string, what: LeftOut['leftOut']): FixOutcome {
  return { outcome: 'skipped', skip: skipOfTemplates({ file, line: 1, leftOut: what }) };
}
