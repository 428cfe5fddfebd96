import t from 'tap';
import type { StopVerdict } from '../../../src/core/process/possibility.ts';
import { conditionOf, problemOfImage, unknownReasonOf } from '../../../src/core/process/stop-wording.ts';

const depends = (more: Partial<StopVerdict>): StopVerdict => ({ fate: 'depends', pidOne: 'sh', cause: 'shell', ...more });
const unknown = (more: Partial<StopVerdict>): StopVerdict => ({ fate: 'unknown', pidOne: 'app', cause: 'handler', ...more });

void t.test('what runs until SIGKILL is told with the seconds until then, and what ends is not', (t) => {
  t.match(problemOfImage('shell', 30), /runs until SIGKILL after 30 s$/);
  for (const problem of ['lateTrap', 'untold'] as const) t.notMatch(problemOfImage(problem, 30), /30/);
  t.end();
});

void t.test('`exec` is advised only where nothing but the shell is in the way', (t) => {
  t.match(conditionOf(depends({ on: 'shell' })).correction, /`exec`/);
  t.notMatch(conditionOf(depends({ on: 'shell', obstacle: 'loop' })).correction, /`exec`/);
  t.notMatch(conditionOf(depends({ on: 'program' })).correction, /`exec`/);
  t.match(conditionOf(depends({ on: 'program', cause: 'ignores' })).correction, /unshare/);
  t.end();
});

void t.test('no other init is advised behind an init', (t) => {
  t.match(conditionOf(depends({ on: 'shell', obstacle: 'loop' })).correction, /tini/);
  t.equal(
    conditionOf(depends({ on: 'shell' })).correction,
    'write `exec` before the command that keeps running',
    'an init would not tell that command',
  );
  t.notMatch(conditionOf(depends({ on: 'branch', cause: 'init' })).correction, /tini/);
  t.notMatch(conditionOf(depends({ on: 'branch', child: 'bash' })).correction, /tini/);
  t.end();
});

void t.test('the program of which nothing is known is named, behind an init the one that it started', (t) => {
  t.match(unknownReasonOf(unknown({})), /`app`/);
  t.match(unknownReasonOf(unknown({ pidOne: 'tini', child: 'app' })), /`app`/);
  t.match(unknownReasonOf(unknown({ cause: 'init' })), /`app`/);
  t.match(unknownReasonOf(unknown({ cause: 'image', reason: 'nobody answers' })), /nobody answers$/);
  t.end();
});
