import t from 'tap';
import { grouped } from '../../../src/cli/output/grouped.ts';

void t.test('digits are grouped as in English', (t) => {
  for (const count of [0, 7, 999, 1000, 12_345, 999_999, 1_000_000, 1_234_567_890, Number.MAX_SAFE_INTEGER])
    t.equal(grouped(count), count.toLocaleString('en'));
  t.end();
});
