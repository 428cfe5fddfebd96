import { join } from 'node:path';
import t, { type Test } from 'tap';
import { parsedReport, podgrace, withoutFolder } from '../command-line.ts';

const POD = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: [{name: web, image: web:1}]}\n';
const POLICY = 'apiVersion: podgrace.dev/v1alpha1\nkind: LifecyclePolicy\nmetadata: {name: mine}\nspec: {preset: baseline}\n';

function setVariable(t: Test, name: string, value: string): void {
  process.env[name] = value;
  t.teardown(() => {
    // eslint-disable-next-line @typescript-eslint/no-dynamic-delete
    delete process.env[name];
  });
}

async function policyOf(args: readonly string[]): Promise<string> {
  const { stdout } = await podgrace(['check', '-o', 'json', ...args, '-'], { stdin: POD });
  return (parsedReport('check', stdout) as { policy: string }).policy;
}

void t.test('the preset production is the default, a preset or a file is chosen', async (t) => {
  t.equal(await policyOf([]), 'production');
  t.equal(await policyOf(['--preset', 'strict']), 'strict');
  t.equal(await policyOf(['--policy', join(t.testdir({ 'policy.yaml': POLICY }), 'policy.yaml')]), 'mine');
});

void t.test('the environment chooses where no option does', async (t) => {
  setVariable(t, 'PODGRACE_PRESET', 'strict');
  t.equal(await policyOf([]), 'strict');
  t.equal(await policyOf(['--preset', 'baseline']), 'baseline');
});

void t.test('a wrong value in the environment is told with its variable', async (t) => {
  setVariable(t, 'PODGRACE_PRESET', 'lax');
  const { code, stderr } = await podgrace(['check', '-'], { stdin: POD });
  t.equal(code, 2);
  t.match(stderr, /value 'lax' from env 'PODGRACE_PRESET' is invalid\. Allowed choices are baseline, production, strict\./);
});

void t.test('a file and a preset together are refused, also where one is in the environment', async (t) => {
  const both = await podgrace(['check', '--policy', 'a', '--preset', 'strict', '-']);
  t.same([both.code, both.stdout], [2, '']);
  t.match(both.stderr, /^podgrace: option '--policy <file>' cannot be used with option '--preset <name>'/);
  setVariable(t, 'PODGRACE_POLICY', 'a');
  const one = await podgrace(['check', '--preset', 'strict', '-']);
  t.equal(one.code, 2);
  t.match(one.stderr, /^podgrace: environment variable 'PODGRACE_POLICY' cannot be used with option '--preset <name>'/);
});

void t.test('a wrong policy is refused with every problem, each with its line, before anything is judged', async (t) => {
  const folder = t.testdir({
    'policy.yaml': [
      'apiVersion: podgrace.dev/v1alpha1',
      'kind: LifecyclePolicy',
      'metadata: {name: mine}',
      'spec:',
      '  preset: lax',
      '  rules:',
      '    pre-stop-delay: {mode: shout}',
      '    no-such-rule: {mode: warn}',
      '  exemptions:',
      '    - {rule: memory-limit, namespace: shop}',
      '',
    ].join('\n'),
  });
  for (const command of ['check', 'replay']) {
    const { code, stdout, stderr } = await podgrace([command, '--policy', join(folder, 'policy.yaml'), '-'], { stdin: POD });
    t.same([code, stdout], [2, ''], command);
    const [head, ...problems] = withoutFolder(stderr, folder).trimEnd().split('\n');
    t.equal(head, 'podgrace: the policy cannot be used:');
    t.match(problems, [
      /^ {2}policy\.yaml:5: spec\.preset must /,
      /^ {2}policy\.yaml:7: spec\.rules\.pre-stop-delay\.mode must /,
      /^ {2}policy\.yaml:8: spec\.rules\.no-such-rule must /,
      /^ {2}policy\.yaml:10: spec\.exemptions\[0\]\S* must /,
      /^ {2}policy\.yaml:10: spec\.exemptions\[0\]\S* must /,
    ]);
  }
});

void t.test('a policy file that is missing, empty, a folder or no YAML is refused', async (t) => {
  const folder = t.testdir({
    'empty.yaml': '',
    'nul.yaml': 'a\0b',
    'broken.yaml': 'kind: [',
    'two.yaml': `${POLICY}---\n${POLICY}`,
    folder: {},
  });
  for (const [file, message] of [
    ['missing.yaml', '--policy: missing.yaml cannot be read: no such file or directory'],
    ['folder', '--policy: folder cannot be read: it is a folder'],
    ['empty.yaml', 'the policy cannot be used:\n  empty.yaml:1: must hold a LifecyclePolicy, but is empty'],
    ['nul.yaml', 'the policy cannot be used:\n  nul.yaml:1: must not hold control characters'],
    ['broken.yaml', 'the policy cannot be used:\n  broken.yaml:2: a value must stand here'],
    ['two.yaml', 'the policy cannot be used:\n  two.yaml:6: must hold one document, but holds 2'],
  ] as const) {
    const { code, stdout, stderr } = await podgrace(['check', '--policy', join(folder, file), '-'], { stdin: POD });
    t.same([code, stdout, withoutFolder(stderr, folder)], [2, '', `podgrace: ${message}\n`]);
  }
});
