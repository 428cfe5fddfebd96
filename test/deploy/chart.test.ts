/** The chart and the plain manifests are one thing in two forms; what the chart adds are values. */
import t, { type Test } from 'tap';
import type { JsonObject } from '../../src/core/json.ts';
import { catalogue } from '../../src/config/catalogue.ts';
import { readPolicy } from '../../src/config/policy-file.ts';
import { VERSION } from '../../src/config/version.ts';
import { rightsToWatch } from '../../src/kube/client/surrounding-resources.ts';
import { COMPANION_WEBHOOK, companionRules } from '../../src/kube/commands/companion-entry.ts';
import { skipWithoutKubectl } from '../yaml/kubectl.ts';
import { helm, skipWithoutHelm } from './helm.ts';
import {
  byIdentity,
  forceDeleteWebhook,
  helmTemplate,
  kustomize,
  only,
  parseManifests,
  readBase,
  readText,
  type Manifest,
} from './rendered.ts';

const skip = skipWithoutHelm();

/** Releases live in a namespace that is there before; the policy is compared by what it says. */
function comparable(manifests: readonly Manifest[]): Record<string, unknown> {
  const rest = manifests
    .filter(({ kind }) => kind !== 'Namespace')
    .map((manifest) => (manifest.kind === 'ConfigMap' ? readPolicies(manifest) : manifest));
  return byIdentity(rest);
}

function readPolicies(configMap: Manifest): Manifest {
  const data = Object.entries(configMap['data'] as Record<string, string>).map(([key, text]) => [key, parseManifests(text)] as const);
  return { ...configMap, data: Object.fromEntries(data) };
}

void t.test('the chart without values is deploy/base, object by object', { skip }, (t) => {
  t.strictSame(comparable(helmTemplate()), comparable(readBase()));
  t.end();
});

void t.test('the chart with cert-manager is the overlay, object by object', { skip: skip || skipWithoutKubectl() }, (t) => {
  t.strictSame(comparable(helmTemplate({ certificates: { mode: 'cert-manager' } })), comparable(kustomize('deploy/overlays/cert-manager')));
  t.end();
});

for (const [what, policy] of [
  ['a preset', { preset: 'production' }],
  ['rules that are off', { preset: 'strict', rules: { 'disruption-budget': { mode: 'off' }, replicas: { mode: false } } }],
  ['all of them off', { preset: 'baseline', rules: { 'disruption-budget': { mode: 'off' }, 'rollout-strategy': { mode: 'off' } } }],
  [
    'a rule that an override has on',
    {
      preset: 'baseline',
      rules: { 'disruption-budget': { mode: 'off' }, 'rollout-strategy': { mode: 'off' } },
      overrides: [
        { namespaces: ['a'], rules: { 'disruption-budget': { mode: false } } },
        { namespaces: ['shop'], rules: { replicas: { mode: 'audit' } } },
      ],
    },
  ],
] as const) {
  void t.test(`the chart with ${what} has the rights that the policy needs, and asks about what it judges`, { skip }, (t) => {
    const document = { apiVersion: 'podgrace.dev/v1alpha1', kind: 'LifecyclePolicy', metadata: { name: 'cluster' }, spec: policy };
    const { needs, companionKinds } = readPolicy(JSON.stringify(document), 'values', { catalogue, nowMs: Date.now() });
    const manifests = helmTemplate({ policy });
    const [, ...rights] = only(manifests, 'ClusterRole')['rules'] as unknown[];
    t.same(rights, rightsToWatch(needs));
    const webhooks = only(manifests, 'ValidatingWebhookConfiguration')['webhooks'] as readonly JsonObject[];
    t.same(webhooks.find(({ name }) => name === COMPANION_WEBHOOK)?.['rules'] ?? [], companionRules(companionKinds));
    t.end();
  });
}

void t.test('the chart with a ServiceMonitor has that of the component', { skip }, (t) => {
  const [expected] = parseManifests(readText('deploy/components/service-monitor/service-monitor.yaml'));
  t.same(only(helmTemplate({ serviceMonitor: { enabled: true } }), 'ServiceMonitor'), expected);
  t.end();
});

void t.test('helm finds nothing wrong with the chart', { skip }, (t) => {
  const { code, stdout, stderr } = helm(['lint', '--strict', 'deploy/chart'], '', '.');
  t.equal(code, 0, stdout + stderr);
  t.end();
});

