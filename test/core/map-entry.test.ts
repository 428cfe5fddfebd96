import t from 'tap';
import { entryOf } from '../../src/core/map-entry.ts';

void t.test('an entry is made once', (t) => {
  const lists = new Map<string, number[]>();
  entryOf(lists, 'a', () => []).push(1);
  entryOf(lists, 'a', () => []).push(2);
  t.same([...lists], [['a', [1, 2]]]);
  t.end();
});
