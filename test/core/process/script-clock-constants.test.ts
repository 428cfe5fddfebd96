import t from 'tap';
import {
  eitherConstants,
  mayBeConstant,
  NO_CONSTANTS,
  withNames,
  type Constants,
} from '../../../src/core/process/script-clock-constants.ts';

/** So many names, `A0` and on. */
function names(count: number): Constants {
  return withNames(
    NO_CONSTANTS,
    Array.from({ length: count }, (_, index) => `A${index}`),
  );
}

void t.test('names are remembered, and nothing is copied where all are known', (t) => {
  const two = withNames(NO_CONSTANTS, ['A', 'B']);
  t.same(two, new Set(['A', 'B']));
  t.equal(withNames(two, ['B']), two);
  t.ok(mayBeConstant(two, 'A'));
  t.notOk(mayBeConstant(two, 'C'));
  t.end();
});

void t.test('of too many names, and of those that nobody knows, any variable may be one', (t) => {
  t.notOk(mayBeConstant(names(64), 'B'));
  t.ok(mayBeConstant(names(65), 'B'));
  t.ok(mayBeConstant(withNames(NO_CONSTANTS, [undefined]), 'B'));
  t.equal(withNames(undefined, ['A']), undefined);
  t.end();
});

void t.test('after one of two ways, what is constant on either may be', (t) => {
  const [one, two] = [names(1), names(2)];
  t.equal(eitherConstants(one, two), two, 'the one that holds the other');
  t.equal(eitherConstants(two, one), two);
  t.same(eitherConstants(one, withNames(NO_CONSTANTS, ['B'])), new Set(['A0', 'B']));
  t.equal(eitherConstants(one, undefined), undefined);
  t.equal(eitherConstants(undefined, undefined), undefined);
  t.equal(eitherConstants(names(64), withNames(NO_CONSTANTS, ['B'])), undefined);
  t.end();
});
