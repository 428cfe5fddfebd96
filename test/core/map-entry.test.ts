import t from 'tap';
import { countIn, entryOf } from '../../src/core/map-entry.ts';

void t.test('an entry is made once', (t) => {
  const lists = new Map<string, number[]>();
  entryOf(lists, 'a', () => []).push(1);
  entryOf(lists, 'a', () => []).push(2);
  t.same([...lists], [['a', [1, 2]]]);
  t.end();
});

void t.test('a key that was not counted begins at none', (t) => {
  const counts = new Map([['b', 4]]);
  for (const key of ['a', 'b', 'a']) countIn(counts, key);
  t.same(Object.fromEntries(counts), { a: 2, b: 5 });
  t.end();
});
