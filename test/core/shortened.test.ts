import t from 'tap';
import { listed, shortened } from '../../src/core/shortened.ts';

void t.test('of a long name the beginning is shown', (t) => {
  t.equal(shortened('a'.repeat(80)), 'a'.repeat(80));
  t.equal(shortened('a'.repeat(81)), `${'a'.repeat(80)}…`);
  t.equal(shortened('abc', 2), 'ab…');
  t.end();
});

void t.test('of a long list the first names are shown, and the others counted', (t) => {
  t.equal(listed(['a', 'b'], 2), 'a, b');
  t.equal(listed(['a', 'b', 'c', 'd'], 2), 'a, b and 2 more');
  t.equal(listed(['a'.repeat(81), 'b'], 1), `${'a'.repeat(80)}… and 1 more`);
  t.equal(listed([], 1), '');
  t.end();
});
