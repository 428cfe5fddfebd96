/** dry-run on a real API server: what it says of objects, who changed what, and that nothing of it is left. */
import type { Test } from 'tap';
import type { DryRunResult } from '../../src/kube/commands/manifest-dry-run.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { presetPolicy } from '../../src/config/presets.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { parsedReport, podgrace } from '../cli/command-line.ts';
import { clusterTest, connect, eventually, kubectl, makeNamespace } from './cluster.ts';
import { installableConfigurations } from './installable.ts';
import { registerInjector } from './injector.ts';
import { kubeconfigWith } from './kubeconfigs.ts';
import { registerWebhook } from './registered-webhook.ts';

const CONTAINER = {
  name: 'web',
  image: 'registry.example/web:1',
  ports: [{ containerPort: 8080 }],
  readinessProbe: { tcpSocket: { port: 8080 } },
  resources: { requests: { cpu: '1000m', memory: '64Mi' }, limits: { memory: '64Mi' } },
};

const POD = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { containers: [CONTAINER] } };
const BARE_POD = {
  ...POD,
  metadata: { name: 'bare' },
  spec: { containers: [{ name: 'web', image: 'registry.example/web:1', ports: [{ containerPort: 8080 }] }] },
};

function workload(kind: string, name: string, spec: JsonObject = {}, apiVersion = 'apps/v1'): JsonObject {
  const template = { metadata: { labels: { app: name } }, spec: { containers: [CONTAINER] } };
  return { apiVersion, kind, metadata: { name }, spec: { selector: { matchLabels: { app: name } }, template, ...spec } };
}

interface Report {
  readonly results: readonly DryRunResult[];
  readonly errors: readonly { readonly message: string }[];
  readonly summary: { readonly objects: number };
}

interface Ran extends Report {
  readonly code: number;
}

/** By `-o json`, which its schema describes; the text of the same is printed by the same results. */
async function dryRun(namespace: string, objects: readonly unknown[], ...args: string[]): Promise<Ran> {
  const stdin = objects.map((object) => JSON.stringify(object)).join('\n');
  const { code, stdout, stderr } = await podgrace(
    ['dry-run', '-f', '-', '-n', namespace, '-o', 'json', '--preset', 'production', ...args],
    {
      stdin,
      env: process.env,
    },
  );
  if (stdout === '') throw new Error(stderr);
  return { code, ...(parsedReport('dry-run', stdout) as Report) };
}

/** The changes by one author, as `path: value`. */
function changesBy(author: string, changes: readonly { path: string; to: unknown; by: string }[] | undefined): string[] {
  return (changes ?? []).filter(({ by }) => by === author).map(({ path, to }) => `${path}: ${JSON.stringify(to)}`);
}

const REPAIRS = [
  'spec.containers[web].readinessProbe.timeoutSeconds: 3',
  'spec.containers[web].lifecycle: {"preStop":{"sleep":{"seconds":10}}}',
  'spec.terminationGracePeriodSeconds: 40',
  'spec.tolerations[node.kubernetes.io/not-ready/NoExecute].tolerationSeconds: 30',
  'spec.tolerations[node.kubernetes.io/unreachable/NoExecute].tolerationSeconds: 30',
];

async function judgedNamespace(t: Test, api: KubeApi): Promise<string> {
  const namespace = await makeNamespace(t, api);
  await registerWebhook(t, api, { namespace, policy: presetPolicy('production') });
  return namespace;
}

clusterTest("podgrace's repairs are told from the API server's defaults, and nobody else changed anything", async (t) => {
  const api = connect();
  const namespace = await judgedNamespace(t, api);
  const { code, results } = await dryRun(namespace, [POD]);
  t.equal(code, 0);
  const [pod] = results;
  t.equal(pod?.operation, 'create');
  t.same(changesBy('podgrace', pod?.changes).sort(), POD_REPAIRS.toSorted());
  t.same(changesBy('others', pod?.changes), []);
  t.same(pod?.missing, []);
  t.same(pod?.expected, { policy: 'production', allowed: true });
  const rules = pod?.changes.filter(({ by }) => by === 'podgrace').flatMap((change) => change.rules);
  t.same([...new Set(rules)].sort(), ['pre-stop-delay', 'probe-defaults']);
});

