import t from 'tap';
import { KeptObjects, TooMuchToKeepError } from '../../../src/kube/watch/kept-objects.ts';

const ROOMY = { objects: 100, characters: 10_000 };

void t.test('objects are found by namespace, the latest of each name', (t) => {
  const kept = new KeptObjects<{ a: number }>(ROOMY);
  kept.put('shop', 'web', { a: 1 });
  kept.put('shop', 'api', { a: 2 });
  kept.put('bank', 'web', { a: 3 });
  t.same(kept.of('shop'), [{ a: 2 }, { a: 1 }], 'in the order of their names');
  kept.put('shop', 'web', { a: 4 });
  t.same(kept.of('shop'), [{ a: 2 }, { a: 4 }]);
  t.same(kept.get('bank', 'web'), { a: 3 });
  kept.remove('shop', 'web');
  kept.remove('shop', 'nobody');
  kept.remove('nowhere', 'web');
  t.same(kept.of('shop'), [{ a: 2 }]);
  t.same([kept.of('nowhere'), kept.size], [[], 2]);
  t.end();
});

void t.test('the list of a namespace is made once between two changes', (t) => {
  const kept = new KeptObjects<number>(ROOMY);
  kept.put('shop', 'web', 1);
  const list = kept.of('shop');
  kept.put('bank', 'web', 2);
  t.equal(kept.of('shop'), list);
  kept.put('shop', 'api', 3);
  t.same([list, kept.of('shop')], [[1], [3, 1]]);
  t.end();
});

void t.test('there is a bound on their number and on their length, and what is gone makes room', (t) => {
  const kept = new KeptObjects<string>({ objects: 2, characters: 20 });
  kept.put('shop', 'a', 'x'.repeat(10));
  kept.put('shop', 'a', 'x'.repeat(12));
  kept.put('shop', 'b', '');
  t.throws(() => {
    kept.put('shop', 'c', '');
  }, TooMuchToKeepError);
  kept.remove('shop', 'b');
  t.throws(() => {
    kept.put('shop', 'b', 'x'.repeat(10));
  }, TooMuchToKeepError);
  kept.remove('shop', 'a');
  kept.put('shop', 'b', 'x'.repeat(18));
  t.same(kept.of('shop'), ['x'.repeat(18)]);
  t.end();
});
