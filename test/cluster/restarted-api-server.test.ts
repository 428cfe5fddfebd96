/** What the server knows of the objects in a cluster whose API server starts again, with what it had, or with an older state. */
import type { JsonObject } from '../../src/core/json.ts';
import { connectByKubeconfig } from '../../src/kube/client/kubeconfig.ts';
import { WatchedSurroundings } from '../../src/kube/watch/watched-surroundings.ts';
import { eventually } from './cluster.ts';
import { kubeconfigWith } from './kubeconfigs.ts';
import { Line } from './line.ts';
import { apiServerTest, startApiServer } from './own-api-server.ts';

const PATH = '/api/v1/namespaces/default/services';

apiServerTest('what changed while an API server was away is known, also where it has lost all that it had', async (t) => {
  const { api, kubeconfig, restart } = await startApiServer(t, t.testdir(), []);
  const line = await Line.to(t, api.server);
  const client = connectByKubeconfig({ kubeconfig: await kubeconfigWith(t, { server: line.url }, kubeconfig) });
  const watched = new WatchedSurroundings(
    client,
    { onKnown: () => undefined, onError: () => undefined },
    { firstBackoffMs: 100, longestBackoffMs: 500 },
  );
  t.teardown(() => watched.close());
  watched.need(new Set(['services']));
  const names = (): string => {
    const { services } = watched.around('default');
    return services.isKnown ? services.value.map(({ name }) => name).join(' ') : '?';
  };
  await eventually('the Service of the API server is known', () => names() === 'kubernetes');
  await api.request({ method: 'POST', path: PATH, body: service('old') });
  await eventually('a new one is known', () => names() === 'kubernetes old');

  line.cut();
  await api.request({ method: 'DELETE', path: `${PATH}/old` });
  await api.request({ method: 'POST', path: PATH, body: service('new') });
  await restart(false);
  line.mend();
  await eventually('what was missed is known', () => names() === 'kubernetes new');

  // Many versions more than a cluster that is new has.
  for (let index = 0; index < 300; index++)
    await api.request({
      method: 'PATCH',
      path: `${PATH}/new`,
      patchType: 'application/merge-patch+json',
      body: { metadata: { annotations: { index: String(index) } } },
    });
  await restart(true);
  await eventually('what is gone is not known any more', () => names() === 'kubernetes');
  t.pass('seen');
});

function service(name: string): JsonObject {
  return { apiVersion: 'v1', kind: 'Service', metadata: { name }, spec: { selector: { app: name }, ports: [{ port: 80 }] } };
}
