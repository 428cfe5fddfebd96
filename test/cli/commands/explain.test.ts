import { join } from 'node:path';
import t from 'tap';
import { parsedReport, podgrace, ROOT, withoutFolder } from '../command-line.ts';

const SAMPLES = join(ROOT, 'samples/manifests');

const SHELL = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 3,
    template: {
      spec: {
        containers: [
          {
            name: 'web',
            image: 'web:1',
            command: ['sh', '-c', 'server; true'],
            lifecycle: { preStop: { sleep: { seconds: 5 } } },
            livenessProbe: { tcpSocket: { port: 80 }, initialDelaySeconds: 10 },
          },
        ],
      },
    },
  },
};

const CRASHING = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web-0', namespace: 'shop' },
  spec: { containers: [{ name: 'web', image: 'web:1' }] },
  status: {
    phase: 'Running',
    containerStatuses: [
      {
        name: 'web',
        restartCount: 6,
        state: { waiting: { reason: 'CrashLoopBackOff', message: 'back-off' } },
        lastState: { terminated: { exitCode: 137, reason: 'OOMKilled', finishedAt: '2026-01-01T00:00:00Z' } },
      },
    ],
  },
};

async function explained(object: object, ...args: readonly string[]): Promise<string> {
  const { code, stdout, stderr } = await podgrace(['explain', ...args, '-f', '-'], { stdin: JSON.stringify(object) });
  t.same([code, stderr], [0, '']);
  return stdout;
}

void t.test('a manifest: when its Pods start, stop, are replaced and leave a lost node', async (t) => {
  t.match((await explained(SHELL)).split('\n'), [
    'stdin:1 Deployment default/web (service)',
    '  QoS class',
    '    BestEffort: no container has a request or a limit of cpu or memory.',
    '  Under memory pressure',
    '    oom_score_adj web 1000 (1000 is killed first, -997 last)',
    '  Start (at the earliest)',
    '    web is ready after 0 s, its livenessProbe is asked from 10 s on; its livenessProbe stops it after 30 to 41 s if it does not answer, with a grace period of 30 s',
    '  Stop (grace period 30 s)',
    /^ {7}0 s {2}the Pod leaves the endpoints of its Services/,
    '       0 s  the preStop hook of web begins and takes 5 s',
    '       5 s  web gets its stop signal: `sh` is PID 1 and does not end at the signal',
    '      30 s  web is killed',
    '  Node lost',
    '    the node is tainted after 50 s of silence; the Pod is deleted after 350 s, and its controller makes another one at once',
    '  Rollout',
    /^ {4}of 3 replicas, at least 3 stay available and at most 4 Pods exist/,
    '    until its end it needs room for 1 Pod more than the replicas: they have no requests and no limits',
    '    if for 600 s no Pod starts, stops, or becomes ready or available, the rollout is reported as failed (ProgressDeadlineExceeded) and goes on (progressDeadlineSeconds)',
    '  Findings (policy production)',
    /^ {4}✗ spec\.template\.spec\.containers: must ask for cpu or memory in some container: .* \[minimum-qos-class\]$/,
    /^ {6}fix: set `resources.requests` of cpu and memory/,
    /^ {4}! spec\.template\.spec\.containers\[0\]\.resources\.limits\.memory \(container web\): .* \[memory-limit\]$/,
    /^ {6}fix: /,
    /^ {4}! spec\.template\.spec\.containers\[0\]\.command \(container web\): .* \[init-process\]$/,
    /^ {6}fix: /,
    '    ~ spec.template.spec.containers[0].livenessProbe.timeoutSeconds: repaired at admission [probe-defaults]',
    / \[toleration-seconds\]$/,
    '',
  ]);
});

void t.test('a rollout: what it needs beyond the Pods that run, and whether a quota of the folder has room for it', async (t) => {
  const resources = { requests: { cpu: '500m', memory: '1Gi' }, limits: { memory: '2Gi' } };
  const template = { spec: { containers: [{ ...SHELL.spec.template.spec.containers[0], resources }] } };
  const deployment = (spec: object): object => ({ ...SHELL, spec: { replicas: 3, template, ...spec } });
  const quota = (hard: object): object => ({ apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'team' }, spec: { hard } });
  const explainedWith = async (objects: readonly object[], ...args: readonly string[]): Promise<string> => {
    const stdin = objects.map((object) => JSON.stringify(object)).join('\n---\n');
    return (await podgrace(['explain', ...args, '-f', '-'], { stdin })).stdout;
  };
  const two = { strategy: { rollingUpdate: { maxSurge: 2, maxUnavailable: 0 } } };
  const needs = 'until its end it needs room for 2 Pods more than the replicas: requests of 1 cpu and 2Gi memory, limits of 4Gi memory\n';
  const unknown = await explainedWith([deployment(two)]);
  t.match(unknown, needs);
  t.notMatch(unknown, 'ResourceQuota');
  t.match(
    await explainedWith([quota({ 'requests.cpu': '1900m' }), deployment(two)]),
    'ResourceQuota team has no room for one of them: one needs 500m of requests.cpu, and 400m is left; the rollout never begins, as it stops no Pod before a new one is ready',
  );
  t.match(
    await explainedWith([quota({ pods: '3' }), deployment({ strategy: { rollingUpdate: { maxSurge: 2, maxUnavailable: 1 } } })]),
    'one needs 1 of pods, and 0 is left; the rollout stops old Pods first',
  );
  t.match(
    await explainedWith([quota({ pods: '4' }), deployment(two)]),
    'ResourceQuota team has room for one of them at least, so the rollout goes on',
  );
  const { results } = parsedReport('explain', await explainedWith([quota({ pods: '3' }), deployment({})], '-o', 'json')) as {
    results: Record<string, unknown>[];
  };
  t.match(results[0]?.['rollout'], {
    surge: {
      pods: 1,
      requests: { cpu: '500m', memory: '1Gi' },
      quotas: ['team'],
      shortage: { quota: 'team', counted: 'pods', left: '0', needed: '1', enough: '4' },
      isStuck: true,
    },
  });
  t.notMatch(await explainedWith([deployment({ strategy: { type: 'Recreate' } })]), 'it needs room');
  t.match(await explainedWith([SHELL]), '1 Pod more than the replicas: they have no requests and no limits');
});

