/** The webhook about deletions by force before a real API server, and workloads whose Pods somebody deletes. */
import type { Test } from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { Policy, POLICY_API_VERSION, POLICY_KIND } from '../../src/core/policy.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { forceDeleteWebhook } from '../deploy/rendered.ts';
import { kubectl, type Ran } from './cluster.ts';
import { onFakeNodes } from './proof/fake-node.ts';
import { clientConfigOf, createConfiguration, type LoopbackServer } from './registered-webhook.ts';

const RULE = 'no-force-delete';
/** Somebody who may do everything. */
export const PERSON = 'jane';

/** The rule enforces, and no other one says anything. */
export function enforcing(): Policy {
  const rules = Object.fromEntries(catalogue.rules.map(({ meta }) => [meta.id, { mode: meta.id === RULE ? 'enforce' : 'off' } as const]));
  const spec = { preset: 'production', rules } as const;
  return new Policy({ apiVersion: POLICY_API_VERSION, kind: POLICY_KIND, metadata: { name: 'test' }, spec }, catalogue);
}

/** Registers it for one namespace. */
export async function register(
  t: Test,
  api: KubeApi,
  namespace: string,
  { pair, port }: Pick<LoopbackServer, 'pair' | 'port'>,
): Promise<void> {
  const { namespaceSelector: _, ...webhook } = forceDeleteWebhook();
  // kwok plays the kubelet under the name of the administrator, whose deletions would be taken for a person's.
  const notKwok = { name: 'not-kwok', expression: `request.userInfo.username != '${await whoAmI(api)}'` };
  await createConfiguration(
    t,
    api,
    { phase: 'validate', name: `force-delete-${port}-${namespace}`, namespace },
    {
      ...webhook,
      matchConditions: [...webhook.matchConditions, notKwok],
      clientConfig: clientConfigOf(`https://127.0.0.1:${port}/validate`, pair),
    },
  );
}

async function whoAmI(api: KubeApi): Promise<string> {
  const review = { apiVersion: 'authentication.k8s.io/v1', kind: 'SelfSubjectReview' };
  const { body } = await api.request({ method: 'POST', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', body: review });
  return (body['status'] as { userInfo: { username: string } }).userInfo.username;
}

/** kubectl as somebody who may do everything. */
export function as(username: string, args: readonly string[], input?: JsonObject): Promise<Ran> {
  return kubectl([...args, `--as=${username}`, '--as-group=system:masters'], input);
}

/** Fields of the Pod besides. */
interface Made {
  readonly replicas: number;
  readonly terminationGracePeriodSeconds?: number;
  readonly nodeSelector?: object;
}

/** With Pods for the made-up node of a namespace. */
export function workload(namespace: string, kind: 'StatefulSet' | 'Deployment', name: string, { replicas, ...pod }: Made): JsonObject {
  const labels = { app: name };
  const containers = [{ name: 'db', image: 'registry.example/db:1' }];
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name },
    spec: {
      replicas,
      selector: { matchLabels: labels },
      ...(kind === 'StatefulSet' && { serviceName: name, podManagementPolicy: 'Parallel' }),
      template: { metadata: { labels }, spec: { ...onFakeNodes(namespace), containers, ...pod } },
    },
  };
}

export interface FoundPod {
  readonly metadata: { readonly name: string; readonly uid: string; readonly deletionTimestamp?: string };
  readonly spec: { readonly nodeName?: string };
  readonly status: { readonly phase: string };
}

/** Those with the label `app`. */
export async function podsOf(api: KubeApi, namespace: string, app: string): Promise<readonly FoundPod[]> {
  const path = `/api/v1/namespaces/${namespace}/pods`;
  return (await api.request({ method: 'GET', path, query: { labelSelector: `app=${app}` } })).body['items'] as readonly FoundPod[];
}
