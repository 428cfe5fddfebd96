import t from 'tap';
import type { Container } from '../../../src/core/pod.ts';
import { containerStopOf } from '../../../src/core/process/container-stop.ts';
import { readHook } from '../../../src/core/process/hook.ts';
import { ImageKnowledge } from '../../../src/core/process/image-knowledge.ts';
import { KnownCommands } from '../../../src/core/process/known-commands.ts';
import { Work } from '../../../src/core/work.ts';

const LINES = Array.from({ length: 40 }, (_, index) => `echo "step ${index} of the start"`).join('\n');

function shell(script: string): Container {
  return { name: 'web', image: 'web:1', command: ['sh', '-c', script] };
}

void t.test('it says what is said without it, of a command that was changed in place, too', (t) => {
  const stops = new KnownCommands(ImageKnowledge.BUILT_IN);
  const container = shell(`${LINES}\nserver`) as Container & { command: string[]; tty?: boolean };
  const fates: string[] = [];
  const look = (): void => {
    const stop = stops.stopOf(container, Work.UNBOUNDED);
    t.same(stop, containerStopOf(container));
    fates.push(stop.fate);
  };
  look();
  container.command[2] = `${LINES}\nserver; true`;
  look();
  container.command[2] = `${LINES}\nexec sleep 3600`;
  look();
  container.command = ['/podgrace/tini', '--', 'sh', '-c', `${LINES}\nserver; true`];
  look();
  t.ok(new Set(fates).size > 1, fates.join(' '));
  t.end();
});

void t.test('the same words with another value of their variable are another command', (t) => {
  const stops = new KnownCommands(ImageKnowledge.BUILT_IN);
  const withServer = (value: string): Container => ({ ...shell(`${LINES}\nexec $(SERVER)`), env: [{ name: 'SERVER', value }] });
  t.equal(stops.stopOf(withServer('sleep 60'), Work.UNBOUNDED).fate, 'swallows');
  t.equal(stops.stopOf(withServer('/app/server'), Work.UNBOUNDED).fate, 'ends');
  t.end();
});

void t.test('a script is followed once for all containers that start it, however they are copied', (t) => {
  const stops = new KnownCommands(ImageKnowledge.BUILT_IN);
  const work = new Work();
  const first = stops.stopOf(shell(`${LINES}\nserver; true`), work);
  const { steps } = work;
  t.ok(steps > 0);
  t.equal(stops.stopOf(shell(`${LINES}\nserver; true`), work), first);
  t.equal(work.steps, steps);
  t.end();
});

void t.test('a hook is read as without it, and the same words in another image, with other values or as a probe are others', (t) => {
  const hook = { exec: { command: ['sh', '-c', `${LINES}\nsleep $DELAY`] } };
  const delay = (seconds: string): ReadonlyMap<string, string> => new Map([['DELAY', seconds]]);
  for (const isShared of [false, true]) {
    const known = new KnownCommands(ImageKnowledge.BUILT_IN, { isShared });
    for (const surroundings of [
      { variables: delay('5') },
      { variables: delay('9') },
      { sh: ['dash'] as const, variables: delay('5') },
      { isInVain: true },
      { isOnWindows: true },
      {},
    ]) {
      t.same(known.hookOf(hook, surroundings), readHook(hook, surroundings));
      t.equal(known.hookOf(hook, surroundings).duration.seconds, readHook(hook, surroundings).duration.seconds);
    }
    t.same(known.hookOf({ sleep: { seconds: 3 } }, {}), readHook({ sleep: { seconds: 3 } }));
  }
  t.end();
});

void t.test('what is shared follows a script once', (t) => {
  const known = new KnownCommands(ImageKnowledge.BUILT_IN, { isShared: true });
  const [first, again] = [new Work(), new Work()];
  const hook = { exec: { command: ['sh', '-c', 'sleep 1; sleep 2; sleep 3'] } };
  known.hookOf(hook, { work: first });
  known.hookOf(structuredClone(hook), { work: again });
  t.ok(first.steps > 0);
  t.equal(again.steps, 0);
  known.stopOf(shell(`${LINES}\nserver`), first);
  known.stopOf(shell(`${LINES}\nserver`), again);
  t.equal(again.steps, 0);
  t.end();
});
