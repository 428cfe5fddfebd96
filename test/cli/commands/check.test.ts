import { spawnSync } from 'node:child_process';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import t from 'tap';
import { formatsOf } from '../../../src/cli/reporters/registry.ts';
import { parsedReport, podgrace, ROOT, withoutFolder } from '../command-line.ts';

const POD = 'apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec:\n  containers: [{name: web, image: web:1}]\n';
const EMPTY = '0 objects: 0 allowed, 0 denied, 0 not judged; findings: 0 enforced, 0 warned, 0 repaired at admission, 0 recorded';

interface Report {
  readonly version: string;
  readonly policy: string;
  readonly results: readonly Record<string, unknown>[];
  readonly errors: readonly { file: string; document: number | null; line: number | null; message: string }[];
  readonly summary: Record<string, unknown>;
}

async function checkJson(args: readonly string[], stdin = ''): Promise<Report & { readonly code: number }> {
  const { code, stdout } = await podgrace(['check', '-o', 'json', ...args], { stdin });
  return { ...(parsedReport('check', stdout) as Report), code };
}

void t.test('the samples as text', async (t) => {
  const { code, stdout, stderr } = await podgrace(['check', join(ROOT, 'samples/manifests')]);
  t.equal(withoutFolder(stdout, ROOT.replace(/\/$/, '')), readFileSync(join(ROOT, 'test/cli/golden/check-samples.txt'), 'utf8'));
  t.equal(stderr, '');
  t.equal(code, 1);
});

void t.test('the samples as text with all about them', async (t) => {
  const { stdout } = await podgrace(['check', '--verbose', join(ROOT, 'samples/manifests')]);
  t.equal(withoutFolder(stdout, ROOT.replace(/\/$/, '')), readFileSync(join(ROOT, 'test/cli/golden/check-samples-verbose.txt'), 'utf8'));
});

void t.test('the samples as JSON, as the schema has it', async (t) => {
  const { policy, results, errors, summary, code } = await checkJson([join(ROOT, 'samples/manifests')]);
  t.equal(policy, 'production');
  t.same(
    results.map(({ kind, name, allowed }) => [kind, name, allowed]),
    [
      ['Pod', 'api', true],
      ['Deployment', 'checkout', true],
      ['StatefulSet', 'orders-db', true],
      ['CronJob', 'report', true],
      ['Deployment', 'web', false],
    ],
  );
  t.same(errors, []);
  const [finding] = results.at(-1)?.['findings'] as Record<string, unknown>[];
  t.match(finding, { rule: 'empty-dir-size-limit', line: 23, column: 32, endLine: 23 });
  t.match(summary, { objects: 5, allowed: 4, denied: 1, skipped: 0, errors: 0 });
  t.equal(code, 1);
});

void t.test('exit code 0 where nothing would be denied, 1 where something would be', async (t) => {
  t.equal((await podgrace(['check', '-'], { stdin: POD })).code, 1, 'production asks for a QoS class');
  t.equal((await podgrace(['check', '--preset', 'baseline', '-'], { stdin: POD })).code, 0);
});

void t.test('what the API server itself refuses is denied, by every policy', async (t) => {
  const web = `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - name: web
      image: web:1
      resources:
        requests: {cpu: 1500m}
        limits: {cpu: 1}
`;
  const refused = async (...args: string[]): Promise<{ code: number; found: unknown[] }> => {
    const { code, results } = await checkJson(['--preset', 'baseline', ...args, '-'], web);
    const findings = results[0]?.['findings'] as readonly Record<string, unknown>[];
    t.ok(findings.every(({ mode }) => mode !== 'enforce') || results[0]?.['allowed'] === false);
    return { code, found: findings.filter(({ rule }) => rule === 'valid-object') };
  };
  const words = 'Invalid value: "1500m": must be less than or equal to cpu limit of 1';
  const finding = {
    ...{ rule: 'valid-object', mode: 'enforce', message: `is refused by the API server: ${words}` },
    ...{ field: 'spec.containers[0].resources.requests[cpu]', container: 'web', line: 9, column: 20, endLine: 9 },
  };
  t.match(await refused(), { code: 1, found: [finding] });
  t.match(await refused('--rule', 'valid-object'), { code: 1, found: [finding] });
  t.match(await refused('--fail-on', 'never'), { code: 0, found: [finding] });
  t.same(await refused('--rule', 'memory-limit'), { code: 0, found: [] }, 'who names rules asks for no other');
  t.same(await refused('--without-rule', 'valid-object'), { code: 0, found: [] });
  const { stderr } = await podgrace(['check', '--rule', 'valid-objects', '-'], { stdin: web });
  t.match(stderr, /[Tt]here is no rule valid-objects; did you mean valid-object\?/);

  const baseline = join(t.testdir(), 'baseline.json');
  t.equal((await refused('--baseline', baseline, '--update-baseline')).code, 0);
  t.same(await refused('--baseline', baseline), { code: 0, found: [] });
});

