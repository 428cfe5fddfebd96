import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import t from 'tap';
import { readFoundFile, readNamedFile } from '../../src/files/small-file.ts';

void t.test('a file is read up to its limit, and not beyond, also where it has no end', async (t) => {
  const file = join(t.testdir({ four: 'four' }), 'four');
  t.equal((await readNamedFile(file, 4)).toString(), 'four');
  t.equal(readFoundFile(file, 4).toString(), 'four');
  const message = 'it has more than 3 bytes';
  await t.rejects(readNamedFile(file, 3), { message });
  t.throws(() => readFoundFile(file, 3), { message });
  await t.rejects(readNamedFile('/dev/zero', 3), { message });
});

void t.test('a pipe is read where somebody names it, and refused where it is found', async (t) => {
  const pipe = join(t.testdir({}), 'pipe');
  execFileSync('mkfifo', [pipe]);
  t.throws(() => readFoundFile(pipe, 9), { message: 'it must be a file, but is a pipe or a device' });
  const [bytes] = await Promise.all([readNamedFile(pipe, 9), writeFile(pipe, 'pipe')]);
  t.equal(bytes.toString(), 'pipe');
});
