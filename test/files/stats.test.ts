import { symlinkSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { statsOf } from '../../src/files/stats.ts';

void t.test('nothing is known of what is not there and of what cannot be looked at', (t) => {
  const folder = t.testdir({ file: 'a' });
  symlinkSync('loop', join(folder, 'loop'));
  t.equal(statsOf(join(folder, 'file'))?.size, 1);
  t.equal(statsOf(folder)?.isDirectory(), true);
  for (const path of ['none', 'file/none', 'loop', 'x'.repeat(300)]) t.equal(statsOf(join(folder, path)), undefined, path);
  t.end();
});