void t.test('an exempted finding is told only when the exemption is about to end', async (t) => {
  const inDays = (days: number): string => new Date(Date.now() + days * 86_400_000).toISOString().slice(0, 10);
  const findingsUntil = async (expires: string): Promise<unknown> => {
    const exemption = { rule: 'minimum-qos-class', namespace: 'default', reason: 'moving to another namespace', expires };
    const policy = {
      apiVersion: 'podgrace.dev/v1alpha1',
      kind: 'LifecyclePolicy',
      metadata: { name: 'exempting' },
      spec: { preset: 'production', exemptions: [exemption] },
    };
    const folder = t.testdir({ 'policy.yaml': JSON.stringify(policy) });
    const { results } = await checkJson(['--policy', join(folder, 'policy.yaml'), '-'], POD);
    const findings = results[0]?.['findings'] as { rule: string; mode: string; message: string }[];
    return findings.filter(({ rule }) => rule === 'minimum-qos-class');
  };
  t.same(await findingsUntil(inDays(60)), []);
  t.match(await findingsUntil(inDays(5)), [{ mode: 'warn', message: /moving to another namespace/ }]);
});

void t.test('an exemption that has ended is told of at the end, and with --verbose one that excuses nothing', async (t) => {
  const inAMonth = new Date(Date.now() + 30 * 86_400_000).toISOString().slice(0, 10);
  const exemption = (scope: object, expires: string): object => ({ rule: 'minimum-qos-class', ...scope, reason: 'legacy', expires });
  const exemptions = [
    exemption({ namespace: 'default', workload: { kind: 'Pod', name: 'web' } }, inAMonth),
    exemption({ namespace: 'shop', workload: { name: 'old-*' }, container: 'app' }, inAMonth),
    exemption({ workload: { kind: 'Pod', name: 'web' }, image: 'web:*' }, '2020-01-31'),
  ];
  const policy = {
    apiVersion: 'podgrace.dev/v1alpha1',
    kind: 'LifecyclePolicy',
    metadata: { name: 'exempting' },
    spec: { preset: 'production', exemptions },
  };
  const file = join(t.testdir({ 'policy.yaml': JSON.stringify(policy) }), 'policy.yaml');
  const told = async (...options: string[]): Promise<string> =>
    (await podgrace(['check', '--policy', file, ...options, '-'], { stdin: POD })).stderr;
  const shown = relative('', file);
  const over = `${shown}: policy exempting: the exemption from minimum-qos-class for Pod web, image web:* ended (2020-01-31): remove it, or give it a new end\n`;
  const unused = `${shown}: policy exempting: the exemption from minimum-qos-class for namespace shop, workload old-*, container app excuses nothing in these files\n`;
  t.equal(await told(), over);
  t.equal(await told('-o', 'json'), over);
  t.equal(await told('--verbose'), `${unused}${over}`);
  t.equal(await told('--quiet'), '');
  const { stderr } = await podgrace(['check', '--policy', file, '-'], { stdin: 'kind: ConfigMap\napiVersion: v1' });
  t.equal(stderr, over, 'also where no rule is asked about anything');
  t.equal(await told('--verbose', '--rule', 'post-start'), over, 'a rule that did not judge excuses nobody');
});

void t.test('an exemption is told with the file of its policy, of which several may have the same name', async (t) => {
  const policy = `apiVersion: podgrace.dev/v1alpha1
kind: LifecyclePolicy
metadata: {name: team}
spec:
  preset: baseline
  exemptions: [{rule: memory-limit, namespace: old, reason: legacy, expires: '2020-01-31'}]
`;
  const team = (): Record<string, string> => ({ 'podgrace.yaml': policy, 'pod.yaml': POD });
  const folder = t.testdir({ '.git': {}, a: team(), b: team() });
  const { stderr } = await podgrace(['check', folder]);
  const lineOf = (name: string): string =>
    `${relative('', join(folder, name, 'podgrace.yaml'))}: policy team: the exemption from memory-limit for namespace old ended (2020-01-31): remove it, or give it a new end\n`;
  t.equal(stderr, `${lineOf('a')}${lineOf('b')}`);
});

