import t from 'tap';
import type { Argv } from '../../../src/core/process/argv.ts';
import { waysOfBuiltin } from '../../../src/core/process/script-clock-builtins.ts';
import { START, type Clock, type Place, type Ways } from '../../../src/core/process/script-ways.ts';
import type { ShellFlavour } from '../../../src/core/process/shells.ts';

const OUTSIDE: Place = { calls: 0, depth: 0, isChild: false, isTested: false, loops: 0, beyond: undefined };

function after(argv: Argv, clock: Partial<Clock> = {}, place: Partial<Place> = {}, flavour?: ShellFlavour): Ways | undefined {
  return waysOfBuiltin(argv, { ...START, ...clock }, { ...OUTSIDE, ...place }, flavour);
}

/** The ways that there are, by name. */
function names(ways: Ways | undefined): string[] {
  return Object.entries(ways ?? {}).flatMap(([name, clock]) => (clock === undefined ? [] : [name]));
}

void t.test('programs, and what runs another command, are no matter of it', (t) => {
  for (const name of ['app', 'exec', 'eval', 'command']) t.equal(after([name, 'x']), undefined, name);
  t.end();
});

void t.test('what a shell does not have fails, and at what it refuses it ends', (t) => {
  t.equal(after(['pushd', '/'], {}, {}, 'dash')?.on?.succeeded, false);
  t.same(names(after(['set', '-P'], {}, {}, 'dash')), ['ended']);
  t.same(names(after(['local', 'x'], {}, {}, 'dash')), ['ended'], 'outside a function');
  t.equal(after(['local', 'x'], {}, {}, 'bash')?.on?.succeeded, false);
  t.equal(after(['local', 'x=1'], {}, { calls: 1 }, 'dash')?.on?.variables.get('x'), '1');
  t.end();
});

void t.test('bash fails to export what is no name, and unsets elements of arrays and functions of any name', (t) => {
  t.equal(after(['export', '1=x'], {}, {}, 'bash')?.on?.succeeded, false);
  t.same(names(after(['unset', 'a-b'], {}, {}, 'dash')), ['ended']);
  for (const name of ['a[0]', 'a-b']) t.equal(after(['unset', name], {}, {}, 'bash')?.on?.succeeded, true, name);
  t.end();
});

void t.test('exit and return have the status that they name, or that of the command before', (t) => {
  t.equal(after(['exit', '3'])?.ended?.succeeded, false);
  t.equal(after(['exit', '256'])?.ended?.succeeded, true);
  t.equal(after(['exit'], { succeeded: false })?.ended?.succeeded, false);
  t.equal(after(['exit', undefined])?.ended?.succeeded, undefined);
  t.same(names(after(['return'], {}, { calls: 1 })), ['returned']);
  t.same(names(after(['return'])), ['on', 'returned'], 'outside a function the shells differ');
  t.end();
});

void t.test('break leaves as many loops as it says, and those beyond a function in some shells alone', (t) => {
  t.same(names(after(['break'])), ['on'], 'without a loop it does nothing');
  t.equal(after(['break', '2'], {}, { loops: 3 })?.broken?.levels, 2);
  t.equal(after(['continue', '9'], {}, { loops: 2 })?.next?.levels, 2);
  t.same(names(after(['break'], {}, { beyond: 'function' })), ['on', 'broken']);
  t.same(names(after(['break'], {}, { beyond: 'subshell' })), ['on', 'ended']);
  t.end();
});

void t.test('wait ends with the last job', (t) => {
  t.match(after(['wait'], { min: 2, max: 2, jobsLeast: 9, jobsEnd: 9 })?.on, { min: 9, max: 9, isOpen: false });
  t.match(after(['wait'], { min: 2, max: 2, jobsEnd: 9, areJobsOpen: true })?.on, { min: 2, max: 9, isOpen: true });
  const two = { min: 2, max: 2, firstJobEnd: 5, jobsLeast: 9, jobsEnd: 9 };
  t.match(after(['wait', undefined], two)?.on, { min: 5, max: 9 }, 'whichever of them that is');
  t.match(after(['wait', '-n'], two)?.on, { min: 2, max: 9 }, 'dash knows no options of it');
  t.match(after(['wait', '7'], { min: 2, max: 2 })?.on, { min: 2, max: 2 });
  t.end();
});

void t.test('after what gives variables other values, none is known', (t) => {
  const variables = new Map([['D', '10']]);
  for (const argv of [
    ['printf', '-v', 'D', '3'],
    ['printf', '-vD', '3'],
    ['getopts', 'a', 'D'],
    ['mapfile', 'D'],
    ['readarray', '-t', 'D'],
  ])
    t.equal(after(argv, { variables })?.on?.variables.size, 0, argv.join(' '));
  t.equal(after(['printf', '%s', '-v'], { variables }), undefined, 'it prints');
  t.end();
});

void t.test('shift, set, let and read change what is known', (t) => {
  t.same(after(['shift'], { parameters: ['sh', 'a', 'b'] })?.on?.parameters, ['sh', 'b']);
  t.same(after(['set', '-e', '--', 'a'], { parameters: ['sh'] })?.on?.parameters, ['sh', 'a']);
  t.equal(after(['set', '-e'])?.on?.exitsOnError, true);
  t.equal(after(['let', 'i=i+1'], { variables: new Map([['i', '3']]) })?.on?.variables.get('i'), '4');
  const read = after(['read', 'a'], { variables: new Map([['a', 'b']]) })?.on;
  t.equal(read?.isOpen, true);
  t.equal(read?.variables.size, 0);
  t.end();
});
