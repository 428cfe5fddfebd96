/** The kinds that an API server serves by itself are those that `check --strict` knows. */
import { isOwnKind, versionsOfGroup } from '../../src/offline/own-kinds.ts';
import { clusterTest, connect } from './cluster.ts';

interface Discovered {
  readonly groups?: readonly {
    readonly name: string;
    readonly preferredVersion: { readonly groupVersion: string; readonly version: string };
  }[];
  readonly resources?: readonly { readonly name: string; readonly kind: string; readonly group?: string }[];
}

/** Groups of the API server itself and of the aggregator in it; what else is served, somebody has added. */
const isOwnGroup = (group: string): boolean => !group.includes('.') || group.endsWith('.k8s.io');

clusterTest('every kind that the API server has by itself is known', async (t) => {
  const api = connect();
  const read = async (path: string): Promise<Discovered> => (await api.request({ method: 'GET', path })).body;
  const { groups = [] } = await read('/apis');
  const own = groups.filter(({ name }) => isOwnGroup(name));
  t.ok(own.length > 10);
  for (const { name, preferredVersion } of own)
    t.ok(versionsOfGroup(name).includes(preferredVersion.version), preferredVersion.groupVersion);
  const paths = ['/api/v1', ...own.map(({ preferredVersion }) => `/apis/${preferredVersion.groupVersion}`)];
  for (const path of paths) {
    const { resources = [] } = await read(path);
    for (const { name, kind, group = path.split('/')[2] ?? '' } of resources) {
      // A subresource may have a kind of another group.
      if (!name.includes('/')) t.ok(isOwnKind(path === '/api/v1' ? '' : group, kind), `${path} ${kind}`);
    }
  }
});