/** A bare Pod is nobody's service: its tolerations stay. */
const POD_REPAIRS = REPAIRS.slice(0, 3);

clusterTest('a workload shows the Pod that its controller would make', async (t) => {
  const api = connect();
  const namespace = await judgedNamespace(t, api);
  const claims = [{ metadata: { name: 'data' }, spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } } }];
  const mounted = { ...CONTAINER, volumeMounts: [{ name: 'data', mountPath: '/data' }] };
  const { code, results, errors } = await dryRun(namespace, [
    workload('Deployment', 'service'),
    workload('StatefulSet', 'stateful', {
      serviceName: 'stateful',
      volumeClaimTemplates: claims,
      template: { metadata: { labels: { app: 'stateful' } }, spec: { containers: [mounted] } },
    }),
    workload('DaemonSet', 'daemon'),
    {
      apiVersion: 'batch/v1',
      kind: 'Job',
      metadata: { name: 'job' },
      spec: { template: { spec: { restartPolicy: 'Never', containers: [CONTAINER_OF_JOB] } } },
    },
    {
      apiVersion: 'batch/v1',
      kind: 'CronJob',
      metadata: { name: 'cron' },
      spec: {
        schedule: '* * * * *',
        jobTemplate: { spec: { template: { spec: { restartPolicy: 'Never', containers: [CONTAINER_OF_JOB] } } } },
      },
    },
  ]);
  t.same(errors, []);
  t.equal(code, 0);
  const byKind = new Map(results.map((result) => [result.kind, result]));
  t.same(changesBy('podgrace', byKind.get('Deployment')?.pod?.changes).sort(), REPAIRS.toSorted());
  for (const { kind, pod, changes } of results) {
    t.equal(pod?.allowed, true, `${kind}: ${JSON.stringify(pod?.denied)}`);
    t.same(changesBy('podgrace', changes), [], 'templates stay as they are');
    t.same(changesBy('others', changes), [], `${kind}: nobody else changes the workload`);
    t.same(changesBy('others', pod?.changes), [], `${kind}: nobody else changes its Pod`);
    t.same(pod?.missing, [], kind);
  }
  t.same(
    changesBy('podgrace', byKind.get('DaemonSet')?.pod?.changes).filter((change) => change.includes('tolerations')),
    [],
    'Pods of DaemonSets stay where they are',
  );
  t.notMatch(changesBy('podgrace', byKind.get('Job')?.pod?.changes).join(), /preStop/, 'nobody waits for the endpoints of a Job');
});

const CONTAINER_OF_JOB = {
  name: 'work',
  image: 'registry.example/work:1',
  resources: { requests: { cpu: '100m', memory: '64Mi' }, limits: { memory: '64Mi' } },
};

clusterTest('what another webhook changed is told from what podgrace changed', async (t) => {
  const api = connect();
  const namespace = await judgedNamespace(t, api);
  await registerInjector(t, api, { namespace, pod: POD });
  const { results } = await dryRun(namespace, [POD]);
  const others = changesBy('others', results[0]?.changes);
  t.ok(others.includes('metadata.labels: {"injected":"yes"}'));
  t.ok(others.includes('spec.containers[injected].image: "registry.example/sidecar:1"'));
  t.same(
    others.filter((change) => !/^metadata\.labels|^spec\.containers\[injected\]/.test(change)),
    [],
  );
  t.same(changesBy('podgrace', results[0]?.changes).sort(), POD_REPAIRS.toSorted());
});

