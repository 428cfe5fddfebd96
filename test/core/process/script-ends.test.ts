import t from 'tap';
import { PathEnds, type EndingShell } from '../../../src/core/process/script-ends.ts';
import { foregroundOf, momentOf } from '../../../src/core/process/script-moment.ts';
import { START, withWait } from '../../../src/core/process/script-path.ts';
import { NO_TRAPS } from '../../../src/core/process/script-traps.ts';
import { StepBudget } from '../../../src/core/process/step-budget.ts';

const SH: EndingShell = {
  program: 'sh',
  flavour: 'dash',
  signal: 'TERM',
  isInteractive: false,
  hasInput: false,
  budget: new StepBudget(),
  become: ([program = '']) => [{ fate: 'ends', pidOne: program, cause: 'application' }],
};

void t.test('a way on which nothing runs for long ends by itself, unless nobody knows what ran', (t) => {
  const ends = new PathEnds(SH, false);
  ends.settle(START, false);
  ends.settle({ ...START, isOpaque: true }, false);
  t.match(ends.possibilities, [
    { fate: 'ends', pidOne: 'sh', cause: 'ends by itself' },
    { fate: 'unknown', cause: 'file' },
  ]);
  t.end();
});

void t.test('what the shell waits for says what comes of the signal, and why exec would not help', (t) => {
  const ends = new PathEnds(SH, false);
  ends.settle({ ...START, moment: foregroundOf(['app'], NO_TRAPS) }, false);
  ends.settle({ ...START, moment: foregroundOf(['app'], NO_TRAPS) }, true);
  ends.settle(START, true);
  ends.settle({ ...START, moment: foregroundOf(['sleep', 'infinity'], NO_TRAPS) }, false);
  t.match(ends.possibilities, [
    { fate: 'swallows', cause: 'shell', obstacle: undefined },
    { fate: 'swallows', cause: 'shell', obstacle: 'loop' },
    { fate: 'swallows', cause: 'shell', obstacle: 'loop' },
    { fate: 'swallows', cause: 'shell', isIdle: true },
  ]);
  t.end();
});

void t.test('behind an init, a program ignores what its shell ignored', (t) => {
  const ends = new PathEnds({ ...SH, behind: 'child' }, false);
  ends.becomes(['app'], START);
  ends.becomes(['sleep', 'infinity'], { ...START, traps: { ...NO_TRAPS, stop: 'ignored' } });
  t.match(ends.possibilities, [
    { fate: 'ends', pidOne: 'app', cause: 'application' },
    { fate: 'swallows', pidOne: 'sh', cause: 'trap goes on' },
  ]);
  t.end();
});

void t.test('of a child, the shell waits for what may run longest', (t) => {
  const ends = new PathEnds(SH, true);
  ends.becomes(['sleep', '9'], START);
  const forEver = momentOf('jobs', NO_TRAPS);
  t.equal(ends.asChild({ open: [], left: [] }).moment?.seconds, 9);
  t.same(ends.asChild({ open: [START, { ...START, moment: forEver }], left: [] }), { moment: forEver, mayWait: false });
  t.equal(ends.asChild({ open: [withWait(START)], left: [] }).mayWait, true);
  t.same(ends.possibilities, [], 'it is not PID 1');
  t.end();
});