const SERVICE = {
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name: 'web' },
  spec: { selector: { app: 'web' }, ports: [{ port: 80, targetPort: 8080 }] },
};
const BEHIND_SERVICE = {
  ...SHELL,
  spec: { ...SHELL.spec, template: { ...SHELL.spec.template, metadata: { labels: { app: 'web' } } } },
};

void t.test('its findings are those of check, with what stands around it in the files', async (t) => {
  const folder = t.testdir({ shop: { 'web.json': JSON.stringify(BEHIND_SERVICE), 'service.json': JSON.stringify(SERVICE) } });
  const files = ['service.json', 'web.json'].map((name) => join(folder, 'shop', name));
  const findingsOf = async (command: 'check' | 'explain', ...args: string[]): Promise<string[]> => {
    const { stdout } = await podgrace([command, '-o', 'json', ...args, '-f', SAMPLES, ...files]);
    const { results } = parsedReport(command, stdout) as { results: { name: string; findings: Record<string, unknown>[] }[] };
    const found = results.map(({ name, findings }) => [name, findings.map(({ line: _, column: __, endLine: ___, ...finding }) => finding)]);
    // The two commands read what was named in different orders.
    return found.map((each) => JSON.stringify(each)).sort();
  };
  for (const preset of ['baseline', 'production', 'strict']) {
    const found = await findingsOf('explain', '--preset', preset);
    t.same(found, await findingsOf('check', '--preset', preset), preset);
    t.match(found.join('\n'), /the Service web sends traffic to port 8080/, 'which another file defines');
  }
});

void t.test('what stands around it in the files says how it is reached, and what a drain does', async (t) => {
  const budget = {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'web' },
    spec: { minAvailable: 2, selector: { matchLabels: { app: 'web' } } },
  };
  const folder = t.testdir({
    'web.json': JSON.stringify(BEHIND_SERVICE),
    'service.json': JSON.stringify(SERVICE),
    'budget.json': JSON.stringify(budget),
  });
  const { stdout } = await podgrace(['explain', '-f', folder]);
  t.match(
    stdout,
    [
      '  Drain',
      '    PodDisruptionBudget web (minAvailable 2) lets 1 of 3 Pods be evicted at a time while all are ready',
      '    to evict all of them, drains wait at least 2 times until a new Pod is ready elsewhere; the last one is gone after 30 s at the earliest',
      '  Around it',
      '    it is reached through Service web',
      '    its Pods are protected by PodDisruptionBudget web',
      '  Findings',
    ].join('\n'),
  );
  const { results } = parsedReport('explain', (await podgrace(['explain', '-o', 'json', '-f', folder])).stdout) as { results: object[] };
  t.match(results, [
    {
      drain: { verdict: 'paced', pods: 3, podDisruptionBudgets: ['web'], atOnce: 1, waits: 2, leastSeconds: 30 },
      around: { services: ['web'], podDisruptionBudgets: ['web'], resourceQuotas: null },
    },
  ]);
});

void t.test('that the files have no Service is not told as a lack of one', async (t) => {
  const budget = (app: string): object => ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: app },
    spec: { minAvailable: 2, selector: { matchLabels: { app } } },
  });
  const explained = async (app: string): Promise<string> => {
    const folder = t.testdir({ 'web.json': JSON.stringify(BEHIND_SERVICE), 'budget.json': JSON.stringify(budget(app)) });
    return (await podgrace(['explain', '-f', folder])).stdout;
  };
  t.match(await explained('web'), ['  Around it', '    its Pods are protected by PodDisruptionBudget web', '  Findings'].join('\n'));
  t.notMatch(await explained('db'), /Around it|no Service selects|no PodDisruptionBudget selects/);
});

