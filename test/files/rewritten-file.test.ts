import { chmodSync, linkSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { NotRewrittenError, rewriteFile } from '../../src/files/rewritten-file.ts';

const BEFORE = Buffer.from('before\n');
const AFTER = Buffer.from('after\n');

void t.test('a file gets its new content and keeps its permissions, and nothing is left beside it', (t) => {
  for (const mode of [0o600, 0o644, 0o664, 0o755]) {
    const folder = t.testdir({ 'a.yaml': 'before\n' });
    const file = join(folder, 'a.yaml');
    chmodSync(file, mode);
    rewriteFile(file, BEFORE, AFTER);
    t.equal(readFileSync(file, 'utf8'), 'after\n');
    t.equal(statSync(file).mode & 0o7777, mode);
    t.same(readdirSync(folder), ['a.yaml']);
  }
  t.end();
});

void t.test('a symbolic link stays, and its file is rewritten', (t) => {
  const folder = t.testdir({ real: { 'a.yaml': 'before\n' } });
  symlinkSync(join('real', 'a.yaml'), join(folder, 'link.yaml'));
  rewriteFile(join(folder, 'link.yaml'), BEFORE, AFTER);
  t.ok(lstatSync(join(folder, 'link.yaml')).isSymbolicLink());
  t.equal(readFileSync(join(folder, 'real', 'a.yaml'), 'utf8'), 'after\n');
  t.end();
});

void t.test('a file that cannot be rewritten without a loss stays as it is, with the reason, and nothing is left beside it', (t) => {
  const cases: readonly (readonly [name: string, prepare: (file: string) => void, reason: RegExp, content: string])[] = [
    [
      'somebody else wrote to it',
      (file) => {
        writeFileSync(file, 'theirs\n');
      },
      /^it was changed by somebody else meanwhile$/,
      'theirs\n',
    ],
    [
      'it is read-only',
      (file) => {
        chmodSync(file, 0o444);
      },
      /^it is read-only$|^permission denied$/,
      'before\n',
    ],
    [
      'it has another name',
      (file) => {
        linkSync(file, `${file}.other`);
      },
      /^it has 2 names \(hard links\)/,
      'before\n',
    ],
  ];
  for (const [name, prepare, reason, content] of cases) {
    const folder = t.testdir({ 'a.yaml': 'before\n' });
    const file = join(folder, 'a.yaml');
    prepare(file);
    const files = readdirSync(folder);
    t.throws(
      () => {
        rewriteFile(file, BEFORE, AFTER);
      },
      { name: NotRewrittenError.name, message: reason },
      name,
    );
    t.equal(readFileSync(file, 'utf8'), content, name);
    t.same(readdirSync(folder), files, name);
  }
  t.end();
});

void t.test('what is no file, or gone, is told', (t) => {
  const folder = t.testdir({});
  mkdirSync(join(folder, 'folder'));
  t.throws(
    () => {
      rewriteFile(join(folder, 'folder'), BEFORE, AFTER);
    },
    { message: 'it is no regular file' },
  );
  t.throws(
    () => {
      rewriteFile(join(folder, 'none'), BEFORE, AFTER);
    },
    { message: 'no such file or directory' },
  );
  t.end();
});
