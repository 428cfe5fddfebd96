import t from 'tap';
import { OutOfTimeError, Work } from '../../src/core/work.ts';

void t.test('steps add up', (t) => {
  const work = new Work();
  work.spend(3);
  work.spend(4);
  t.equal(work.steps, 7);
  t.end();
});

void t.test('the clock is looked at now and then, not at each step', (t) => {
  let looks = 0;
  const work = new Work(() => {
    looks += 1;
    return false;
  });
  for (let step = 0; step < 10_240; step++) work.spend(1);
  t.ok(looks >= 20 && looks <= 80, `${looks} looks`);
  t.end();
});

void t.test('much work at once is a reason to look', (t) => {
  const work = new Work(() => true);
  work.spend(1);
  t.throws(() => {
    work.spend(100_000);
  }, OutOfTimeError);
  t.end();
});

void t.test('without a deadline there is always time', (t) => {
  const work = new Work();
  work.spend(1_000_000);
  t.equal(work.isOutOfTime, false);
  t.end();
});

void t.test('a long text is as much work as a list of its pieces', (t) => {
  const work = new Work();
  work.spendOnText('a'.repeat(31));
  t.equal(work.steps, 0, 'a short one is counted with the list that it stands in');
  work.spendOnText('a'.repeat(3_200));
  t.equal(work.steps, 100);
  t.end();
});