void t.test('its policy is that of its folder, as with check', async (t) => {
  const spec = { preset: 'baseline', rules: { 'minimum-qos-class': { mode: 'off' } } };
  const policy = { apiVersion: 'podgrace.dev/v1alpha1', kind: 'LifecyclePolicy', metadata: { name: 'team' }, spec };
  const folder = t.testdir({ '.git': {}, 'podgrace.yaml': JSON.stringify(policy), 'web.json': JSON.stringify(SHELL) });
  const text = async (...args: string[]): Promise<string> => (await podgrace(['explain', '-f', join(folder, 'web.json'), ...args])).stdout;
  t.match(await text(), /Findings \(policy team\)\n {4}no rule denies it, warns of it or repairs it\n/);
  t.match(await text('--no-config'), /Findings \(policy production\)\n {4}✗ /);
  t.match(await text('--preset', 'strict'), /Findings \(policy strict\)\n {4}✗ /);
  t.match(await text('-v'), /^ {4}· spec\.template\.spec\.containers\[0\]\.command .*\(recorded only\) \[init-process\]$/m);
});

void t.test('in a namespace that the policy excludes, it says that no rule is asked', async (t) => {
  const text = await explained({ ...SHELL, metadata: { name: 'web', namespace: 'kube-system' } });
  t.match(text, /Findings \(policy production\)\n {4}the policy excludes its namespace: no rule is asked\n/);
});

void t.test('each template of an object has its own findings, and the first one those of the rest', async (t) => {
  const policy = {
    apiVersion: 'podgrace.dev/v1alpha1',
    kind: 'LifecyclePolicy',
    metadata: { name: 'ray' },
    spec: {
      preset: 'production',
      workloadKinds: [
        { group: 'ray.io', kind: 'RayCluster', class: 'service', templatePath: 'spec.head.template' },
        { group: 'ray.io', kind: 'RayCluster', class: 'service', templatePath: 'spec.worker.template' },
      ],
    },
  };
  const folder = t.testdir({ 'policy.json': JSON.stringify(policy) });
  const [container] = SHELL.spec.template.spec.containers;
  const template = (name: string): object => ({ template: { spec: { containers: [{ ...container, name }] } } });
  const cluster = {
    apiVersion: 'ray.io/v1',
    kind: 'RayCluster',
    metadata: { name: 'a' },
    spec: { head: template('h'), worker: template('w') },
  };
  const text = await explained(cluster, '--policy', join(folder, 'policy.json'));
  const [head = '', worker = ''] = text.split('\n\n');
  t.match(head, '! spec.head.template.spec.containers[0].command');
  t.notMatch(head, 'spec.worker');
  t.match(worker, '! spec.worker.template.spec.containers[0].command');
  t.notMatch(worker, 'spec.head');
});

void t.test('a Pod of a cluster: its STATUS, why, what to do, and which rules look for it', async (t) => {
  const text = await explained(CRASHING);
  t.match(text, /CrashLoopBackOff, READY 0\/1, RESTARTS 6 \(\w+ ago\)\n/);
  t.match(text, 'Container web used more memory than its limit');
  t.match(text, /What to do: raise the limit/);
  t.match(text, /Rules that look for it in the manifest: memory-limit/);
});

void t.test('--target-version says what kubectl prints on that version', async (t) => {
  const ended = (name: string, exitCode: number, reason: string): object => ({ name, state: { terminated: { exitCode, reason } } });
  const pod = {
    ...CRASHING,
    spec: { restartPolicy: 'Never', containers: ['done', 'failed'].map((name) => ({ name, image: 'web:1' })) },
    status: { phase: 'Failed', containerStatuses: [ended('done', 0, 'Completed'), ended('failed', 1, 'Error')] },
  };
  t.match(await explained(pod, '--target-version', '1.34'), /^ {4}Completed, READY 0\/2/m);
  t.match(await explained(pod, '--target-version', '1.37'), /^ {4}Error, READY 0\/2/m);
});

void t.test('the samples as JSON, as the schema has it', async (t) => {
  const { code, stdout } = await podgrace(['explain', '-o', 'json', '-f', SAMPLES, '-'], { stdin: JSON.stringify(CRASHING) });
  const { results, summary } = parsedReport('explain', stdout) as { results: Record<string, unknown>[]; summary: object };
  t.same(summary, { explained: 6, errors: 0 });
  t.match(results.at(-1), {
    kind: 'Pod',
    qosClass: 'BestEffort',
    status: { status: 'CrashLoopBackOff', ready: '0/1', restarts: 6, lastRestart: '2026-01-01T00:00:00.000Z', container: 'web' },
  });
  t.equal(code, 0);
});

void t.test('a larger node makes the same request a smaller share of its memory', async (t) => {
  const requesting = { ...CRASHING, spec: { containers: [{ name: 'web', image: 'web:1', resources: { requests: { memory: '8Gi' } } }] } };
  t.match(await explained(requesting, '--node-memory', '16Gi'), 'oom_score_adj web 500');
  t.match(await explained(requesting, '--node-memory', '80Gi'), 'oom_score_adj web 900');
});

void t.test('a rule, and a field', async (t) => {
  const rule = await podgrace(['explain', 'pre-stop-delay']);
  t.match(rule, { code: 0, stdout: /^pre-stop-delay\n/ });
  const field = await podgrace(['explain', 'terminationGracePeriodSeconds', '-o', 'json']);
  t.ok((JSON.parse(field.stdout) as { id: string }[]).some(({ id }) => id === 'shutdown-budget'));
});

