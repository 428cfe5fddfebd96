import t from 'tap';
import { readTimeout } from '../../../src/core/process/timeout-command.ts';

void t.test('the limit stands before the command, and options before both', (t) => {
  t.match(readTimeout(['5', 'app', '-k']), { limit: 5, killAfter: 0, command: ['app', '-k'] });
  t.match(readTimeout(['-s', 'KILL', '-k', '2', '1m', 'app']), { limit: 60, killAfter: 2, command: ['app'] });
  t.match(readTimeout(['-k2', '--', '5', 'app']), { limit: 5, killAfter: 2, command: ['app'] });
  t.match(readTimeout(['--kill-after=2', '--signal', 'INT', '5', 'app']), { limit: 5, killAfter: 2, command: ['app'] });
  t.end();
});

void t.test('a limit that is in a variable is not known', (t) => {
  t.match(readTimeout([undefined, 'app']), { limit: undefined, command: ['app'] });
  t.match(readTimeout(['$LIMIT', 'app']), { limit: undefined, command: ['app'] });
  t.end();
});

void t.test('options tell the one of coreutils from that of an old busybox', (t) => {
  t.match(readTimeout(['-t', '5', 'app']), { limit: 5, command: ['app'], isOfOldBusybox: true, isOfCoreutils: false });
  for (const option of ['--foreground', '-v', '--kill-after=1', '--signal=INT'])
    t.match(readTimeout([option, '5', 'app']), { limit: 5, isOfOldBusybox: false, isOfCoreutils: true }, option);
  for (const options of [[], ['--'], ['-s', 'INT'], ['-k', '1']])
    t.match(readTimeout([...options, '5', 'app']), { limit: 5, isOfOldBusybox: false, isOfCoreutils: false }, options.join(' '));
  t.end();
});
