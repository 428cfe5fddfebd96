/** Where the command of a launcher begins. */
import t from 'tap';
import { afterLauncher, forks, INIT_OPTIONS, LAUNCHERS, makesPidNamespace, tellsGroup } from '../../../src/core/process/launchers.ts';

function commandOf(words: string): string {
  const argv = words.split(' ');
  const name = argv[0] ?? '';
  return afterLauncher(argv, LAUNCHERS.get(name) ?? INIT_OPTIONS.get(name) ?? {}).join(' ');
}

void t.test('the options and words of a launcher are told from its command', (t) => {
  t.equal(commandOf('env -i A=b -u C app --flag'), 'app --flag');
  t.equal(commandOf('env -- A=b app'), 'app', 'variables may stand behind --');
  t.equal(commandOf('nice -n 5 app'), 'app');
  t.equal(commandOf('nice -n5 app'), 'app', 'a value may be attached to its option');
  t.equal(commandOf('timeout --signal KILL 20 app'), 'app');
  t.equal(commandOf('setarch x86_64 -R app'), 'app');
  t.equal(commandOf('tini -p SIGKILL -- app -g'), 'app -g');
  t.equal(commandOf('wait-for-it.sh db:5432 -t 30 -- app -- x'), 'app -- x');
  t.equal(commandOf('wait-for -q -t 0 db:5432 -- app'), 'app');
  t.equal(commandOf('wait-for-it.sh db:5432 -t 30'), '', 'it waits, and ends');
  t.end();
});

void t.test('some options make a child of the command', (t) => {
  t.equal(forks('unshare', ['unshare', '-pf', 'app'], ['app']), true);
  t.equal(forks('unshare', ['unshare', '-p', 'app', '-f'], ['app', '-f']), false, 'those of the command do not count');
  t.equal(forks('nsenter', ['nsenter', '-t1', '-p', '-F', 'app'], ['app']), false);
  t.equal(makesPidNamespace(['unshare', '-f', '--pid', 'app'], ['app']), true);
  t.end();
});

void t.test('an init tells its child, or the whole group', (t) => {
  t.equal(tellsGroup('tini', ['-g']), true);
  t.equal(tellsGroup('tini', ['-s']), false);
  t.equal(tellsGroup('dumb-init', []), true);
  t.equal(tellsGroup('dumb-init', ['-vc']), false);
  t.end();
});
