import t from 'tap';
import { Tally } from '../../src/telemetry/tally.ts';

void t.test('each pair is handed over once, with all that was counted of it', (t) => {
  const tally = new Tally();
  const handedOver = (): unknown[] => {
    const all: unknown[] = [];
    tally.handOver((first, second, count) => all.push([first, second, count]));
    return all;
  };
  tally.add('a', 'x');
  tally.add('b', 'x', 3);
  tally.add('a', 'y');
  tally.add('a', 'x', 2);
  const counted = handedOver();
  const after = handedOver();
  tally.add('a', 'x');
  t.same(counted, [
    ['a', 'x', 3],
    ['a', 'y', 1],
    ['b', 'x', 3],
  ]);
  t.same([after, handedOver()], [[], [['a', 'x', 1]]]);
  t.end();
});
