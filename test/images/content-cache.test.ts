import { chmodSync, existsSync, mkdirSync, readdirSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ContentCache, digestOf, hasDigest, isDigest } from '../../src/images/content-cache.ts';

const CONTENT = Buffer.from('{"schemaVersion":2}');
const DIGEST = digestOf(CONTENT);

function fileOf(digest: string): string {
  return digest.replace(':', '-');
}

void t.test('digests', (t) => {
  t.ok(isDigest(DIGEST));
  t.ok(isDigest(digestOf(CONTENT, 'sha512')));
  t.ok(hasDigest(CONTENT, digestOf(CONTENT, 'sha512')));
  t.notOk(hasDigest(Buffer.from('other'), DIGEST));
  for (const none of ['', 'sha256:', `sha1:${'0'.repeat(40)}`, `${DIGEST}/../x`, DIGEST.toUpperCase()]) t.notOk(isDigest(none), none);
  t.end();
});

void t.test('what was written is read, and is for the user alone', async (t) => {
  const folder = join(t.testdir(), 'podgrace/images');
  const cache = new ContentCache(folder);
  t.equal(await cache.read(DIGEST), undefined);
  await cache.write(DIGEST, CONTENT);
  t.same(await cache.read(DIGEST), CONTENT);
  t.same(readdirSync(folder), [fileOf(DIGEST)], 'nothing else is left');
  t.equal(statSync(folder).mode & 0o777, 0o700);
  t.equal(statSync(join(folder, fileOf(DIGEST))).mode & 0o777, 0o600);
});

void t.test('a file that is not what its digest stands for is removed', async (t) => {
  const folder = t.testdir({ [fileOf(DIGEST)]: 'other' });
  t.equal(await new ContentCache(folder).read(DIGEST), undefined);
  t.same(readdirSync(folder), []);
});

void t.test('without a folder, or with one that cannot be written, nothing is kept', async (t) => {
  const none = new ContentCache(undefined);
  await none.write(DIGEST, CONTENT);
  await none.prune();
  t.equal(await none.read(DIGEST), undefined);
  const file = join(t.testdir({ file: '' }), 'file');
  const inFile = new ContentCache(join(file, 'images'));
  await inFile.write(DIGEST, CONTENT);
  await inFile.prune();
  t.equal(await inFile.read(DIGEST), undefined);
});

void t.test('a folder that the user may not write', { skip: process.getuid?.() === 0 ? 'root may write everything' : false }, async (t) => {
  const folder = t.testdir();
  chmodSync(folder, 0o500);
  await new ContentCache(folder).write(DIGEST, CONTENT);
  t.same(readdirSync(folder), []);
});

void t.test('what was not used for longest goes first, in files and in bytes', async (t) => {
  const folder = t.testdir({ 'notes.txt': 'not ours' });
  const contents = ['a', 'b', 'c', 'd'].map((text) => Buffer.from(text.repeat(10)));
  const digests = contents.map((content) => digestOf(content));
  const files = digests.map((digest) => join(folder, fileOf(digest)));
  for (const [index, file] of files.entries()) {
    writeFileSync(file, contents[index] ?? '');
    utimesSync(file, 1000 + index, 1000 + index);
  }
  const staged = `${files[0] ?? ''}.0123456789ab.new`;
  writeFileSync(staged, 'left by a run that was stopped');
  utimesSync(staged, 1, 1);
  const left = (): string => files.map((file, index) => (existsSync(file) ? 'abcd'.charAt(index) : '')).join('');
  const cache = new ContentCache(folder, { mostFiles: 3, mostBytes: 1000 });
  t.same(await cache.read(digests[0] ?? ''), contents[0], 'the oldest is used');
  await cache.prune();
  t.equal(left(), 'acd');
  t.notOk(existsSync(staged));
  await new ContentCache(folder, { mostFiles: 3, mostBytes: 25 }).prune();
  t.equal(left(), 'ad');
  t.ok(existsSync(join(folder, 'notes.txt')), 'other files stay');
  mkdirSync(join(folder, 'other'));
  await cache.prune();
  t.ok(existsSync(join(folder, 'other')));
});
