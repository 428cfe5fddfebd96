import t from 'tap';
import type { Argv } from '../../../src/core/process/argv.ts';
import { PathEnds, type EndingShell } from '../../../src/core/process/script-ends.ts';
import { START, type Outcome } from '../../../src/core/process/script-path.ts';
import { NO_TRAPS } from '../../../src/core/process/script-traps.ts';
import type { Position } from '../../../src/core/process/script-walk-loops.ts';
import { WalkPrograms } from '../../../src/core/process/script-walk-programs.ts';
import type { ShellFlavour } from '../../../src/core/process/shells.ts';
import { StepBudget } from '../../../src/core/process/step-budget.ts';

const LAST: Position = {
  isTail: true,
  isFed: false,
  calls: 0,
  isInFunction: false,
  isInLoop: false,
  loops: 0,
  hasEndlessInput: false,
  isTested: false,
  isListed: false,
};

/** What a shell does with a program: where its script goes on, and what it has become. */
function seen(
  flavour: ShellFlavour,
  words: string,
  { manner = 'run', position = {}, traps = NO_TRAPS, hasInput = false } = {},
): { outcome: Outcome; became: Argv[]; ends: PathEnds } {
  const became: Argv[] = [];
  const shell: EndingShell = {
    flavour,
    signal: 'TERM',
    program: 'sh',
    isInteractive: false,
    hasInput,
    budget: new StepBudget(),
    become: (argv) => {
      became.push(argv);
      return [];
    },
  };
  const ends = new PathEnds(shell, false);
  const programs = new WalkPrograms(shell, ends, false);
  const path = { ...START, traps };
  const place = { ...LAST, ...position };
  const outcome = manner === 'exec' ? programs.exec(words.split(' '), path, place) : programs.run(words.split(' '), path, place);
  return { outcome, became, ends };
}

void t.test('bash and ash become their last program, dash waits for it', (t) => {
  t.same(seen('bash', 'app x').became, [['app', 'x']]);
  t.same(seen('ash', 'app').became, [['app']]);
  const { outcome, became } = seen('dash', 'app');
  t.same(became, []);
  t.match(outcome.open, [{ moment: { kind: 'foreground', rank: 2 } }]);
  t.end();
});

void t.test('nobody becomes a program that is not the last, or with a trap', (t) => {
  t.same(seen('bash', 'app', { position: { isTail: false } }).became, []);
  t.same(seen('bash', 'app', { traps: { ...NO_TRAPS, hasAction: true } }).became, []);
  t.same(seen('bash', 'app', { traps: { ...NO_TRAPS, exit: true } }).became, []);
  t.same(seen('ash', 'app', { traps: { ...NO_TRAPS, exit: true } }).became, [['app']]);
  t.end();
});

void t.test('what is over soon leaves nothing to wait for', (t) => {
  t.equal(seen('dash', 'mkdir x').outcome.open[0]?.moment, undefined);
  t.equal(seen('dash', 'cat').outcome.open[0]?.moment, undefined, 'its input is at its end');
  t.match(seen('dash', 'cat', { hasInput: true }).outcome.open[0]?.moment, { rank: 2 });
  t.same(seen('dash', 'sleep infinity').outcome.open, [], 'nothing comes after it');
  t.end();
});

void t.test('env refuses a command behind -0, unless it is that of busybox', (t) => {
  t.match(seen('dash', 'env -0 app').outcome.open, [{ moment: undefined, succeeded: false }]);
  t.same(seen('ash', 'env -0 app').became, [['env', '-0', 'app']]);
  t.end();
});

void t.test('exec becomes what stands behind it, and alone only redirects', (t) => {
  t.same(seen('dash', 'exec -a name app', { manner: 'exec' }).became, [['app']]);
  t.match(seen('dash', 'exec', { manner: 'exec' }).outcome.open, [{ succeeded: true }]);
  t.match(seen('dash', 'exec mkdir x', { manner: 'exec' }).ends.possibilities, [{ cause: 'ends by itself' }]);
  t.match(seen('dash', 'exec sh', { manner: 'exec', position: { isFed: true } }).ends.possibilities, [{ fate: 'unknown' }]);
  t.end();
});
