/** What podgrace foretells of a change, against what the API server and the controllers make of it. */
import type { JsonObject } from '../../src/core/json.ts';
import { REFUSING, type ChangeEffect } from '../../src/core/change-effect.ts';
import { parseKubernetesVersion } from '../../src/core/kubernetes-version.ts';
import { workloadChange } from '../../src/core/workload-change.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { Discovery, pathOf, placeObject } from '../../src/kube/client/discovery.ts';
import { MADE_UP_CHANGES } from '../core/made-up-changes.ts';
import { clusterTest, connect, eventually, makeNamespace, send, serverVersion } from './cluster.ts';

clusterTest('changes are refused, and Pods are replaced, as podgrace foretells', async (t) => {
  const api = connect();
  const discovery = new Discovery(api);
  const minor = parseKubernetesVersion(await serverVersion(api)) ?? 0;
  await Promise.all(
    MADE_UP_CHANGES.map(async ({ name, before, after }) => {
      const effects = workloadChange(before, after, minor).fields.map(({ effect }) => effect);
      const namespace = await makeNamespace(t, api);
      const { collectionPath, ...placed } = await placeObject(discovery, before, namespace);
      const path = pathOf({ ...placed, collectionPath });
      await api.request({ method: 'POST', path: collectionPath, body: before });
      await settled(api, path, name);
      // As `kubectl apply` sends it: what both versions leave to the API server stays as it is.
      const patch = {
        method: 'PATCH',
        path,
        patchType: 'application/apply-patch+yaml',
        query: { fieldManager: 'test', force: 'true' },
      } as const;
      const { code } = await send(api, { ...patch, body: { ...after, metadata: { ...(after['metadata'] as object), namespace } } });
      const isRefused = effects.some((effect) => REFUSING.has(effect));
      t.equal(code >= 400, isRefused, `${name}: ${code}`);
      if (isRefused || REVISIONS[String(before['kind'])] === undefined) return;
      await settled(api, path, name);
      const revisions = await api.list(`/apis/apps/v1/namespaces/${namespace}/${REVISIONS[String(before['kind'])] ?? ''}`);
      t.equal(revisions.length > 1, effects.some(makesRevision(before['kind'])), `${name}: ${revisions.length} revisions`);
    }),
  );
});

/** Where the controller keeps each template that it has made Pods of. */
const REVISIONS: Readonly<Record<string, string>> = {
  Deployment: 'replicasets',
  StatefulSet: 'controllerrevisions',
  DaemonSet: 'controllerrevisions',
};

/** Those of numbered Pods and of nodes keep a template that no Pod has yet, too. */
function makesRevision(kind: unknown): (effect: ChangeEffect) => boolean {
  const makes: readonly ChangeEffect[] = kind === 'Deployment' ? ['replaces'] : ['replaces', 'new Pods', 'held'];
  return (effect) => makes.includes(effect);
}

/** The controller has seen what is stored. */
async function settled(api: KubeApi, path: string, name: string): Promise<void> {
  await eventually(`the controller of ${name}`, async () => {
    const { body } = await api.request({ method: 'GET', path });
    const { generation } = body['metadata'] as { generation?: number };
    const { observedGeneration } = (body['status'] ?? {}) as JsonObject;
    return REVISIONS[String(body['kind'])] === undefined || generation === observedGeneration;
  });
}
