import t from 'tap';
import type { Argv } from '../../../src/core/process/argv.ts';
import type { SignalledShell } from '../../../src/core/process/script-moment.ts';
import { START, type Path } from '../../../src/core/process/script-path.ts';
import { afterBuiltin, programOfExec } from '../../../src/core/process/script-walk-builtins.ts';
import type { ShellFlavour } from '../../../src/core/process/shells.ts';
import { StepBudget } from '../../../src/core/process/step-budget.ts';

function shellOf(flavour: ShellFlavour): SignalledShell {
  return { flavour, signal: 'TERM', program: 'sh', isInteractive: false, hasInput: false, budget: new StepBudget() };
}

const FUNCTION = { calls: 1, isInFunction: true, isInLoop: false, hasEndlessInput: false, isTested: false, loops: 0 };

function after(
  flavour: ShellFlavour,
  argv: Argv,
  path: Partial<Path> = {},
  place = { ...FUNCTION, calls: 0, isInFunction: false },
): unknown {
  return afterBuiltin(argv, { ...START, ...path }, place, shellOf(flavour));
}

/** The one path that goes on behind it. */
function open(flavour: ShellFlavour, argv: Argv, path: Partial<Path> = {}, place = { ...FUNCTION, calls: 0, isInFunction: false }): Path {
  const outcome = afterBuiltin(argv, { ...START, ...path }, place, shellOf(flavour));
  const [only, more] = typeof outcome === 'object' ? outcome.open : [];
  if (only === undefined || more !== undefined) throw new Error(`${argv.join(' ')} does not go on`);
  return only;
}

void t.test('programs, and what runs another command, are no matter of it', (t) => {
  for (const name of ['app', 'exec', 'eval', 'command']) t.equal(after('bash', [name, 'x']), undefined, name);
  t.end();
});

void t.test('what a shell does not have fails, and at what it refuses it ends', (t) => {
  t.equal(open('dash', ['pushd', '/']).succeeded, false);
  t.equal(after('dash', ['set', '-P']), 'refused');
  t.equal(after('dash', ['local', 'x']), 'refused', 'outside a function');
  t.equal(open('bash', ['local', 'x']).succeeded, false);
  t.equal(open('dash', ['local', 'x=1'], {}, FUNCTION).variables.get('x'), '1');
  t.equal(after('bash', ['exit', '3']), 'ends');
  t.end();
});

void t.test('bash fails to export what is no name, and unsets elements of arrays and functions of any name', (t) => {
  t.equal(open('bash', ['export', '1=x']).succeeded, false);
  t.equal(after('dash', ['unset', 'a-b']), 'refused');
  for (const name of ['a[0]', 'a-b']) t.equal(open('bash', ['unset', name]).succeeded, true, name);
  t.end();
});

void t.test('shift takes as many as there are', (t) => {
  const parameters = ['sh', 'a', 'b'];
  t.same(open('dash', ['shift'], { parameters }).parameters, ['sh', 'b']);
  t.same(open('dash', ['shift', '2'], { parameters }).parameters, ['sh']);
  t.equal(after('dash', ['shift', '3'], { parameters }), 'refused');
  t.same(open('ash', ['shift', '3'], { parameters }).parameters, parameters, 'the others leave them as they are');
  t.equal(open('ash', ['shift', '3'], { parameters }).succeeded, false);
  t.equal(after('ash', ['shift', 'x'], { parameters }), 'refused');
  t.same(open('dash', ['shift', undefined], { parameters }).parameters, ['sh', undefined], 'nobody knows how many');
  t.end();
});

void t.test('set, trap, export and read change what is known', (t) => {
  t.same(open('dash', ['set', '-e', '--', 'a', 'b']).parameters.slice(1), ['a', 'b']);
  t.equal(open('dash', ['set', '-e']).exitsOnError, true);
  t.same(open('dash', ['trap', 'exit 0', 'TERM']).traps.stop, { action: 'exit 0' });
  t.equal(open('dash', ['export', 'A=b']).variables.get('A'), 'b');
  t.equal(open('dash', ['read', 'A'], { variables: new Map([['A', 'b']]) }).variables.size, 0);
  t.equal(open('bash', ['read', '-t', '5', 'A']).traps.isTimed, true);
  t.equal(open('bash', ['read', '-t', '0', 'A']).traps.isTimed, undefined);
  t.equal(open('dash', ['.', 'file']).isOpaque, true);
  t.end();
});

void t.test('break, continue and return leave', (t) => {
  const inLoop = { ...FUNCTION, calls: 0, isInFunction: false, isInLoop: true, loops: 2 };
  t.match(after('bash', ['break', '2'], {}, inLoop), { open: [], left: [{ flow: 'broken', levels: 2 }] });
  t.match(after('bash', ['continue'], {}, inLoop), { open: [], left: [{ flow: 'next', levels: 1 }] });
  t.match(after('bash', ['return'], {}, FUNCTION), { open: [], left: [{ flow: 'returned' }] });
  t.equal(open('bash', ['break']).flow, 'on', 'without a loop it does nothing');
  t.end();
});

void t.test('exec starts what stands behind its options', (t) => {
  t.same(programOfExec(['exec', 'app', '-a']), ['app', '-a']);
  t.same(programOfExec(['exec', '-ca', 'name', 'app']), ['app']);
  t.same(programOfExec(['exec', '-l', '--', '-app']), ['-app']);
  t.same(programOfExec(['exec']), []);
  t.end();
});
