/** A copy of what the tools of `src/dev` read and write, so that a test can let them loose on it. */
import { spawnSync } from 'node:child_process';
import { cpSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';

const ROOT = fileURLToPath(new URL('../../', import.meta.url));

/** Folders and files of the project; packages are found above the copy, which lies in `.tap`. */
const COPIED = [
  ...[
    'src',
    'test/rules',
    // What the harness of the rules imports.
    'test/core',
    'docs/rules',
    'docs/cli.md',
    'docs/images',
    'samples/reviews',
    'schemas',
    'deploy/policies',
    'deploy/base/10-rbac.yaml',
    'deploy/base/30-policy.yaml',
    'deploy/base/91-validating-webhook.yaml',
    'deploy/chart/templates/_companions.tpl',
    'deploy/chart/templates/_force-delete.tpl',
    'deploy/chart/templates/_rules-about-others.tpl',
    'deploy/chart/templates/validating-webhook.yaml',
    'deploy/components/force-delete/kustomization.yaml',
  ],
  ...['package.json', 'eslint.config.js', '.prettierrc.json'],
];

export interface ProjectCopy {
  readonly folder: string;
  /** Runs Node there; gives what it wrote to both streams, and how it ended. */
  run(...args: readonly string[]): { readonly output: string; readonly status: number | null };
}

/** @param checked what the type checker and ESLint are to look at there, with all that it imports */
export function copyProject(t: Test, checked: readonly string[] = []): ProjectCopy {
  const folder = t.testdir();
  for (const path of COPIED) cpSync(join(ROOT, path), join(folder, path), { recursive: true });
  writeFileSync(join(folder, 'tsconfig.json'), JSON.stringify({ extends: join(ROOT, 'tsconfig.json'), include: checked }));
  return {
    folder,
    run: (...args) => {
      // What the test runner sets is for the tests that it starts.
      const env = { ...process.env, NODE_OPTIONS: '', NODE_TEST_CONTEXT: undefined };
      const { stdout, stderr, status } = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8', env });
      return { output: `${stdout}${stderr}`, status };
    },
  };
}

/** The program of a package, to be run with Node. */
export function programOf(path: string): string {
  return join(ROOT, 'node_modules', path);
}
