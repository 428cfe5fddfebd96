import t from 'tap';
import type { Container } from '../../../src/core/pod.ts';
import { containerStopOf } from '../../../src/core/process/container-stop.ts';
import { ImageKnowledge } from '../../../src/core/process/image-knowledge.ts';
import { KnownStops } from '../../../src/core/process/known-stops.ts';
import { Work } from '../../../src/core/work.ts';

const LINES = Array.from({ length: 40 }, (_, index) => `echo "step ${index} of the start"`).join('\n');

function shell(script: string): Container {
  return { name: 'web', image: 'web:1', command: ['sh', '-c', script] };
}

void t.test('it says what is said without it, of a command that was changed in place, too', (t) => {
  const stops = new KnownStops(ImageKnowledge.BUILT_IN);
  const container = shell(`${LINES}\nserver`) as Container & { command: string[]; tty?: boolean };
  const fates: string[] = [];
  const look = (): void => {
    const stop = stops.of(container, Work.UNBOUNDED);
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
  const stops = new KnownStops(ImageKnowledge.BUILT_IN);
  const withServer = (value: string): Container => ({ ...shell(`${LINES}\nexec $(SERVER)`), env: [{ name: 'SERVER', value }] });
  t.equal(stops.of(withServer('sleep 60'), Work.UNBOUNDED).fate, 'swallows');
  t.equal(stops.of(withServer('/app/server'), Work.UNBOUNDED).fate, 'ends');
  t.end();
});

void t.test('a script is followed once for all containers that start it, however they are copied', (t) => {
  const stops = new KnownStops(ImageKnowledge.BUILT_IN);
  const work = new Work();
  const first = stops.of(shell(`${LINES}\nserver; true`), work);
  const { steps } = work;
  t.ok(steps > 0);
  t.equal(stops.of(shell(`${LINES}\nserver; true`), work), first);
  t.equal(work.steps, steps);
  t.end();
});
