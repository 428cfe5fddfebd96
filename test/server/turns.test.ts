import t from 'tap';
import { Turns, type TurnOptions } from '../../src/server/turns.ts';

const LITTLE: TurnOptions = { peer: 'a', isLittle: true };
const OTHER: TurnOptions = { peer: 'a', isLittle: false };

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
  for (const name of ['a', 'b', 'c']) turns.add(() => seen.push(name), OTHER);
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
    turns.add(() => seen.push('c'), OTHER);
  }, OTHER);
  turns.add(() => seen.push('b'), OTHER);
  await new Promise<void>((resolve) => {
    afterTurns(4, resolve);
  });
  t.same(seen, ['a', 'b', 'c']);
  turns.add(() => seen.push('d'), OTHER);
  await new Promise<void>((resolve) => {
    afterTurns(2, resolve);
  });
  t.same(seen, ['a', 'b', 'c', 'd']);
});

/** @returns the names of all work, in the order in which it ran */
async function orderOf(works: readonly (readonly [string, TurnOptions])[], turns = new Turns()): Promise<string[]> {
  const seen: string[] = [];
  for (const [name, options] of works) turns.add(() => seen.push(name), options);
  await new Promise<void>((resolve) => {
    afterTurns(works.length, resolve);
  });
  return seen;
}

void t.test('what is little goes before what was there first', async (t) => {
  t.same(
    await orderOf([
      ['much', OTHER],
      ['more', OTHER],
      ['little', LITTLE],
    ]),
    ['little', 'much', 'more'],
  );
});

void t.test('however much comes that is little, the rest has its turn', async (t) => {
  const little = Array.from({ length: 30 }, (_, index) => [`little ${index}`, LITTLE] as const);
  const order = await orderOf([['much', OTHER], ['more', OTHER], ...little]);
  t.equal(order.length, 32);
  t.ok(order.indexOf('much') < 10 && order.indexOf('more') < 20, `they come as ${order.indexOf('much')} and ${order.indexOf('more')}`);
});

void t.test('a peer with much work does not hold up another peer', async (t) => {
  const flood = Array.from({ length: 5 }, (_, index) => [`flood ${index}`, { ...OTHER, peer: 'b' }] as const);
  t.same(await orderOf([...flood, ['a', OTHER], ['a again', OTHER]]), [
    'flood 0',
    'a',
    'flood 1',
    'a again',
    'flood 2',
    'flood 3',
    'flood 4',
  ]);
});

void t.test('newest and oldest: what comes behind many waits for one of them, and none of these for ever', async (t) => {
  const turns = new Turns('newest-and-oldest');
  const of = (peer: string, count: number): (readonly [string, TurnOptions])[] =>
    Array.from({ length: count }, (_, index) => [`${peer}${index}`, { ...OTHER, peer }] as const);
  t.same(await orderOf(of('a', 5), turns), ['a0', 'a4', 'a1', 'a3', 'a2']);
  t.same(await orderOf([...of('a', 4), ...of('b', 4)], turns), ['a0', 'b0', 'a3', 'b3', 'a1', 'b1', 'a2', 'b2'], 'the peers take turns');

  const seen: string[] = [];
  let next = 0;
  // One comes with each turn.
  const flood = (): void => {
    next += 1;
    if (next < 20) turns.add(flood, OTHER);
  };
  for (const name of ['x', 'y', 'z']) turns.add(() => seen.push(`${name} after ${next}`), OTHER);
  turns.add(flood, OTHER);
  await new Promise<void>((resolve) => {
    afterTurns(24, resolve);
  });
  t.same(seen, ['x after 0', 'y after 1', 'z after 2']);
});