void t.test('a file without -f is told as one, also where its name begins as that of a kind', async (t) => {
  const before = process.cwd();
  t.teardown(() => {
    process.chdir(before);
  });
  process.chdir(t.testdir({ 'pod.yaml': '', deploy: {} }));
  t.match((await podgrace(['explain', 'pod.yaml'])).stderr, /; a file is named with -f: podgrace explain -f pod\.yaml$/m);
  t.match((await podgrace(['explain', 'deploy'])).stderr, /; an object of the cluster is written deploy\/NAME$/m);
});

for (const [name, args, message] of [
  ['nothing', [], /name what to explain: a rule, a field, pod\/NAME, or -f FILE/],
  ['a kind without a name', ['deploy', 'web'], /deploy: .*; an object of the cluster is written deploy\/NAME/],
  ['a kind with an empty name', ['pods/'], /pods\/: .*; an object of the cluster is written pods\/NAME/],
  ['what is found and is no rule', ['valid-object'], /valid-object is no rule: its findings say what the API server itself refuses/],
  ['a word that means nothing', ['nonsense'], /nonsense: no rule has this id, and no rule reads or changes a field of this name/],
  ['a rule with a letter wrong', ['readyness-probe'], /reads or changes a field of this name; did you mean readiness-probe\?\n/],
  ['a field with a letter too few', ['terminationGracePeriodSecond'], /field of this name; did you mean terminationGracePeriodSeconds\?\n/],
  ['a rule and a file', ['pre-stop-delay', '-f', SAMPLES], /explain rules and fields apart from objects and files/],
  ['no amount of memory', ['--node-memory', '0', '-f', SAMPLES], /--node-memory must be an amount of memory above 0, such as 16Gi/],
  ['a file that is not there', ['-f', 'nowhere.yaml'], /nowhere\.yaml: /],
  ['a file without -f', ['package.json'], /package\.json: .*; a file is named with -f: podgrace explain -f package\.json/],
  ['standard input twice', ['--from', '-', '-f', '-'], /--from and --filename must not both name -/],
  [
    'a namespace for what is only parsed',
    ['--parsed', '-f', '-', '-n', 'shop'],
    /--namespace: --parsed gives no object a namespace; use --defaulted/,
  ],
  ['an empty file', ['-f', '-'], /stdin: must hold a Kubernetes object, but holds none/],
] as const) {
  void t.test(`${name}: an error that says what was expected`, async (t) => {
    t.match(await podgrace(['explain', ...args]), { code: 2, stderr: message });
  });
}

void t.test('an object without a Pod template is no error, and is named on request, or where nothing else is explained', async (t) => {
  const map = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } };
  t.equal(await explained(map), 'stdin:1 ConfigMap: it has no Pod template\n');
  const budget = { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'x' } };
  t.match(
    await explained(budget),
    /^stdin:1 PodDisruptionBudget: it has no Pod template; explain it together with a workload that it selects/,
  );
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { containers: [{ name: 'web', image: 'web:1' }] } };
  t.notMatch(await explained({ apiVersion: 'v1', kind: 'List', items: [map, pod] }), /ConfigMap/);
  t.match(await explained(map, '--verbose'), /^stdin:1 ConfigMap: it has no Pod template$/m);
});

