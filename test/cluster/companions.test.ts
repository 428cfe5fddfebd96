/** Budgets, autoscalers and what Pods name, judged with what a live API server has. */
import type { DryRunResult } from '../../src/kube/commands/manifest-dry-run.ts';
import { parsedReport, podgrace } from '../cli/command-line.ts';
import { clusterTest, connect, kubectl, makeNamespace } from './cluster.ts';
import { kubeconfigWith } from './kubeconfigs.ts';

const LABELS = { app: 'web' };

function web(podSpec: object = {}, parts: object = {}): object {
  const template = { metadata: { labels: LABELS }, spec: { containers: [{ name: 'web', image: 'registry.example/web:1' }], ...podSpec } };
  const spec = { replicas: 2, selector: { matchLabels: LABELS }, template, ...parts };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec };
}

function budget(name: string, spec: object, labels: object = LABELS): object {
  const all = { selector: { matchLabels: labels }, unhealthyPodEvictionPolicy: 'AlwaysAllow', ...spec };
  return { apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name }, spec: all };
}

function autoscaler(target: string, minReplicas: number): object {
  const scaleTargetRef = { apiVersion: 'apps/v1', kind: 'Deployment', name: target };
  const spec = { scaleTargetRef, minReplicas, maxReplicas: 5 };
  return { apiVersion: 'autoscaling/v2', kind: 'HorizontalPodAutoscaler', metadata: { name: 'auto' }, spec };
}

/** A container that needs all of them, and can do without the last. */
const NAMING = {
  serviceAccountName: 'nobody',
  containers: [
    {
      name: 'web',
      image: 'registry.example/web:1',
      envFrom: [{ configMapRef: { name: 'settings' } }, { secretRef: { name: 'password', optional: true } }],
      env: [
        { name: 'LEVEL', valueFrom: { configMapKeyRef: { name: 'levels', key: 'level' } } },
        { name: 'OTHER', valueFrom: { configMapKeyRef: { name: 'levels', key: 'lost' } } },
        { name: 'TOKEN', valueFrom: { secretKeyRef: { name: 'token', key: 'token' } } },
      ],
    },
  ],
};
const LEVELS = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'levels' }, data: { level: 'info' } };

interface Found {
  readonly code: number;
  readonly stderr: string;
  /** Of each object, what is found: `rule field`. */
  readonly found: readonly (readonly string[])[];
}

async function dryRun(namespace: string, objects: readonly object[], ...args: string[]): Promise<Found> {
  const { KUBECONFIG: kubeconfig = '' } = process.env;
  const where = args.includes('--kubeconfig') ? [] : ['--kubeconfig', kubeconfig];
  const { code, stdout, stderr } = await podgrace(
    ['dry-run', '-f', '-', '-n', namespace, '-o', 'json', '--preset', 'strict', ...where, ...args],
    {
      stdin: objects.map((object) => JSON.stringify(object)).join('\n'),
    },
  );
  if (stdout === '') throw new Error(stderr);
  const { results } = parsedReport('dry-run', stdout) as { readonly results: readonly DryRunResult[] };
  return { code, stderr, found: results.map(({ findings }) => findings.map(({ rule, field }) => `${rule} ${field}`)) };
}

clusterTest('dry-run judges budgets and autoscalers with the workloads of the API and of the files', async (t) => {
  const namespace = await makeNamespace(t, connect());
  const selects = ['disruption-budget spec.selector'];
  t.same((await dryRun(namespace, [budget('web', { maxUnavailable: 1 })])).found, [selects], 'nothing has such labels');
  t.same((await dryRun(namespace, [budget('web', { maxUnavailable: 1 }), web()])).found, [[], []], 'the files have one');

  t.match(await kubectl(['create', '-n', namespace, '-f', '-'], web()), { code: 0 });
  t.match(await kubectl(['create', '-n', namespace, '-f', '-'], budget('first', { maxUnavailable: 1 })), { code: 0 });
  const { code, found } = await dryRun(namespace, [
    budget('keeps', { minAvailable: 2 }),
    budget('first', { maxUnavailable: 0 }),
    budget('lost', { maxUnavailable: 1 }, { app: 'other' }),
    autoscaler('web', 1),
    autoscaler('lost', 2),
  ]);
  t.same(found, [
    ['disruption-budget spec.minAvailable', 'disruption-budget spec.selector'],
    ['disruption-budget spec.maxUnavailable', 'disruption-budget spec.selector'],
    selects,
    ['disruption-budget spec.minReplicas'],
    ['replicas spec.scaleTargetRef.name'],
  ]);
  t.equal(code, 0, 'the cluster admits them');
});

clusterTest('dry-run and explain say which objects a Pod names that are not there', async (t) => {
  const namespace = await makeNamespace(t, connect());
  t.match(await kubectl(['create', '-n', namespace, '-f', '-'], LEVELS), { code: 0 });
  const container = 'spec.template.spec.containers[0]';
  const missing = [
    `existing-references ${container}.env[1].valueFrom.configMapKeyRef.key`,
    `existing-references ${container}.env[2].valueFrom.secretKeyRef.name`,
    `existing-references ${container}.envFrom[0].configMapRef.name`,
    'existing-references spec.template.spec.serviceAccountName',
  ];
  t.same(
    (await dryRun(namespace, [web(NAMING)])).found.map((of) => of.toSorted()),
    [missing.toSorted()],
  );
  const settings = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'settings' }, data: { a: '1' } };
  const { found } = await dryRun(namespace, [web(NAMING), settings]);
  t.notMatch(found.flat().join(), 'envFrom', 'it stands in the files');

  t.match(await kubectl(['create', '-n', namespace, '-f', '-'], web(NAMING, { replicas: 0 })), { code: 0 });
  const { KUBECONFIG: kubeconfig = '' } = process.env;
  const explained = await podgrace(['explain', 'deploy/web', '-n', namespace, '--kubeconfig', kubeconfig]);
  t.match(explained, { code: 0, stderr: '' });
  for (const line of missing) t.match(explained.stdout, line.slice(line.indexOf(' ') + 1));
  t.match(explained.stdout, /must name a Secret that exists, but there is no token: .* \[existing-references\]$/m);
  t.notMatch(explained.stdout, 'password');
});

clusterTest('what the user may not read is unknown, and nothing is found about it', async (t) => {
  const namespace = await makeNamespace(t, connect());
  t.match(await kubectl(['create', 'serviceaccount', 'looker', '-n', namespace]), { code: 0 });
  const rights = ['--verb=get,list,create', '--resource=deployments.apps,pods,poddisruptionbudgets.policy,configmaps', '-n', namespace];
  t.match(await kubectl(['create', 'role', 'looker', ...rights]), { code: 0 });
  const binding = ['rolebinding', 'looker', '--role=looker', `--serviceaccount=${namespace}:looker`];
  t.match(await kubectl(['create', ...binding, '-n', namespace]), { code: 0 });
  const { stdout: token } = await kubectl(['create', 'token', 'looker', '-n', namespace]);
  const kubeconfig = await kubeconfigWith(t, { token: token.trim() });
  const { found, stderr } = await dryRun(namespace, [budget('web', { maxUnavailable: 1 }), web(NAMING)], '--kubeconfig', kubeconfig);
  t.match(stderr, /cannot know everything: podgrace cannot read the workloads of the namespace: .*forbidden/);
  t.match(stderr, /cannot know everything: podgrace cannot read the names of the Secrets of the namespace: .*forbidden/);
  t.same(found[0], [], 'a workload may be there');
  t.match(found[1]?.join(), 'envFrom');
  t.notMatch(found[1]?.join(), 'secretKeyRef');
});
