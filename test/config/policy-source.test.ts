import { spawnSync } from 'node:child_process';
import {
  closeSync,
  mkdirSync,
  openSync,
  readdirSync,
  readlinkSync,
  realpathSync,
  renameSync,
  rmSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import { fixedPolicy, PolicyError, PolicyFile } from '../../src/config/policy-source.ts';
import { presetPolicy } from '../../src/config/presets.ts';
import { watchFiles } from '../../src/files/file-watch.ts';
import { eventually } from '../files/eventually.ts';
import { writeSecretVolume } from '../files/secret-volume.ts';

const NEVER_MS = 3_600_000;

function policyText(name: string, preset = 'strict'): string {
  return `apiVersion: podgrace.dev/v1alpha1\nkind: LifecyclePolicy\nmetadata: {name: ${name}}\nspec: {preset: ${preset}}\n`;
}

/** Everything that a source told, in order: `loaded NAME`, `refused MESSAGE`. */
interface Told {
  readonly source: PolicyFile;
  readonly news: string[];
}

async function watched(t: Test, file: string, pollMs = NEVER_MS): Promise<Told> {
  const source = await PolicyFile.open(file, catalogue);
  const news: string[] = [];
  source.watch(pollMs, {
    onLoaded: ({ name }) => news.push(`loaded ${name}`),
    onRefused: ({ message }) => news.push(`refused ${message.replaceAll(file, 'FILE')}`),
    onUnwatched: (directory, { message }) => news.push(`unwatched ${directory} ${message}`),
  });
  t.teardown(() => {
    source.close();
  });
  return { source, news };
}

async function waitForNews({ news }: Told, count: number): Promise<void> {
  await eventually(`news number ${count} after ${news.join(', ')}`, () => news.length >= count);
}

/** As editors and `kubectl cp` do it: complete before it has the name. */
function replaceFile(file: string, text: string): void {
  writeFileSync(`${file}.new`, text);
  renameSync(`${file}.new`, file);
}

const WRONG = policyText('wrong', 'lax');
const REFUSED = 'refused FILE:4: spec.preset must be one of baseline, production, strict, but is "lax"';

void t.test('the policy of a file is in force as soon as the file is opened', async (t) => {
  const source = await PolicyFile.open(join(t.testdir({ 'policy.yaml': policyText('first') }), 'policy.yaml'), catalogue);
  t.equal(source.current.name, 'first');
  t.equal(source.refusal, undefined);
});

void t.test('a wrong policy is not opened; the error has every problem with file and line', async (t) => {
  const file = join(t.testdir({ 'policy.yaml': `${WRONG}typo: 1\n` }), 'policy.yaml');
  const error: unknown = await PolicyFile.open(file, catalogue).catch((error: unknown) => error);
  t.ok(error instanceof PolicyError);
  t.equal(
    (error as PolicyError).message,
    [
      `${file}:4: spec.preset must be one of baseline, production, strict, but is "lax"`,
      `${file}:5: typo must not be set: there is no such field; known are apiVersion, kind, metadata, spec`,
    ].join('\n'),
  );
});

void t.test('what cannot be read is not opened; the error names the file and the reason', async (t) => {
  const folder = t.testdir({ 'latin-1.yaml': Buffer.from('# Gr\xfc\xdfe\n', 'latin1'), 'large.yaml': `# ${'x'.repeat(1024 * 1024)}\n` });
  const open = (name: string): Promise<PolicyFile> => PolicyFile.open(join(folder, name), catalogue);
  await t.rejects(open('missing.yaml'), { message: /^\S+missing\.yaml cannot be read: no such file or directory/ });
  await t.rejects(PolicyFile.open(folder, catalogue), { message: /^\S+ cannot be read: it is a folder/ });
  await t.rejects(open('latin-1.yaml'), { message: /^\S+latin-1\.yaml cannot be read: it is not UTF-8 text$/ });
  await t.rejects(open('large.yaml'), {
    message: /^\S+large\.yaml cannot be read: it has more than 1048576 bytes$/,
  });
});

void t.test('a byte order mark does no harm', async (t) => {
  const source = await PolicyFile.open(join(t.testdir({ 'policy.yaml': `\ufeff${policyText('marked')}` }), 'policy.yaml'), catalogue);
  t.equal(source.current.name, 'marked');
});

void t.test('a file that is replaced by another is taken', async (t) => {
  const file = join(t.testdir({ 'policy.yaml': policyText('first') }), 'policy.yaml');
  const told = await watched(t, file);
  replaceFile(file, policyText('second'));
  await waitForNews(told, 1);
  replaceFile(file, policyText('third'));
  await waitForNews(told, 2);
  t.same(told.news, ['loaded second', 'loaded third']);
  t.equal(told.source.current.name, 'third');
});

void t.test('a file that is edited in place is taken', async (t) => {
  const file = join(t.testdir({ 'policy.yaml': policyText('first') }), 'policy.yaml');
  const told = await watched(t, file);
  const descriptor = openSync(file, 'r+');
  t.teardown(() => {
    closeSync(descriptor);
  });
  writeSync(descriptor, policyText('later'), 0);
  await waitForNews(told, 1);
  t.same(told.news, ['loaded later']);
});

void t.test('each update of a ConfigMap volume is taken', async (t) => {
  const directory = t.testdir();
  await writeSecretVolume(directory, { 'policy.yaml': policyText('v0') });
  const told = await watched(t, join(directory, 'policy.yaml'));
  for (const version of [1, 2, 3]) {
    await writeSecretVolume(directory, { 'policy.yaml': policyText(`v${version}`) });
    await waitForNews(told, version);
  }
  t.same(told.news, ['loaded v1', 'loaded v2', 'loaded v3']);
});

void t.test('a change between opening and watching is not missed', async (t) => {
  const file = join(t.testdir({ 'policy.yaml': policyText('first') }), 'policy.yaml');
  const source = await PolicyFile.open(file, catalogue);
  writeFileSync(file, policyText('second'));
  const news: string[] = [];
  const tell = ({ message }: Error): unknown => news.push(message);
  source.watch(NEVER_MS, { onLoaded: ({ name }) => news.push(name), onRefused: tell, onUnwatched: (_, cause) => tell(cause) });
  t.teardown(() => {
    source.close();
  });
  await eventually('the change', () => news.length > 0);
  t.same(news, ['second']);
});

void t.test('a wrong file is told, the old policy stays, and the mended file is taken', async (t) => {
  const file = join(t.testdir({ 'policy.yaml': policyText('first') }), 'policy.yaml');
  const told = await watched(t, file);
  replaceFile(file, WRONG);
  await waitForNews(told, 1);
  t.equal(told.source.current.name, 'first');
  t.equal(told.source.refusal?.message, `${file}:4: spec.preset must be one of baseline, production, strict, but is "lax"`);
  replaceFile(file, policyText('mended'));
  await waitForNews(told, 2);
  t.same(told.news, [REFUSED, 'loaded mended']);
  t.equal(told.source.current.name, 'mended');
  t.equal(told.source.refusal, undefined);
});

void t.test('the old policy is taken again when a wrong edit is undone', async (t) => {
  const file = join(t.testdir({ 'policy.yaml': policyText('first') }), 'policy.yaml');
  const told = await watched(t, file);
  replaceFile(file, WRONG);
  await waitForNews(told, 1);
  replaceFile(file, policyText('first'));
  await waitForNews(told, 2);
  t.same(told.news, [REFUSED, 'loaded first']);
  t.equal(told.source.refusal, undefined);
});

/** Waits until a file was read so often: another source polls the same file, and started later. */
async function readings(t: Test, file: string, count: number): Promise<void> {
  let hints = 0;
  const watch = watchFiles([file], 1, { onHint: () => (hints += 1), onUnwatched: () => undefined });
  t.teardown(watch.close);
  await eventually(`${count} readings`, () => hints >= count);
}

void t.test('each refusal is told once, however often the file is read; another one is told', async (t) => {
  const file = join(t.testdir({ 'policy.yaml': policyText('first') }), 'policy.yaml');
  const told = await watched(t, file, 1);
  replaceFile(file, WRONG);
  await waitForNews(told, 1);
  await readings(t, file, 30);
  replaceFile(file, `${WRONG}# the same problem in another text\n`);
  await readings(t, file, 30);
  replaceFile(file, policyText('wrong', 'slack'));
  await waitForNews(told, 2);
  await readings(t, file, 30);
  t.same(told.news, [REFUSED, REFUSED.replace('lax', 'slack')]);
});

void t.test('a file that is not changed is not taken again, however often it is read', async (t) => {
  const file = join(t.testdir({ 'policy.yaml': policyText('first') }), 'policy.yaml');
  const told = await watched(t, file, 1);
  const { current } = told.source;
  await readings(t, file, 30);
  replaceFile(file, policyText('first'));
  await readings(t, file, 30);
  t.same(told.news, []);
  t.equal(told.source.current, current);
});

void t.test('a file that is removed is told once; the policy stays until the file returns', async (t) => {
  const file = join(t.testdir({ 'policy.yaml': policyText('first') }), 'policy.yaml');
  const told = await watched(t, file, 1);
  rmSync(file);
  await waitForNews(told, 1);
  await readings(t, file, 30);
  t.match(told.news, [/^refused FILE cannot be read: no such file/]);
  t.equal(told.source.current.name, 'first');
  replaceFile(file, policyText('first'));
  await waitForNews(told, 2);
  t.equal(told.news[1], 'loaded first', 'also where it returns as it was');
  t.equal(told.source.refusal, undefined);
});

void t.test('a half-written file is refused, and the whole one is taken', async (t) => {
  const file = join(t.testdir({ 'policy.yaml': policyText('first') }), 'policy.yaml');
  const told = await watched(t, file);
  const text = policyText('second');
  writeFileSync(file, text.slice(0, text.indexOf('preset')));
  await waitForNews(told, 1);
  t.match(told.news[0], /^refused FILE:5: /);
  t.equal(told.source.current.name, 'first');
  writeFileSync(file, text);
  await waitForNews(told, 2);
  t.equal(told.source.current.name, 'second');
});

void t.test('a change that no event tells of is noticed at the interval', async (t) => {
  const directory = t.testdir({ elsewhere: { 'policy.yaml': policyText('first') }, here: {} });
  const file = join(directory, 'here', 'policy.yaml');
  symlinkSync('../elsewhere/policy.yaml', file);
  const told = await watched(t, file, 1);
  replaceFile(join(directory, 'elsewhere', 'policy.yaml'), policyText('second'));
  await waitForNews(told, 1);
  t.same(told.news, ['loaded second']);
});

void t.test('a directory that cannot be watched is told, and the file is read at intervals', async (t) => {
  const directory = join(t.testdir({ late: { 'policy.yaml': policyText('first') } }), 'late');
  const file = join(directory, 'policy.yaml');
  const source = await PolicyFile.open(file, catalogue);
  rmSync(directory, { recursive: true });
  const news: string[] = [];
  source.watch(1, {
    onLoaded: ({ name }) => news.push(`loaded ${name}`),
    onRefused: () => news.push('refused'),
    onUnwatched: (unwatched) => news.push(unwatched === directory ? 'unwatched' : unwatched),
  });
  t.teardown(() => {
    source.close();
  });
  await eventually('the refusal', () => news.length >= 2);
  mkdirSync(directory);
  replaceFile(file, policyText('second'));
  await eventually('the file', () => news.length >= 3);
  t.same(news, ['unwatched', 'refused', 'loaded second']);
});

void t.test('a closed source tells nothing more, and keeps its policy', async (t) => {
  const directory = t.testdir({ closed: { 'policy.yaml': policyText('first') }, open: { 'policy.yaml': policyText('first') } });
  const file = join(directory, 'closed', 'policy.yaml');
  const told = await watched(t, file, 1);
  rmSync(file);
  told.source.close();
  const other = join(directory, 'open', 'policy.yaml');
  const open = await watched(t, other, 1);
  replaceFile(other, policyText('second'));
  await waitForNews(open, 1);
  await readings(t, other, 30);
  t.same(told.news, []);
  t.equal(told.source.current.name, 'first');
  t.equal(told.source.refusal, undefined);
});

/** How often this process has a file open. */
function openDescriptors(file: string): number {
  const target = realpathSync(file);
  return readdirSync('/proc/self/fd').filter((descriptor) => {
    try {
      return readlinkSync(`/proc/self/fd/${descriptor}`) === target;
    } catch {
      return false; // closed in the meantime, such as the one that read the directory
    }
  }).length;
}

const withoutPipes =
  process.platform === 'linux' ? false : 'SKIPPED: a reading that takes its time needs a named pipe, and /proc to see it begin';

void t.test('a change during a reading is not missed', { skip: withoutPipes }, async (t) => {
  const directory = t.testdir({ here: { 'policy.yaml': policyText('first') }, elsewhere: {} });
  const file = join(directory, 'here', 'policy.yaml');
  const told = await watched(t, file);
  // Hears of changes after the source does.
  let hints = 0;
  const later = watchFiles([file], NEVER_MS, { onHint: () => (hints += 1), onUnwatched: () => undefined });
  t.teardown(later.close);

  // Reading a pipe lasts until its writer closes it.
  const pipe = join(directory, 'elsewhere', 'pipe');
  spawnSync('mkfifo', [pipe]);
  const writer = openSync(pipe, 'r+');
  renameSync(pipe, file);
  await eventually('a reading has begun', () => hints === 1 && openDescriptors(file) === 2);
  rmSync(file);
  writeFileSync(file, policyText('third'));
  await eventually('the source has heard of the change', () => hints === 2);
  writeSync(writer, policyText('second'));
  closeSync(writer);

  await waitForNews(told, 2);
  t.same(told.news, ['loaded second', 'loaded third']);
});

void t.test('the namespace of the server is left alone in every policy that is read', async (t) => {
  const file = join(t.testdir({ 'policy.yaml': policyText('one') }), 'policy.yaml');
  const source = await PolicyFile.open(file, catalogue, 'platform');
  t.teardown(() => {
    source.close();
  });
  t.ok(source.current.isExcludedNamespace('platform'));
  writeFileSync(file, policyText('two'));
  source.watch(20, { onLoaded: () => undefined, onRefused: () => undefined, onUnwatched: () => undefined });
  await eventually('the second policy', () => source.current.name === 'two');
  t.ok(source.current.isExcludedNamespace('platform'));
  t.ok(presetPolicy('strict', 'platform').isExcludedNamespace('platform'));
});

void t.test('a preset never changes', (t) => {
  const policy = presetPolicy('baseline');
  const source = fixedPolicy(policy);
  source.close();
  t.equal(source.current, policy);
  t.equal(source.refusal, undefined);
  t.end();
});

void t.test('keeps no process alive', (t) => {
  const file = join(t.testdir({ 'policy.yaml': policyText('first') }), 'policy.yaml');
  const source = (path: string): string => JSON.stringify(new URL(`../../src/config/${path}`, import.meta.url).href);
  const program = `
    import { catalogue } from ${source('catalogue.ts')};
    import { PolicyFile } from ${source('policy-source.ts')};
    const policy = await PolicyFile.open(${JSON.stringify(file)}, catalogue);
    policy.watch(1, { onLoaded() {}, onRefused() {}, onUnwatched() {} });
    console.log(policy.current.name);`;
  const { stdout, signal } = spawnSync(process.execPath, ['--input-type=module', '--eval', program], { encoding: 'utf8', timeout: 60_000 });
  t.same([stdout, signal], ['first\n', null]);
  t.end();
});
