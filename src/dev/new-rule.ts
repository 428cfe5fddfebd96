/** `npm run new-rule -- <id>`: makes the files of a new rule; what to do with them is in CONTRIBUTING.md. */
import { existsSync, readFileSync } from 'node:fs';
import { VERSION } from '../config/version.ts';
import { ROOT, writeGenerated } from './generated.ts';
import { LADDERS, problemOfId, scaffoldRule, withLadder } from './rule-scaffold.ts';

const [id, ...others] = process.argv.slice(2);
if (id === undefined || others.length > 0) fail('usage: npm run new-rule -- <id>, where the id reads well after "require": pre-stop-delay');
const problem = problemOfId(id);
if (problem !== undefined) fail(`${id} ${problem}`);

const files = scaffoldRule(id, VERSION);
const taken = files.filter(({ path }) => existsSync(new URL(path, ROOT)));
if (taken.length > 0) fail(`${id} is taken: there is ${taken.map(({ path }) => path).join(', ')}`);

files.push({ path: LADDERS, content: withLadder(readFileSync(new URL(LADDERS, ROOT), 'utf8'), id) });
for (const file of files) {
  writeGenerated(file);
  process.stdout.write(`wrote ${file.path}\n`);
}
process.stdout.write(
  `\nRewrite them into your rule, beginning with \`meta\`. Replace every text that says TODO. Then repeat these commands:\n  npm run generate   # says what is still missing\n  npm run tap -- test/rules/${id}.test.ts   # proves the laws on its fixtures\n`,
);

function fail(message: string): never {
  process.stderr.write(`${message}\n`);
  process.exit(2);
}
