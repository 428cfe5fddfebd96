/** What podgrace says is wrong with Pod specs, against what the API server says. */
import { MADE_UP_POD_SPECS } from '../core/made-up-pod-specs.ts';
import { clusterTest, connect, makeNamespace, send } from './cluster.ts';

clusterTest('a Pod spec is refused for what podgrace says is wrong with it', async (t) => {
  const api = connect();
  const namespace = await makeNamespace(t, api);
  const labels = { app: 'web' };
  for (const { name, spec, invalid } of MADE_UP_POD_SPECS) {
    const { code, body } = await send(api, {
      method: 'POST',
      path: `/apis/apps/v1/namespaces/${namespace}/deployments`,
      query: { dryRun: 'All' },
      body: {
        apiVersion: 'apps/v1',
        kind: 'Deployment',
        metadata: { name: 'web' },
        spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
      },
    });
    t.equal(code >= 400, invalid.length > 0, `${name}: ${code}`);
    const { causes = [] } = (body['details'] ?? {}) as { causes?: readonly { field: string; message: string }[] };
    t.same(
      causes.map(({ field, message }) => `${field}: ${message}`),
      invalid.map((text) => `spec.template.spec.${text}`),
      name,
    );
  }
});
