/** The program before its command line: which Node.js it accepts, and what it loads for that. */
import { spawnSync } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { nodeProblem } from '../../src/bin/node-version.ts';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** The way that docs/installation.md names, too. */
const REMEDY = '; to bring a newer one along: npx --package node@24 podgrace …';

void t.test('a Node.js that is new enough is accepted', (t) => {
  for (const version of ['22.19.0', '22.20.1', '23.0.0', '24.21.0', '100.0.0'])
    t.equal(nodeProblem(version, '>=22.19'), undefined, version);
  t.end();
});

void t.test('an older one is refused with what is needed and what there is', (t) => {
  for (const version of ['22.18.9', '20.20.2', '18.0.0', '9.99.0'])
    t.equal(nodeProblem(version, '>=22.19'), `podgrace needs Node.js 22.19 or newer, but this is Node.js ${version}${REMEDY}`);
  t.end();
});

/** Runs `podgrace` on a Node.js that says it has that version. @returns also the files of podgrace that were loaded */
function onNode(version: string, word = 'version'): { status: number | null; stdout: string; stderr: string; loaded: string[] } {
  const script = `
    import { registerHooks } from 'node:module';
    const loaded = [];
    registerHooks({ load: (url, context, next) => (loaded.push(url), next(url, context)) });
    Object.defineProperty(process.versions, 'node', { value: ${JSON.stringify(version)} });
    process.argv = ['node', 'podgrace', ${JSON.stringify(word)}];
    process.on('exit', () => console.log(loaded.join('\\n')));
    await import('./src/bin/podgrace.ts');`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ['--input-type=module', '--eval', script], {
    cwd: ROOT,
    encoding: 'utf8',
  });
  const loaded = stdout.split('\n').flatMap((line) => line.split('/src/')[1] ?? []);
  return { status, stdout, stderr, loaded };
}

void t.test('on an old Node.js nothing of the command line is loaded', (t) => {
  const { status, stderr, loaded } = onNode('20.20.2');
  t.equal(status, 2);
  t.equal(stderr, `podgrace needs Node.js 22.19 or newer, but this is Node.js 20.20.2${REMEDY}\n`);
  t.same(loaded, ['bin/podgrace.ts', 'bin/node-version.ts']);
  t.end();
});

void t.test('on another it runs', (t) => {
  const { status, stdout, loaded } = onNode(process.versions.node);
  t.equal(status, 0);
  t.match(stdout, /^podgrace \d+\.\d+\.\d+|^\d+\.\d+\.\d+$/m);
  t.ok(loaded.includes('bin/command-line.ts'));
  t.end();
});

void t.test('the version alone is told without the command line', (t) => {
  for (const option of ['--version', '-V']) {
    const { status, stdout, loaded } = onNode(process.versions.node, option);
    t.equal(status, 0);
    t.match(stdout, /^\d+\.\d+\.\d+$/m);
    t.same(loaded, ['bin/podgrace.ts', 'bin/node-version.ts']);
  }
  t.end();
});

void t.test('a version that cannot be written is an error', { skip: process.platform !== 'linux' && 'needs /dev/full' }, (t) => {
  const full = openSync('/dev/full', 'w');
  const { status, stderr } = spawnSync(process.execPath, ['src/bin/podgrace.ts', '--version'], {
    cwd: ROOT,
    encoding: 'utf8',
    stdio: ['ignore', full, 'pipe'],
  });
  closeSync(full);
  t.same([status, stderr], [2, 'podgrace: standard output cannot be written: no space left on device\n']);
  t.end();
});
