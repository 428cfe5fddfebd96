import t from 'tap';
import { oncePer } from '../../src/core/once-per.ts';

void t.test('it is made once for each object', (t) => {
  let calls = 0;
  const lengthOf = oncePer((names: readonly string[]) => {
    calls += 1;
    return names.length;
  });
  const names = ['a', 'b'];
  t.same([lengthOf(names), lengthOf(names), lengthOf(['c'])], [2, 2, 1]);
  t.equal(calls, 2);
  t.end();
});

void t.test('undefined is a result like any other', (t) => {
  let calls = 0;
  const nothing = oncePer(() => {
    calls += 1;
  });
  const key = {};
  nothing(key);
  nothing(key);
  t.equal(calls, 1);
  t.end();
});
