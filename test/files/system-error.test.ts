import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { codeOf, reasonOf } from '../../src/files/system-error.ts';

/** What reading a path throws. */
function errorOf(path: string): unknown {
  try {
    readFileSync(path);
  } catch (error) {
    return error;
  }
  throw new Error(`${path} can be read`);
}

void t.test('the reason is what the system says, without the path', (t) => {
  t.equal(codeOf(errorOf('/none/there')), 'ENOENT');
  t.equal(reasonOf(errorOf('/none/there')), 'no such file or directory');
  t.equal(reasonOf(errorOf('/')), 'it is a folder');
  const link = join(t.testdir({ link: t.fixture('symlink', 'none') }), 'link');
  t.equal(reasonOf(errorOf(link)), 'it is a symbolic link, and what it leads to does not exist');
  t.end();
});

void t.test('any other error has its message, and no code', (t) => {
  t.equal(codeOf(new Error('wrong')), undefined);
  t.equal(codeOf('wrong'), undefined);
  t.equal(reasonOf(new Error('wrong')), 'wrong');
  t.equal(reasonOf('wrong'), 'wrong');
  t.end();
});
