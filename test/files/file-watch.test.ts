import { spawnSync } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { watchFiles } from '../../src/files/file-watch.ts';
import { eventually } from './eventually.ts';
import { writeSecretVolume } from './secret-volume.ts';

const NEVER_MS = 3_600_000;

function hintsOf(t: Test, files: readonly string[], pollMs: number): { count: number } {
  const hints = { count: 0 };
  const watch = watchFiles(files, pollMs, {
    onHint: () => (hints.count += 1),
    onUnwatched: (directory, cause) => t.fail(`${directory} is not watched: ${cause.message}`),
  });
  t.teardown(watch.close);
  return hints;
}

void t.test('each swap of a Secret volume gives a hint, not the first alone', async (t) => {
  const directory = t.testdir();
  await writeSecretVolume(directory, { 'tls.crt': '0' });
  const hints = hintsOf(t, [join(directory, 'tls.crt')], NEVER_MS);
  for (const version of ['1', '2', '3']) {
    const before = hints.count;
    await writeSecretVolume(directory, { 'tls.crt': version });
    await eventually(`a hint after swap ${version}`, () => hints.count > before);
  }
  t.ok(hints.count >= 3);
});

void t.test('files in several directories are all watched', async (t) => {
  const directory = t.testdir({ a: { file: '' }, b: { file: '' } });
  const hints = hintsOf(t, [join(directory, 'a', 'file'), join(directory, 'b', 'file')], NEVER_MS);
  for (const name of ['a', 'b']) {
    const before = hints.count;
    writeFileSync(join(directory, name, 'file'), 'new');
    await eventually(`a hint from ${name}`, () => hints.count > before);
  }
  t.ok(hints.count >= 2);
});

void t.test('gives hints at intervals without any event', async (t) => {
  const hints = hintsOf(t, [join(t.testdir({ file: '' }), 'file')], 1);
  await eventually('three hints', () => hints.count >= 3);
  t.ok(hints.count >= 3);
});

void t.test('gives no hint after it was closed', async (t) => {
  const directory = t.testdir({ closed: { file: '' }, open: { file: '' } });
  let hints = 0;
  const watch = watchFiles([join(directory, 'closed', 'file')], 1, { onHint: () => (hints += 1), onUnwatched: () => undefined });
  writeFileSync(join(directory, 'closed', 'file'), 'new');
  watch.close();
  const other = hintsOf(t, [join(directory, 'open', 'file')], 1);
  writeFileSync(join(directory, 'closed', 'file'), 'newer');
  await eventually('ten hints of another watch', () => other.count >= 10);
  t.equal(hints, 0);
});

void t.test('a directory that is not there is told, and hints come at intervals all the same', async (t) => {
  const directory = join(t.testdir(), 'later');
  const unwatched: string[] = [];
  let hints = 0;
  const watch = watchFiles([join(directory, 'file')], 1, {
    onHint: () => (hints += 1),
    onUnwatched: (directory, { code }) => unwatched.push(`${directory} ${code ?? ''}`),
  });
  t.teardown(watch.close);
  t.same(unwatched, [`${directory} ENOENT`]);
  mkdirSync(directory);
  await eventually('hints', () => hints >= 2);
  t.ok(hints >= 2);
});

/** A user namespace has inotify limits of its own, so that a watch can be refused for real without touching the machine. */
const PREFIX = ['-Ur', 'sh', '-c', 'echo 0 > /proc/sys/user/max_inotify_instances && exec "$@"', 'sh'];
const withoutNamespaces =
  spawnSync('unshare', [...PREFIX, 'true']).status === 0
    ? false
    : 'SKIPPED: user namespaces are needed to take inotify away from a process';

void t.test('where the system grants no watch, that is told, and hints come at intervals', { skip: withoutNamespaces }, (t) => {
  const directory = t.testdir({ file: '' });
  const program = `
    import { watchFiles } from ${JSON.stringify(new URL('../../src/files/file-watch.ts', import.meta.url).href)};
    const told = [];
    const alive = setTimeout(() => process.exit(1), 60_000);
    watchFiles([${JSON.stringify(join(directory, 'file'))}], 1, {
      onHint: () => { console.log(told.join() + ' hint'); process.exit(0); },
      onUnwatched: (directory, cause) => told.push(cause.code),
    });`;
  const { stdout, stderr } = spawnSync('unshare', [...PREFIX, process.execPath, '--input-type=module', '--eval', program], {
    encoding: 'utf8',
  });
  t.equal(stdout, 'EMFILE hint\n', stderr);
  t.end();
});

void t.test('keeps no process alive', (t) => {
  const program = `
    import { watchFiles } from ${JSON.stringify(new URL('../../src/files/file-watch.ts', import.meta.url).href)};
    watchFiles([${JSON.stringify(join(t.testdir({ file: '' }), 'file'))}], 1, { onHint: () => {}, onUnwatched: () => {} });
    console.log('watching');`;
  const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8', timeout: 60_000 });
  t.same([stdout, signal], ['watching\n', null]);
  t.end();
});
