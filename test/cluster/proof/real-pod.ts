/** Pods that run on a real node: busybox, with what a scenario adds. */
import type { JsonObject } from '../../../src/core/json.ts';
import type { KubeApi } from '../../../src/kube/client/api.ts';
import type { RealNode } from './real-node.ts';

export interface RealPod {
  readonly name: string;
  readonly container: JsonObject;
  readonly spec?: JsonObject;
  readonly annotations?: Readonly<Record<string, string>>;
}

/** Needs no service account, no registry, and is bound to the node by its name. */
export function podSpecOn(node: RealNode, container: JsonObject, spec: JsonObject = {}): JsonObject {
  return {
    nodeSelector: { 'kubernetes.io/hostname': node.name },
    automountServiceAccountToken: false,
    containers: [{ name: 'app', image: node.busybox, imagePullPolicy: 'Never', ...container }],
    ...spec,
  };
}

export async function createPod(api: KubeApi, namespace: string, node: RealNode, pod: RealPod): Promise<JsonObject> {
  const { name, container, spec, annotations = {} } = pod;
  const { body } = await api.request({
    method: 'POST',
    path: `/api/v1/namespaces/${namespace}/pods`,
    body: { apiVersion: 'v1', kind: 'Pod', metadata: { name, annotations }, spec: podSpecOn(node, container, spec) },
  });
  return body;
}
