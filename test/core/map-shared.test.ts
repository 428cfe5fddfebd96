import t from 'tap';
import { mapShared } from '../../src/core/map-shared.ts';

void t.test('a list in which nothing changes is the same list', (t) => {
  const list = [{ a: 1 }, { a: 2 }];
  t.equal(
    mapShared(list, (element) => element),
    list,
  );
  t.end();
});

void t.test('what does not change is shared, and the given list stays as it is', (t) => {
  const [first, second] = [{ a: 1 }, { a: 2 }];
  const list = [first, second];
  const changed = mapShared(list, (element) => (element === second ? { a: 3 } : element));
  t.same(changed, [{ a: 1 }, { a: 3 }]);
  t.equal(changed[0], first);
  t.same(list, [{ a: 1 }, { a: 2 }]);
  t.end();
});
