/** The shipped webhooks, registered for one namespace, with podgrace on loopback behind them. */
import type { Test } from 'tap';
import type { JsonObject } from '../../src/core/json.ts';
import type { Policy } from '../../src/core/policy.ts';
import type { KubeApi } from '../../src/kube/client/api.ts';
import { only, readBase } from '../deploy/rendered.ts';
import { eventually, send } from './cluster.ts';
import { clientConfigOf, serveOnLoopback } from './registered-webhook.ts';

interface ShippedWebhook {
  readonly name: string;
  readonly rules: readonly JsonObject[];
  readonly namespaceSelector: { readonly matchExpressions: readonly object[] };
}

/** Returns when the API server calls both. They end with the test. */
export function registerShipped(t: Test, api: KubeApi, namespace: string, policy: Policy): Promise<void> {
  return registerShippedFor(t, api, namespace, { policy, rules: [] });
}

/** The same with rules for other kinds, which are added to those of both. */
export async function registerShippedFor(
  t: Test,
  api: KubeApi,
  namespace: string,
  { policy, rules }: { readonly policy: Policy; readonly rules: readonly JsonObject[] },
): Promise<void> {
  const server = await serveOnLoopback(t, policy);
  for (const kind of ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']) {
    const shipped = only(readBase(), kind);
    const phase = kind.startsWith('Mutating') ? 'mutate' : 'validate';
    const webhooks = (shipped['webhooks'] as ShippedWebhook[]).map((webhook) => ({
      ...webhook,
      rules: [...webhook.rules, ...rules],
      clientConfig: clientConfigOf(`https://127.0.0.1:${server.port}/${phase}`, server.pair),
      failurePolicy: 'Fail',
      namespaceSelector: {
        matchExpressions: [
          ...webhook.namespaceSelector.matchExpressions,
          { key: 'kubernetes.io/metadata.name', operator: 'In', values: [namespace] },
        ],
      },
    }));
    const path = `/apis/admissionregistration.k8s.io/v1/${kind.toLowerCase()}s`;
    const name = `bypasses-${namespace}`;
    t.teardown(() => send(api, { method: 'DELETE', path: `${path}/${name}` }));
    await api.request({ method: 'POST', path, body: { apiVersion: shipped.apiVersion, kind, metadata: { name }, webhooks } });
  }
  const probe = {
    ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'probe' } },
    spec: { schedulerName: 'nobody', containers: [{ name: 'web', image: 'registry.example/web:1' }] },
  };
  await eventually('the API server calls both webhooks', async () => {
    server.takeRecords();
    await send(api, { method: 'POST', path: `/api/v1/namespaces/${namespace}/pods`, query: { dryRun: 'All' }, body: probe });
    return new Set(server.takeRecords().map(({ webhook }) => webhook)).size === 2;
  });
}
