import { applyPatch } from 'rfc6902';
import t from 'tap';
import { cloneJson, isObject } from '../../../src/core/json.ts';
import { pointerOf, type Step } from '../../../src/core/path.ts';
import { applyEdits } from '../../../src/yaml/edit/edits.ts';
import { editDocument } from '../../../src/yaml/edit/edit-document.ts';
import type { EditOperation } from '../../../src/yaml/edit/draft.ts';
import { parseDocument, splitDocuments, type SourceDocument } from '../../../src/yaml/kubernetes-yaml.ts';
import fc from '../../fast-check.ts';
import { runs } from '../../long-tests.ts';
import { written } from './written.ts';

/** Reasons that an author understands: there is a comment that has no place to go, or a line that is shared. */
const REASONABLE =
  /holds comments, which would be lost|something else stands on its last line|does not stand on the line of its dash|would change as a whole/;

void t.test('whatever is changed in whatever layout, what is read again is what was meant, and every comment is there', (t) => {
  let made = 0;
  let refused = 0;
  fc.assert(
    fc.property(object(), choices(), choices(), fc.array(leaf(), { minLength: 3, maxLength: 3 }), (value, layout, picks, news) => {
      const { text, comments } = written(value, layout);
      const document = only(text);
      fc.pre(JSON.stringify(parseDocument(document)) === JSON.stringify(value));
      const { operations, result } = changesOf(value, picks, news);
      const edited = editDocument(document, [{ path: [], operations, result }]);
      const [refusal] = edited.refusals;
      if (refusal !== undefined) {
        refused += 1;
        return REASONABLE.test(refusal.reason) && edited.edits.length === 0;
      }
      made += 1;
      const after = applyEdits(document.text, edited.edits);
      const isMeant = sortedText(parseDocument(only(after))) === sortedText(result);
      return isMeant && comments.every((comment) => after.includes(comment) === document.text.includes(comment));
    }),
    { numRuns: runs(3000) },
  );
  t.ok(made > 9 * refused, `${made} made, ${refused} refused`);
  t.end();
});

void t.test('what is added to blocks leaves every line as it was, with its end', (t) => {
  fc.assert(
    fc.property(object(), choices(), choices(), fc.array(leaf(), { minLength: 3, maxLength: 3 }), (value, layout, picks, news) => {
      const document = only(written(value, layout, true).text);
      fc.pre(JSON.stringify(parseDocument(document)) === JSON.stringify(value));
      const { operations, result } = changesOf(value, picks, news, true);
      const { edits, refusals } = editDocument(document, [{ path: [], operations, result }]);
      const text = applyEdits(document.text, edits);
      return refusals[0] === undefined && isWithin(document.text.split('\n'), text.split('\n'));
    }),
    { numRuns: runs(3000) },
  );
  t.end();
});

void t.test('JSON stays JSON, with the spaces of its author', (t) => {
  fc.assert(
    fc.property(
      object(),
      fc.constantFrom(undefined, 2, 4, '\t'),
      choices(),
      fc.array(leaf(), { minLength: 3, maxLength: 3 }),
      (value, indent, picks, news) => {
        const document = only(`${JSON.stringify(value, null, indent)}\n`);
        const { operations, result } = changesOf(value, picks, news);
        const { edits, refusals } = editDocument(document, [{ path: [], operations, result }]);
        const text = applyEdits(document.text, edits).trimEnd();
        return refusals[0] === undefined && text === JSON.stringify(inOrderOf(JSON.parse(text), result), null, indent);
      },
    ),
    { numRuns: runs(1000) },
  );
  t.end();
});

/** Keys in the order of the first, values of the second: the two are the same but for the order of keys. */
function inOrderOf(order: unknown, value: unknown): unknown {
  if (Array.isArray(order) && Array.isArray(value)) return order.map((item, index) => inOrderOf(item, value[index]));
  if (!isObject(order) || !isObject(value)) return value;
  return Object.fromEntries([...Object.keys(order), ...Object.keys(value)].map((key) => [key, inOrderOf(order[key], value[key])]));
}

function sortedText(value: unknown): string {
  return JSON.stringify(value, (_, member: unknown) =>
    isObject(member) ? Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => (a < b ? -1 : 1))) : member,
  );
}

function only(text: string): SourceDocument {
  const [document, ...others] = splitDocuments(text);
  if (document === undefined || others.length > 0) throw new Error('one document is expected');
  return document;
}

