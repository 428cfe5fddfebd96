import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import { BUNDLED_TAP } from './bundled-tap.ts';

const HOOKS = fileURLToPath(new URL('hooks.ts', import.meta.url));

// `npm test` makes it first, and other test files read it now.
if (!existsSync(new URL(BUNDLED_TAP))) await import('./bundle-tap.ts');

/** Runs a group of two files: of some code, and of one test. @returns the exit code, and whether the test of the second file ran */
function runGroup(t: Test, code: string): { readonly status: number | null; readonly ranAll: boolean } {
  const folder = t.testdir({
    'a.mjs': `import t from 'tap';\n${code}\n`,
    'b.mjs': "import t from 'tap';\nt.test('of the second file', (t) => { t.end(); });\n",
    'group.mjs': `import { endGroup } from ${JSON.stringify(new URL('whole-group.ts', import.meta.url).href)};
import './a.mjs';
import './b.mjs';
endGroup();
`,
  });
  const { status, stdout } = spawnSync(process.execPath, ['--import', HOOKS, 'group.mjs'], { cwd: folder, encoding: 'utf8' });
  return { status, ranAll: stdout.includes('of the second file') };
}

void t.test('a group of which all files ran passes', (t) => {
  t.strictSame(runGroup(t, "t.test('of the first', (t) => { t.end(); });"), { status: 0, ranAll: true });
  t.end();
});

void t.test('a group fails where a file keeps the tests of another from running', (t) => {
  for (const code of ['t.plan(1); t.ok(true);', 't.ok(true); t.end();', 'process.exit(0);'])
    t.match(runGroup(t, code), { status: 1, ranAll: false }, code);
  t.end();
});
