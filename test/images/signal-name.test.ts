import t from 'tap';
import { signalNameOf } from '../../src/images/signal-name.ts';

void t.test('names and numbers, as STOPSIGNAL may write them', (t) => {
  const written = {
    SIGQUIT: 'SIGQUIT',
    QUIT: 'SIGQUIT',
    quit: 'SIGQUIT',
    3: 'SIGQUIT',
    15: 'SIGTERM',
    28: 'SIGWINCH',
    10: 'SIGUSR1',
    31: 'SIGSYS',
  };
  for (const [text, name] of Object.entries(written)) t.equal(signalNameOf(text), name, text);
  t.equal(signalNameOf('SIGRTMIN+3'), 'SIGRTMIN+3');
  t.equal(signalNameOf('37'), 'SIGRTMIN+3');
  t.equal(signalNameOf('RTMAX-14'), 'SIGRTMAX-14');
  for (const none of ['', '0', '32', '65', '-1', 'SIG', 'SIGNOTHING', 'SIGRTMIN+16', 'SIGSIGTERM', 'constructor'])
    t.equal(signalNameOf(none), undefined, none);
  t.end();
});
