/** What `fix` does without printing: files in, repaired files out, one after the other. */
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import t, { type Test } from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import { fixFiles, type FixedFile, type FixOptions } from '../../src/offline/fix.ts';
import { FixTally } from '../../src/offline/fix-tally.ts';
import { NOW_MS } from '../admission/ask.ts';

const POLICY = presetPolicy('production');

const PROBED = `apiVersion: v1
kind: Pod
metadata: { name: web }
spec:
  containers:
    - name: web
      image: web:1
      livenessProbe:
        tcpSocket: { port: 80 }
`;
const BROKEN = 'apiVersion: v1\nkind: [\n';

interface Fixed {
  readonly folder: string;
  readonly files: readonly FixedFile[];
  readonly summary: FixTally['summary'];
}

async function fix(
  t: Test,
  files: Readonly<Record<string, string>>,
  options: Partial<FixOptions> = {},
  paths?: readonly string[],
): Promise<Fixed> {
  const folder = t.testdir({ ...files });
  const tally = new FixTally();
  const fixed: FixedFile[] = [];
  const context = { policy: POLICY, namespace: 'shop', nowMs: NOW_MS };
  for await (const file of fixFiles(paths ?? [folder], [], () => context, { stdin: process.stdin, writes: true, ...options })) {
    tally.count(file);
    fixed.push(file);
  }
  return { folder, files: fixed, summary: tally.summary };
}

const read = (folder: string, name: string): string => readFileSync(join(folder, name), 'utf8');

void t.test('each file is written, and holds what its outcome has', async (t) => {
  const { folder, files, summary } = await fix(t, { 'a.yaml': PROBED, 'b.yaml': PROBED });
  t.match(summary, { files: 2, writtenFiles: 2, objects: 2, repaired: 2, refused: 0, errors: 0 });
  for (const { file, after, isWritten } of files) {
    t.ok(isWritten);
    t.equal(readFileSync(file, 'utf8'), after);
    t.match(after, 'timeoutSeconds');
  }
  t.equal(read(folder, 'a.yaml'), read(folder, 'b.yaml'));
});

void t.test('where nothing is to be written, the repaired text comes all the same', async (t) => {
  const { folder, files, summary } = await fix(t, { 'a.yaml': PROBED }, { writes: false });
  t.match(summary, { writtenFiles: 0, repaired: 1 });
  t.match(files[0]?.after, 'timeoutSeconds');
  t.equal(read(folder, 'a.yaml'), PROBED);
});

void t.test('standard input is given back and never written', async (t) => {
  const { files } = await fix(t, {}, { stdin: Readable.from([Buffer.from(PROBED)]) }, ['-']);
  t.match(files, [{ isStdin: true, isWritten: false, before: PROBED, after: /timeoutSeconds/ }]);
});

void t.test('an object is changed where the answer is yes, and asked about with its own edits', async (t) => {
  const asked: string[] = [];
  const api = PROBED.replace('name: web }', 'name: api }');
  const { folder, summary } = await fix(
    t,
    { 'a.yaml': `${PROBED}---\n${api}` },
    {
      mayChange: ({ result, edits, before }) => {
        const isBehindSeparator = edits.every(({ start }) => start > before.indexOf('---'));
        asked.push(`${result.name} ${isBehindSeparator ? 'second' : 'first'}`);
        return Promise.resolve(result.name === 'api');
      },
    },
  );
  t.same(asked, ['web first', 'api second']);
  t.match(summary, { repaired: 1, refused: 1, writtenFiles: 1 });
  t.ok(read(folder, 'a.yaml').startsWith(`${PROBED}---\n`));
});

void t.test('a part that cannot be read is an error, and the others are repaired', async (t) => {
  const { folder, summary } = await fix(t, { 'a.yaml': BROKEN, 'b.yaml': `${BROKEN}---\n${PROBED}` });
  t.match(summary, { errors: 2, repaired: 1, writtenFiles: 1 });
  t.equal(read(folder, 'a.yaml'), BROKEN);
  t.ok(read(folder, 'b.yaml').startsWith(`${BROKEN}---\n`));
});

void t.test('a file that may not be written stays, with its message', async (t) => {
  const folder = t.testdir({ 'a.yaml': PROBED });
  const file = join(folder, 'a.yaml');
  chmodSync(file, 0o444);
  const context = { policy: POLICY, namespace: 'shop', nowMs: NOW_MS };
  for await (const fixed of fixFiles([file], [], () => context, { stdin: process.stdin, writes: true })) {
    t.match(fixed, { isWritten: false, after: PROBED, outcomes: [{ outcome: 'error', errors: [{ message: /^cannot be changed: / }] }] });
  }
  t.equal(readFileSync(file, 'utf8'), PROBED);
});

void t.test('bytes that are no UTF-8 are not guessed at', async (t) => {
  const folder = t.testdir({});
  const file = join(folder, 'a.yaml');
  const bytes = Buffer.concat([Buffer.from(`# caf`), Buffer.from([0xe9]), Buffer.from(`\n${PROBED}`)]);
  writeFileSync(file, bytes);
  const context = { policy: POLICY, namespace: 'shop', nowMs: NOW_MS };
  for await (const { isWritten, outcomes } of fixFiles([file], [], () => context, { stdin: process.stdin, writes: true })) {
    t.equal(isWritten, false);
    t.match(outcomes, [{ outcome: 'error', errors: [{ message: /^must be UTF-8/ }] }]);
  }
  t.ok(readFileSync(file).equals(bytes));
});

void t.test('a signal ends it between two files', async (t) => {
  const stop = new AbortController();
  const folder = t.testdir({ 'a.yaml': PROBED, 'b.yaml': PROBED });
  const context = { policy: POLICY, namespace: 'shop', nowMs: NOW_MS };
  let count = 0;
  for await (const { isWritten } of fixFiles([folder], [], () => context, { stdin: process.stdin, writes: true, signal: stop.signal })) {
    t.ok(isWritten);
    count += 1;
    stop.abort();
  }
  t.equal(count, 1);
  t.equal(read(folder, 'b.yaml'), PROBED);
});

void t.test('a path that leads to no object is an error of its own', async (t) => {
  const messageOf = async (files: Readonly<Record<string, string>>): Promise<unknown> => (await fix(t, files)).files.at(-1)?.outcomes;
  t.match(await messageOf({}), [{ outcome: 'error', errors: [{ message: /^must hold a file that ends in/ }] }]);
  const comment = await messageOf({ 'a.yaml': '# nothing yet\n' });
  t.match(comment, [{ outcome: 'error', errors: [{ message: 'must hold a Kubernetes object, but holds none' }] }]);
});