void t.test('a budget, an autoscaler, a Service, a quota and a LimitRange say what they do with the Pods of others', async (t) => {
  const labels = { app: 'web' };
  const web = {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      replicas: 3,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [{ name: 'web', image: 'web:1' }] } },
    },
  };
  const others = [
    {
      apiVersion: 'policy/v1',
      kind: 'PodDisruptionBudget',
      metadata: { name: 'web' },
      spec: { minAvailable: 2, selector: { matchLabels: labels } },
    },
    {
      apiVersion: 'autoscaling/v2',
      kind: 'HorizontalPodAutoscaler',
      metadata: { name: 'web' },
      spec: { minReplicas: 2, maxReplicas: 5, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' } },
    },
    { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { selector: labels, ports: [{ port: 80, targetPort: 8080 }] } },
    {
      apiVersion: 'v1',
      kind: 'ResourceQuota',
      metadata: { name: 'quota' },
      spec: { hard: { pods: '5' } },
      status: { hard: { pods: '5' }, used: { pods: '5' } },
    },
    {
      apiVersion: 'v1',
      kind: 'LimitRange',
      metadata: { name: 'limits' },
      spec: { limits: [{ type: 'Container', defaultRequest: { cpu: '100m' }, max: { memory: '1Gi' } }] },
    },
  ];
  const list = (items: readonly object[]): object => ({ apiVersion: 'v1', kind: 'List', items });
  const alone = await explained(list(others));
  t.match(alone, /^stdin:1 PodDisruptionBudget default\/web\n {4}the workloads around it are not known: /);
  t.match(alone, /^ {4}pods: 5 of 5 are used, and nothing is left: what needs more is refused$/m);
  t.match(alone, /^ {4}a container without a limit gets the limit memory 1Gi$/m, 'what is the most is also the default');
  t.match(alone, /^ {4}a container with neither a limit nor a request gets the request memory 1Gi, cpu 100m$/m);
  t.match(alone, /^ {4}a container may not have more than memory 1Gi$/m);
  t.notMatch(alone, 'has no Pod template');
  t.match(alone, /^ {4}it counts all Pods of the namespace that are not over$/m);

  t.notMatch(alone, 'the workloads of the namespace', 'nobody knows them');
  const used = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'few' }, spec: { hard: { pods: '5', 'requests.cpu': '2' } } };
  const few = await explained({ ...used, status: { hard: used.spec.hard, used: { pods: '4', 'requests.cpu': '500m' } } });
  t.match(few, /^ {4}pods: 4 of 5 are used, 1 is left\n {4}requests\.cpu: 500m of 2 are used, 1500m are left$/m);

  const services = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'services' }, spec: { hard: { services: '5' } } };
  t.notMatch(await explained(services), 'it counts', 'no Pods');
  t.notMatch(await explained(list([web, ...others, services]), '--verbose'), /services\n {4}the workloads/, 'none of theirs');
  const spec = { type: 'ExternalName', externalName: 'db.example' };
  const name = await explained({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'db' }, spec });
  t.match(name, /^stdin:1 Service default\/db\n {4}it is only another name for db\.example in DNS: it sends nothing to Pods\n/);

  const all = await explained(list([web, ...others]), '--verbose');
  t.match(all, /^ {4}it selects the Pods of Deployment web \(3 replicas\)\n {4}it keeps minAvailable 2\n/m);
  t.match(all, /^ {4}even while all 2 Pods are ready, none may be evicted: a drain of their nodes waits for ever$/m);
  t.match(all, /^ {4}while all 5 Pods are ready, 3 Pods may be evicted at a time: /m);
  t.match(all, /^ {4}it scales Deployment web from 2 to 5 Pods$/m);
  t.match(all, /^ {4}it sends traffic to the Pods of Deployment web \(3 replicas\)$/m);
  t.match(all, /ResourceQuota default\/quota\n {4}the workloads of the namespace: Deployment web \(3 replicas\)\n {4}pods: /);
  t.match(all, /LimitRange default\/limits\n {4}the workloads of the namespace: Deployment web \(3 replicas\)\n/);
  t.notMatch(await explained(list([web, ...others])), 'it sends traffic to', 'its sections say what is around a workload');

  const report = parsedReport('explain', await explained(list([web, ...others]), '-o', 'json')) as { readonly others: object[] };
  t.match(report.others, [
    {
      kind: 'PodDisruptionBudget',
      workloads: [{ name: 'web', replicas: 3 }],
      evictions: { whileReady: [{ pods: 2, allowed: 0 }, { pods: 5 }] },
    },
    { kind: 'HorizontalPodAutoscaler' },
    { kind: 'Service', workloads: [{ name: 'web' }], says: [String, String, String] },
    { kind: 'ResourceQuota', amounts: [{ resource: 'pods', hard: '5', used: '5', left: '0' }] },
    { kind: 'LimitRange' },
  ]);
});

void t.test('in a folder, what is no manifest is passed over as check passes over it', async (t) => {
  const folder = t.testdir({
    'package.json': '{"name": "shop"}',
    '.gitignore': 'old.yaml',
    'old.yaml': 'kind: [',
    base: { 'kustomization.yaml': 'resources: [../web.yaml]' },
    'web.yaml': JSON.stringify(SHELL),
    'wrong.yaml': 'apiVersion: v1\nkind: Pod\nspec:\n  containers: none\n',
    chart: { 'Chart.yaml': 'name: shop', 'values.yaml': 'a: 1', templates: { 'web.yaml': 'kind: {{ .kind }}' } },
  });
  const { code, stdout, stderr } = await podgrace(['explain', '-f', folder]);
  t.match(stdout, /Deployment default\/web/);
  t.same(withoutFolder(stderr, folder).split('\n'), [
    'base/kustomization.yaml:1 Kustomization: base/ is explained file by file, but kubectl applies what kustomize renders from it: render it first (podgrace explain -k base/)',
    'chart: is a Helm chart, and its templates are not manifests: render it first (podgrace explain --helm chart)',
    'wrong.yaml:4: spec.containers must be a list, but is the string "none"',
    '',
  ]);
  t.equal(code, 2);
  const templates = await podgrace(['explain', '-f', join(folder, 'chart/values.yaml')]);
  t.match(templates, { code: 2, stderr: /values\.yaml:1: apiVersion must be set/ }, 'who names such a file wants it explained');
});

void t.test('without a cluster no report is begun', async (t) => {
  for (const format of ['json', 'html']) {
    const { code, stdout } = await podgrace(['explain', 'pod/web', '-o', format, '--kubeconfig', '/nowhere']);
    t.same([code, stdout], [2, ''], format);
  }
});

void t.test('a malformed Pod is an error that names the field, and the others are explained', async (t) => {
  const malformed = { ...CRASHING, spec: { containers: 'web' } };
  const { code, stdout, stderr } = await podgrace(['explain', '-f', '-'], {
    stdin: `${JSON.stringify(malformed)}\n---\n${JSON.stringify(SHELL)}`,
  });
  t.equal(code, 2);
  t.match(stderr, /^stdin:1: spec\.containers must be/);
  t.match(stdout, /Deployment default\/web/);
});

