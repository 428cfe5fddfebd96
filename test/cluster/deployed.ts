/**
 * podgrace as it is shipped, running in the cluster: the image, the manifests, the rights, in a namespace of the test and in
 * front of one namespace of the test. Several of these can be there at a time: what is not in a namespace is renamed.
 */
import type { Test } from 'tap';
import type { JsonObject } from '../../src/core/json.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { readBase, type Manifest } from '../deploy/rendered.ts';
import { eventually, kubectl, makeNamespace, send } from './cluster.ts';
import { testImage } from './image/image.ts';

export interface Deployment {
  /** Where podgrace runs. */
  readonly namespace: string;
  /** The name of both webhook configurations. */
  readonly configuration: string;
}

export interface DeploymentOptions {
  /** The one namespace whose objects are judged. */
  readonly judged: string;
  /** As shipped, if not given. */
  readonly replicas?: number;
  /** The spec of a LifecyclePolicy that leaves readiness-probe on; as shipped, if not given. */
  readonly policy?: JsonObject;
}

/** The affinity of a Pod that has to run: a simulated node (kwok) would only pretend. */
export const REAL_NODES = {
  nodeAffinity: {
    requiredDuringSchedulingIgnoredDuringExecution: {
      nodeSelectorTerms: [{ matchExpressions: [{ key: 'type', operator: 'NotIn', values: ['kwok'] }] }],
    },
  },
};

const CONFIGURATIONS = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'];
const CLUSTER_SCOPED = [...CONFIGURATIONS, 'ClusterRole', 'ClusterRoleBinding'];

/** Up, trusted by the API server, and asked about `judged`; gone with the test. */
export async function deployPodgrace(t: Test, api: KubeApi, options: DeploymentOptions): Promise<Deployment> {
  const image = testImage();
  const namespace = await makeNamespace(t, api, { 'pod-security.kubernetes.io/enforce': 'restricted' });
  const configuration = `podgrace-${namespace}`;
  const manifests = shippedManifests({ namespace, configuration }, image, options).filter(({ kind }) => kind !== 'Namespace');
  const [configurations, server] = [true, false].map((wanted) => manifests.filter(({ kind }) => CONFIGURATIONS.includes(kind) === wanted));
  t.teardown(() => kubectl(['delete', '--ignore-not-found', '--wait=false', '-f', '-'], listOf(manifests.filter(isClusterScoped))));
  await apply(server ?? []);
  await rolledOut(namespace);
  await apply(configurations ?? []);
  await eventually('podgrace is asked', async () => {
    const pod = {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'probe' },
      spec: { containers: [{ name: 'probe', image: 'probe', ports: [{ containerPort: 80 }] }] },
    };
    const { code, body, warnings } = await send(api, {
      method: 'POST',
      path: `/api/v1/namespaces/${options.judged}/pods`,
      query: { dryRun: 'All' },
      body: pod,
    });
    // Under every preset such a Pod is warned of or denied.
    return code < 500 && JSON.stringify([body, warnings]).includes('readiness-probe');
  });
  return { namespace, configuration };
}

/** What is shipped, under the names of a test: `podgrace install` takes them as well as kubectl does. */
export function shippedManifests({ namespace, configuration }: Deployment, image: string, options: DeploymentOptions): Manifest[] {
  return readBase()
    .map((manifest) => moved(manifest, namespace, configuration))
    .map((manifest) => changed(manifest, namespace, image, options));
}

/** Waits for the Deployment; where it does not come up, says why. */
export async function rolledOut(namespace: string): Promise<void> {
  const rollout = await kubectl(['rollout', 'status', 'deployment/podgrace', '-n', namespace, '--timeout=120s']);
  if (rollout.code === 0) return;
  const pods = await kubectl(['describe', 'pods', '-n', namespace]);
  const logs = await kubectl(['logs', '-l', 'app.kubernetes.io/name=podgrace', '-n', namespace, '--tail=20']);
  throw new Error([rollout.stderr, pods.stdout, logs.stdout].join('\n'));
}

function isClusterScoped({ kind }: Manifest): boolean {
  return CLUSTER_SCOPED.includes(kind);
}

function moved(manifest: Manifest, namespace: string, configuration: string): Manifest {
  const elsewhere = JSON.parse(
    JSON.stringify(manifest)
      .replaceAll('podgrace-system', namespace)
      .replaceAll('--webhook-configuration=podgrace', `--webhook-configuration=${configuration}`),
  ) as Manifest;
  if (!isClusterScoped(manifest)) return elsewhere;
  const renamed: Manifest = { ...elsewhere, metadata: { ...elsewhere.metadata, name: configuration } };
  if (manifest.kind === 'ClusterRole') {
    const rules = (renamed['rules'] as object[]).map((rule) =>
      'resourceNames' in rule ? { ...rule, resourceNames: [configuration] } : rule,
    );
    return { ...renamed, rules };
  }
  if (manifest.kind === 'ClusterRoleBinding') return { ...renamed, roleRef: { ...(renamed['roleRef'] as object), name: configuration } };
  return renamed;
}

function changed(manifest: Manifest, namespace: string, image: string, { judged, replicas, policy }: DeploymentOptions): Manifest {
  if (CONFIGURATIONS.includes(manifest.kind)) {
    const webhooks = manifest['webhooks'] as { namespaceSelector: { matchExpressions: object[] } }[];
    // podgrace's own namespace is left out by the shipped expressions alone.
    const wanted = { key: 'kubernetes.io/metadata.name', operator: 'In', values: [judged, namespace] };
    return {
      ...manifest,
      webhooks: webhooks.map((webhook) => ({
        ...webhook,
        namespaceSelector: { matchExpressions: [...webhook.namespaceSelector.matchExpressions, wanted] },
      })),
    };
  }
  if (manifest.kind === 'ConfigMap' && policy !== undefined) {
    const document = { apiVersion: 'podgrace.dev/v1alpha1', kind: 'LifecyclePolicy', metadata: { name: 'test' }, spec: policy };
    return { ...manifest, data: { 'policy.yaml': JSON.stringify(document) } };
  }
  if (manifest.kind !== 'Deployment') return manifest;
  const spec = manifest['spec'] as { replicas: number; template: { spec: { containers: object[] } } };
  const pod = {
    ...spec.template.spec,
    affinity: REAL_NODES,
    containers: spec.template.spec.containers.map((container) => ({ ...container, image })),
  };
  return { ...manifest, spec: { ...spec, replicas: replicas ?? spec.replicas, template: { ...spec.template, spec: pod } } };
}

async function apply(manifests: readonly Manifest[]): Promise<void> {
  const { code, stderr } = await kubectl(['apply', '--server-side', '-f', '-'], listOf(manifests));
  if (code !== 0) throw new Error(stderr);
}

function listOf(items: readonly Manifest[]): JsonObject {
  return { apiVersion: 'v1', kind: 'List', items };
}
