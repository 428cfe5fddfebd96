/** Old Pods: one that broke the policy before podgrace came can be worked with to its end. */
import { presetPolicy } from '../../src/config/presets.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { connect, eventually, kubectl, makeNamespace, send, type Ran } from './cluster.ts';
import { PodWatch } from './proof/pod-watch.ts';
import { createPod, podSpecOn } from './proof/real-pod.ts';
import { realNodeScenario } from './proof/real-node-scenario.ts';
import { registerWebhook } from './registered-webhook.ts';

/** No probe for its port, no delay, and a volume in memory that its memory limit cannot hold. */
const BREAKING_CONTAINER = {
  command: ['sh', '-c', 'trap "exit 0" TERM; while true; do sleep 1; done'],
  ports: [{ containerPort: 8080 }],
  resources: { requests: { cpu: '20m', memory: '32Mi' }, limits: { memory: '64Mi' } },
  volumeMounts: [{ name: 'cache', mountPath: '/cache' }],
};
const VOLUMES = [{ name: 'cache', emptyDir: { medium: 'Memory', sizeLimit: '128Mi' } }];

realNodeScenario(
  'a Pod that is older than the policy is labelled, annotated, debugged, resized, finalized and deleted',
  async (t, node) => {
    const api = connect();
    const namespace = await makeNamespace(t, api);
    const path = `/api/v1/namespaces/${namespace}/pods/old`;
    const watch = PodWatch.start(t, namespace);
    await createPod(api, namespace, node, { name: 'old', container: BREAKING_CONTAINER, spec: { volumes: VOLUMES } });
    await watch.ready('old');
    await registerWebhook(t, api, { namespace, policy: presetPolicy('strict') });
    const call = (...args: string[]): Promise<Ran> => kubectl(['-n', namespace, ...args]);
    const succeeds = async (...args: string[]): Promise<void> => {
      const { code, stderr } = await call(...args);
      t.equal(code, 0, `kubectl ${args[0] ?? ''}: ${stderr}`);
    };
    const same = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'new' },
      spec: podSpecOn(node, BREAKING_CONTAINER, { volumes: VOLUMES }),
    };
    const now = await send(api, { method: 'POST', path: `/api/v1/namespaces/${namespace}/pods`, body: same });
    t.equal(now.code, 403, 'created now, it is denied');

    await succeeds('label', 'pod', 'old', 'tier=backend');
    await succeeds('annotate', 'pod', 'old', 'note=kept');

    const debug = ['--image', node.busybox, '--image-pull-policy=Never', '--target=app', '--container=debugger', '--attach=false'];
    await succeeds('debug', 'pod/old', ...debug, '--', 'true');
    await eventually('the debugger has run', async () => {
      const { status } = (await api.find(path)) as unknown as { status: { ephemeralContainerStatuses?: { state: JsonObject }[] } };
      return status.ephemeralContainerStatuses?.[0]?.state['terminated'] !== undefined;
    });

    const resize = (memory: string): string[] => {
      const containers = [{ name: 'app', resources: { requests: { cpu: '30m' }, limits: { memory } } }];
      return ['patch', 'pod', 'old', '--subresource=resize', '-p', JSON.stringify({ spec: { containers } })];
    };
    await succeeds(...resize('96Mi'));
    await eventually('the kubelet has resized the container', async () => {
      const { status } = (await api.find(path)) as unknown as { status: { containerStatuses: { resources?: { limits?: JsonObject } }[] } };
      return status.containerStatuses[0]?.resources?.limits?.['memory'] === '96Mi';
    });
    const worse = await call(...resize('48Mi'));
    t.equal(worse.code, 1, 'a size that leaves less for the volume is denied');
    t.match(worse.stderr, 'must be at most 48Mi, the memory of the containers that write to the volume cache, but is 128Mi');
    const denials = worse.stderr.split('\n').filter((line) => line.startsWith('- '));
    t.equal(denials.length, 1, 'for that alone');

    const finalizers = (value: string): string[] => ['patch', 'pod', 'old', '--type=merge', '-p', `{"metadata":{"finalizers":${value}}}`];
    await succeeds(...finalizers('["podgrace.dev/scenario"]'));
    await succeeds('delete', 'pod', 'old', '--wait=false');
    await watch.until('old', 'waits for its finalizer', ({ pod }) => pod.metadata.deletionTimestamp !== undefined);
    await succeeds(...finalizers('null'));
    await watch.until('old', 'is gone', ({ type }) => type === 'DELETED');
    t.comment('of an old Pod under strict: label, annotate, debug, resize, add and remove a finalizer, delete: 7 of 7 succeed');
  },
);