const WRITTEN = `# as its author wrote it
apiVersion: v1
kind: Pod
metadata: {name: web}
spec:
  containers:
    - {name: web, image: "web:1", command: [yes, 010]}
`;

void t.test('--parsed: each document as kubectl sends it', async (t) => {
  const { code, stdout } = await podgrace(['explain', '--parsed', '-o', 'json', '-f', '-'], { stdin: WRITTEN.replace('010', '"010"') });
  t.equal(code, 0);
  t.same(JSON.parse(stdout), {
    results: [
      {
        file: 'stdin',
        document: 1,
        line: 2,
        object: {
          apiVersion: 'v1',
          kind: 'Pod',
          metadata: { name: 'web' },
          spec: { containers: [{ name: 'web', image: 'web:1', command: [true, '010'] }] },
        },
      },
    ],
    errors: [],
    notices: [],
  });
});

void t.test('--defaulted: every default, and who set each field', async (t) => {
  const { code, stdout } = await podgrace(['explain', '--defaulted', '-o', 'json', '-f', '-'], { stdin: JSON.stringify(SHELL) });
  t.equal(code, 0);
  t.match(JSON.parse(stdout), {
    results: [
      {
        object: { spec: { replicas: 3, revisionHistoryLimit: 10, template: { spec: { dnsPolicy: 'ClusterFirst' } } } },
        provenance: { '/spec/replicas': 'user', '/spec/revisionHistoryLimit': 'default', '/spec/template/spec/dnsPolicy': 'default' },
      },
    ],
    errors: [],
  });
});