clusterTest('a denial names who denied: podgrace, Pod Security, a quota, a policy, the validation of the API server', async (t) => {
  const api = connect();
  const namespace = await judgedNamespace(t, api);
  const deniers = async (...objects: unknown[]): Promise<unknown[]> => {
    const { code, results, errors } = await dryRun(namespace, objects);
    t.same(errors, []);
    t.equal(code, 1);
    return results.map(({ denied }) => [denied?.by, denied?.name]);
  };
  t.same(
    await deniers(
      BARE_POD,
      { ...POD, spec: { containers: [{ ...CONTAINER, imagePullPolicy: 'Sometimes' }] } },
      { ...POD, spec: { containers: [{ ...CONTAINER, imagePulPolicy: 'Always' }] } },
    ),
    [
      ['podgrace', 'validate.podgrace.dev'],
      ['validation', null],
      ['validation', null],
    ],
  );
  const { results } = await dryRun(namespace, [BARE_POD]);
  t.match(
    results[0]?.denied?.message,
    /^Pod .*\/bare breaks \d rules of policy production\n- spec\.containers: must ask for cpu or memory/,
  );
  t.same(
    results[0]?.warnings.map(({ by }) => by),
    ['podgrace'],
  );
  t.same(results[0]?.expected, { policy: 'production', allowed: false });

  const quota = { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'none' }, spec: { hard: { pods: '0' } } };
  await api.request({ method: 'POST', path: `/api/v1/namespaces/${namespace}/resourcequotas`, body: quota });
  await eventually('the quota is counted', async () => {
    const found = await api.find(`/api/v1/namespaces/${namespace}/resourcequotas/none`);
    return JSON.stringify(found?.['status'] ?? {}).includes('pods');
  });
  t.same(await deniers(POD), [['quota', null]]);
  const quotaOfPods = await dryRun(namespace, [workload('Deployment', 'web')]);
  t.equal(quotaOfPods.code, 1, 'a workload whose Pods are denied never runs');
  t.same(
    quotaOfPods.results.map(({ allowed, pod }) => [allowed, pod?.denied?.by]),
    [[true, 'quota']],
  );

  await kubectl(['label', 'namespace', namespace, 'pod-security.kubernetes.io/enforce=restricted']);
  await eventually('Pod Security judges', async () => (await dryRun(namespace, [POD])).results[0]?.denied?.by === 'pod-security');
});

clusterTest('what the files create counts for the Pods that name it, and what they do not create stays missing', async (t) => {
  const namespace = await makeNamespace(t, connect());
  const high = `${namespace}-high`;
  const template = {
    metadata: { labels: { app: 'web' } },
    spec: { serviceAccountName: 'web', priorityClassName: high, containers: [CONTAINER] },
  };
  const [account, priority] = [
    { apiVersion: 'v1', kind: 'ServiceAccount', metadata: { name: 'web' } },
    { apiVersion: 'scheduling.k8s.io/v1', kind: 'PriorityClass', metadata: { name: high }, value: 1000 },
  ];
  const web = workload('Deployment', 'web', { template });
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'bare' }, spec: template.spec };
  const both = await dryRun(namespace, [account, priority, web, pod]);
  t.equal(both.code, 0);
  const named = [`PriorityClass ${high}`, 'ServiceAccount web'];
  t.same(
    both.results.slice(2).map((result) => [...(result.pod ?? result).triedWithout].sort()),
    [named, named],
  );
  const one = await dryRun(namespace, [account, web]);
  t.equal(one.code, 1);
  t.match(one.results[1]?.pod, { allowed: false, denied: { message: `no PriorityClass with name ${high} was found` } });
});

clusterTest('of an object that is there, what the file changes is told from what it leaves', async (t) => {
  const api = connect();
  const namespace = await judgedNamespace(t, api);
  const before = workload('Deployment', 'web', { replicas: 0, minReadySeconds: 5 });
  const applied = await kubectl(['apply', '--server-side', '--field-manager=gitops', '-n', namespace, '-f', '-'], before);
  t.equal(applied.code, 0, applied.stderr);
  await settled(api, namespace, 'web');
  const { template } = before['spec'] as { template: JsonObject };
  const image = {
    ...template,
    spec: { containers: [{ ...CONTAINER, image: 'registry.example/web:2', ports: [...CONTAINER.ports, { containerPort: 9090 }] }] },
  };
  const { code, results } = await dryRun(namespace, [workload('Deployment', 'web', { replicas: 0, template: image })]);
  t.equal(code, 0);
  t.equal(results[0]?.operation, 'update');
  t.same(changesBy('manifest', results[0]?.changes).sort(), [
    'spec.minReadySeconds: null',
    'spec.template.spec.containers[web].image: "registry.example/web:2"',
    'spec.template.spec.containers[web].ports[9090].containerPort: 9090',
  ]);
  t.same(changesBy('api-server', results[0]?.changes), ['spec.template.spec.containers[web].ports[9090].protocol: "TCP"']);
  t.same(changesBy('others', results[0]?.changes), []);
  const live = await api.find(`/apis/apps/v1/namespaces/${namespace}/deployments/web`);
  t.match(JSON.stringify(live), /"minReadySeconds":5/);
});

