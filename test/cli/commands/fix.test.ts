import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { chmodSync, linkSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t from 'tap';
import { fixFiles, type FixedFile } from '../../../src/offline/fix.ts';
import { PROGRAM } from '../../loading/program.ts';
import { contextFor } from '../../offline/fix-laws.ts';
import { parsedReport, podgrace, ROOT, withoutFolder } from '../command-line.ts';

/** By the preset baseline it lacks a preStop delay, and the grace period for it. */
const WEB = `# the shop
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
    template:
        spec:
            containers:
                -   name: web   # the main one
                    image: 'web:1'
                    ports: [{containerPort: 80}]
                    # until we know better
                    resources: {limits: {memory: 1Gi}}
`;
const REPAIRED_WEB = `${WEB}                    lifecycle:
                        preStop:
                            sleep:
                                seconds: 10
            terminationGracePeriodSeconds: 40
`;
const SHARED = `apiVersion: v1
kind: Pod
metadata: {name: shared}
spec:
  restartPolicy: Always
  containers:
  - &c
    name: a
    image: a:1
    ports: [{containerPort: 80}]
  - {<<: *c, name: b}
`;
const BY = ['--preset', 'baseline'];

interface Report {
  readonly dryRun: boolean;
  readonly results: readonly {
    readonly name: string;
    readonly line: number;
    readonly refused: { readonly reason: string; readonly line: number } | null;
    readonly findings: readonly { readonly rule: string }[];
  }[];
  readonly errors: readonly { readonly file: string; readonly line: number | null; readonly message: string }[];
  readonly summary: Readonly<Record<string, unknown>>;
}

void t.test('files are repaired where they stand, and a second time there is nothing to do', async (t) => {
  const folder = t.testdir({ 'web.yaml': WEB, 'other.yaml': 'kind: ConfigMap\napiVersion: v1\n' });
  const first = await podgrace(['fix', ...BY, folder]);
  t.equal(readFileSync(join(folder, 'web.yaml'), 'utf8'), REPAIRED_WEB);
  t.equal(
    withoutFolder(first.stdout, folder),
    `web.yaml:2 Deployment default/web: repaired
  ~ spec.template.spec.containers[0].lifecycle.preStop [pre-stop-delay]
2 objects in 2 files: 1 repaired, 0 left to you; 1 file written (policy baseline)
repairs that are made only if you ask for them: --rules readiness-probe
`,
  );
  t.same([first.code, first.stderr, readdirSync(folder)], [0, '', ['other.yaml', 'web.yaml']]);
  const second = await podgrace(['fix', ...BY, folder]);
  t.equal(readFileSync(join(folder, 'web.yaml'), 'utf8'), REPAIRED_WEB);
  t.match(second, { code: 0, stdout: /^2 objects in 2 files: 0 repaired, 0 left to you; 0 files written \(policy baseline\)\n/ });
});

const SERVING = `apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
  - name: web
    image: web:1
    ports: [{containerPort: 80}]
    resources: {requests: {cpu: 1, memory: 1Gi}, limits: {cpu: 1, memory: 1Gi}}
`;

void t.test('it says what would still be denied, and which repairs it makes only when asked', async (t) => {
  const folder = t.testdir({ 'web.yaml': SERVING });
  const lines = async (...args: string[]): Promise<string[]> =>
    (await podgrace(['fix', '--check', folder, ...args])).stdout.trimEnd().split('\n');
  const denied = '1 object would still be denied: podgrace check says why, and what to do';
  t.same((await lines()).slice(-2), [denied, 'repairs that are made only if you ask for them: --rules readiness-probe']);
  t.notMatch((await lines('--preset', 'baseline')).join('\n'), denied, 'there it is a warning');
  t.match((await lines('--rules', 'readiness-probe')).at(-1), /^1 object in 1 file: 1 would be repaired/, 'whoever names rules has chosen');
});

void t.test('it says that the API server would still refuse what no repair sets right', async (t) => {
  const web = (seconds: string, cpu: string): string => `apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
        - name: web
          image: web:1
          lifecycle: {preStop: {sleep: {seconds: ${seconds}}}}
          resources: {requests: {cpu: ${cpu}, memory: 1Gi}, limits: {cpu: 1, memory: 1Gi}}
`;
  const denied = async (manifest: string): Promise<boolean> => {
    const folder = t.testdir({ 'web.yaml': manifest });
    return (await podgrace(['fix', '--check', '--preset', 'baseline', folder])).stdout.includes('1 object would still be denied');
  };
  t.equal(await denied(web('50', '1')), false, 'the grace period is raised');
  t.equal(await denied(web('5', '2')), true, 'more is requested than the limit');
});

void t.test('what stands around a workload is known, in its folder and on standard input', async (t) => {
  const web = `apiVersion: v1
kind: Pod
metadata: {name: web, labels: {app: web}}
spec:
  containers:
    - name: web
      image: registry.example/web:1
`;
  const service = `apiVersion: v1
kind: Service
metadata: {name: web}
spec: {selector: {app: web}, ports: [{port: 80, targetPort: 8080}]}
`;
  const folder = t.testdir({ 'web.yaml': web, 'service.yaml': service, alone: { 'web.yaml': web } });
  const { stdout } = await podgrace(['fix', ...BY, folder]);
  t.match(readFileSync(join(folder, 'web.yaml'), 'utf8'), 'preStop');
  t.match(stdout, /1 repaired/);
  t.equal(readFileSync(join(folder, 'alone', 'web.yaml'), 'utf8'), web);
  t.match((await podgrace(['fix', ...BY, '-'], { stdin: `${service}---\n${web}` })).stdout, 'preStop');
  t.match((await podgrace(['check', ...BY, '-o', 'json', '-'], { stdin: `${service}---\n${web}` })).stdout, '"pre-stop-delay"');
});

void t.test('--diff prints what would change, and writes nothing', async (t) => {
  const folder = t.testdir({ 'web.yaml': WEB });
  const { code, stdout, stderr } = await podgrace(['fix', ...BY, '--diff', folder]);
  const file = join(folder, 'web.yaml');
  t.equal(
    stdout,
    `--- ${file}
+++ ${file}
@@ -11,3 +11,8 @@
                     ports: [{containerPort: 80}]
                     # until we know better
                     resources: {limits: {memory: 1Gi}}
+                    lifecycle:
+                        preStop:
+                            sleep:
+                                seconds: 10
+            terminationGracePeriodSeconds: 40
`,
  );
  t.match(stderr, /web\.yaml:2 Deployment default\/web: would be repaired/);
  t.equal(code, 0);
  t.equal(readFileSync(file, 'utf8'), WEB);
});

void t.test('--check exits with 1 where a repair is missing, and writes nothing', async (t) => {
  const folder = t.testdir({ 'web.yaml': WEB, 'repaired.yaml': REPAIRED_WEB });
  t.equal((await podgrace(['fix', ...BY, '--check', folder])).code, 1);
  t.equal((await podgrace(['fix', ...BY, '--check', '--diff', folder])).code, 1);
  t.equal((await podgrace(['fix', ...BY, '--check', join(folder, 'repaired.yaml')])).code, 0);
  t.equal(readFileSync(join(folder, 'web.yaml'), 'utf8'), WEB);
});

void t.test('standard input is repaired to standard output, byte for byte', async (t) => {
  const bell = WEB.replace('# the shop', '# the shop \u200f').replaceAll('\n', '\r\n');
  const { code, stdout, stderr } = await podgrace(['fix', ...BY, '-'], { stdin: bell });
  t.equal(stdout, REPAIRED_WEB.replace('# the shop', '# the shop \u200f').replaceAll('\n', '\r\n'));
  t.match(stderr, /stdin:2 Deployment default\/web: repaired/);
  t.equal(code, 0);
  const unchanged = await podgrace(['fix', ...BY, '-'], { stdin: REPAIRED_WEB });
  t.match(unchanged, { code: 0, stdout: REPAIRED_WEB });
});

void t.test('of standard input with a part that cannot be read, nothing goes on to who reads', async (t) => {
  const { code, stdout, stderr } = await podgrace(['fix', ...BY, '-'], { stdin: `${WEB}---\nkind: [\n` });
  t.match({ code, stdout, stderr }, { code: 2, stdout: '', stderr: /^stdin:16: a value must stand here$/m });
});

void t.test('what cannot be written without a guess is left out, with its line and why, and the exit code is 1', async (t) => {
  const folder = t.testdir({ 'shared.yaml': SHARED, 'web.yaml': WEB });
  const { code, stdout } = await podgrace(['fix', ...BY, folder]);
  t.equal(code, 1);
  t.match(
    withoutFolder(stdout, folder),
    /^shared\.yaml:1 Pod default\/shared: not changed\n {2}✗ line 7: it is the anchor &c, and aliases elsewhere in the document stand for it as well; change it by hand$/m,
  );
  t.match(stdout, /1 repaired, 1 left to you; 1 file written/);
  t.equal(readFileSync(join(folder, 'shared.yaml'), 'utf8'), SHARED);
  t.equal(readFileSync(join(folder, 'web.yaml'), 'utf8'), REPAIRED_WEB);
});

void t.test('-o json says the same, as its schema says', async (t) => {
  const folder = t.testdir({ 'a.yaml': `${WEB}---\nkind: [\n`, 'shared.yaml': SHARED });
  const { code, stdout } = await podgrace(['fix', ...BY, '-o', 'json', '--check', folder]);
  const { dryRun, results, errors, summary } = parsedReport('fix', stdout) as Report;
  t.equal(code, 2);
  t.equal(dryRun, true);
  t.match(results, [
    { name: 'web', line: 2, refused: null, findings: [{ rule: 'pre-stop-delay' }] },
    { name: 'shared', line: 1, refused: { line: 7, reason: /anchor &c/ } },
  ]);
  t.match(errors, [{ line: 16, message: 'a value must stand here' }]);
  t.same(summary, {
    files: 2,
    writtenFiles: 0,
    objects: 2,
    repaired: 1,
    refused: 1,
    errors: 1,
    denied: 0,
    onRequest: ['minimum-qos-class', 'readiness-probe'],
  });
  for (const args of [['--diff'], ['-']]) {
    const { code: refused, stderr } = await podgrace(['fix', '-o', 'json', folder, ...args]);
    t.match({ refused, stderr }, { refused: 2, stderr: /-o json cannot be used with/ });
  }
});

void t.test('--rules makes the repairs of these rules alone, also where the policy does not', async (t) => {
  const folder = t.testdir({ 'web.yaml': WEB });
  const { code } = await podgrace(['fix', ...BY, '--rules', 'readiness-probe', folder]);
  t.equal(code, 0);
  const text = readFileSync(join(folder, 'web.yaml'), 'utf8');
  t.match(text, /^ {20}readinessProbe:\n {24}tcpSocket:\n {28}port: 80$/m);
  t.notMatch(text, /lifecycle/);
  const cases: readonly (readonly [rules: string, message: RegExp])[] = [
    ['readines-probe', /There is no rule readines-probe; did you mean readiness-probe\?/],
    ['readiness', /There is no rule readiness; these have one: .*readiness-probe/],
    ['exec-form', /The rule exec-form has no repair/],
    [
      'init-process',
      /^podgrace: --rules: the policy baseline does not say all that the repair needs:\n {2}init-process: the option image must name/,
    ],
  ];
  for (const [rules, message] of cases)
    t.match(await podgrace(['fix', ...BY, '--rules', rules, folder]), { code: 2, stdout: '', stderr: message });
});

void t.test('--rules makes the repairs of a rule that the policy has off', async (t) => {
  const policy =
    'apiVersion: podgrace.dev/v1alpha1\nkind: LifecyclePolicy\nmetadata: {name: mine}\nspec: {preset: production, rules: {readiness-probe: {mode: "off"}}}\n';
  const folder = t.testdir({ 'podgrace.yaml': policy, 'web.yaml': WEB });
  t.match(await podgrace(['fix', '--rules', 'readiness-probe', folder]), { code: 0, stdout: /1 repaired/ });
  t.match(readFileSync(join(folder, 'web.yaml'), 'utf8'), /^ {20}readinessProbe:$/m);
});

void t.test(
  'what is none of its business stays as it is: other kinds, kinds of others, parts of objects, excluded namespaces',
  async (t) => {
    const policy = `apiVersion: podgrace.dev/v1alpha1
kind: LifecyclePolicy
metadata: {name: own}
spec: {preset: baseline, workloadKinds: [{group: argoproj.io, kind: Rollout, class: service, templatePath: spec.template}]}
`;
    const folder = t.testdir({
      'policy.yaml': policy,
      manifests: {
        'rollout.yaml': WEB.replace('apps/v1', 'argoproj.io/v1alpha1').replace('Deployment', 'Rollout'),
        'unlisted.yaml': WEB.replace('apps/v1', 'example.dev/v1').replace('Deployment', 'Unlisted'),
        'patch.yaml': WEB.replace(/ *image: .*\n/, ''),
        'system.yaml': WEB.replace('name: web}', 'name: web, namespace: kube-system}'),
      },
    });
    const before = readdirSync(join(folder, 'manifests')).map((file) => readFileSync(join(folder, 'manifests', file), 'utf8'));
    const { code, stdout } = await podgrace(['fix', '--policy', join(folder, 'policy.yaml'), '-v', join(folder, 'manifests')]);
    t.equal(code, 0);
    t.match(stdout, /Rollout: not changed: its kind is not one of Kubernetes’ own/);
    t.match(stdout, /Unlisted: not changed: its kind is not one of Kubernetes’ own/);
    t.match(stdout, /Deployment: not changed: a container has no image/);
    t.match(stdout, /Deployment: not changed: the policy excludes its namespace/);
    t.same(
      readdirSync(join(folder, 'manifests')).map((file) => readFileSync(join(folder, 'manifests', file), 'utf8')),
      before,
    );
  },
);

void t.test('of a repository, each file is repaired by the policy of its folder, and what is no manifest is left alone', async (t) => {
  const folder = t.testdir({
    'web.yaml': WEB,
    'package.json': '{"name": "shop"}\n',
    'template.yaml': 'kind: Pod\nmetadata: {{ .Values.metadata }}\n',
    chart: { 'Chart.yaml': 'name: shop\n', templates: { 'web.yaml': WEB } },
    old: { 'web.yaml': WEB },
    own: {
      'podgrace.yaml':
        'apiVersion: podgrace.dev/v1alpha1\nkind: LifecyclePolicy\nmetadata: {name: own}\nspec: {preset: baseline, rules: {pre-stop-delay: {mutation: "off"}, shutdown-budget: {mutation: "off"}}}\n',
      'web.yaml': WEB,
    },
  });
  const { code, stderr } = await podgrace(['fix', '--ignore', '**/old/', folder]);
  t.equal(code, 0);
  t.match(withoutFolder(stderr, folder), /^chart: is a Helm chart, and its templates are not YAML: change them by hand$/m);
  t.match(withoutFolder(stderr, folder), /^template\.yaml: is a template, and no YAML: change it by hand$/m);
  t.match(readFileSync(join(folder, 'web.yaml'), 'utf8'), /terminationGracePeriodSeconds/);
  for (const file of ['chart/templates/web.yaml', 'old/web.yaml', 'own/web.yaml'])
    t.equal(readFileSync(join(folder, file), 'utf8'), WEB, file);
  const named = await podgrace(['fix', join(folder, 'template.yaml')]);
  t.match(named, { code: 2, stderr: /template\.yaml:\d+: must be rendered first: it is a template, and no YAML \(/ });
});

void t.test('what cannot be read counts as no file, and a wrong field is told with its line', async (t) => {
  const folder = t.testdir({ 'wrong.yaml': 'apiVersion: v1\nkind: Pod\nspec:\n  containers: none\n' });
  t.match(await podgrace(['fix', '-']), { code: 2, stderr: '0 objects in 1 file: ' });
  t.match(await podgrace(['fix', join(folder, 'none.yaml')]), { code: 2, stdout: '0 objects in 0 files: ' });
  const { stderr } = await podgrace(['fix', join(folder, 'wrong.yaml')]);
  t.equal(withoutFolder(stderr, folder), 'wrong.yaml:4: spec.containers must be a list, but is the string "none"\n');
});

void t.test('-f names a file, as with check', async (t) => {
  const folder = t.testdir({ 'a.yaml': WEB, 'b.yaml': WEB });
  const { code, stdout } = await podgrace(['fix', ...BY, '--check', '-f', join(folder, 'a.yaml'), join(folder, 'b.yaml')]);
  t.match([code, stdout], [1, '2 objects in 2 files: 2 would be repaired']);
  t.match(await podgrace(['fix', '--rules', '', join(folder, 'a.yaml')]), { code: 2, stderr: '--rules must not be empty' });
});

void t.test('a file that cannot be written is an error, all others are repaired, and the exit code is 2', async (t) => {
  const folder = t.testdir({ 'a.yaml': WEB, 'linked.yaml': WEB, 'readonly.yaml': WEB, 'latin.yaml': '' });
  chmodSync(join(folder, 'readonly.yaml'), 0o444);
  linkSync(join(folder, 'linked.yaml'), join(folder, 'other-name'));
  writeFileSync(join(folder, 'latin.yaml'), Buffer.from(WEB.replace('the shop', 'caf\u00e9'), 'latin1'));
  const { code, stdout, stderr } = await podgrace(['fix', ...BY, folder, join(folder, 'none.yaml')]);
  t.equal(code, 2);
  const errors = withoutFolder(stderr, folder).split('\n');
  t.match(errors, [
    /^latin\.yaml: must be UTF-8/,
    /^linked\.yaml: cannot be changed: it has 2 names/,
    /^readonly\.yaml: cannot be changed: (?:it is read-only|permission denied)$/,
    'none.yaml: no such file or directory',
    '',
  ]);
  t.match(stdout, /1 repaired, 0 left to you; 1 file written; 4 errors/);
  t.equal(readFileSync(join(folder, 'a.yaml'), 'utf8'), REPAIRED_WEB);
  for (const file of ['linked.yaml', 'readonly.yaml']) t.equal(readFileSync(join(folder, file), 'utf8'), WEB);
  t.same(readdirSync(folder), ['a.yaml', 'latin.yaml', 'linked.yaml', 'other-name', 'readonly.yaml']);
});

void t.test('nothing to repair in is an error', async (t) => {
  const folder = t.testdir({ 'empty.yaml': '# nothing\n' });
  t.match(await podgrace(['fix', ...BY, folder]), { code: 2, stderr: /must hold a Kubernetes object, but holds none/ });
});

void t.test('UTF-16 and byte order marks stay', async (t) => {
  const encodings: readonly (readonly [string, (text: string) => Buffer])[] = [
    ['utf8.yaml', (text) => Buffer.from(`\ufeff${text}`)],
    ['little.yaml', (text) => Buffer.from(`\ufeff${text}`, 'utf16le')],
    ['big.yaml', (text) => Buffer.from(`\ufeff${text}`, 'utf16le').swap16()],
  ];
  const folder = t.testdir({});
  for (const [file, encoded] of encodings) writeFileSync(join(folder, file), encoded(WEB));
  t.equal((await podgrace(['fix', ...BY, folder])).code, 0);
  for (const [file, encoded] of encodings) t.ok(readFileSync(join(folder, file)).equals(encoded(REPAIRED_WEB)), file);
});

void t.test('what somebody writes between reading and writing is theirs', async (t) => {
  const folder = t.testdir({ 'web.yaml': WEB });
  const file = join(folder, 'web.yaml');
  const options = {
    stdin: process.stdin,
    writes: true,
    mayChange: () => {
      writeFileSync(file, 'theirs\n');
      return true;
    },
  };
  const files: FixedFile[] = [];
  for await (const fixed of fixFiles([file], [], () => contextFor('baseline'), options)) files.push(fixed);
  t.match(files, [
    {
      isWritten: false,
      outcomes: [{ outcome: 'error', errors: [{ message: 'cannot be changed: it was changed by somebody else meanwhile' }] }],
    },
  ]);
  t.equal(readFileSync(file, 'utf8'), 'theirs\n');
  t.same(readdirSync(folder), ['web.yaml']);
});

void t.test('--interactive asks, and without a terminal that is an error before anything is written', async (t) => {
  const folder = t.testdir({ 'web.yaml': WEB });
  const { code, stderr } = await podgrace(['fix', ...BY, '--interactive', folder]);
  t.match({ code, stderr }, { code: 2, stderr: /--interactive needs a terminal/ });
  t.equal(readFileSync(join(folder, 'web.yaml'), 'utf8'), WEB);
});

void t.test(
  'on a terminal, --interactive changes the objects that are answered with y',
  { skip: spawnSync('script', ['--version']).status !== 0 && 'needs script' },
  async (t) => {
    const folder = t.testdir({ 'a.yaml': `${WEB}---\n${WEB}`, 'b.yaml': WEB });
    const command = `${process.execPath} ${PROGRAM} fix --preset baseline --interactive ${folder}`;
    const terminal = spawn('script', ['-qec', command, '/dev/null'], { cwd: ROOT });
    let shown = '';
    let asked = 0;
    terminal.stdout.on('data', (part: Buffer) => {
      shown += part.toString();
      for (; shown.split('[y/N]').length - 1 > asked; asked++) terminal.stdin.write(asked === 0 ? 'n\n' : 'y\n');
    });
    await new Promise((resolve) => terminal.on('close', resolve));
    t.equal(readFileSync(join(folder, 'a.yaml'), 'utf8'), `${WEB}---\n${REPAIRED_WEB}`);
    t.equal(readFileSync(join(folder, 'b.yaml'), 'utf8'), REPAIRED_WEB);
    t.match(shown, /\+ {20}lifecycle:[^]*change Deployment default\/web in .*a\.yaml\? \[y\/N\]/);
    t.match(shown, /line 2: the answer was no/);
    t.match(shown, /2 repaired, 1 left to you; 2 files written/);
  },
);

for (const [key, name] of [
  ['\u0003', 'Ctrl-C'],
  ['\u0004', 'Ctrl-D'],
] as const) {
  void t.test(
    `${name} at a question of --interactive`,
    { skip: spawnSync('script', ['--version']).status !== 0 && 'needs script' },
    async (t) => {
      const folder = t.testdir({ 'a.yaml': WEB, 'b.yaml': `${WEB}---\n${WEB}---\n${WEB}`, 'c.yaml': WEB });
      const command = `${process.execPath} ${PROGRAM} fix --preset baseline --interactive ${folder}`;
      const terminal = spawn('script', ['-qec', command, '/dev/null'], { cwd: ROOT });
      let shown = '';
      let asked = 0;
      terminal.stdout.on('data', (part: Buffer) => {
        shown += part.toString();
        for (; shown.split('[y/N]').length - 1 > asked; asked++) terminal.stdin.write(asked === 2 ? key : 'y\n');
      });
      const code = await new Promise((resolve) => terminal.on('close', resolve));
      t.equal(asked, 3, 'nothing more is asked');
      t.notMatch(shown, /Error|node:/);
      t.equal(readFileSync(join(folder, 'a.yaml'), 'utf8'), REPAIRED_WEB);
      t.equal(readFileSync(join(folder, 'c.yaml'), 'utf8'), WEB);
      const b = readFileSync(join(folder, 'b.yaml'), 'utf8');
      if (name === 'Ctrl-C') {
        t.match({ code, shown, b }, { code: 130, shown: /1 file written[^]*stopped by a signal/, b: `${WEB}---\n${WEB}---\n${WEB}` });
      } else {
        t.match({ code, shown, b }, { code: 1, shown: /2 repaired, 3 left to you/, b: `${REPAIRED_WEB}---\n${WEB}---\n${WEB}` });
      }
    },
  );
}

void t.test('Ctrl-C ends it between two files: each is whole, and nothing is beside them', async (t) => {
  const names = Array.from({ length: 300 }, (_, index) => `${index}.yaml`);
  const folder = t.testdir({ many: Object.fromEntries(names.map((name) => [name, WEB])), 'last.yaml': WEB });
  const [many, pipe, last] = ['many', 'pipe.yaml', 'last.yaml'].map((name) => join(folder, name)) as [string, string, string];
  // Nobody writes into it: without the signal, the last file has no turn, however late the signal comes.
  execFileSync('mkfifo', [pipe]);
  const program = spawn(process.execPath, [PROGRAM, 'fix', ...BY, many, pipe, last], { cwd: ROOT });
  let stderr = '';
  program.stderr.on('data', (part: Buffer) => (stderr += part.toString()));
  program.stdout.once('data', () => program.kill('SIGINT'));
  program.stdout.resume();
  const code = await new Promise((resolve) => program.on('close', resolve));
  t.equal(code, 130);
  t.match(stderr, /stopped by a signal; each file is either as it was or repaired as a whole/);
  t.same(readdirSync(many).sort(), names.sort());
  const texts = names.map((name) => readFileSync(join(many, name), 'utf8'));
  t.same(
    texts.filter((text) => text !== REPAIRED_WEB && text !== WEB),
    [],
  );
  t.ok(texts.includes(REPAIRED_WEB));
  t.equal(readFileSync(last, 'utf8'), WEB);
});

for (const input of ['standard input', 'a pipe'])
  void t.test(`Ctrl-C ends it while it waits for ${input}`, async (t) => {
    const folder = t.testdir({ 'web.yaml': WEB });
    const pipe = join(folder, 'pipe.yaml');
    execFileSync('mkfifo', [pipe]);
    const path = input === 'a pipe' ? pipe : '-';
    const program = spawn(process.execPath, [PROGRAM, 'fix', ...BY, join(folder, 'web.yaml'), path], { cwd: ROOT });
    let told = '';
    for (const output of [program.stdout, program.stderr]) {
      output.on('data', (part: Buffer) => {
        if (told === '') program.kill('SIGINT');
        told += part.toString();
      });
    }
    const code = await new Promise((resolve) => program.on('close', resolve));
    t.equal(code, 130);
    t.match(told, /web\.yaml:2 Deployment default\/web: repaired[^]*1 file written/);
    t.match(told, 'stopped by a signal');
    t.notMatch(told, /stdin|pipe\.yaml/);
    t.equal(readFileSync(join(folder, 'web.yaml'), 'utf8'), REPAIRED_WEB);
  });

void t.test(
  'where its report cannot be written, it ends, and what is written is whole',
  { skip: process.platform !== 'linux' && 'needs /dev/full' },
  (t) => {
    const folder = t.testdir({ 'a.yaml': WEB, 'b.yaml': WEB });
    const source = `"$0" "$1" fix --preset baseline "$2" > /dev/full`;
    const { status, stderr } = spawnSync('bash', ['--norc', '-c', source, process.execPath, PROGRAM, folder], {
      cwd: ROOT,
      encoding: 'utf8',
    });
    t.equal(status, 2);
    t.match(stderr, /standard output cannot be written: no space left on device/);
    for (const file of ['a.yaml', 'b.yaml']) t.ok([WEB, REPAIRED_WEB].includes(readFileSync(join(folder, file), 'utf8')), file);
    t.same(readdirSync(folder), ['a.yaml', 'b.yaml']);
    t.end();
  },
);

void t.test('a repair that changes behaviour is made where somebody asks for it: by a policy that is chosen, or by its name', async (t) => {
  const repaired = async (...args: readonly string[]): Promise<string> =>
    (await podgrace(['fix', '--no-config', ...args, '-'], { stdin: WEB, env: {} })).stdout;
  const nobodyChose = await repaired();
  t.match(nobodyChose, 'preStop:');
  t.notMatch(nobodyChose, 'tolerationSeconds');
  t.match(await repaired('--preset', 'production'), 'tolerationSeconds: 30');
  t.match(await repaired('--rules', 'toleration-seconds'), 'tolerationSeconds: 30');
});

void t.test('what helm and kustomize render is refused, with what to do instead', async (t) => {
  for (const [flag, input] of [
    ['-k', 'overlays/prod'],
    ['--helm', 'charts/web'],
  ] as const) {
    const { code, stderr } = await podgrace(['fix', flag, input]);
    t.equal(code, 2);
    t.match(stderr, `podgrace: ${flag} ${input} cannot be repaired: `);
    t.match(stderr, `podgrace check ${flag} ${input} says what to change`);
  }
  const nothing = await podgrace(['fix']);
  t.same([nothing.code, nothing.stderr], [2, 'podgrace: name what is to be repaired: files, folders, or - for standard input\n']);
});