void t.test('the versions of the chart are the version of podgrace', (t) => {
  const [chart] = parseManifests(readText('deploy/chart/Chart.yaml'));
  t.match(chart, { version: VERSION, appVersion: VERSION });
  t.end();
});

const WRONG: readonly { readonly value: string; readonly values: JsonObject; readonly says: RegExp }[] = [
  { value: 'a misspelt one', values: { replica: 3 }, says: /additional properties 'replica' not allowed/ },
  { value: 'no replicas', values: { replicas: 0 }, says: /'\/replicas': minimum: got 0, want 1/ },
  {
    value: 'an unknown mode',
    values: { certificates: { mode: 'auto' } },
    says: /'\/certificates\/mode': value must be one of 'self-managed', 'cert-manager', 'existing-secret'/,
  },
  { value: 'a long timeout', values: { webhooks: { timeoutSeconds: 30 } }, says: /'\/webhooks\/timeoutSeconds': maximum: got 30, want 5/ },
  { value: 'a policy without a preset', values: { policy: { preset: null } }, says: /'\/policy': missing property 'preset'/ },
  {
    value: 'no memory limit',
    values: { resources: { limits: { memory: null } } },
    says: /'\/resources\/limits': missing property 'memory'/,
  },
  {
    value: 'an address as a registry',
    values: { images: { registries: ['https://docker.io'] } },
    says: /'\/images\/registries\/0': 'https:\/\/docker.io' does not match pattern/,
  },
  {
    value: 'a port in quotes',
    values: { networkPolicy: { apiServerPorts: ['443'] } },
    says: /'\/networkPolicy\/apiServerPorts\/0': got string, want integer/,
  },
];

for (const { value, values, says } of WRONG) {
  void t.test(`a wrong value is refused by name: ${value}`, { skip }, (t) => {
    const { code, stderr } = helm(['template', 'deploy/chart', '--values', '-'], JSON.stringify(values), '.');
    t.equal(code, 1);
    t.match(stderr, says);
    t.end();
  });
}

/** A field of a manifest by its path, for what values change. */
function at(manifest: Manifest, ...path: readonly (string | number)[]): unknown {
  return path.reduce<unknown>((value, key) => (value as Record<string | number, unknown>)[key], manifest);
}

function testValue(name: string, values: JsonObject, check: (t: Test, manifests: readonly Manifest[]) => void): void {
  void t.test(`a value does what it says: ${name}`, { skip }, (t) => {
    check(t, helmTemplate(values));
    t.end();
  });
}

const POD = ['spec', 'template', 'spec'] as const;

testValue(
  'images',
  { images: { registries: ['docker.io', 'registry.example.com:5000'], authSecret: 'pull', ports: [5000] } },
  (t, manifests) => {
    const pod = at(only(manifests, 'Deployment'), ...POD) as {
      containers: [{ args: string[]; volumeMounts: unknown[] }];
      volumes: unknown[];
    };
    const [{ args, volumeMounts }] = pod.containers;
    t.same(
      args.filter((arg) => arg.startsWith('--images')),
      [
        '--images-registry=docker.io',
        '--images-registry=registry.example.com:5000',
        '--images-platform=linux/amd64',
        '--images-auth=/etc/podgrace-images/.dockerconfigjson',
      ],
    );
    t.same(volumeMounts.at(-1), { name: 'images', mountPath: '/etc/podgrace-images', readOnly: true });
    t.same(pod.volumes.at(-1), { name: 'images', secret: { secretName: 'pull', defaultMode: 0o440 } });
    const ports = ([port, protocol]: readonly [number, string]): object => ({ port, protocol });
    t.same(at(only(manifests, 'NetworkPolicy'), 'spec', 'egress', 1), {
      ports: (
        [
          [5000, 'TCP'],
          [53, 'UDP'],
          [53, 'TCP'],
        ] as const
      ).map(ports),
    });
  },
);

testValue('images.authSecret counts for registries alone', { images: { authSecret: 'pull' } }, (t, manifests) => {
  t.strictSame(comparable(manifests), comparable(readBase()));
});

