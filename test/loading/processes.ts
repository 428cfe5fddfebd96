/**
 * Prints the files that `npm test` gives to `node --test`, which starts a process for each of them.
 *
 * Most test files take some milliseconds, and the start of their process takes a hundred or two. Where the tests of a folder leave nothing
 * changed behind, one process runs its files: it is given a file that imports them one after the other. Each still runs by itself, too.
 */
import { globSync, mkdirSync, writeFileSync } from 'node:fs';
import { basename, dirname, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url);

/** Folders of which one process runs the files. Tests of servers, watches and whole programs are in none of them: they wait, side by side. */
const TOGETHER = new Set([
  'test/admission',
  'test/cli/commands',
  'test/cli/output',
  'test/cli/reporters',
  'test/cli/reporters/explanation',
  'test/cli/reporters/html',
  'test/cli/reporters/text',
  'test/config',
  'test/core',
  'test/core/process',
  'test/core/validation',
  'test/dev',
  'test/images',
  'test/kube/client',
  'test/kube/commands',
  'test/offline',
  'test/offline/input',
  'test/offline/rendering',
  'test/pki',
  'test/rules',
  'test/yaml',
  'test/yaml/edit',
]);

/** With a word before `.test`, a file draws cases, reads the corpus, counts work, or looks at all rules: it has a process of its own. */
function sharesProcess(file: string): boolean {
  return basename(file).split('.').length === 'name.test.ts'.split('.').length;
}

/** Beside what tap writes. Node.js runs no test file below `node_modules`. */
const GROUPS = new URL('.tap/groups/', ROOT);

/** @returns the path of a file that imports the files */
function groupFile(folder: string, files: readonly string[]): string {
  const group = fileURLToPath(new URL(`${folder.replaceAll('/', '-')}.mjs`, GROUPS));
  const imports = files.map((file) => `import ${JSON.stringify(new URL(file, ROOT).href)};\n`);
  const whole = JSON.stringify(new URL('whole-group.ts', import.meta.url).href);
  writeFileSync(group, [`import { endGroup } from ${whole};\n`, ...imports, 'endGroup();\n'].join(''));
  return relative(fileURLToPath(ROOT), group);
}

mkdirSync(GROUPS, { recursive: true });
const files = globSync('test/**/*.test.ts', { cwd: fileURLToPath(ROOT), exclude: ['test/cluster'] }).sort();
const byProcess = Map.groupBy(files, (file) => (TOGETHER.has(dirname(file)) && sharesProcess(file) ? dirname(file) : file));
for (const [name, members] of byProcess) process.stdout.write(`${members.length === 1 ? name : groupFile(name, members)}\n`);
