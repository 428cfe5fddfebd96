/** What the kustomizations make of the base. */
import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import t, { type Test } from 'tap';
import type { JsonObject } from '../../src/core/json.ts';
import { skipWithoutKubectl } from '../yaml/kubectl.ts';
import { readInstallation } from '../../src/kube/commands/installation.ts';
import { refuseOwnJudgement } from '../../src/kube/commands/relocation.ts';
import { skipWithoutHelm } from './helm.ts';
import { byIdentity, helmTemplate, kustomize, only, readBase, readText, type Manifest } from './rendered.ts';

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

void t.test('references to fields spell out their version, or install would conflict with a client-side apply before it', (t) => {
  const text = JSON.stringify(only(readBase(), 'Deployment'));
  const references = [...text.matchAll(/"fieldRef":(\{[^}]*\})/g)].map(([, reference = '']) => JSON.parse(reference) as unknown);
  t.same(references, [{ apiVersion: 'v1', fieldPath: 'metadata.namespace' }]);
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

/**
 * The kustomizations of docs/installation.md, beside a checkout as it says.
 *
 * @param change to the text of each
 * @returns the folder that they are in
 */
function documented(t: Test, change = (text: string): string => text): string {
  const folder = t.testdir({ podgrace: {} });
  symlinkSync(fileURLToPath(new URL('../../deploy', import.meta.url)), join(folder, 'podgrace/deploy'));
  for (const [, text = ''] of readText('docs/installation.md').matchAll(/^```yaml\n(# \S+kustomization\.yaml\n[^]*?)^```$/gm)) {
    const file = join(folder, text.slice(2, text.indexOf('\n')));
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, change(text));
  }
  return folder;
}

void t.test('fail-open, as the documentation shows it: nothing is refused while podgrace is away (GP24)', { skip }, (t) => {
  const manifests = kustomize(join(documented(t), 'fail-open'));
  const webhooks = only(manifests, 'ValidatingWebhookConfiguration')['webhooks'] as JsonObject[];
  t.same(
    webhooks.map(({ failurePolicy }) => failurePolicy),
    ['Ignore', 'Ignore', 'Ignore'],
  );
  t.same(Object.keys(byIdentity(manifests)), Object.keys(byIdentity(readBase())), 'all else is that of the base');
  t.end();
});

void t.test('a namespace left out, as the documentation shows it: no webhook is asked about it', { skip }, (t) => {
  const manifests = kustomize(join(documented(t), 'without-calico'));
  const selectors = ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration'].flatMap((kind) =>
    (only(manifests, kind)['webhooks'] as JsonObject[]).map(({ namespaceSelector }) => namespaceSelector),
  );
  t.ok(selectors.length > 0);
  for (const selector of selectors)
    t.match(selector, {
      matchExpressions: [{ operator: 'NotIn', values: ['kube-system', 'kube-node-lease', 'podgrace-system', 'calico-system'] }],
    });
  t.end();
});

for (const shipped of ['base', 'overlays/cert-manager']) {
  void t.test(`own-namespace, as the documentation shows it: every name follows (${shipped})`, { skip }, (t) => {
    const folder = documented(t, (text) => text.replace('deploy/base', `deploy/${shipped}`));
    const here = JSON.stringify(kustomize(`deploy/${shipped}`));
    const there = kustomize(join(folder, 'platform'));
    t.strictSame(byIdentity(there), byIdentity(JSON.parse(here.replaceAll('podgrace-system', 'platform')) as Manifest[]));
    t.doesNotThrow(() => {
      refuseOwnJudgement(readInstallation(there));
    });
    t.throws(
      () => {
        refuseOwnJudgement(readInstallation(kustomize(join(folder, 'platform/server'))));
      },
      { message: /must leave the namespace of the server alone/ },
      '`namespace:` alone is not enough',
    );
    t.end();
  });
}

void t.test('only-ca-bundle: it is added to the base, and names the configurations that there are', { skip }, (t) => {
  const manifests = withComponent(t, 'only-ca-bundle');
  const policy = only(manifests, 'ValidatingAdmissionPolicy');
  t.match(policy['spec'], {
    failurePolicy: 'Fail',
    matchConstraints: { resourceRules: [{ resourceNames: [only(manifests, 'MutatingWebhookConfiguration').metadata.name] }] },
  });
  t.match(only(manifests, 'ValidatingAdmissionPolicyBinding')['spec'], { policyName: policy.metadata.name, validationActions: ['Deny'] });
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

void t.test(
  'force-delete, as the documentation shows it: one more webhook, after the others, about deletions alone, which holds nothing up',
  { skip },
  (t) => {
    const webhooksOf = (manifests: readonly Manifest[]): JsonObject[] =>
      only(manifests, 'ValidatingWebhookConfiguration')['webhooks'] as JsonObject[];
    const manifests = kustomize(join(documented(t), 'force-delete'));
    const before = webhooksOf(readBase());
    const [added, ...others] = webhooksOf(manifests).slice(before.length);
    t.strictSame(webhooksOf(manifests).slice(0, before.length), before);
    t.same(others, []);
    t.match(added, { failurePolicy: 'Ignore', timeoutSeconds: 2, sideEffects: 'None', matchPolicy: 'Equivalent' });
    t.same(added?.['rules'], [{ apiGroups: [''], apiVersions: ['v1'], resources: ['pods'], operations: ['DELETE'], scope: 'Namespaced' }]);
    t.same(added?.['namespaceSelector'], before[0]?.['namespaceSelector'], 'the same namespaces are left alone');
    t.same(added?.['clientConfig'], before[0]?.['clientConfig']);
    t.doesNotThrow(() => {
      refuseOwnJudgement(readInstallation(manifests));
    }, 'podgrace install takes it');
    t.end();
  },
);

void t.test('images, as the documentation shows it: the same as the value of the chart', { skip: skip || skipWithoutHelm() }, (t) => {
  const manifests = kustomize(join(documented(t), 'images'));
  const chart = helmTemplate({ images: { registries: ['docker.io'] } });
  const argsOf = (manifests: readonly Manifest[]): string[] =>
    (only(manifests, 'Deployment')['spec'] as { template: { spec: { containers: [{ args: string[] }] } } }).template.spec.containers[0]
      .args;
  // The chart names the default of the platform, too.
  t.same(
    argsOf(manifests),
    argsOf(chart).filter((arg) => !arg.startsWith('--images-platform=')),
  );
  t.same(only(manifests, 'NetworkPolicy')['spec'], only(chart, 'NetworkPolicy')['spec']);
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
