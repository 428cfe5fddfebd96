import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parsedReport, podgrace, ROOT, withoutFolder } from '../command-line.ts';

const POD = (name: string, containers: readonly string[] = ['web']): string =>
  `apiVersion: v1\nkind: Pod\nmetadata: {name: ${name}}\nspec:\n  containers:\n${containers.map((each) => `    - {name: ${each}, image: "${each}:1"}\n`).join('')}`;

function repository(t: Test, files: Record<string, string>): { folder: string; baseline: string } {
  const folder = t.testdir({ '.git': {}, ...files });
  const cwd = ROOT;
  process.chdir(folder);
  t.teardown(() => {
    process.chdir(cwd);
  });
  return { folder, baseline: join(folder, 'baseline.json') };
}

const check = (...args: string[]): ReturnType<typeof podgrace> =>
  podgrace(['check', '--preset', 'production', '--rule', 'memory-limit,minimum-qos-class', ...args]);

void t.test('what is in the baseline does not fail, what is new does', async (t) => {
  const { baseline } = repository(t, { 'a.yaml': POD('a') });
  t.equal((await check('.')).code, 1);
  const made = await check('--baseline', baseline, '--update-baseline', '.');
  t.equal(made.code, 0);
  t.match(made.stderr, /^baseline \S+: 2 findings are written\n$/);
  const known = await check('--baseline', baseline, '.');
  t.equal(known.code, 0);
  t.match(known.stderr, /^baseline \S+: 2 findings are known\n$/);
  t.notMatch(known.stdout, '[memory-limit]');
  t.match(
    known.stdout,
    /^1 object: 0 allowed, 1 denied \(1 for known findings alone\), 0 not judged; findings: 0 enforced, .*, 2 known \(/m,
  );
  writeFileSync('b.yaml', POD('b'));
  const more = await check('--baseline', baseline, '.');
  t.equal(more.code, 1);
  t.match(more.stdout, /^b\.yaml:1 Pod default\/b/m);
  t.match(more.stdout, /^2 objects: 0 allowed, 2 denied \(1 for known findings alone\), /m);
  const { results, summary } = parsedReport('check', (await check('--baseline', baseline, '-o', 'json', '.')).stdout) as {
    readonly results: readonly object[];
    readonly summary: object;
  };
  t.match(results, [
    { name: 'a', allowed: false, known: 2, findings: [] },
    { name: 'b', allowed: false, known: undefined },
  ]);
  t.match(summary, { denied: 2, known: { denied: 1, findings: 2 } });
  t.match((await check('--baseline', baseline, '-o', 'html', '.')).stdout, /2 denied \(1 for known findings alone\)/);
  t.notMatch(more.stdout, /^a\.yaml/m);
});

void t.test('an object of which only repairs are printed says that it is denied for known findings', async (t) => {
  const { baseline } = repository(t, { 'a.yaml': POD('a') });
  const all = ['check', '--preset', 'production', '--baseline', baseline];
  await podgrace([...all, '--update-baseline', '.']);
  const { code, stdout } = await podgrace([...all, '-v', '.']);
  t.equal(code, 0);
  t.match(stdout, /^a\.yaml:1 Pod default\/a \(.*\): denied for known findings alone$/m);
  t.match((await podgrace([...all, '-o', 'html', '.'])).stdout, />[^<]*, denied for known findings alone</);
  writeFileSync('b.yaml', POD('b'));
  t.match((await podgrace([...all, '.'])).stdout, /^b\.yaml:1 Pod default\/b \(.*\): denied$/m);
});

void t.test('moving lines, documents and containers changes nothing in it', async (t) => {
  const { baseline } = repository(t, { 'a.yaml': `${POD('a', ['web', 'log'])}---\n${POD('b')}` });
  await check('--baseline', baseline, '--update-baseline', '.');
  const before = readFileSync(baseline, 'utf8');
  writeFileSync('a.yaml', `# moved\n\n${POD('b')}---\n${POD('a', ['log', 'web'])}`);
  t.equal((await check('--baseline', baseline, '.')).code, 0);
  await check('--baseline', baseline, '--update-baseline', '.');
  t.equal(readFileSync(baseline, 'utf8'), before);
});

void t.test('one more of what nothing tells apart is new', async (t) => {
  const { baseline } = repository(t, { 'a.yaml': POD('a') });
  await check('--baseline', baseline, '--update-baseline', '.');
  writeFileSync('a.yaml', `${POD('a')}---\n${POD('a')}`);
  t.equal((await check('--baseline', baseline, '.')).code, 1);
});

void t.test('what is gone is told, and an update takes it out; files that were not checked stay', async (t) => {
  const { baseline } = repository(t, { 'a.yaml': POD('a'), 'b.yaml': POD('b'), 'c.yaml': POD('c') });
  await check('--baseline', baseline, '--update-baseline', '.');
  writeFileSync('a.yaml', 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: a}\n');
  rmSync('c.yaml');
  t.match(
    (await check('--baseline', baseline, '.')).stderr,
    '2 findings are known; 2 of its findings no longer exist: --update-baseline removes them',
  );
  t.match((await check('--baseline', baseline, 'b.yaml')).stderr, /2 findings are known\n$/, 'nothing is said of other files');
  await check('--baseline', baseline, '--update-baseline', 'a.yaml');
  const { findings } = JSON.parse(readFileSync(baseline, 'utf8')) as { findings: { file: string }[] };
  t.same([...new Set(findings.map(({ file }) => file))], ['b.yaml']);
});

void t.test('the working folder does not matter', async (t) => {
  const { folder, baseline } = repository(t, { 'a.yaml': POD('a') });
  await check('--baseline', baseline, '--update-baseline', '.');
  t.equal((await check('--baseline', baseline, join(folder, 'a.yaml'))).code, 0);
});

void t.test('where some input cannot be read, an update leaves the file as it was', async (t) => {
  const { baseline } = repository(t, { 'a.yaml': POD('a'), 'b.yaml': 'kind: [\n' });
  writeFileSync(baseline, '{"version": 1, "findings": []}');
  const { code, stderr } = await check('--baseline', baseline, '--update-baseline', '.');
  t.equal(code, 2);
  t.match(stderr, 'not written, because some input cannot be read: correct it, or leave it out with --ignore or .podgraceignore');
  t.equal(readFileSync(baseline, 'utf8'), '{"version": 1, "findings": []}');
});

void t.test('a baseline that is none, or of another version, is refused', async (t) => {
  const { folder, baseline } = repository(t, { 'a.yaml': POD('a') });
  const refusal = async (text: string, ...args: string[]): Promise<string> => {
    writeFileSync(baseline, text);
    const { code, stderr } = await check('--baseline', baseline, ...args, '.');
    t.equal(code, 2);
    return withoutFolder(stderr, folder);
  };
  for (const rest of ['"findings": []', '"files": {}'])
    t.match(
      await refusal(`{"version": 2, ${rest}}`),
      'baseline.json must be of version 1, but is of version 2; --update-baseline makes it anew',
    );
  t.match(await refusal('{'), 'baseline.json cannot be read: ');
  t.match(
    await refusal('{"rules": {}}', '--update-baseline'),
    'baseline.json is no baseline: it must hold version 1, and a list of findings',
  );
  t.match(
    await refusal('{"version": 1, "findings": [{"file": "a.yaml"}]}'),
    'findings[0] must have file, object and finding, and a count above 0',
  );
  rmSync(baseline);
  t.match((await check('--baseline', baseline, '.')).stderr, 'no such file or directory; --update-baseline makes one');
  t.match((await check('--update-baseline', '.')).stderr, '--update-baseline: --baseline must name the file');
  writeFileSync(baseline, '{"version": 2, "findings": []}');
  t.equal((await check('--baseline', baseline, '--update-baseline', '.')).code, 0, 'an update replaces one of another version');
});

void t.test('of rules that take no part in a run, nothing is gone, and an update keeps all', async (t) => {
  const { baseline } = repository(t, { 'a.yaml': POD('a') });
  const all = (...args: string[]): ReturnType<typeof podgrace> => podgrace(['check', '--baseline', baseline, ...args, 'a.yaml']);
  await all('--update-baseline');
  const before = readFileSync(baseline, 'utf8');
  t.match(before, /memory-limit[^]*minimum-qos-class/);
  for (const args of [
    ['--rule', 'memory-limit'],
    ['--without-rule', 'minimum-qos-class'],
  ]) {
    t.match((await all(...args)).stderr, /: 1 finding is known\n$/);
    t.match((await all(...args, '--update-baseline')).stderr, /: 1 finding is written; 1 of other files or rules stays\n$/);
    t.equal(readFileSync(baseline, 'utf8'), before);
  }
});

void t.test('only where there is no file is an update said to make one', async (t) => {
  const { folder, baseline } = repository(t, { 'a.yaml': POD('a') });
  t.match((await check('--baseline', baseline, '.')).stderr, /no such file or directory; --update-baseline makes one\n$/);
  t.match((await check('--baseline', folder, '.')).stderr, /cannot be read: it is a folder\n$/);
  t.match((await check('--baseline', '/dev/zero', '.')).stderr, /cannot be read: it has more than \d+ bytes\n$/);
});
