import t from 'tap';
import { isProgramNameIn } from '../../../src/core/process/shell-keywords.ts';
import { printed } from './printed-script.ts';

void t.test('some words of the grammar are names of programs to other shells', (t) => {
  for (const word of ['coproc', 'select', 'function', '[[']) t.notOk(isProgramNameIn('bash', word), word);
  t.equal(printed('coproc a', 'posix'), 'coproc a');
  t.equal(printed('[[ -f x ]]', 'posix'), '[[ -f x ]]');
  t.ok(isProgramNameIn('ash', 'select'));
  t.notOk(isProgramNameIn('ash', '[['));
  t.notOk(isProgramNameIn('posix', 'while'));
  t.end();
});
