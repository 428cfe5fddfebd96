import t from 'tap';
import { applyEdits } from '../../../src/yaml/edit/edits.ts';
import { flowStyleOf } from '../../../src/yaml/edit/flow-style.ts';
import { EditRefusal, nextMark } from '../../../src/yaml/edit/layout.ts';
import { layoutOf } from '../../../src/yaml/edit/read-layout.ts';
import { Replacement } from '../../../src/yaml/edit/replacement.ts';
import { styleOf } from '../../../src/yaml/edit/style.ts';
import { TextChanges } from '../../../src/yaml/edit/text-changes.ts';

/** A document whose first member or element has another value. */
function replaced(text: string, value: unknown): string {
  const layout = layoutOf(text);
  const { root } = layout;
  const changes = new TextChanges(layout);
  const replacement = new Replacement(layout, styleOf(layout), changes);
  if (root.kind === 'mapping') {
    const [entry] = root.entries;
    if (entry === undefined) throw new Error('a member is expected');
    const place = root.isFlow
      ? ({ in: 'flow', style: flowStyleOf(root, layout, '"') } as const)
      : ({ in: 'entry', entry, column: 0 } as const);
    replacement.put(entry.value, value, place);
  } else if (root.kind === 'sequence') {
    const [item] = root.items;
    if (item === undefined) throw new Error('an element is expected');
    replacement.put(item, value, { in: 'item', dash: nextMark(text, root.start) });
  }
  return applyEdits(text, changes.edits);
}

for (const [name, before, value, after] of [
  ['a scalar behind a key keeps its comment', 'a: 1 # why\nb: 2\n', 3, 'a: 3 # why\nb: 2\n'],
  ['a string keeps the quotes of the one before', "a: 'x'\n", 'z', "a: 'z'\n"],
  ['an object takes lines below the key', 'a: 1 # why\nb: 2\n', { c: 3 }, 'a: # why\n  c: 3\nb: 2\n'],
  ['a key without a value gets one', 'a:\nb: 2\n', 1, 'a: 1\nb: 2\n'],
  ['a scalar in the place of a block keeps the comments of the block', 'a:\n  # inner\n  c: 3\nb: 2\n', 1, 'a: 1\n# inner\nb: 2\n'],
  ['the header of a block scalar goes, its comment stays', 'a: | # why\n  x\nb: 2\n', 'z', 'a: z # why\nb: 2\n'],
  ['an anchor stays before the value', 'a: &one 1\n', 2, 'a: &one 2\n'],
  ['an object behind an anchor', 'a: &one 1\n', { c: 2 }, 'a: &one\n  c: 2\n'],
  ['an empty list stands on the line of its key', 'a:\n  - 1\n', [], 'a: []\n'],
  ['within braces', '{a: 1, b: 2}\n', { c: [3] }, '{a: {c: [3]}, b: 2}\n'],
  ['within braces without a value', '{a: , b: 2}\n', 1, '{a: 1 , b: 2}\n'],
  ['an element', '- 1 # why\n- 2\n', 3, '- 3 # why\n- 2\n'],
  ['an element becomes an object behind its dash', '- 1 # why\n- 2\n', { c: 3, d: 4 }, '- c: 3 # why\n  d: 4\n- 2\n'],
  ['an object behind the anchor of an element', '- &one 1\n- 2\n', { c: 3 }, '- &one\n  c: 3\n- 2\n'],
  ['an element without a value', '-\n- 2\n', { c: 3 }, '- c: 3\n- 2\n'],
] as const) {
  void t.test(name, (t) => {
    t.equal(replaced(before, value), after);
    t.end();
  });
}

void t.test('what would lose a comment is refused', (t) => {
  t.throws(() => replaced('{a: [1, # why\n 2]}\n', 3), EditRefusal);
  t.throws(() => replaced('a: [1, # why\n  2]\n', 3), EditRefusal);
  t.end();
});