testValue('webhooks.forceDelete', { webhooks: { forceDelete: true } }, (t, manifests) => {
  const webhooks = at(only(manifests, 'ValidatingWebhookConfiguration'), 'webhooks') as JsonObject[];
  t.strictSame(webhooks.at(-1), forceDeleteWebhook(), 'that of the component');
  t.equal(webhooks.length, (at(only(readBase(), 'ValidatingWebhookConfiguration'), 'webhooks') as JsonObject[]).length + 1);
});

testValue(
  'image',
  { image: { repository: 'mirror.example/podgrace', tag: 'v9', pullPolicy: 'Always', pullSecrets: ['mirror'] } },
  (t, manifests) => {
    const deployment = only(manifests, 'Deployment');
    t.match(at(deployment, ...POD, 'containers', 0), { image: 'mirror.example/podgrace:v9', imagePullPolicy: 'Always' });
    t.same(at(deployment, ...POD, 'imagePullSecrets'), [{ name: 'mirror' }]);
  },
);

testValue('replicas and resources', { replicas: 2, resources: { limits: { memory: '1Gi' } } }, (t, manifests) => {
  const deployment = only(manifests, 'Deployment');
  t.equal(at(deployment, 'spec', 'replicas'), 2);
  t.same(at(deployment, ...POD, 'containers', 0, 'resources'), { requests: { cpu: '100m', memory: '256Mi' }, limits: { memory: '1Gi' } });
});

testValue('policy', { policy: { preset: 'production', owned: 'warn' } }, (t, manifests) => {
  const [policy] = parseManifests(String(at(only(manifests, 'ConfigMap'), 'data', 'policy.yaml')));
  t.match(policy, { kind: 'LifecyclePolicy', spec: { preset: 'production', owned: 'warn' } });
});

testValue('certificates of somebody else', { certificates: { mode: 'existing-secret', secretName: 'ours' } }, (t, manifests) => {
  t.same(at(only(manifests, 'Deployment'), ...POD, 'volumes', 0), { name: 'tls', secret: { secretName: 'ours', defaultMode: 0o440 } });
  t.same(
    manifests.map(({ kind }) => kind).filter((kind) => ['Secret', 'Lease', 'Role', 'RoleBinding', 'Issuer', 'Certificate'].includes(kind)),
    [],
  );
});

testValue(
  'webhooks',
  { webhooks: { failurePolicy: 'Ignore', timeoutSeconds: 2, excludedNamespaces: ['istio-system'], namespaceLabels: { team: 'a' } } },
  (t, manifests) => {
    for (const kind of ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']) {
      for (const webhook of at(only(manifests, kind), 'webhooks') as JsonObject[]) {
        t.match(webhook, {
          failurePolicy: 'Ignore',
          timeoutSeconds: 2,
          namespaceSelector: {
            matchLabels: { team: 'a' },
            matchExpressions: [{ values: ['kube-system', 'kube-node-lease', 'podgrace-system', 'istio-system'] }],
          },
        });
      }
    }
  },
);

testValue('networkPolicy', { networkPolicy: { enabled: false } }, (t, manifests) => {
  t.notOk(manifests.some(({ kind }) => kind === 'NetworkPolicy'));
});

testValue(
  'where Pods go',
  {
    nodeSelector: { pool: 'system' },
    tolerations: [{ key: 'system', operator: 'Exists' }],
    affinity: { podAntiAffinity: {} },
    priorityClassName: '',
  },
  (t, manifests) => {
    const pod = at(only(manifests, 'Deployment'), ...POD) as JsonObject;
    t.match(pod, {
      nodeSelector: { pool: 'system' },
      tolerations: [{ key: 'system', operator: 'Exists' }],
      affinity: { podAntiAffinity: {} },
    });
    t.notOk('priorityClassName' in pod);
    t.notOk(
      manifests.some(({ kind }) => kind === 'ResourceQuota'),
      'only critical Pods need a quota',
    );
  },
);

testValue(
  'labels and annotations',
  { labels: { team: 'a' }, annotations: { note: 'b' }, podLabels: { pod: 'c' }, podAnnotations: { pod: 'd' } },
  (t, manifests) => {
    for (const { kind, metadata } of manifests) t.match(metadata, { labels: { team: 'a' }, annotations: { note: 'b' } }, kind);
    const template = at(only(manifests, 'Deployment'), 'spec', 'template', 'metadata');
    t.match(template, { labels: { team: 'a', pod: 'c' }, annotations: { note: 'b', pod: 'd' } });
  },
);