/** Whether lines are among others in their order; the last one may have got a line end. */
function isWithin(lines: readonly string[], others: readonly string[]): boolean {
  let at = 0;
  return lines.every((line, index) => {
    const isLast = index === lines.length - 1;
    const found = others.findIndex((other, place) => place >= at && (other === line || (isLast && other.trimEnd() === line)));
    at = found + 1;
    return found >= 0;
  });
}

interface Changes {
  readonly operations: readonly EditOperation[];
  readonly result: unknown;
}

/** A few operations that apply one after the other. */
function changesOf(value: unknown, picks: readonly number[], news: readonly unknown[], onlyAdditions = false): Changes {
  const result = cloneJson(value);
  const operations = news.flatMap((added, index): EditOperation[] => {
    const pick = (picks[index] ?? 0) + index;
    const places = collectionsIn(result, onlyAdditions);
    const { path, collection } = places[pick % places.length] ?? { path: [], collection: result };
    const members = Object.keys(collection as object);
    const member = members[(pick >> 3) % Math.max(members.length, 1)];
    const kind = onlyAdditions || member === undefined ? 0 : (pick >> 6) % 3;
    const step: Step = Array.isArray(collection)
      ? kind === 0
        ? (pick >> 3) % (members.length + 1)
        : Number(member)
      : kind === 0
        ? `new${index}`
        : (member ?? '');
    // An object as a whole is never emptied: a manifest has a kind.
    if (kind === 1 && path.length === 0 && members.length === 1) return [];
    const operation: EditOperation =
      kind === 1
        ? { op: 'remove', path: pointerOf([...path, step]) }
        : { op: kind === 0 ? 'add' : 'replace', path: pointerOf([...path, step]), value: added };
    const [error] = applyPatch(result, [cloneJson(operation)] as Parameters<typeof applyPatch>[1]);
    if (error != null) throw error;
    return [operation];
  });
  return { operations, result };
}

function collectionsIn(value: unknown, onlyLines: boolean, path: readonly Step[] = []): { path: readonly Step[]; collection: unknown }[] {
  if (typeof value !== 'object' || value === null) return [];
  const isFilled = Object.keys(value).length > 0;
  // A list that begins on a line of the list around it shares that line.
  const isOnOwnLines = isFilled && !(Array.isArray(value) && typeof path.at(-1) === 'number');
  const own = isOnOwnLines || !onlyLines ? [{ path, collection: value }] : [];
  const entries = Array.isArray(value) ? value.map((item: unknown, index): [Step, unknown] => [index, item]) : Object.entries(value);
  return [...own, ...entries.flatMap(([step, member]) => collectionsIn(member, onlyLines, [...path, step]))];
}

function object(): fc.Arbitrary<Record<string, unknown>> {
  return fc.dictionary(key(), leaf(), { minKeys: 1, maxKeys: 5, noNullPrototype: true });
}

function choices(): fc.Arbitrary<number[]> {
  return fc.array(fc.nat(9999), { minLength: 7, maxLength: 23 });
}

function key(): fc.Arbitrary<string> {
  return fc.oneof(
    { weight: 5, arbitrary: fc.stringMatching(/^[a-z]{1,8}$/) },
    fc.constantFrom('a/b', 'on', '8080', 'x: y', '~', 'app.kubernetes.io/name'),
  );
}

function leaf(): fc.Arbitrary<unknown> {
  return fc.letrec((tie) => ({
    value: fc.oneof(
      { maxDepth: 4, depthSize: 'small' },
      fc.oneof(
        fc.stringMatching(/^[a-z]{1,8}$/),
        fc.constantFrom(
          '',
          '128Mi',
          '0.5',
          '1e3',
          '010',
          'yes',
          'a: b',
          'a #b',
          '- a',
          "it's",
          '"',
          'x\ny\n',
          'x\n\ny\n',
          ' a',
          'é ü',
          '2026-01-01',
          '{}',
          '*',
          '&a',
          'a,b]',
        ),
        fc.integer({ min: -5, max: 100_000 }),
        fc.boolean(),
        fc.constant(null),
      ),
      fc.array(tie('value'), { maxLength: 4 }),
      fc.dictionary(key(), tie('value'), { maxKeys: 4, noNullPrototype: true }),
    ),
  })).value;
}