void t.test('objects that name no namespace are judged in that of --namespace', async (t) => {
  const [inShop] = (await checkJson(['-n', 'shop', '-'], POD)).results;
  t.equal(inShop?.['namespace'], 'shop');
  const own = POD.replace('name: web', 'name: web, namespace: own');
  t.equal((await checkJson(['-n', 'shop', '-'], own)).results[0]?.['namespace'], 'own');
});

void t.test('what no rule is asked about is counted, and told with --verbose', async (t) => {
  const stdin = `kind: ConfigMap\napiVersion: v1\n---\n${POD.replace('name: web', 'name: web, namespace: kube-system')}`;
  const { summary, results, code } = await checkJson(['-'], stdin);
  t.match(summary, { objects: 2, skipped: 2, allowed: 0, denied: 0 });
  t.same(results, []);
  t.equal(code, 0);
  const { stdout } = await podgrace(['check', '-v', '-'], { stdin });
  t.match(stdout, /^stdin:1 ConfigMap: not judged: it has no Pod template$/m);
  t.match(stdout, /^stdin:4 Pod: not judged: the policy excludes its namespace$/m);
});

void t.test('with --strict an object of a kind that nobody knows is an error', async (t) => {
  const object = (apiVersion: string, kind: string): string => `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a}\n`;
  const known = [object('v1', 'ConfigMap'), object('postgresql.cnpg.io/v1', 'Cluster'), POD];
  const unknown = [object('apps/v1', 'Deploymnt'), object('example.com/v1', 'Widget')];
  const text = [...known, ...unknown].join('---\n');
  const lineOf = (word: string): number => text.slice(0, text.indexOf(word)).split('\n').length;
  const folder = t.testdir({ 'a.yaml': text });
  const { errors, code } = await checkJson(['--strict', folder], '');
  t.match(errors, [
    { line: lineOf('apiVersion: apps/v1'), message: /^the kind Deploymnt of the API group apps is not known: / },
    { line: lineOf('apiVersion: example.com/v1'), message: /^the kind Widget of the API group example\.com is not known: / },
  ]);
  t.equal(errors.length, 2);
  t.equal(code, 2);
  t.same((await checkJson([folder], '')).errors, [], 'without it they are passed over');
});

void t.test('with --strict a kind of Kubernetes in a version that never was is an error, one in a version of before is not', async (t) => {
  const errorsOf = async (apiVersion: string, kind: string): Promise<unknown> => {
    const text = POD.replace('apiVersion: v1', `apiVersion: ${apiVersion}`).replace('kind: Pod', `kind: ${kind}`);
    return (await checkJson(['--strict', '-'], text)).errors.map(({ message }) => message);
  };
  t.same(await errorsOf('v1', 'Pod'), []);
  t.same(await errorsOf('v2', 'Pod'), ['the apiVersion v2 is not known: Kubernetes has Pod in v1']);
  t.same(await errorsOf('policy/v2', 'PodDisruptionBudget'), [
    'the apiVersion policy/v2 is not known: Kubernetes has PodDisruptionBudget in policy/v1',
  ]);
  t.same(await errorsOf('policy/v1beta1', 'PodSecurityPolicy'), []);
  t.same(await errorsOf('v1', 'pod'), ['the kind pod is not known: it is written Pod']);
});

