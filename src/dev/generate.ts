/**
 * Writes every generated file: `npm run generate`. With `--check` it writes nothing and fails where a file is out of date
 * (the same comparison runs as a test, test/dev/generate.test.ts).
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';
import { rulesIndex } from './rules-index.ts';

export interface Generated {
  /** From the root of the repository. */
  readonly path: string;
  readonly content: string;
}

export const ROOT = new URL('../../', import.meta.url);

/** What the generated files should hold now. The index of the rules comes first: the others read the rules through it. */
export async function generateAll(): Promise<Generated[]> {
  const index = rulesIndex(ROOT);
  const { generateFromRules } = await import('./from-rules.ts');
  return [index, ...generateFromRules()];
}

/** The files that differ from what they should hold, a missing one included. */
export function outdated(files: readonly Generated[]): Generated[] {
  return files.filter(({ path, content }) => {
    try {
      return readFileSync(new URL(path, ROOT), 'utf8') !== content;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return true;
      throw error;
    }
  });
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const index = rulesIndex(ROOT);
  const check = process.argv.includes('--check');
  if (!check) for (const file of outdated([index])) writeFileSync(new URL(file.path, ROOT), file.content);
  const stale = outdated(await generateAll());
  for (const { path, content } of stale) {
    process.stdout.write(`${check ? 'out of date: ' : 'wrote '}${path}\n`);
    if (check) continue;
    const target = new URL(path, ROOT);
    mkdirSync(dirname(fileURLToPath(target)), { recursive: true });
    writeFileSync(target, content);
  }
  if (check && stale.length > 0) {
    process.stderr.write('run `npm run generate` and commit what it writes\n');
    process.exitCode = 1;
  }
}
