import { readdirSync, readFileSync } from 'node:fs';
import t from 'tap';
import { documentsIn } from '../../../src/offline/input/documents.ts';
import { isObject, type JsonObject } from '../../../src/core/json.ts';
import type { Surrounding } from '../../../src/core/surroundings.ts';
import { isOurs } from '../../../src/kube/commands/apply.ts';
import { closedWebhooksOf, openingOf } from '../../../src/kube/commands/break-glass.ts';
import { customize, policyFileIn, readInstallation, type Installation } from '../../../src/kube/commands/installation.ts';
import { policyConfigMapName, serveOption } from '../../../src/kube/commands/serve-options.ts';

const BASE = new URL('../../../deploy/base/', import.meta.url);

function shipped(): JsonObject[] {
  return readdirSync(BASE)
    .filter((file) => file.endsWith('.yaml'))
    .sort()
    .flatMap((file) => [...documentsIn(file, readFileSync(new URL(file, BASE), 'utf8'))])
    .flatMap((document) => ('message' in document || !isObject(document.value) ? [] : [document.value]));
}

function kinds(objects: readonly JsonObject[]): unknown[] {
  return objects.map(({ kind }) => kind);
}

void t.test('the shipped manifests are an installation: the namespace first, the configurations apart', (t) => {
  const { server, configurations, namespace, policyName } = readInstallation(shipped());
  t.equal(kinds(server)[0], 'Namespace');
  t.notOk(kinds(server).includes('Kustomization'), 'what is for kustomize alone is none of it');
  t.same(kinds(configurations), ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']);
  t.equal(namespace, 'podgrace-system');
  t.equal(policyName, 'podgrace-policy');
  for (const object of [...server, ...configurations]) t.equal(isOurs(object), true, String(object['kind']));
  t.end();
});

void t.test('image, replicas and policy go where the manifests have them, and nothing else changes', (t) => {
  const installation = readInstallation(shipped());
  const changed = customize(installation, { image: 'r.example/podgrace:2', replicas: 2, policy: 'kind: LifecyclePolicy\n' });
  t.match(changed.deployment, { spec: { replicas: 2, template: { spec: { containers: [{ image: 'r.example/podgrace:2' }] } } } });
  const policy = (of: Installation): string | undefined => of.server.flatMap((object) => policyFileIn(object)?.text ?? [])[0];
  t.equal(policy(changed), 'kind: LifecyclePolicy\n');
  t.same(customize(installation, {}), installation);
  t.end();
});

void t.test('the rights to watch are those that the policy needs, also where it needs none', (t) => {
  const installation = readInstallation(shipped());
  const watchedWith = (needs: readonly Surrounding[], of = installation): unknown =>
    customize(of, { needs: new Set(needs) })
      .server.filter(({ kind }) => kind === 'ClusterRole')
      .flatMap(({ rules }) => rules as JsonObject[])
      .filter(({ verbs }) => (verbs as string[]).includes('watch'))
      .map(({ apiGroups, resources, verbs }) => [apiGroups, resources, verbs]);
  t.same(watchedWith(['limitRanges', 'services', 'podDisruptionBudgets', 'images']), [
    [[''], ['limitranges', 'services'], ['list', 'watch']],
    [['policy'], ['poddisruptionbudgets'], ['list', 'watch']],
  ]);
  t.same(watchedWith([]), []);
  const unwatched = customize(installation, { needs: new Set() });
  t.same(watchedWith(['services'], unwatched), [], 'whoever has taken the rights away wants nothing watched');
  const roles = (of: Installation): unknown[] => of.server.filter(({ kind }) => kind === 'Role');
  t.same(roles(unwatched), roles(installation));
  t.end();
});

void t.test('the file with the policy is found in YAML and in JSON, and nowhere else', (t) => {
  const fileOf = (data: Readonly<Record<string, string>>): string | undefined => policyFileIn({ kind: 'ConfigMap', data })?.file;
  t.equal(fileOf({ 'a.txt': 'x', 'policy.yaml': 'apiVersion: podgrace.dev/v1alpha1\nkind: LifecyclePolicy\n' }), 'policy.yaml');
  t.equal(fileOf({ 'policy.json': '{"apiVersion":"podgrace.dev/v1alpha1","kind":"LifecyclePolicy"}' }), 'policy.json');
  t.equal(fileOf({ 'policy.json': '{\n  "kind": "LifecyclePolicy"\n}' }), 'policy.json');
  t.equal(fileOf({ 'notes.txt': 'our mankind: LifecyclePolicy', 'other.yaml': 'kind: LifecyclePolicyList' }), undefined);
  t.end();
});

void t.test('manifests that are no installation are refused', (t) => {
  const objects = shipped();
  const without = (kind: string): JsonObject[] => objects.filter((object) => !String(object['kind']).endsWith(kind));
  t.throws(() => readInstallation(without('Deployment')), { message: /must hold one Deployment/ });
  t.throws(() => readInstallation([...objects, { kind: 'Deployment' }]), { message: /must hold one Deployment/ });
  t.throws(() => readInstallation(without('WebhookConfiguration')), { message: /must hold a webhook configuration/ });
  t.throws(() => readInstallation([...without('Deployment'), { kind: 'Deployment', metadata: { name: 'a' } }]), {
    message: /must name its namespace/,
  });
  t.throws(() => customize(readInstallation(without('ConfigMap')), { policy: 'a' }), {
    message: /must hold a ConfigMap with a LifecyclePolicy/,
  });
  t.end();
});

void t.test('how the server was told to run is read from arguments and environment', (t) => {
  const { deployment } = readInstallation(shipped());
  t.equal(serveOption(deployment, 'tls-secret', 'PODGRACE_TLS_SECRET'), 'podgrace-certificates');
  t.equal(policyConfigMapName(deployment), 'podgrace-policy');
  const run = (container: object): JsonObject => ({ spec: { template: { spec: { containers: [container] } } } });
  t.equal(serveOption(run({ args: ['serve', '--preset', 'strict'] }), 'preset', 'P'), 'strict');
  t.equal(serveOption(run({ env: [{ name: 'P', value: 'strict' }] }), 'preset', 'P'), 'strict');
  t.equal(serveOption(run({}), 'preset', 'P'), undefined);
  t.equal(policyConfigMapName(run({ args: ['--policy=/etc/p.yaml'] })), undefined);
  t.end();
});

void t.test('only what podgrace made counts as its own', (t) => {
  const managedBy = (manager: string, operation: string): JsonObject => ({
    metadata: { managedFields: [{ manager, operation, fieldsV1: { 'f:a': {} } }] },
  });
  t.equal(isOurs({ metadata: { labels: { 'app.kubernetes.io/name': 'podgrace' } } }), true);
  t.equal(isOurs(managedBy('podgrace', 'Apply')), true);
  t.equal(isOurs(managedBy('kubectl', 'Apply')), false);
  t.equal(isOurs({ metadata: { name: 'podgrace' } }), false);
  t.end();
});

void t.test('a configuration is open as far as it is still so', (t) => {
  const annotations = { 'podgrace.dev/failopen-since': '2026-11-22', 'podgrace.dev/failopen-webhooks': 'a,b,gone' };
  const webhooks = (a: string, b: string): object[] => [{ name: 'a', failurePolicy: a }, { name: 'b', failurePolicy: b }, { name: 'c' }];
  t.same(openingOf({ metadata: { annotations }, webhooks: webhooks('Ignore', 'Ignore') }), { since: '2026-11-22', webhooks: ['a', 'b'] });
  t.same(openingOf({ metadata: { annotations }, webhooks: webhooks('Ignore', 'Fail') }), { since: '2026-11-22', webhooks: ['a'] });
  t.equal(openingOf({ metadata: { annotations }, webhooks: webhooks('Fail', 'Fail') }), undefined);
  t.equal(openingOf({ metadata: {}, webhooks: webhooks('Ignore', 'Ignore') }), undefined, 'by design, or by somebody else');
  t.same(closedWebhooksOf({ webhooks: webhooks('Ignore', 'Fail') }), ['b', 'c'], "Fail is the API's default");
  t.end();
});