void t.test('as text, both are YAML that is read back as the same object', async (t) => {
  for (const flag of ['--parsed', '--defaulted']) {
    const read = async (text: string): Promise<unknown> => {
      const { stdout } = await podgrace(['explain', flag, '-o', 'json', '-f', '-'], { stdin: text });
      return (JSON.parse(stdout) as { results: { object: unknown }[] }).results.map(({ object }) => object);
    };
    const { stdout } = await podgrace(['explain', flag, '-f', SAMPLES]);
    const { stdout: json } = await podgrace(['explain', flag, '-o', 'json', '-f', SAMPLES]);
    t.same(
      await read(stdout),
      (JSON.parse(json) as { results: { object: unknown }[] }).results.map(({ object }) => object),
      flag,
    );
  }
  const { stdout } = await podgrace(['explain', '--defaulted', '-f', SAMPLES]);
  t.match(stdout, /^ {2}terminationGracePeriodSeconds: 30 {2}# default$/m);
  t.match(stdout, /^ {2}priority: 0 {2}# admission$/m);
});

void t.test('--parsed, --defaulted and --from find files in folders as check does', async (t) => {
  const folder = t.testdir({
    '.git': {},
    '.gitignore': 'ignored.yaml\n',
    'ignored.yaml': JSON.stringify({ ...SHELL, metadata: { name: 'ignored' } }),
    'package.json': '{"name": "shop", "version": "1.0.0"}',
    'template.yaml': 'name: {{ .Values.name }}\n',
    chart: { 'Chart.yaml': 'name: shop\n', templates: { 'a.yaml': '{{ range }}' } },
    'web.json': JSON.stringify(SHELL),
  });
  for (const flag of ['--parsed', '--defaulted']) {
    const { code, stdout, stderr } = await podgrace(['explain', flag, '-f', folder]);
    t.equal(code, 0);
    t.same(withoutFolder(stdout, folder).match(/^# .*$/gm), ['# web.json:1'], flag);
    t.match(withoutFolder(stderr, folder), /^chart: is a Helm chart, .*\ntemplate\.yaml: is a template, .*\n$/);
  }
  const leftOut = [
    { file: 'chart', line: 1, kind: '', message: /^is a Helm chart, .*podgrace explain --helm chart/ },
    { file: 'template.yaml', line: 1, kind: '', message: /^is a template, / },
  ];
  for (const flags of [['--parsed'], ['--defaulted'], []]) {
    const { stdout } = await podgrace(['explain', ...flags, '-o', 'json', '-f', folder]);
    const report = withoutFolder(stdout, folder);
    t.match(flags.length === 0 ? parsedReport('explain', report) : JSON.parse(report), { results: { length: 1 }, notices: leftOut });
  }
  const page = await podgrace(['explain', '-o', 'html', '-f', folder]);
  t.match(withoutFolder(page.stdout, folder), /<section id="notices">\n<h2>Not explained<\/h2>\n<ul>\n<li>chart: is a Helm chart, /);
  t.match(await explained(SHELL, '--from', folder), /Nothing changes: both are stored alike\./);
});

void t.test('--defaulted goes by the version of the policy that stands above the file', async (t) => {
  const policy = (version: string): string =>
    `apiVersion: podgrace.dev/v1alpha1\nkind: LifecyclePolicy\nmetadata: {name: a}\nspec: {preset: production, kubernetesVersion: '${version}'}\n`;
  const set = `apiVersion: apps/v1\nkind: StatefulSet\nmetadata: {name: db}\nspec: {serviceName: db, selector: {}, template: {spec: {containers: [{name: db, image: 'db:1'}]}}}\n`;
  const folder = t.testdir({
    old: { 'podgrace.yaml': policy('1.36'), 'db.yaml': set },
    new: { 'podgrace.yaml': policy('1.37'), 'db.yaml': set },
  });
  const shown = async (...args: string[]): Promise<string> => (await podgrace(['explain', '--defaulted', ...args])).stdout;
  t.notMatch(await shown('-f', join(folder, 'old/db.yaml')), 'maxUnavailable');
  t.match(await shown('-f', join(folder, 'new/db.yaml')), /maxUnavailable: 1 .*default/);
  t.notMatch(await shown('--no-config', '-f', join(folder, 'new/db.yaml')), 'maxUnavailable');
});

void t.test('--defaulted refuses what the API server would refuse, and names the field', async (t) => {
  const { code, stdout, stderr } = await podgrace(['explain', '--defaulted', '-f', '-'], { stdin: WRITTEN });
  t.equal(code, 2);
  t.equal(stdout, '');
  t.match(stderr, /^stdin:2: spec\.containers\[0\]\.command\[0\] must be a string/m);
});

void t.test('--parsed and --defaulted need files, and exclude each other', async (t) => {
  t.match(await podgrace(['explain', '--parsed']), { code: 2, stderr: /--parsed needs -f FILE, -k or --helm, and nothing else to/ });
  t.match(await podgrace(['explain', '--defaulted', 'pod/web']), { code: 2, stderr: /--defaulted needs -f FILE, -k or --helm/ });
  t.match(await podgrace(['explain', '--defaulted', '--parsed', '-f', SAMPLES]), { code: 2, stderr: /cannot be used with/ });
  for (const flag of ['--parsed', '--defaulted'])
    t.match(await podgrace(['explain', flag, '--from', SAMPLES, '-f', SAMPLES]), { code: 2, stderr: /cannot be used with/ });
});

void t.test('JSON tells when a Pod of a lost node is deleted from when another one is made', async (t) => {
  const { template } = SHELL.spec;
  const job = { ...template, spec: { ...template.spec, restartPolicy: 'Never' } };
  const jobOf = (spec: object): object => ({ ...SHELL, apiVersion: 'batch/v1', kind: 'Job', spec: { template: job, ...spec } });
  const spread = { ...template, spec: { ...template.spec, tolerations: [{ operator: 'Exists' }] } };
  for (const [object, deletedSeconds, replacedSeconds] of [
    [SHELL, 350, 350],
    [jobOf({}), 350, 350],
    [jobOf({ backoffLimit: 0 }), 350, null],
    [jobOf({ podReplacementPolicy: 'Failed' }), 350, null],
    [jobOf({ activeDeadlineSeconds: 351 }), 350, 350],
    [jobOf({ activeDeadlineSeconds: 350 }), 350, null],
    [jobOf({ activeDeadlineSeconds: 30 }), 30, null],
    [jobOf({ activeDeadlineSeconds: 600, template: { ...job, spec: { ...job.spec, tolerations: [{ operator: 'Exists' }] } } }), 600, null],
    [jobOf({ parallelism: 0 }), 350, null],
    [jobOf({ suspend: true }), 350, null],
    [{ ...SHELL, spec: { ...SHELL.spec, replicas: 0 } }, 350, null],
    [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: job.spec }, 350, null],
    [{ ...SHELL, kind: 'StatefulSet' }, 350, null],
    [{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: template.spec }, 350, null],
    [{ ...SHELL, kind: 'DaemonSet' }, null, null],
    [{ ...SHELL, spec: { ...SHELL.spec, template: spread } }, null, null],
  ] as const) {
    const { stdout } = await podgrace(['explain', '-o', 'json', '-f', '-'], { stdin: JSON.stringify(object) });
    const nodeLost = { noticedSeconds: 50, deletedSeconds, replacedSeconds };
    t.match(parsedReport('explain', stdout), { results: [{ nodeLost }] }, JSON.stringify(object));
  }
});

void t.test('--from: which Pods a change replaces, in how many steps, and what else it does', async (t) => {
  const folder = t.testdir({ 'old.json': JSON.stringify(SHELL) });
  const from = ['--from', join(folder, 'old.json')];
  const template = { spec: { containers: [{ ...SHELL.spec.template.spec.containers[0], image: 'web:2', readinessProbe: READINESS }] } };
  const changed = { ...SHELL, spec: { minReadySeconds: 5, replicas: 6, template } };
  const text = await explained(changed, ...from);
  t.match(text, /^ {4}3 Pods are replaced, at most 3 at a time, in at least 1 step and 15 s\.$/m);
  t.match(text, /^ {4}spec\.replicas: 3 → 6 \(changes the number of Pods\)$/m);
  t.match(text, /^ {4}spec\.template\.spec\.containers\[0\]\.image: web:1 → web:2 \(replaces Pods\)$/m);
  t.match(await explained(SHELL, ...from), /Nothing changes: both are stored alike\./);
  t.match(await explained({ ...SHELL, spec: { ...SHELL.spec, replicas: 5 } }, ...from), /No Pod is replaced\./);
  const moved = { ...SHELL, spec: { ...SHELL.spec, selector: { matchLabels: { a: 'b' } } } };
  t.match(await explained(moved, ...from), /The API server refuses this update/);
  t.match(await explained({ ...SHELL, metadata: { name: 'other' } }, ...from), /^ {2}Change\n {4}The object is new: /m);
  t.notMatch(await explained(SHELL), /Change/, 'nobody asked what changes');
  const { stdout } = await podgrace(['explain', '-o', 'json', ...from, '-f', '-'], { stdin: JSON.stringify(changed) });
  t.match(parsedReport('explain', stdout), { results: [{ change: { replaces: { pods: 3, atOnce: 3, steps: 1, minReadySeconds: 5 } } }] });
});

void t.test('--from FILE compares with what kubectl apply would store: defaults of the old version stay', async (t) => {
  const job = (spec: object): object => ({
    apiVersion: 'batch/v1',
    kind: 'Job',
    metadata: { name: 'a' },
    spec: { ...spec, template: { spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a:1' }] } } },
  });
  const stateful = (spec: object): object => ({ ...SHELL, kind: 'StatefulSet', spec: { ...SHELL.spec, ...spec } });
  const folder = t.testdir({ 'job.json': JSON.stringify(job({})), 'stateful.json': JSON.stringify(stateful({})) });
  const parallel = await explained(job({ parallelism: 3 }), '--from', join(folder, 'job.json'));
  t.match(parallel, /^ {4}spec\.parallelism: 1 → 3 \(changes the number of Pods\)$/m);
  t.notMatch(parallel, /completions|refuse/);
  const from = ['--from', join(folder, 'stateful.json')];
  const refused = /The API server refuses this update: `rollingUpdate` stays beside OnDelete /;
  t.match(await explained(stateful({ updateStrategy: { type: 'OnDelete' } }), ...from), refused);
  t.notMatch(await explained(stateful({ updateStrategy: { type: 'OnDelete', rollingUpdate: null } }), ...from), /refuses/);
});

const READINESS = { tcpSocket: { port: 80 }, initialDelaySeconds: 10 };

void t.test('-k and --helm are explained and shown as files are', async (t) => {
  const folder = t.testdir({ app: { 'kustomization.yaml': '' } });
  const app = join(folder, 'app');
  t.match(await podgrace(['explain', '-k', app], { env: { PATH: folder } }), { code: 2, stderr: /needs kubectl or kustomize on the PATH/ });
  for (const flag of ['--parsed', '--defaulted']) {
    const asked = await podgrace(['explain', flag, '-k', app, '-f', SAMPLES], { env: { PATH: folder } });
    t.match(asked, { code: 2, stdout: /^kind: Deployment$/m, stderr: /app: needs kubectl or kustomize on the PATH/ }, flag);
  }
  t.match(await podgrace(['explain', 'memory-limit', '-k', app]), { code: 2, stderr: /explain rules and fields apart from/ });
});

void t.test('--from that cannot be read is an error that names the file', async (t) => {
  const folder = t.testdir({ 'broken.yaml': 'a: [', 'wrong.json': JSON.stringify({ ...SHELL, spec: { template: 'x' } }) });
  for (const [from, message] of [
    ['missing.yaml', /--from: .*missing\.yaml: no such file or directory/],
    ['broken.yaml', /--from: .*broken\.yaml:2: /],
    ['wrong.json', /stdin:1: before the change, spec\.template must be a Pod template/],
  ] as const) {
    const result = await podgrace(['explain', '--from', join(folder, from), '-f', '-'], { stdin: JSON.stringify(SHELL) });
    t.match(result, { code: 2, stderr: message }, from);
  }
  t.match(await podgrace(['explain', 'pod/web', '--from', folder]), { code: 2, stderr: /--from needs -f FILE, -k or --helm/ });
});

void t.test('a template that is not rendered is one error, as with check', async (t) => {
  const stdin = 'apiVersion: v1\nkind: Pod\nmetadata: {name: {{ .Values.name }}}\n---\n{{- range .Values.pods }}\n---\n{{ end }}\n';
  for (const args of [
    ['-f', '-'],
    ['--parsed', '-f', '-'],
    ['--defaulted', '-f', '-'],
  ]) {
    const { code, stderr } = await podgrace(['explain', ...args], { stdin });
    t.equal(code, 2);
    t.match(stderr, /^stdin:3: must be rendered first: it is a template, and no YAML \(.+\)\n$/);
  }
});

void t.test('--defaulted gives the namespace of -n to Pods and workloads that name none', async (t) => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [{ name: 'a', image: 'a:1' }] } };
  const objects = [pod, { ...pod, metadata: { name: 'b', namespace: 'own' } }, { apiVersion: 'v1', kind: 'Node', metadata: { name: 'c' } }];
  const { stdout } = await podgrace(['explain', '--defaulted', '-n', 'shop', '-o', 'json', '-f', '-'], {
    stdin: objects.map((object) => JSON.stringify(object)).join('\n'),
  });
  const { results } = JSON.parse(stdout) as {
    results: { object: { metadata: { namespace?: string } }; provenance: Record<string, string> }[];
  };
  t.same(
    results.map(({ object }) => object.metadata.namespace),
    ['shop', 'own', undefined],
  );
  t.equal(results[0]?.provenance['/metadata/namespace'], 'user');
});
