import t from 'tap';
import { Arrivals } from '../../src/server/arrivals.ts';

/** All that has arrived is read. */
function afterThisTurn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

void t.test('what arrives in one turn is handed over together, in its order', async (t) => {
  const handed: (readonly string[])[] = [];
  const arrivals = new Arrivals<string>((items) => handed.push(items));
  arrivals.add('a');
  arrivals.add('b');
  t.same(handed, [], 'nothing before what has arrived is read');
  await afterThisTurn();
  t.same(handed, [['a', 'b']]);
});

void t.test('what arrives while others are handled is handed over after them', async (t) => {
  const handed: (readonly string[])[] = [];
  const arrivals = new Arrivals<string>((items) => {
    handed.push(items);
    if (items.includes('a')) arrivals.add('c');
  });
  arrivals.add('a');
  await afterThisTurn();
  arrivals.add('d');
  await afterThisTurn();
  t.same(handed, [['a'], ['c', 'd']]);
});
