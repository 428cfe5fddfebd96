import t from 'tap';
import { stopVerdictOf } from '../../../src/core/process/pid-one.ts';

const fateOf = (script: string, shell = 'sh'): string => {
  const { fate, pidOne } = stopVerdictOf([shell, '-c', script], null);
  return `${fate} ${pidOne}`;
};

void t.test('a command whose redirection may fail may not run, and what comes behind it is PID 1 then', (t) => {
  t.equal(fateOf('app > /data/log; sleep 60', 'dash'), 'swallows dash');
  t.equal(fateOf('app > /data/log; sleep 60'), 'swallows sh or sleep');
  t.equal(fateOf('true > /data/x || exec app'), 'ends app');
  t.end();
});

void t.test('the output of the container and /tmp are there', (t) => {
  for (const file of ['/dev/stdout', '/proc/1/fd/1', '/tmp/log']) t.equal(fateOf(`app > ${file}; sleep 60`, 'bash'), 'swallows bash', file);
  t.equal(fateOf('true > /dev/null || exec app'), 'ends sh');
  t.end();
});

void t.test('a POSIX shell ends where a redirection of a special builtin fails, and bash ends at that of exec alone', (t) => {
  t.equal(fateOf(': > /data/x || exec app', 'dash'), 'ends dash');
  t.equal(fateOf(': > /data/x || exec app', 'bash'), 'ends app');
  t.equal(fateOf('exec app > /data/x; sleep 60', 'bash'), 'depends sleep or bash');
  t.end();
});
