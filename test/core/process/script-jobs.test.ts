import t from 'tap';
import { stopVerdictOf } from '../../../src/core/process/pid-one.ts';
import { afterWait, withJob } from '../../../src/core/process/script-jobs.ts';
import { foregroundOf, momentOf } from '../../../src/core/process/script-moment.ts';
import { START, type Path } from '../../../src/core/process/script-path.ts';
import { NO_TRAPS } from '../../../src/core/process/script-traps.ts';

const ONCE = { isInLoop: false, isTested: false };
const AGAIN = { isInLoop: true, isTested: false };

const ALONE = { isInLoop: false, isPiped: false };

const started = (path: Path, ...argv: string[]): Path => withJob(path, foregroundOf(argv, NO_TRAPS), true, ALONE);

/** What `$!` is then. */
const lastJob = (path: Path): string | undefined => path.variables.get('!');

void t.test('`wait` waits for all of them', (t) => {
  t.equal(afterWait([], START, ONCE).moment, undefined, 'there are none');
  t.match(afterWait([], started(START, 'sleep', '2'), ONCE).moment, { kind: 'jobs', rank: 1, seconds: 2 });
  t.match(afterWait([], started(started(START, 'sleep', '2'), 'app'), ONCE).moment, { kind: 'jobs', rank: 2, seconds: undefined });
  t.end();
});

void t.test('with a number it waits for that job alone', (t) => {
  const path = started(started(START, 'app'), 'sleep', '2');
  t.match(afterWait([lastJob(path)], path, ONCE).moment, { kind: 'jobs', rank: 1, seconds: 2 });
  const turned = started(started(START, 'sleep', '2'), 'app');
  t.match(afterWait([lastJob(turned)], turned, ONCE).moment, { rank: 2 });
  t.match(afterWait([lastJob(path), lastJob(turned)], path, ONCE).moment, { rank: 2 }, 'for the longest of several');
  t.match(afterWait([undefined], path, ONCE).moment, { rank: 2 }, 'nobody knows for which');
  const over = withJob(started(START, 'app'), undefined, true, ALONE);
  t.equal(afterWait([lastJob(over)], over, ONCE).moment, undefined, 'it is over in a moment');
  const unknown = withJob(started(START, 'app'), undefined, false, ALONE);
  t.match(afterWait([lastJob(unknown)], unknown, ONCE).moment, { rank: 2 }, 'what it runs is not known');
  t.end();
});

void t.test('`wait -n` waits for the first, and not for it again', (t) => {
  const first = afterWait(['-n'], started(started(START, 'sleep', '2'), 'app'), ONCE);
  t.match(first.moment, { rank: 1, seconds: 2 });
  t.match(afterWait(['-n'], first, ONCE).moment, { rank: 2 });
  t.end();
});

void t.test('who waits again has heard of the signal before', (t) => {
  const path = afterWait([], started(START, 'app'), ONCE);
  t.equal(path.moment?.waitsAgain, undefined);
  t.equal(afterWait([], path, ONCE).moment?.waitsAgain, 'certainly');
  t.equal(afterWait([], started(START, 'app'), AGAIN).moment?.waitsAgain, 'maybe', 'in a loop');
  t.end();
});

void t.test('a job of a loop is one for each round', (t) => {
  const path = withJob(START, foregroundOf(['sleep', '2'], NO_TRAPS), true, { ...ALONE, isInLoop: true });
  t.equal(path.hasJobs, true);
  t.match(afterWait([lastJob(path)], path, AGAIN).moment, { rank: 2 });
  t.equal(withJob(START, momentOf('busy', NO_TRAPS), true, ALONE).hasWorked, true);
  t.end();
});

void t.test('who tells the last of a pipe tells none of the others', (t) => {
  const fateOf = (script: string, sh?: 'dash' | 'bash'): string => {
    const { fate, cause } = stopVerdictOf(['sh', '-c', script], null, sh && { sh: [sh] });
    return `${fate}: ${cause}`;
  };
  const stopping = "trap 'kill $P; wait $P' TERM; ";
  t.equal(fateOf(`${stopping}app | tee /log & P=$!; wait $P`), 'swallows: long trap');
  t.equal(fateOf(`${stopping}echo y | app & P=$!; wait $P`), 'ends: trap', 'the last is the one that runs for long');
  t.equal(fateOf(`${stopping}yes | app & P=$!; wait $P`), 'ends: trap', 'what writes into a pipe ends with who reads it');
  t.equal(fateOf(`trap 'trap "" TERM; kill 0; wait; exit' TERM; app | tee /log & wait`), 'ends: trap');
  t.equal(fateOf("trap 'kill $P' TERM; app | tee /log & P=$!; wait $P; wait"), 'swallows: trap goes on');
  t.equal(fateOf("trap 'kill $P $Q; wait' TERM; app | tee /log & P=$!; app & Q=$!; wait"), 'unknown: trap');
  t.equal(fateOf(`${stopping}{ app | tee /log; } & P=$!; wait $P`, 'dash'), 'swallows: long trap');
  t.equal(fateOf(`${stopping}{ app | tee /log; } & P=$!; wait $P`, 'bash'), 'ends: trap', 'a child of its own');
  t.end();
});
