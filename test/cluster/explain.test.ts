/** explain and dry-run with what a cluster has around a workload, and without the right to read it. */
import { podgrace } from '../cli/command-line.ts';
import { clusterTest, connect, kubectl, makeNamespace } from './cluster.ts';
import { kubeconfigWith } from './kubeconfigs.ts';

const LABELS = { app: 'web' };
const WEB = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web' },
  spec: {
    replicas: 0,
    selector: { matchLabels: LABELS },
    template: { metadata: { labels: LABELS }, spec: { containers: [{ name: 'web', image: 'registry.example/web:1' }] } },
  },
};
const NOWHERE = { 'podgrace.dev/no-node': 'true' };
const OBJECTS = [
  WEB,
  { apiVersion: 'v1', kind: 'Service', metadata: { name: 'front' }, spec: { selector: LABELS, ports: [{ port: 80 }] } },
  {
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'one' },
    spec: { selector: { matchLabels: LABELS }, maxUnavailable: 1 },
  },
  {
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    metadata: { name: 'auto' },
    spec: { scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web' }, minReplicas: 2, maxReplicas: 6 },
  },
  { apiVersion: 'v1', kind: 'ResourceQuota', metadata: { name: 'all' }, spec: { hard: { pods: '7' } } },
];

clusterTest('explain says what is around a workload, and what it may not read', async (t) => {
  const namespace = await makeNamespace(t, connect());
  const items = { apiVersion: 'v1', kind: 'List', items: OBJECTS };
  t.match(await kubectl(['create', '-n', namespace, '-f', '-'], items), { code: 0 });
  const { KUBECONFIG: kubeconfig = '' } = process.env;
  const live = await podgrace(['explain', 'deploy/web', '-n', namespace, '--kubeconfig', kubeconfig, '--target-version', '1.35']);
  t.match(live, { code: 0, stderr: '' });
  t.match(live.stdout, /reached through Service front$/m);
  t.match(live.stdout, /protected by PodDisruptionBudget one$/m);
  t.match(live.stdout, /HorizontalPodAutoscaler auto scales it from 2 to 6 Pods$/m);
  t.match(live.stdout, /the namespace has ResourceQuota all$/m);

  const newer = JSON.stringify({ ...WEB, spec: { ...WEB.spec, minReadySeconds: 3 } });
  const changed = await podgrace(['explain', '--from', 'cluster', '-n', namespace, '--kubeconfig', kubeconfig, '-f', '-'], {
    stdin: newer,
  });
  t.match(changed, { code: 0, stdout: /spec\.minReadySeconds: (?:0|not set) → 3 \(changes no Pod\)/ });
  t.match(changed.stdout, /reached through Service front$/m);

  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'alone' }, spec: { ...WEB.spec.template.spec, nodeSelector: NOWHERE } };
  t.match(await kubectl(['apply', '-n', namespace, '-f', '-'], pod), { code: 0 });
  const compare = (object: object): ReturnType<typeof podgrace> =>
    podgrace(['explain', '--from', 'cluster', '-n', namespace, '--kubeconfig', kubeconfig, '-f', '-'], { stdin: JSON.stringify(object) });
  t.match((await compare(pod)).stdout, /Nothing changes: both are stored alike/, 'what the file does not name stays');
  const image = { ...pod, spec: { ...pod.spec, containers: [{ name: 'web', image: 'registry.example/web:2' }] } };
  const { stdout } = await compare(image);
  t.match(stdout, /containers\[0\]\.image: .* \(restarts the container in its Pod\)/);
  t.notMatch(stdout, /refuse/);

  t.match(await kubectl(['create', 'serviceaccount', 'looker', '-n', namespace]), { code: 0 });
  const rights = ['--verb=get,list,create', '--resource=deployments.apps,pods', '-n', namespace];
  t.match(await kubectl(['create', 'role', 'looker', ...rights]), { code: 0 });
  t.match(await kubectl(['create', 'rolebinding', 'looker', '--role=looker', `--serviceaccount=${namespace}:looker`, '-n', namespace]), {
    code: 0,
  });
  const { stdout: token } = await kubectl(['create', 'token', 'looker', '-n', namespace]);
  const limited = await kubeconfigWith(t, { token: token.trim() });
  const blind = await podgrace(['explain', 'deploy/web', '-n', namespace, '--kubeconfig', limited]);
  t.match(blind, { code: 0, stdout: /podgrace cannot read the Services of the namespace: .*forbidden/ });
  t.notMatch(blind.stdout, /no Service selects/);
  const other = JSON.stringify({ ...WEB, metadata: { name: 'other' } });
  const dry = await podgrace(['dry-run', '-n', namespace, '--preset', 'strict', '--kubeconfig', limited, '-f', '-'], { stdin: other });
  t.match(dry.stderr, /rules cannot know everything: podgrace cannot read the Services of the namespace: /);
});

