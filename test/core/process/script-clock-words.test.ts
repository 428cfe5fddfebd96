import t from 'tap';
import { allOf, changed, ClockWords, MANY, tested } from '../../../src/core/process/script-clock-words.ts';
import { START, type Clock } from '../../../src/core/process/script-ways.ts';
import { parseShell } from '../../../src/core/process/shell-parser.ts';
import { onlyCommandOf, type Command, type Word } from '../../../src/core/process/shell-syntax.ts';
import { StepBudget } from '../../../src/core/process/step-budget.ts';

const words = new ClockWords(new StepBudget());
const clock: Clock = {
  ...START,
  parameters: ['sh', 'x', 'y'],
  variables: new Map([
    ['i', '3'],
    ['list', 'a b'],
  ]),
};

/** `[[ … ]]` or `((…))` as it stands in a script. */
function testOf(text: string): Extract<Command, { kind: 'test' }> {
  const command = parseShell(text).lines[0]?.statements[0]?.first.commands[0];
  if (command?.kind !== 'test') throw new Error(text);
  return command;
}

/** The word as it stands in a script. */
function word(text: string): Word {
  const found = onlyCommandOf(parseShell(`echo ${text}`))?.words[1];
  if (found === undefined) throw new Error(`${text} is no word`);
  return found;
}

void t.test('a word has the values that the shell splits it into', (t) => {
  const values = (text: string): unknown => words.valuesOf(word(text), clock);
  t.same(values('a'), ['a']);
  t.same(values('$list'), ['a', 'b']);
  t.same(values('"$list"'), ['a b']);
  t.same(values('"$@"'), ['x', 'y']);
  t.same(values('{1..4}'), ['1', '2', '3', '4']);
  t.same(values('{3..1}'), ['3', '2', '1']);
  t.same(values('$(seq 3)'), ['1', '2', '3']);
  t.same(values('$(seq 2 2 6)'), ['2', '4', '6']);
  t.same(values('$(seq 3 1)'), []);
  t.same(values('$other'), [MANY], 'any number of values');
  t.same(values('"$other"'), [undefined], 'one that is not known');
  t.same(values('$(ls)'), [MANY]);
  t.throws(() => new ClockWords(new StepBudget()).valuesOf(word('{1..900000}'), clock), {
    message: 'the script is too large to be followed',
  });
  t.end();
});

void t.test('sums are worked out', (t) => {
  t.equal(words.value(word('$((i + 1))'), clock), '4');
  t.equal(words.value(word('$(expr $i + 2)'), clock), '5');
  t.equal(words.value(word('$(expr $other + 2)'), clock), undefined);
  t.equal(words.value(word('a$1-$i'), clock), 'ax-3');
  t.end();
});

void t.test('comparisons hold, do not, or nobody knows', (t) => {
  t.equal(tested(['3', '-lt', '10']), true);
  t.equal(tested(['a', '=', 'b']), false);
  t.equal(tested(['a', '!=', 'b']), true);
  t.equal(tested([undefined, '=', 'b']), undefined);
  t.equal(tested(['a', '-lt', '10']), undefined);
  t.equal(tested(['1', '=', '1', '-a']), undefined);
  t.equal(words.test(testOf('[[ $i -ge 3 ]]'), clock).succeeded, true);
  t.equal(words.test(testOf('((i > 3))'), clock).succeeded, false);
  t.equal(words.test(testOf('((j > 3))'), clock).succeeded, undefined);
  t.equal(words.test(testOf('((true))'), clock).succeeded, false, 'a variable that nobody sets');
  t.equal(words.test(testOf('[[ true ]]'), clock).succeeded, true, 'a text that is not empty');
  t.equal(words.test(testOf('((i++))'), clock).variables.get('i'), '4');
  t.end();
});

void t.test('an assignment changes the clock, and parameters that are not known are any number', (t) => {
  t.equal(changed(clock, { name: 'i', value: 7 }).variables.get('i'), '7');
  t.equal(clock.variables.get('i'), '3');
  t.same(allOf(undefined), [MANY]);
  t.same(allOf(['sh', 'x']), ['x']);
  t.end();
});
