/** What the kustomizations make of the base. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import type { JsonObject } from '../../src/core/json.ts';
import { skipWithoutKubectl } from '../yaml/kubectl.ts';
import { byIdentity, kustomize, only, readBase, type Manifest } from './rendered.ts';

const skip = skipWithoutKubectl();

void t.test('the files of the base, applied in their order, are what its kustomization renders', { skip }, (t) => {
  t.strictSame(byIdentity(readBase()), byIdentity(kustomize('deploy/base')));
  t.end();
});

void t.test('the files come in an order that works: the namespace first, the configurations last', (t) => {
  const kinds = readBase().map(({ kind }) => kind);
  t.equal(kinds[0], 'Namespace');
  t.same(kinds.slice(-2), ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']);
  for (const kind of ['ServiceAccount', 'ResourceQuota', 'ConfigMap', 'Secret'])
    t.ok(kinds.indexOf(kind) < kinds.indexOf('Deployment'), kind);
  t.end();
});

void t.test('kind: one replica that asks for little', { skip }, (t) => {
  t.match(only(kustomize('deploy/overlays/kind'), 'Deployment')['spec'], { replicas: 1 });
  t.end();
});

void t.test('cert-manager: podgrace keeps no key, and may only read its configurations', { skip }, (t) => {
  const manifests = kustomize('deploy/overlays/cert-manager');
  t.notOk(manifests.some(({ kind }) => ['Secret', 'Lease', 'Role', 'RoleBinding'].includes(kind)));
  t.match(only(manifests, 'ClusterRole')['rules'], [{ verbs: ['get'] }]);
  for (const kind of ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']) {
    t.same(only(manifests, kind).metadata.annotations, { 'cert-manager.io/inject-ca-from': 'podgrace-system/podgrace' });
  }
  const issued = manifests.find(({ kind, metadata }) => kind === 'Certificate' && metadata.name === 'podgrace');
  t.match(issued, { spec: { secretName: 'podgrace-tls', dnsNames: ['podgrace.podgrace-system.svc'] } });
  t.match(only(manifests, 'Deployment'), { spec: { template: { spec: { volumes: [{ secret: { secretName: 'podgrace-tls' } }, {}] } } } });
  t.end();
});

/** The base with a component, as a kustomization of a user's would have it. */
function withComponent(t: Test, component: string): Manifest[] {
  const folder = t.testdir();
  symlinkSync(fileURLToPath(new URL('../../deploy', import.meta.url)), join(folder, 'deploy'));
  mkdirSync(join(folder, 'mine'));
  const kustomization = { resources: ['../deploy/base'], components: [`../deploy/components/${component}`] };
  writeFileSync(join(folder, 'mine/kustomization.yaml'), JSON.stringify(kustomization));
  return kustomize(join(folder, 'mine'));
}

void t.test('fail-open: nothing is refused while podgrace is away (GP24)', { skip }, (t) => {
  const manifests = withComponent(t, 'fail-open');
  const webhooks = only(manifests, 'ValidatingWebhookConfiguration')['webhooks'] as JsonObject[];
  t.same(
    webhooks.map(({ failurePolicy }) => failurePolicy),
    ['Ignore', 'Ignore'],
  );
  t.end();
});

void t.test('opt-in: only labelled namespaces, and never those that are left alone (GP24)', { skip }, (t) => {
  const manifests = withComponent(t, 'opt-in');
  for (const kind of ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']) {
    for (const { namespaceSelector } of only(manifests, kind)['webhooks'] as JsonObject[]) {
      t.match(namespaceSelector, {
        matchLabels: { 'podgrace.dev/admission': 'enabled' },
        matchExpressions: [{ operator: 'NotIn', values: ['kube-system', 'kube-node-lease', 'podgrace-system'] }],
      });
    }
  }
  t.end();
});

void t.test('service-monitor: it finds the Service and its port', { skip }, (t) => {
  const manifests = withComponent(t, 'service-monitor');
  const service = only(manifests, 'Service');
  t.match(only(manifests, 'ServiceMonitor')['spec'], {
    selector: { matchLabels: service.metadata.labels },
    endpoints: [{ port: 'ops', path: '/metrics' }],
  });
  t.match(service['spec'], { ports: [{ name: 'webhook' }, { name: 'ops', targetPort: 'ops' }] });
  t.end();
});