clusterTest('explain knows the other workloads under the same budget', async (t) => {
  const namespace = await makeNamespace(t, connect());
  const shared = (name: string): object => {
    const labels = { app: name, part: 'shop' };
    const template = { metadata: { labels }, spec: { ...WEB.spec.template.spec, nodeSelector: NOWHERE } };
    return { ...WEB, metadata: { name }, spec: { replicas: 2, selector: { matchLabels: labels }, template } };
  };
  const budget = (minAvailable: number): object => ({
    apiVersion: 'policy/v1',
    kind: 'PodDisruptionBudget',
    metadata: { name: 'shop' },
    spec: { selector: { matchLabels: { part: 'shop' } }, minAvailable },
  });
  const { KUBECONFIG: kubeconfig = '' } = process.env;
  const explained = async (minAvailable: number): Promise<string> => {
    const items = { apiVersion: 'v1', kind: 'List', items: [shared('web'), shared('api'), budget(minAvailable)] };
    t.match(await kubectl(['apply', '-n', namespace, '-f', '-'], items), { code: 0 });
    return (await podgrace(['explain', 'deploy/web', '-n', namespace, '--kubeconfig', kubeconfig])).stdout;
  };
  t.notMatch(await explained(3), /disruption-budget/, 'of 4 Pods it keeps 3');
  t.match(await explained(4), /minAvailable 4 never does/);
});

clusterTest('explain finds what concerns the Pods of others by its name, and says of it what the files would say', async (t) => {
  const namespace = await makeNamespace(t, connect());
  t.match(await kubectl(['create', '-n', namespace, '-f', '-'], { apiVersion: 'v1', kind: 'List', items: OBJECTS }), { code: 0 });
  const limits = { type: 'Container', max: { memory: '1Gi' } };
  const range = { apiVersion: 'v1', kind: 'LimitRange', metadata: { name: 'sizes' }, spec: { limits: [limits] } };
  t.match(await kubectl(['create', '-n', namespace, '-f', '-'], range), { code: 0 });
  const { KUBECONFIG: kubeconfig = '' } = process.env;
  // With the policy that asks about the fewest objects.
  const asked = ['-n', namespace, '--preset', 'baseline', '--kubeconfig', kubeconfig];
  for (const [word, lines] of Object.entries({
    'svc/front': [/ Service \S+\/front$/m, /it sends traffic to the Pods of Deployment web/],
    'pdb/one': [/ PodDisruptionBudget \S+\/one$/m, /it selects the Pods of Deployment web/, /it keeps maxUnavailable 1/],
    'hpa/auto': [/ HorizontalPodAutoscaler \S+\/auto$/m, /it scales Deployment web from 2 to 6 Pods/],
    'quota/all': [/ ResourceQuota \S+\/all$/m, /pods: .*7/],
    'limits/sizes': [/ LimitRange \S+\/sizes$/m, /a container may not have more than memory 1Gi/],
    'poddisruptionbudgets.policy/one': [/ PodDisruptionBudget \S+\/one$/m],
  })) {
    const { code, stdout, stderr } = await podgrace(['explain', word, ...asked]);
    t.equal(code, 0, `${word}: ${stderr}`);
    for (const line of lines) t.match(stdout, line, word);
  }
  t.match(await podgrace(['explain', 'pdb/none', ...asked]), { code: 2, stderr: /has no PodDisruptionBudget none/ });
  const keda = await podgrace(['explain', 'so/web', ...asked]);
  t.match(keda, { code: 2, stderr: /keda\.sh/ }, 'a kind that the cluster does not serve');
});
