/** What other repositories take from this one: the GitHub Action and the pre-commit hook. */
import { load } from 'js-yaml';
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { ROOT } from '../cli/command-line.ts';

const POD = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: web, image: web:1}]\n';

interface Action {
  readonly inputs: Readonly<Record<string, { readonly default: string }>>;
  readonly runs: {
    readonly using: string;
    readonly steps: readonly {
      readonly name: string;
      readonly shell: string;
      readonly env?: Readonly<Record<string, string>>;
      readonly run: string;
    }[];
  };
}

const action = load(readFileSync(join(ROOT, 'action.yml'), 'utf8')) as Action;
const IS_BUILT = existsSync(join(ROOT, 'dist/bin/podgrace.js'));

/** Runs the step that checks, as a runner does: expressions replaced, bash with `-e -o pipefail`. */
function runAction(folder: string, inputs: Readonly<Record<string, string>>): { status: number | null; stdout: string; stderr: string } {
  const step = action.runs.steps.find(({ name }) => name === 'Check');
  const env = Object.fromEntries(
    Object.entries(step?.env ?? {}).map(([key, expression]) => {
      const name = /^\$\{\{ inputs\.([\w-]+) \}\}$/.exec(expression)?.[1];
      return [key, name === undefined ? ROOT : (inputs[name] ?? action.inputs[name]?.default ?? '')];
    }),
  );
  const PATH = `${join(ROOT, 'node_modules/.bin')}:${process.env['PATH'] ?? ''}`;
  return spawnSync('bash', ['--noprofile', '--norc', '-e', '-o', 'pipefail', '-c', step?.run ?? 'exit 99'], {
    cwd: folder,
    env: { PATH, ...env },
    encoding: 'utf8',
  });
}

void t.test('the action checks the repository and annotates it', { skip: !IS_BUILT && 'needs npm run compile' }, (t) => {
  const { status, stdout } = runAction(t.testdir({ '.git': {}, 'web.yaml': POD }), {});
  t.match(stdout, /^::error title=podgrace%3A minimum-qos-class,file=web\.yaml,line=5,/);
  t.equal(status, 1);
  t.end();
});

void t.test('its inputs are data, an argument a line', { skip: !IS_BUILT && 'needs npm run compile' }, (t) => {
  const folder = t.testdir({ '.git': {}, 'a b.yaml': POD, '-c.yaml': POD, '$(touch hacked).yaml': POD });
  const inputs = {
    paths: 'a b.yaml\n-c.yaml\n$(touch hacked).yaml\n',
    arguments: '--preset\nbaseline',
    output: 'json',
    'output-file': 'out file.json',
  };
  const { status, stdout, stderr } = runAction(folder, inputs);
  t.same([status, stdout, stderr], [0, '', '']);
  const { policy, results } = JSON.parse(readFileSync(join(folder, 'out file.json'), 'utf8')) as {
    policy: string;
    results: { file: string }[];
  };
  t.same([policy, results.map(({ file }) => file)], ['baseline', ['a b.yaml', '-c.yaml', '$(touch hacked).yaml']]);
  t.notOk(existsSync(join(folder, 'hacked')));
  t.end();
});

void t.test('no script of the action holds an expression: what a workflow gives would be code', (t) => {
  t.equal(action.runs.using, 'composite');
  for (const { shell, run } of action.runs.steps) {
    t.equal(shell, 'bash');
    t.notMatch(run, /\$\{\{/);
  }
  t.end();
});

void t.test('the pre-commit hook has what pre-commit requires, and checks the whole repository', (t) => {
  const hooks = load(readFileSync(join(ROOT, '.pre-commit-hooks.yaml'), 'utf8')) as Record<string, unknown>[];
  t.match(hooks, [{ id: 'podgrace', name: String, entry: 'podgrace check', language: 'system', args: ['.'], pass_filenames: false }]);
  t.end();
});
