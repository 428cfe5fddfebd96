/** Budgets, autoscalers and what Pods name, judged with what a live API server has. */
import type { DryRunResult } from '../../src/kube/commands/manifest-dry-run.ts';
import type { Test } from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { Policy, POLICY_API_VERSION, POLICY_KIND } from '../../src/core/policy.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { COMPANION_WEBHOOK } from '../../src/kube/commands/companion-entry.ts';
import { WatchedSurroundings } from '../../src/kube/watch/watched-surroundings.ts';
import { parsedReport, podgrace } from '../cli/command-line.ts';
import { only, readBase } from '../deploy/rendered.ts';
import { clusterTest, connect, eventually, kubectl, makeNamespace, type Ran } from './cluster.ts';
import { kubeconfigWith } from './kubeconfigs.ts';
import { clientConfigOf, createConfiguration, serveOnLoopback, type LoopbackServer } from './registered-webhook.ts';

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
  const explained = await podgrace(['explain', 'deploy/web', '-n', namespace, '--kubeconfig', kubeconfig, '--target-version', '1.35']);
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

/** The shipped webhook about budgets and autoscalers, for one namespace. */
async function register(t: Test, api: KubeApi, namespace: string, { pair, port }: Pick<LoopbackServer, 'pair' | 'port'>): Promise<void> {
  const shipped = only(readBase(), 'ValidatingWebhookConfiguration')['webhooks'] as readonly JsonObject[];
  const { namespaceSelector: _, ...webhook } = shipped.find(({ name }) => name === COMPANION_WEBHOOK) ?? {};
  await createConfiguration(
    t,
    api,
    { phase: 'validate', name: `companions-${port}-${namespace}`, namespace },
    {
      ...webhook,
      clientConfig: clientConfigOf(`https://127.0.0.1:${port}/validate`, pair),
    },
  );
}

function enforcing(): Policy {
  const rules = { 'disruption-budget': { mode: 'enforce' }, replicas: { mode: 'enforce' } } as const;
  const spec = { preset: 'strict', rules } as const;
  return new Policy({ apiVersion: POLICY_API_VERSION, kind: POLICY_KIND, metadata: { name: 'test' }, spec }, catalogue);
}

clusterTest('the webhook judges budgets and autoscalers, and is in the way of no status and no controller', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const policy = enforcing();
  const watched = new WatchedSurroundings(api, { onKnown: () => undefined, onError: () => undefined });
  t.teardown(() => watched.close());
  watched.need(policy.needs);
  const server = await serveOnLoopback(t, policy, { surroundings: (of) => watched.around(of) });
  const send = (command: string, object: object, ...args: string[]): Promise<Ran> =>
    kubectl([command, '-n', namespace, '-f', '-', ...args], object);
  t.equal((await send('create', budget('old', { minAvailable: '100%' }, { app: 'old' }))).code, 0, 'nobody is asked yet');
  await register(t, api, namespace, server);
  const never = budget('never', { maxUnavailable: 0 }, { app: 'never' });
  await eventually('the API server asks podgrace', async () => (await send('create', never, '--dry-run=server')).code === 1);

  const denied = await send('create', never);
  t.match(
    denied.stderr,
    `admission webhook "${COMPANION_WEBHOOK}" denied the request: PodDisruptionBudget ${namespace}/never breaks a rule`,
  );
  t.match(denied.stderr, '- spec.maxUnavailable: must let a Pod be evicted, but maxUnavailable 0 never does');
  t.match(await send('create', budget('web', { maxUnavailable: 1 })), { code: 0, stderr: '' }, 'a workload may follow');
  await eventually('the first budget is known', async () => {
    const { stderr } = await send('create', budget('second', { maxUnavailable: 1 }), '--dry-run=server');
    return stderr.includes('must not select Pods that the budget web selects as well');
  });

  const patch = (name: string, spec: object): Promise<Ran> =>
    kubectl(['patch', 'pdb', name, '-n', namespace, '--type=merge', '-p', JSON.stringify({ spec })]);
  const changed = await patch('old', { minAvailable: null, maxUnavailable: 0 });
  t.match(changed, { code: 0, stderr: /Warning: spec\.maxUnavailable: must let a Pod be evicted/ }, 'it is not worse than it was');
  t.match(await patch('web', { maxUnavailable: 0 }), { code: 1, stderr: /denied the request/ });
  const stored = async (name: string): Promise<JsonObject> =>
    (await api.find(`/apis/policy/v1/namespaces/${namespace}/poddisruptionbudgets/${name}`)) ?? {};
  await eventually('the disruption controller has seen it', async () => {
    const { metadata, status } = (await stored('old')) as { metadata: JsonObject; status?: JsonObject };
    return status?.['observedGeneration'] === metadata['generation'];
  });
  server.takeRecords();
  t.equal((await kubectl(['label', 'pdb', 'old', 'team=shop', '-n', namespace])).code, 0);
  t.equal((await kubectl(['patch', 'pdb', 'old', '-n', namespace, '--subresource=status', '--type=merge', '-p', STATUS])).code, 0);
  t.same(server.takeRecords(), [], 'neither labels nor the status are asked about');

  const same = (apiVersion: string): object => ({ ...autoscaler('web', 5), apiVersion });
  for (const apiVersion of ['autoscaling/v1', 'autoscaling/v2']) {
    const { code, stderr } = await send('create', same(apiVersion));
    t.equal(code, 1, apiVersion);
    t.match(stderr, 'spec.maxReplicas: must be more than the fewest replicas, but both are 5', apiVersion);
  }
  const owner = { apiVersion: 'v1', kind: 'ServiceAccount', name: 'default', controller: true };
  const { uid } = ((await api.find(`/api/v1/namespaces/${namespace}/serviceaccounts/${owner.name}`)) as { metadata: { uid: string } })
    .metadata;
  const made = { ...same('autoscaling/v2'), metadata: { name: 'made', ownerReferences: [{ ...owner, uid }] } };
  t.match(await send('create', made), { code: 0, stderr: '' }, 'what a controller makes is let through');
});

const STATUS = JSON.stringify({ status: { disruptedPods: {} } });

clusterTest('while podgrace is down, budgets and autoscalers go through', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  // Nobody listens there.
  await register(t, api, namespace, { ...(await serveOnLoopback(t, enforcing())), port: 1 });
  t.equal((await kubectl(['create', '-n', namespace, '-f', '-'], budget('never', { maxUnavailable: 0 }))).code, 0);
});