void t.test('a version that no cluster takes is told, and so is a kind in a group that has none of this name', async (t) => {
  const workload = (apiVersion: string, kind: string): string =>
    `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a}\nspec: {template: {spec: {containers: [{name: a, image: "a:1"}]}}}\n`;
  const wordOf = async (apiVersion: string, kind: string, text = workload(apiVersion, kind)): Promise<string> =>
    (await podgrace(['check', '-'], { stdin: text })).stderr;
  const refused = 'is judged, but a cluster refuses it, because Kubernetes';
  for (const [apiVersion, kind, says] of [
    ['apps/v1beta1', 'Deployment', `${refused} no longer has apps/v1beta1: write apps/v1`],
    ['extensions/v1beta1', 'DaemonSet', `${refused} no longer has extensions/v1beta1: write apps/v1`],
    ['apps/v2', 'StatefulSet', `${refused} does not have apps/v2: write apps/v1`],
    ['v1', 'Deployment', 'is not judged, because Kubernetes has no kind Deployment in v1: it has Deployment in apps/v1'],
    ['batch/v1', 'deployment', 'is not judged, because Kubernetes has no kind deployment in batch/v1: it has Deployment in apps/v1'],
    ['apps/v1', 'Deploymnt', 'is not judged, because Kubernetes has no kind Deploymnt in apps/v1: it has Deployment in apps/v1'],
    ['app/v1', 'Pod', 'is not judged, because Kubernetes has no kind Pod in app/v1: it has Pod in v1'],
  ] as const)
    t.equal(await wordOf(apiVersion, kind), `stdin:1 ${kind}: ${says}\n`);
  t.equal(await wordOf('v2', 'Pod', POD.replace('v1', 'v2')), `stdin:1 Pod: ${refused} does not have v2: write v1\n`);
  const budget = 'apiVersion: policy/v1beta1\nkind: PodDisruptionBudget\nmetadata: {name: a}\nspec: {minAvailable: 1}\n';
  t.equal(await wordOf('', '', budget), `stdin:1 PodDisruptionBudget: ${refused} no longer has policy/v1beta1: write policy/v1\n`);
  for (const kind of ['Deployment', 'StatefulSet', 'ReplicaSet']) t.equal(await wordOf('apps/v1', kind), '');
  t.match(await wordOf('argoproj.io/v1', 'Deployment'), 'the policy does not know the kind', 'anybody may have a group with a dot');
  t.equal((await podgrace(['check', '-q', '-'], { stdin: workload('apps/v2', 'Deployment') })).stderr, '');
});

void t.test('an object without containers is not taken for a misspelt workload', async (t) => {
  for (const [apiVersion, kind] of [
    ['v1', 'Prod'],
    ['skaffold/v4', 'Job'],
    ['apps/v1', 'Deploymnt'],
  ] as const) {
    const stdin = `apiVersion: ${apiVersion}\nkind: ${kind}\nmetadata: {name: a}\nspec: {replicas: 2, containers: 3}\n`;
    t.equal((await podgrace(['check', '-'], { stdin })).stderr, '', kind);
    const [error] = (await checkJson(['--strict', '-'], stdin)).errors;
    t.match(error?.message, /is not known: it is no kind of Kubernetes, /, kind);
  }
  const stdin = POD.replace('kind: Pod', 'kind: Prod');
  t.match((await podgrace(['check', '-'], { stdin })).stderr, 'it has Pod in v1');
  t.match((await checkJson(['--strict', '-'], stdin)).errors, [{ message: 'the kind Prod is not known: Kubernetes has Pod in v1' }]);
});

void t.test('with --strict a kind is known that a CustomResourceDefinition among the files defines', async (t) => {
  const widget = 'apiVersion: example.com/v1\nkind: Widget\nmetadata: {name: a}\n';
  const definition = [
    'apiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: widgets.example.com}',
    'spec: {group: example.com, names: {kind: Widget, plural: widgets}, scope: Namespaced, versions: []}\n',
  ].join('\n');
  const folder = t.testdir({ 'a.yaml': widget, crds: { 'widget.yaml': definition } });
  t.same((await checkJson(['--strict', folder], '')).errors, []);
});

