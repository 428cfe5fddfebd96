/** How long a program runs, by its words. */
import t from 'tap';
import { isIdle, isShort, needsInput, neverEnds, readsInput, secondsUntilEnd } from '../../../src/core/process/program-length.ts';

const words = (text: string): string[] => text.split(' ');

void t.test('what is over after a while is told from what stays', (t) => {
  for (const command of ['mkdir -p /a', 'cat /etc/hosts', 'tail -n 5 log', 'busybox rm x', 'find / -name x', 'setsid -f app', 'xargs rm'])
    t.equal(isShort(words(command)), true, command);
  for (const command of ['app', 'cat', 'cat /dev/zero', 'tail -f log', 'find / -exec app ;', 'xargs app', 'dd if=/dev/zero'])
    t.equal(isShort(words(command)), false, command);
  t.end();
});

void t.test('sleeps and limits say for how long', (t) => {
  t.equal(secondsUntilEnd(words('sleep 1m 5')), 65);
  t.equal(secondsUntilEnd(words('timeout -s KILL 20 app')), 20);
  t.equal(secondsUntilEnd(words('timeout 0 app')), undefined, '0 is no limit');
  t.equal(secondsUntilEnd(words('sleep x')), 0, 'it fails at once');
  t.equal(neverEnds(words('sleep infinity')), true);
  t.equal(neverEnds(words('tail -f /dev/null')), true);
  t.equal(neverEnds(words('tail -f log')), false);
  t.equal(isIdle(words('tail -f /dev/null')), true);
  t.end();
});

void t.test('however many programs stand before each other, only a few are looked at', (t) => {
  for (const command of ['time', 'xargs', 'find -exec']) {
    const many = [...Array.from({ length: 20_000 }, () => words(command)).flat(), 'true', ';'];
    t.equal(isShort(many), false, command);
    t.equal(secondsUntilEnd(many), undefined, command);
  }
  t.equal(isShort(words('time xargs time true')), true);
  t.end();
});

void t.test('some end where their input does', (t) => {
  t.equal(readsInput(['cat']), true);
  t.equal(readsInput(['python3']), true);
  t.equal(readsInput(['python3', 'app.py']), false);
  t.equal(needsInput(words('xargs -r app')), true);
  t.equal(needsInput(words('xargs app')), false);
  t.end();
});