clusterTest('of a Secret the keys are shown that change, and no value', async (t) => {
  const api = connect();
  const namespace = await judgedNamespace(t, api);
  const secret = (password: string): JsonObject => ({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'database' },
    stringData: { password },
  });
  // Client-side apply notes the whole manifest in an annotation.
  t.equal((await kubectl(['apply', '-n', namespace, '-f', '-'], secret('old-word'))).code, 0);
  const { code, results } = await dryRun(namespace, [secret('new-word'), { ...secret('new-word'), metadata: { name: 'another' } }]);
  t.equal(code, 0);
  t.match(results, [{ operation: 'update' }, { operation: 'create' }]);
  const printed = JSON.stringify(results);
  t.match(printed, 'data.password');
  for (const word of ['old-word', 'new-word']) {
    t.notMatch(printed, word);
    t.notMatch(printed, Buffer.from(word).toString('base64'));
  }
});

clusterTest('nothing is stored: no object appears, no resourceVersion moves', async (t) => {
  const api = connect();
  const namespace = await judgedNamespace(t, api);
  t.equal((await kubectl(['apply', '-n', namespace, '-f', '-'], workload('Deployment', 'there', { replicas: 0 }))).code, 0);
  await settled(api, namespace, 'there');
  const before = await everything(api, namespace);
  const { summary } = await dryRun(namespace, [
    POD,
    BARE_POD,
    { ...POD, metadata: { generateName: 'many-' } },
    workload('Deployment', 'there', { replicas: 3 }),
    workload('Deployment', 'new'),
    workload('StatefulSet', 'new', { serviceName: 'new' }),
    workload('DaemonSet', 'new'),
    { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'new' }, data: { a: 'b' } },
    { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `${namespace}-new` } },
  ]);
  t.equal(summary.objects, 9);
  t.same(await everything(api, namespace), before);
  t.equal(await api.find(`/api/v1/namespaces/${namespace}-new`), undefined);
});

/**
 * Waits until the controllers have nothing more to write to a Deployment without replicas and to its ReplicaSet: they note the
 * revision, the conditions and the generation that they saw shortly after each is stored, and a dry run at that moment reports these as
 * changes by others.
 */
async function settled(api: KubeApi, namespace: string, name: string): Promise<void> {
  await eventually(`Deployment ${name} is settled`, async () => {
    const [replicaSet] = await api.list(`/apis/apps/v1/namespaces/${namespace}/replicasets`);
    const deployment = await api.find(`/apis/apps/v1/namespaces/${namespace}/deployments/${name}`);
    return (
      JSON.stringify(replicaSet?.['status'] ?? {}).includes('"observedGeneration":1') &&
      JSON.stringify(deployment?.['status'] ?? {}).includes('"observedGeneration":1') &&
      JSON.stringify(deployment).includes('NewReplicaSetAvailable')
    );
  });
}

/** Every object of the kinds that could be made, with its resourceVersion. */
async function everything(api: KubeApi, namespace: string): Promise<string[]> {
  const collections = [
    '/api/v1|pods',
    '/api/v1|configmaps',
    '/api/v1|persistentvolumeclaims',
    '/api/v1|events',
    '/apis/apps/v1|deployments',
    '/apis/apps/v1|replicasets',
    '/apis/apps/v1|statefulsets',
    '/apis/apps/v1|daemonsets',
    '/apis/apps/v1|controllerrevisions',
  ];
  const lists = await Promise.all(
    collections.map(async (collection) => {
      const [root, plural] = collection.split('|');
      const items = await api.list(`${root ?? ''}/namespaces/${namespace}/${plural ?? ''}`);
      return items.map(({ metadata }) => {
        const { name, resourceVersion } = metadata as { name: string; resourceVersion: string };
        return `${plural ?? ''}/${name} ${resourceVersion}`;
      });
    }),
  );
  return lists.flat().sort();
}

