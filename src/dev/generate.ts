/**
 * Writes every generated file: `npm run generate`. With `--check` it writes nothing and fails where a file is out of date
 * (the same comparison runs as a test, test/dev/generate.test.ts).
 */
import { outdated, ROOT, writeGenerated, type Generated } from './generated.ts';
import { rulesIndex } from './rules-index.ts';

const isCheck = process.argv.includes('--check');

function write(files: readonly Generated[]): void {
  for (const file of outdated(files)) {
    process.stdout.write(`${isCheck ? 'out of date: ' : 'wrote '}${file.path}\n`);
    if (isCheck) process.exitCode = 1;
    else writeGenerated(file);
  }
}

// The index of the rules first: everything else reads the rules through it.
write([rulesIndex(ROOT)]);
const { generateFromRules } = await import('./from-rules.ts');
write(generateFromRules());
const { cliReference } = await import('./cli-reference.ts');
write([cliReference()]);
const { picture } = await import('./picture.ts');
write([await picture()]);
if (process.exitCode === 1) process.stderr.write('run `npm run generate` and commit what it writes\n');
