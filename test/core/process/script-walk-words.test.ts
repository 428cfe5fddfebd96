import t from 'tap';
import { START, type Path } from '../../../src/core/process/script-path.ts';
import { WalkWords } from '../../../src/core/process/script-walk-words.ts';
import { parseShell } from '../../../src/core/process/shell-parser.ts';
import { onlyCommandOf, type SimpleCommand } from '../../../src/core/process/shell-syntax.ts';
import { StepBudget } from '../../../src/core/process/step-budget.ts';

const words = new WalkWords(new StepBudget(), { isPidOne: true, flavour: 'bash' });
const path: Path = { ...START, parameters: ['sh', 'x', 'y'], variables: new Map([['list', 'a b']]) };

function command(text: string): SimpleCommand {
  const found = onlyCommandOf(parseShell(text));
  if (found === undefined) throw new Error(`${text} is no simple command`);
  return found;
}

void t.test('a word becomes the words that the shell splits it into', (t) => {
  const expanded = (text: string): unknown => command(text).words.flatMap((word) => words.expand(word, path));
  t.same(expanded('app $list'), ['app', 'a', 'b']);
  t.same(expanded('app "$list"'), ['app', 'a b']);
  t.same(expanded('"$@"'), ['x', 'y']);
  t.same(expanded('app-$1 $3'), ['app-x', undefined]);
  t.same(expanded('$other $(date) $((1 + 1))'), [undefined, undefined, undefined], 'nobody knows');
  t.end();
});

void t.test('assignments count for what comes after them', (t) => {
  const { variables, succeeded } = words.assigned(command('list=c other=$1'), path);
  t.same(
    [...variables],
    [
      ['list', 'c'],
      ['other', 'x'],
    ],
  );
  t.equal(succeeded, undefined);
  t.equal(path.variables.get('list'), 'a b');
  t.end();
});
