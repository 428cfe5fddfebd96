import t from 'tap';
import { runningCommandsOf } from '../../../src/core/process/running-command.ts';

const sh = (script: string): unknown =>
  runningCommandsOf(['sh', '-c', script]).map(({ words, files }) => [words.map((word) => word ?? '?').join(' '), ...files]);

void t.test('a program runs with its words', (t) => {
  t.same(runningCommandsOf(['app', '--v=2']), [{ words: ['app', '--v=2'], files: [] }]);
  t.same(runningCommandsOf(['sh', '/run.sh', '--v=2']), [{ words: ['sh', '/run.sh', '--v=2'], files: [] }]);
  t.same(runningCommandsOf(['--v=2']), [{ words: ['--v=2'], files: [] }]);
  t.end();
});

void t.test('the last command of a script runs, and what is started beside it', (t) => {
  t.same(sh('prepare; exec app "$MODE"'), [['exec app ?']]);
  t.same(sh('agent & app'), [['agent'], ['app']]);
  t.same(sh('prepare && (cd /app; app > /a.log)'), [['app', '/a.log']]);
  t.same(sh('if debugging; then app > /a.log; fi'), [], 'it may never run');
  t.same(sh('sleep 5; echo done > /a.log'), [], 'it is over in a moment');
  t.same(sh('app; if'), [], 'it cannot be read');
  t.end();
});

void t.test('what a command writes goes into the files of its redirections and of tee', (t) => {
  t.same(sh('app >> /a.log 2> /b.log'), [['app', '/a.log', '/b.log']]);
  t.same(sh('app 2>&1 | tee -a /a.log'), [['app', '/a.log']]);
  t.same(sh('app 2>&1 | grep -v x > /a.log'), [['app', '/a.log']]);
  t.same(sh('app > "$LOG"'), [['app']], 'a file that is not known');
  t.same(sh('app < /a.log 3> /b.log'), [['app']], 'an input, and another descriptor');
  t.same(sh('{ prepare; app; } > /a.log'), [['app', '/a.log']]);
  t.same(sh('exec > /a.log 2>&1; prepare; app'), [['app', '/a.log']]);
  t.same(sh('exec > /a.log; app > /b.log'), [['app', '/b.log']]);
  t.same(runningCommandsOf(['bash', '-c', 'app &>> /a.log']), [{ words: ['app'], files: ['/a.log'] }]);
  t.end();
});

void t.test('the body of an endless loop runs again and again', (t) => {
  t.same(sh('while true; do date >> /a.log; sleep 1; done'), [['date', '/a.log'], ['sleep 1']]);
  t.same(sh('while :; do date; done >> /a.log'), [['date', '/a.log']]);
  t.same(sh('until false; do date | tee -a /a.log; done'), [['date', '/a.log']]);
  t.same(sh('while true; do date > /a.log; done'), [], 'the file is written anew each time');
  t.same(sh('until ready; do date >> /a.log; done'), [], 'it ends');
  t.same(sh('while true && ready; do date >> /a.log; done'), [], 'it ends');
  t.end();
});
