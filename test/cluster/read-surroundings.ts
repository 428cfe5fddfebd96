/** What a command reads of a namespace. */
import { WorkloadKinds } from '../../src/core/workload.ts';
import type { Surrounding, Surroundings } from '../../src/core/surroundings.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { SurroundingsOfNamespaces } from '../../src/kube/commands/surroundings-of-namespace.ts';

export function readSurroundings(api: KubeApi, namespace: string, needs: ReadonlySet<Surrounding>): Promise<Surroundings> {
  const readers = { needs, kinds: new WorkloadKinds(), kubernetesMinor: 36 };
  return new SurroundingsOfNamespaces(api, readers, () => undefined).around(namespace);
}
