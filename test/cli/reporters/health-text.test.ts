import t from 'tap';
import { healthProblemText } from '../../../src/cli/reporters/health-text.ts';

void t.test('a problem that a command mends names the command', (t) => {
  t.equal(healthProblemText({ of: 'server-missing' }), 'the server is not installed: `podgrace install`');
  t.match(
    healthProblemText({ of: 'configuration-missing', kind: 'MutatingWebhookConfiguration', name: 'own' }),
    /^there is no MutatingWebhookConfiguration own: .*`podgrace install` makes it$/,
  );
  t.equal(
    healthProblemText({ of: 'open', since: '2026-11-22' }),
    'open since 2026-11-22 by `podgrace failopen`: `podgrace failclosed` closes again',
  );
  t.equal(healthProblemText({ of: 'other', text: 'web-0: CrashLoopBackOff' }), 'web-0: CrashLoopBackOff');
  t.end();
});