clusterTest('what the cluster cannot say is an error for that object, and the others are judged', async (t) => {
  const api = connect();
  const namespace = await judgedNamespace(t, api);
  const { code, results, errors } = await dryRun(namespace, [
    { apiVersion: 'example.com/v1', kind: 'Nothing', metadata: { name: 'a' } },
    { ...POD, metadata: { name: 'a', namespace: 'there-is-none' } },
    { ...POD, metadata: {} },
    'no object',
    POD,
  ]);
  t.equal(code, 2);
  t.equal(results.length, 1);
  t.match(
    errors.map(({ message }) => message),
    [
      /the cluster serves no Nothing of example\.com\/v1; is its CustomResourceDefinition installed/,
      /namespaces "there-is-none" not found; create the namespace first, because a dry run does not create it/,
      /metadata\.name or metadata\.generateName must be set/,
      /must be a Kubernetes object/,
    ],
  );
});

clusterTest('where podgrace does not look, its own evaluation says that the cluster does not ask it', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const { code, results } = await dryRun(namespace, [BARE_POD, POD]);
  t.equal(code, 0);
  t.same(
    results.map(({ allowed, expected }) => [allowed, expected?.allowed]),
    [
      [true, false],
      [true, true],
    ],
  );
  t.same(changesBy('podgrace', results[1]?.missing).sort(), POD_REPAIRS.toSorted());
  const text = await podgrace(['dry-run', '-n', namespace, '--preset', 'production', '-'], {
    stdin: JSON.stringify(BARE_POD),
    env: process.env,
  });
  t.match(
    text.stdout,
    /podgrace's own evaluation by policy production denies this: the cluster has another policy, or does not ask podgrace/,
  );
});

clusterTest('without a policy to compare with, without rights, or with a webhook that is down, it says so', async (t) => {
  const api = connect();
  const namespace = await judgedNamespace(t, api);
  const args = ['dry-run', '-n', namespace, '--installation', `${namespace}/podgrace`, '-'];
  const blind = await podgrace(args, { stdin: JSON.stringify(POD), env: process.env });
  t.equal(blind.code, 0, blind.stderr);
  t.match(blind.stderr, /no policy to compare with, so changes by podgrace are shown as changes by others: there is no Deployment/);
  t.match(blind.stdout, /\[others: another webhook, or a plugin\]/);
  t.equal((await podgrace(['dry-run'], { env: process.env })).code, 2, 'no path');
  t.match(
    (await podgrace(['dry-run', '--installation', 'podgrace', '-'], { env: process.env })).stderr,
    /--installation must be namespace\/name/,
  );

  const token = (await kubectl(['create', 'token', 'default', '-n', namespace])).stdout.trim();
  const kubeconfig = await kubeconfigWith(t, { token });
  const powerless = await podgrace(['dry-run', '-n', namespace, '--kubeconfig', kubeconfig, '--preset', 'production', '-'], {
    stdin: JSON.stringify(POD),
    env: process.env,
  });
  t.equal(powerless.code, 2);
  t.match(powerless.stderr, /stdin:1: cannot tell: pods "web" is forbidden/);
  t.match(powerless.stderr, /needed is the rule \{apiGroups: \[""\], resources: \["pods"\], verbs: \["get"\]\}/);

  const { judged } = await installableConfigurations(t, api, t.testdir({}));
  await eventually('the API server calls nobody', async () => (await dryRun(judged, [POD])).code === 2);
  const { errors } = await dryRun(judged, [POD]);
  t.match(errors[0]?.message, /failed calling webhook "validate\.runbook\.podgrace\.dev"/);
  t.match(
    errors[0]?.message,
    /podgrace's server did not answer: `podgrace status` shows why, and `podgrace failopen` lets requests through until it answers/,
  );
});
