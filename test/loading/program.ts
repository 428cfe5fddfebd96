/**
 * The file that a test starts as `podgrace`. What is compiled starts in a third of the time, but tells of the source only where it was made
 * from it: `npm test` compiles, and says so to the tests. A test file that is run alone must not pass by what somebody compiled yesterday.
 */
import { existsSync, globSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));
const COMPILED = join(ROOT, 'dist/bin/podgrace.js');

/** Whether `dist` was made from `src` for these tests: `npm test` sets it. */
export const IS_COMPILED = process.env['PODGRACE_COMPILED'] === '1';

/** For tests of what podgrace does, however it was made. */
export const PROGRAM = IS_COMPILED ? COMPILED : join(ROOT, 'src/bin/podgrace.ts');

/** For tests of what is published. @returns the compiled program; throws where it is missing, or older than a file of its source */
export function compiledProgram(): string {
  if (!existsSync(COMPILED)) throw new Error('dist is missing: run npm run compile');
  if (!IS_COMPILED && newestSourceMs() > statSync(COMPILED).mtimeMs) throw new Error('dist is older than src: run npm run compile');
  return COMPILED;
}

function newestSourceMs(): number {
  return Math.max(...globSync('src/**/*.ts', { cwd: ROOT }).map((file) => statSync(join(ROOT, file)).mtimeMs));
}
