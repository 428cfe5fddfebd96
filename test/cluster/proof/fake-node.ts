/** Simulated nodes of kwok, made for a scenario: Pods "run" there, and a node can be lost. */
import type { Test } from 'tap';
import type { JsonObject } from '../../../src/core/json.ts';
import type { KubeApi } from '../../../src/kube/client/api.ts';
import { eventually, send } from '../cluster.ts';
import { skipped } from './scenario.ts';

/** What kwok manages, as the cluster's own simulated node is marked. */
const KWOK_ANNOTATION = 'kwok.x-k8s.io/node';

/** kwok answers a status that it does not want within milliseconds; what lasts longer, lasts. */
const KWOK_REACTION_MS = 1_000;

interface Node {
  readonly metadata: { readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: { readonly taints?: readonly { readonly key: string; readonly effect: string }[] };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/**
 * Makes a node for the Pods of one namespace, gone with the test.
 *
 * @returns nothing where kwok does not run: the rest of the test is then skipped, and says so
 */
export async function makeFakeNode(t: Test, api: KubeApi, namespace: string, name = 'node'): Promise<FakeNode | undefined> {
  const { body } = await api.request({ method: 'GET', path: '/api/v1/nodes' });
  if (!(body['items'] as Node[]).some(({ metadata }) => metadata.annotations?.[KWOK_ANNOTATION] === 'fake')) {
    skipped(t, 'no simulated nodes: kwok does not run here');
    return undefined;
  }
  const resources = { cpu: '32', memory: '256Gi', pods: '500', 'ephemeral-storage': '1Ti' };
  const node = new FakeNode(api, `${name}-${namespace}`);
  const labels = { 'kubernetes.io/hostname': node.name, 'kubernetes.io/os': 'linux', [SCENARIO]: namespace };
  await api.request({
    method: 'POST',
    path: '/api/v1/nodes',
    body: {
      apiVersion: 'v1',
      kind: 'Node',
      metadata: { name: node.name, annotations: { [KWOK_ANNOTATION]: 'fake' }, labels },
      spec: { taints: [{ key: SCENARIO, effect: 'NoSchedule' }] },
      status: { allocatable: resources, capacity: resources },
    },
  });
  t.teardown(() => send(api, { method: 'DELETE', path: `/api/v1/nodes/${node.name}` }));
  await eventually(`node ${node.name} is ready`, () => node.isReady());
  return node;
}

const SCENARIO = 'podgrace.dev/scenario';

/** Binds Pods to the nodes of their namespace; the Pods of other tests stay away from these by the taint. */
export function onFakeNodes(namespace: string): { readonly nodeSelector: JsonObject; readonly tolerations: readonly JsonObject[] } {
  return { nodeSelector: { [SCENARIO]: namespace }, tolerations: [{ key: SCENARIO, operator: 'Exists', effect: 'NoSchedule' }] };
}

export class FakeNode {
  readonly name: string;
  readonly #api: KubeApi;
  readonly #path: string;

  constructor(api: KubeApi, name: string) {
    this.#api = api;
    this.name = name;
    this.#path = `/api/v1/nodes/${name}`;
  }

  async isReady(): Promise<boolean> {
    const { status } = await this.#read();
    return status.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True') === true;
  }

  /**
   * Says that it is not ready, as a kubelet does that has lost its runtime; the node lifecycle controller taints it.
   *
   * @returns when it said so, in milliseconds since 1970
   */
  async becomeNotReady(): Promise<number> {
    // Without it kwok lets go of the node, sooner or later; until then it makes the node ready again at once.
    await this.#patch('', { metadata: { annotations: { [KWOK_ANNOTATION]: null } } });
    let saidMs = 0;
    await eventually(`node ${this.name} is tainted`, async () => {
      if (await this.isReady()) {
        saidMs = Date.now();
        const conditions = [{ type: 'Ready', status: 'False', reason: 'KubeletNotReady', message: 'container runtime is down' }];
        await this.#patch('/status', { status: { conditions } });
        return false;
      }
      const { spec } = await this.#read();
      const isTainted = spec.taints?.some(({ key, effect }) => key === 'node.kubernetes.io/not-ready' && effect === 'NoExecute') === true;
      return isTainted && Date.now() - saidMs > KWOK_REACTION_MS;
    });
    return saidMs;
  }

  async #patch(subResource: '' | '/status', body: object): Promise<void> {
    await this.#api.request({ method: 'PATCH', path: this.#path + subResource, patchType: 'application/merge-patch+json', body });
  }

  async #read(): Promise<Node> {
    return (await this.#api.request({ method: 'GET', path: this.#path })).body as unknown as Node;
  }
}