void t.test('what cannot be read is an error with file and line, all else is judged, and the exit code is 2', async (t) => {
  const folder = t.testdir({
    'a.yaml': `${POD}---\nkind: [\n---\n${POD}`,
    'nul.yaml': 'a\0b: 1\n',
    'list.yaml': '[]',
    'number.json': '7',
    'kind.yaml': 'apiVersion: v1\n',
    'version.yaml': 'kind: Pod\n',
    'kinds.yaml': 'apiVersion: v1\nkind: [Pod]\n',
    'wrong.yaml': 'apiVersion: v1\nkind: Pod\nspec: {containers: none, volumes: {}}\n',
    'template.yaml': 'apiVersion: apps/v1\nkind: Deployment\nspec: {}\n',
    'truncated.json': '{"apiVersion": "v1", "kind": "Po',
    'deep.json': `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
    'deep.yaml': `a: ${'['.repeat(20_000)}`,
    'empty.yaml': '',
    'null.yaml': 'null\n',
  });
  const named = ['kind.yaml', 'list.yaml', 'number.json', 'version.yaml', 'missing.yaml'].map((name) => join(folder, name));
  const { errors, results, code } = await checkJson([folder, ...named]);
  t.same(
    errors.map(({ file, document, line, message }) => [withoutFolder(file, folder), document, line, message]),
    [
      ['a.yaml', 2, 8, 'a value must stand here'],
      ['deep.json', 1, 1, 'must not be nested deeper than 1000 levels'],
      ['deep.yaml', 1, 1, 'must not be nested deeper than 1000 levels'],
      ['kinds.yaml', 1, 1, 'kind must be a string'],
      ['nul.yaml', 1, 1, 'must not hold control characters'],
      ['template.yaml', 1, 3, 'spec.template must be a Pod template'],
      ['truncated.json', 1, 1, 'the text in quotes must end with its closing quote'],
      ['wrong.yaml', 1, 3, 'spec.containers must be a list, but is the string "none"'],
      ['wrong.yaml', 1, 3, 'spec.volumes must be a list, but is an object'],
      ['kind.yaml', 1, 1, 'kind must be set'],
      ['list.yaml', 1, 1, 'must be a Kubernetes object, with apiVersion, kind and metadata'],
      ['number.json', 1, 1, 'must be a Kubernetes object, with apiVersion, kind and metadata'],
      ['version.yaml', 1, 1, 'apiVersion must be set'],
      ['missing.yaml', null, null, 'no such file or directory'],
    ],
  );
  t.same(
    results.map(({ file, document, allowed }) => [withoutFolder(String(file), folder), document, allowed]),
    [
      ['a.yaml', 1, false],
      ['a.yaml', 3, false],
    ],
  );
  t.equal(code, 2, 'also where something is denied');
});

void t.test('in text errors go to standard error', async (t) => {
  const folder = t.testdir({ 'a.yaml': 'kind: [\n' });
  const { code, stdout, stderr } = await podgrace(['check', folder, join(folder, 'missing')]);
  t.equal(stdout, `${EMPTY}; 2 errors (policy production, the default; to choose another, use --preset or --policy)\n`);
  t.equal(withoutFolder(stderr, folder), 'a.yaml:2: a value must stand here\nmissing: no such file or directory\n');
  t.equal(code, 2);
});

void t.test('nothing to judge is an error: a wrong path, or a pipeline that failed before', async (t) => {
  const folder = t.testdir({ empty: {}, 'empty.yaml': '', 'comment.yaml': '# nothing\n---\n' });
  for (const [path, stdin, message] of [
    ['-', '', 'stdin: must hold a Kubernetes object, but holds none'],
    ['-', '\n---\n# c\n', 'stdin: must hold a Kubernetes object, but holds none'],
    ['-', '{"kind": "List", "apiVersion": "v1", "items": []}', 'stdin: must hold a Kubernetes object, but holds none'],
    [join(folder, 'empty.yaml'), '', 'empty.yaml: must hold a Kubernetes object, but holds none'],
    [join(folder, 'comment.yaml'), '', 'comment.yaml: must hold a Kubernetes object, but holds none'],
    [join(folder, 'empty'), '', 'empty: must hold a file that ends in .json, .yaml, .yml, but holds none'],
  ] as const) {
    const { code, stderr } = await podgrace(['check', path], { stdin });
    t.same([code, withoutFolder(stderr, folder)], [2, `${message}\n`]);
  }
});

void t.test('an empty file among others is nothing', async (t) => {
  const folder = t.testdir({ 'empty.yaml': '', 'pod.yaml': POD });
  t.equal((await podgrace(['check', '--preset', 'baseline', folder])).code, 0);
});

const CAN_READ_ALL = process.getuid?.() === 0;

void t.test('a file or folder that may not be read is an error', { skip: CAN_READ_ALL && 'root may read everything' }, async (t) => {
  const folder = t.testdir({ 'a.yaml': POD, closed: { 'b.yaml': POD }, 'c.yaml': POD });
  chmodSync(join(folder, 'a.yaml'), 0);
  chmodSync(join(folder, 'closed'), 0);
  t.teardown(() => {
    chmodSync(join(folder, 'closed'), 0o755);
  });
  const { errors, results } = await checkJson([folder]);
  t.same(
    errors.map(({ file, message }) => `${withoutFolder(file, folder)}: ${message}`),
    ['a.yaml: permission denied', 'closed: permission denied'],
  );
  t.equal(results.length, 1);
});

void t.test('a file larger than 64 MiB is refused before it is read', async (t) => {
  const folder = t.testdir({ 'pod.yaml': POD });
  writeFileSync(join(folder, 'huge.yaml'), Buffer.alloc(64 * 1024 * 1024 + 1, 0x0a));
  const { errors, results } = await checkJson([folder]);
  t.same(
    errors.map(({ file, message }) => `${withoutFolder(file, folder)}: ${message}`),
    ['huge.yaml: must not be larger than 67108864 bytes; split it'],
  );
  t.equal(results.length, 1);
});

void t.test(
  'a fifo is read like standard input',
  { skip: spawnSync('mkfifo', ['--version']).status !== 0 && 'needs mkfifo' },
  async (t) => {
    const fifo = join(t.testdir({}), 'fifo');
    spawnSync('mkfifo', [fifo]);
    spawnSync('sh', ['-c', 'printf %s "$POD" > "$FIFO" &'], { env: { ...process.env, POD, FIFO: fifo }, stdio: 'ignore' });
    t.equal((await checkJson(['--preset', 'baseline', fifo])).results.length, 1);
  },
);

void t.test('what looks like a workload and is not judged is said without -v', async (t) => {
  const folder = t.testdir({
    'fleet.yaml':
      'apiVersion: example.com/v1\nkind: Fleet\nmetadata: {name: a}\nspec:\n  ships:\n    - template: {spec: {containers: [{name: app, image: app}]}}\n',
    'config.yaml': 'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: c}\n',
    'kustomization.yaml': 'resources: [fleet.yaml]\n',
  });
  const { code, stderr } = await podgrace(['check', folder]);
  t.match(stderr, /fleet\.yaml:1 Fleet: holds a Pod template at spec\.ships\[0\]\.template but is not judged/);
  t.match(stderr, /kustomization\.yaml:1 Kustomization: .* render it first \(podgrace check -k .*\)/);
  t.notMatch(stderr, 'ConfigMap');
  t.equal(code, 0);
});

void t.test('--rule warns of what a rule finds that the policy has off; --without-rule still leaves it out', async (t) => {
  const pod = 'apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec: {containers: [{name: a, image: "a:1"}]}\n';
  const args = ['--preset', 'production', '--rule', 'read-only-root-filesystem', join(t.testdir({ 'a.yaml': pod }), 'a.yaml')];
  const findings = async (...more: string[]): Promise<unknown> => (await checkJson([...more, ...args])).results[0]?.['findings'];
  t.match(await findings(), [{ rule: 'read-only-root-filesystem', mode: 'warn' }]);
  t.same(await findings('--rule', 'memory-limit', '--without-rule', 'read-only-root-filesystem,memory-limit', '--rule', 'replicas'), []);
});

void t.test('a canary is no finding where its main version stands in another file of the folder', async (t) => {
  const deployment = (name: string, replicas: number): string =>
    `apiVersion: apps/v1
kind: Deployment
metadata: {name: ${name}}
spec:
  replicas: ${replicas}
  selector: {matchLabels: {app: web, version: ${name}}}
  template:
    metadata: {labels: {app: web, version: ${name}}}
    spec: {containers: [{name: web, image: 'web:1'}]}
`;
  const service = 'apiVersion: v1\nkind: Service\nmetadata: {name: web}\nspec: {selector: {app: web}, ports: [{port: 80}]}\n';
  const findings = async (files: Record<string, string>): Promise<unknown> =>
    (await checkJson(['--rule', 'replicas', t.testdir(files)])).results.flatMap((result) => result['findings']);
  const canary = deployment('canary', 1);
  t.same(await findings({ 'canary.yaml': canary, 'service.yaml': service, 'web.yaml': deployment('web', 2) }), []);
  t.match(await findings({ 'canary.yaml': canary, 'service.yaml': service }), [{ rule: 'replicas' }]);
});

void t.test('no report shows a credential of a manifest', async (t) => {
  const pod = (env: string): string =>
    `apiVersion: v1\nkind: Pod\nmetadata: {name: a}\nspec:\n  containers:\n    - name: a\n      image: a:1\n      env:\n${env}`;
  const before = process.cwd();
  t.teardown(() => {
    process.chdir(before);
  });
  process.chdir(
    t.testdir({
      'a.yaml': pod('        - name: DB_PASSWORD\n          value: hunter2\n'),
      'b.yaml': pod('        - { name: DB_PASSWORD, value: hunter2 }\n'),
      'c.yaml': pod('        [{ name: DB_PASSWORD, value: hunter2 }, { name: LOG_LEVEL, value: trace }]\n'),
    }),
  );
  for (const format of formatsOf('check')) {
    const { stdout, stderr } = await podgrace(['check', '--no-config', '--preset', 'strict', '-v', '-o', format, '.']);
    t.match(stdout, 'DB_PASSWORD', format);
    t.notMatch(stdout + stderr, 'hunter2', format);
  }
});
