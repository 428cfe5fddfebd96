import t from 'tap';
import { poll } from '../../src/files/poll.ts';
import { eventually } from './eventually.ts';

void t.test('it looks again and again, one look at a time', async (t) => {
  let looks = 0;
  let going = 0;
  const { close } = poll(async () => {
    t.equal(++going, 1);
    await new Promise((resolve) => setImmediate(resolve));
    going--;
    looks++;
    return 1;
  });
  await eventually('three looks', () => looks >= 3);
  await close();
  const { length } = Array.from({ length: looks });
  await new Promise((resolve) => setTimeout(resolve, 20));
  t.equal(looks, length, 'none after it was closed');
});

void t.test('it can be woken: from its wait, and from a look that may have missed what it is woken for', async (t) => {
  let looks = 0;
  const polling = poll(() => {
    looks++;
    if (looks === 2) polling.wake();
    return Promise.resolve(3_600_000);
  });
  await eventually('the first look', () => looks === 1);
  await new Promise((resolve) => setImmediate(resolve));
  polling.wake();
  await eventually('two more', () => looks === 3);
  await polling.close();
  t.equal(looks, 3);
});

void t.test('closing ends the wait for the next look, and a look that is going on', async (t) => {
  let ended = false;
  const waiting = poll(() => Promise.resolve(3_600_000));
  const looking = poll(async (signal) => {
    await new Promise((resolve) => {
      signal.addEventListener('abort', resolve);
    });
    ended = true;
    return 0;
  });
  await Promise.all([waiting.close(), looking.close()]);
  t.ok(ended);
});
