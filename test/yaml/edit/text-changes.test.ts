import t from 'tap';
import { applyEdits } from '../../../src/yaml/edit/edits.ts';
import { EditRefusal, type LayoutMapping } from '../../../src/yaml/edit/layout.ts';
import { layoutOf } from '../../../src/yaml/edit/read-layout.ts';
import { TextChanges, type TextPart } from '../../../src/yaml/edit/text-changes.ts';
import type { FlowStyle } from '../../../src/yaml/edit/value-text.ts';

/** A text after changes of it. */
function changed(text: string, change: (changes: TextChanges, parts: readonly TextPart[], root: LayoutMapping) => void): string {
  const layout = layoutOf(text);
  const { root } = layout;
  if (root.kind !== 'mapping') throw new Error('a mapping is expected');
  const changes = new TextChanges(layout);
  const parts = root.entries.map(({ keyStart, value }) => ({ start: keyStart, end: value.end }));
  change(changes, parts, root);
  return applyEdits(text, changes.edits);
}

/** @param kept the numbers of the members that stay */
function without(text: string, ...kept: readonly number[]): string {
  return changed(text, (changes, parts, { isFlow }) => {
    changes.remove(parts, (index) => kept.includes(index), isFlow);
  });
}

void t.test('what goes takes its lines with it, and leaves its comments', (t) => {
  t.equal(without('a: 1\nb: 2\nc: 3\n', 0, 2), 'a: 1\nc: 3\n');
  t.equal(without('a: 1\nb: 2 # why\nc: 3\n', 0, 2), 'a: 1\n# why\nc: 3\n');
  t.equal(without('a: 1\nb: 2\nc: 3\n', 2), 'c: 3\n', 'from the first line on');
  t.equal(without('a: 1\nb:\n  # inner\n  d: 2\nc: 3\n', 0, 2), 'a: 1\n# inner\nc: 3\n');
  t.end();
});

void t.test('within brackets, a comma goes with it, and a comment stops it', (t) => {
  t.equal(without('{a: 1, b: 2, c: 3}\n', 0, 2), '{a: 1, c: 3}\n');
  t.equal(without('{a: 1, b: 2, c: 3}\n', 0), '{a: 1}\n');
  t.equal(without('{a: 1, b: 2, c: 3}\n', 2), '{c: 3}\n');
  t.throws(() => without('{a: 1, # why\n b: 2, c: 3}\n', 2), EditRefusal);
  t.end();
});

const TIGHT: FlowStyle = { isQuoted: false, quote: '"', afterColon: ' ', afterComma: ' ', padding: '' };
const IN_LINES: FlowStyle = { ...TIGHT, lines: { indent: '  ', step: '  ' } };

void t.test('what comes within brackets stands behind a comma, on the same line or a new one', (t) => {
  const inserted = (text: string, style: FlowStyle): string =>
    changed(text, (changes, parts) => {
      changes.insertFlow(parts.at(-1)?.end ?? 0, ['x: 1', 'y: 2'], style, false);
    });
  t.equal(inserted('{a: 1}\n', TIGHT), '{a: 1, x: 1, y: 2}\n');
  t.equal(inserted('{\n  a: 1\n}\n', IN_LINES), '{\n  a: 1,\n  x: 1,\n  y: 2\n}\n');
  t.equal(inserted('{\n  a: 1, # why\n}\n', IN_LINES), '{\n  a: 1, # why\n  x: 1,\n  y: 2,\n}\n', 'the last comma stays the last');
  t.equal(inserted('{\n  a: 1 # why\n}\n', IN_LINES), '{\n  a: 1, # why\n  x: 1,\n  y: 2\n}\n');
  t.end();
});

void t.test('the end of a line takes the comments that belong to what ends there', (t) => {
  const below = (text: string, column: number | undefined): string =>
    changed(text, (changes, [first]) => {
      changes.insertLines(changes.lineBehind(first?.end ?? 0, column), ['x: 1']);
    });
  t.equal(below('a: 1 # why\n  # more\nb: 2\n', undefined), 'a: 1 # why\nx: 1\n  # more\nb: 2\n');
  t.equal(below('a: 1 # why\n  # more\nb: 2\n', 2), 'a: 1 # why\n  # more\nx: 1\nb: 2\n');
  t.equal(below('a: 1\n# of b\nb: 2\n', 2), 'a: 1\nx: 1\n# of b\nb: 2\n');
  t.throws(() => below('{a: 1, b: 2}\n', undefined), EditRefusal, 'something else stands on the line');
  t.end();
});

void t.test('an edit that changes nothing is none', (t) => {
  const layout = layoutOf('a: 1\n');
  const changes = new TextChanges(layout);
  changes.edit(2, 2, '');
  t.same(changes.edits, []);
  t.end();
});
