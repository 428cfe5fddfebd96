/** What goes wrong at the stop signal, in one word. */
import t from 'tap';
import { stopVerdictOf } from '../../../src/core/process/pid-one.ts';
import { isBehindInit, problemOf } from '../../../src/core/process/stop-problem.ts';

function problem(...argv: string[]): string | undefined {
  return problemOf(stopVerdictOf(argv, null), 30);
}

void t.test('each certain harm has a name', (t) => {
  t.equal(problem('app'), undefined);
  t.equal(problem('sh', '-c', 'app; true'), 'shell');
  t.equal(problem('sh', '-c', 'app | cat'), 'shellStays');
  t.equal(problem('xargs', 'app'), 'ignoresSignals');
  t.equal(problem('dumb-init', '-r', '15:0', 'app'), 'dropsSignal');
  t.equal(problem('tini', '--', 'unshare', '--fork', '--kill-child', 'app'), undefined, 'which unshare it is, nobody knows');
  t.equal(problem('bash', '-c', "trap '' TERM; app; true"), 'trapGoesOn');
  t.equal(problem('bash', '-c', "trap 'sleep 60; exit' TERM; app & wait"), 'longTrap');
  t.equal(problem('bash', '-c', 'trap exit TERM; app'), 'lateTrap');
  t.equal(problem('runsvdir', '/etc/service'), 'untold');
  t.end();
});

void t.test('a trap that is over within the grace period is no problem', (t) => {
  const stop = stopVerdictOf(['bash', '-c', "trap 'sleep 20; exit' TERM; app & wait"], null);
  t.equal(problemOf(stop, 30), undefined);
  t.equal(problemOf(stop, 10), 'longTrap');
  t.end();
});

void t.test('what an init has started is told apart', (t) => {
  t.equal(isBehindInit(stopVerdictOf(['tini', '--', 'app'], null)), true);
  t.equal(isBehindInit(stopVerdictOf(['app'], null)), false);
  t.end();
});
