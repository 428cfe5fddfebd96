import t from 'tap';
import { FieldPath } from '../../src/core/path.ts';
import { inWords, shortJson, ShapeProblems } from '../../src/core/shape-problem.ts';
import { Work } from '../../src/core/work.ts';

const PLACE = FieldPath.of('it');

void t.test('of many problems the first 20 are listed, and the others counted', (t) => {
  const problems = new ShapeProblems(Work.UNBOUNDED);
  let made = 0;
  for (let at = 0; at < 22; at++) problems.add(PLACE.at(at), () => `must be number ${(made += 1)}`);
  const listed = problems.listed(PLACE);
  t.equal(listed.length, 21);
  t.match(listed[19], { path: PLACE.at(19), message: 'must be number 20' });
  t.same(listed[20], { path: PLACE, message: 'must have the right type in 2 more fields', isRest: true });
  t.equal(made, 20, 'a message that nobody reads is not made');
  t.end();
});

void t.test('a single problem that is not listed is counted in the singular', (t) => {
  const problems = new ShapeProblems(Work.UNBOUNDED);
  for (let at = 0; at < 21; at++) problems.add(PLACE, () => '');
  t.equal(problems.listed(PLACE)[20]?.message, 'must have the right type in 1 more field');
  t.end();
});

void t.test('a value is named by its type, and a single value is shown', (t) => {
  t.same([undefined, null, [1], { a: 1 }, 1, 'a'].map(inWords), [
    'missing',
    'null',
    'a list',
    'an object',
    'the number 1',
    'the string "a"',
  ]);
  t.end();
});

void t.test('of a long text the first 40 characters are shown', (t) => {
  t.equal(shortJson('x'.repeat(40)), `"${'x'.repeat(40)}"`);
  t.equal(shortJson('x'.repeat(41)), `"${'x'.repeat(40)}"…`);
  t.end();
});
