import t from 'tap';
import { Turns } from '../../src/server/turns.ts';

/** What has come in: Node looks after each turn. */
function afterTurns(count: number, done: () => void): void {
  setImmediate(() => {
    if (count > 1) afterTurns(count - 1, done);
    else done();
  });
}

void t.test('one piece of work in each turn of the event loop, in the order in which they came', async (t) => {
  const turns = new Turns();
  const seen: string[] = [];
  for (const name of ['a', 'b', 'c']) turns.add(() => seen.push(name));
  t.same(seen, [], 'nothing before what has arrived is read');
  for (const name of ['x', 'y', 'z']) {
    await new Promise<void>((resolve) => {
      afterTurns(1, resolve);
    });
    seen.push(name);
  }
  t.same(seen, ['a', 'x', 'b', 'y', 'c', 'z']);
});

void t.test('work that adds work, and work that comes later', async (t) => {
  const turns = new Turns();
  const seen: string[] = [];
  turns.add(() => {
    seen.push('a');
    turns.add(() => seen.push('c'));
  });
  turns.add(() => seen.push('b'));
  await new Promise<void>((resolve) => {
    afterTurns(4, resolve);
  });
  t.same(seen, ['a', 'b', 'c']);
  turns.add(() => seen.push('d'));
  await new Promise<void>((resolve) => {
    afterTurns(2, resolve);
  });
  t.same(seen, ['a', 'b', 'c', 'd']);
});

void t.test('a turn that is over is over until what has arrived is read', async (t) => {
  const turns = new Turns();
  t.equal(turns.isOver, false);
  turns.end();
  turns.end();
  t.equal(turns.isOver, true);
  await new Promise<void>((resolve) => {
    afterTurns(1, resolve);
  });
  t.equal(turns.isOver, false);
});
