import t from 'tap';
import type { JsonObject } from '../../../src/core/json.ts';
import { storedObject } from '../../../src/core/stored-object.ts';
import { invalidPlaces, invalidPlacesOfNew } from '../../../src/core/validation/invalid-object.ts';
import { workloadChange, type FieldChange } from '../../../src/core/workload-change.ts';
import { MADE_UP_CREATIONS } from './made-up-creations.ts';
import { MADE_UP_CONTAINER_FIELDS } from './made-up-container-fields.ts';
import { MADE_UP_JOBS } from './made-up-jobs.ts';
import { MADE_UP_POD_FIELDS } from './made-up-pod-fields.ts';
import { MADE_UP_POD_SPECS } from './made-up-pod-specs.ts';
import { MADE_UP_WORKLOADS } from './made-up-workloads.ts';

const said = (object: JsonObject, minor: number): string[] =>
  invalidPlaces(storedObject(object, minor), minor).map(({ message }) => message);

for (const { name, spec, invalid } of [...MADE_UP_POD_SPECS, ...MADE_UP_CONTAINER_FIELDS, ...MADE_UP_POD_FIELDS]) {
  void t.test(name, (t) => {
    const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { template: { spec } } };
    t.same(
      said(deployment, 36),
      invalid.map((text) => `spec.template.spec.${text}`),
    );
    t.end();
  });
}

for (const { name, object, invalid } of [...MADE_UP_WORKLOADS, ...MADE_UP_JOBS]) {
  void t.test(name, (t) => {
    t.same(said(object, 36), invalid);
    t.end();
  });
}

for (const { name, object, invalid } of [...MADE_UP_CREATIONS, ...MADE_UP_WORKLOADS, ...MADE_UP_JOBS]) {
  void t.test(`${name}, as it is created`, (t) => {
    t.same(
      invalidPlacesOfNew(storedObject(object, 36), 36).map(({ message }) => message),
      invalid,
    );
    t.end();
  });
}

void t.test('an object of another group, or of a version that is not served, is not looked at', (t) => {
  for (const [apiVersion, kind] of [
    ['batch.example.dev/v1', 'Job'],
    ['extensions/v1beta1', 'Deployment'],
    ['apps/v1', 'Pod'],
  ])
    t.same(invalidPlacesOfNew({ apiVersion, kind, metadata: {}, spec: { replicas: -1 } }, 36), [], `${apiVersion} ${kind}`);
  t.end();
});

void t.test('before Kubernetes 1.36 a StatefulSet may have dots in its name', (t) => {
  const spec = {
    selector: { matchLabels: { app: 'db' } },
    template: { metadata: { labels: { app: 'db' } }, spec: { containers: [{ name: 'db', image: 'db:1' }] } },
  };
  const object = { apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'db.shop' }, spec };
  t.same(invalidPlacesOfNew(storedObject(object, 35), 35), []);
  t.match(invalidPlacesOfNew(storedObject(object, 36), 36), [{ message: /must not contain dots$/ }]);
  t.end();
});

void t.test('what the API server adds to the beginning of a name is not foretold', (t) => {
  const pod = (generateName: string): JsonObject => ({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { generateName },
    spec: { containers: [{ name: 'web', image: 'web:1' }] },
  });
  t.same(invalidPlacesOfNew(storedObject(pod('web-'), 36), 36), []);
  t.match(invalidPlacesOfNew(storedObject(pod('Web-'), 36), 36), [{ message: /^metadata\.generateName: Invalid value: "Web-"/ }]);
  t.end();
});

void t.test('Kubernetes 1.37 names the field of shared processes, and 1.34 knows no variables in files', (t) => {
  const pod = (spec: object): JsonObject => ({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec });
  const shared = pod({ containers: [{ name: 'web', image: 'web:1' }], hostPID: true, shareProcessNamespace: true });
  t.match(said(shared, 37), [/^spec\.shareProcessNamespace: /]);
  const empty = pod({ containers: [{ name: 'web', image: 'web:1', env: [{ name: 'A', valueFrom: {} }] }] });
  t.match(said(empty, 34), [/`configMapKeyRef` or `secretKeyRef`$/]);
  t.end();
});

void t.test('a change is invalid where it breaks what fitted, from either side', (t) => {
  const deployment = (spec: object): Record<string, unknown> => ({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    spec: { template: { spec } },
  });
  const container = { name: 'web', image: 'web:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] };
  const mounting = (volume: object): object => ({ containers: [container], volumes: [volume] });
  const changed = (before: object, after: object): Record<string, string | undefined> =>
    Object.fromEntries(workloadChange(deployment(before), deployment(after), 36).fields.map((field) => [field.path.text, reasonOf(field)]));
  const data = { name: 'data', emptyDir: {} };
  const notFound = 'spec.template.spec.containers[0].volumeMounts[0].name: Not found: "data"';
  t.same(changed(mounting(data), mounting({ ...data, name: 'other' })), { 'spec.template.spec.volumes[0].name': notFound });
  t.same(changed(mounting(data), { containers: [container] }), { 'spec.template.spec.volumes': notFound });
  t.same(changed({ containers: [{ ...container, volumeMounts: [] }] }, { containers: [container] }), {
    'spec.template.spec.containers[0].volumeMounts': notFound,
  });
  t.same(changed(mounting(data), mounting({ ...data, emptyDir: { sizeLimit: '1Gi' } })), {
    'spec.template.spec.volumes[0].emptyDir.sizeLimit': 'replaces',
  });

  const amounts = (request: string, limit: string, image = 'web:1'): object => ({
    containers: [{ name: 'web', image, resources: { requests: { memory: request }, limits: { memory: limit } } }],
  });
  const place = 'spec.template.spec.containers[0]';
  t.same(changed(amounts('1Gi', '2Gi'), amounts('1Gi', '512Mi', 'web:2')), {
    [`${place}.image`]: 'replaces',
    [`${place}.resources.limits.memory`]: `${place}.resources.requests: Invalid value: "1Gi": must be less than or equal to memory limit of 512Mi`,
  });
  t.same(changed(amounts('1Gi', '2Gi'), amounts('2Gi', '2Gi')), { [`${place}.resources.requests.memory`]: 'replaces' });
  t.end();
});

void t.test('a change is invalid in each kind whose Pod spec the API server looks at', (t) => {
  const spec = (request: string): object => ({
    containers: [{ name: 'web', image: 'web:1', resources: { requests: { memory: request }, limits: { memory: '2Gi' } } }],
  });
  const wrap: Readonly<Record<string, (spec: object) => object>> = {
    ReplicationController: (spec) => ({ template: { spec } }),
    CronJob: (spec) => ({ jobTemplate: { spec: { template: { spec } } } }),
    Job: (spec) => ({ suspend: true, template: { spec } }),
    Pod: (spec) => spec,
  };
  for (const [kind, place] of Object.entries(wrap)) {
    const [before, after] = ['1Gi', '3Gi'].map((request) => ({ kind, spec: place(spec(request)) }));
    t.match(workloadChange(before ?? {}, after ?? {}, 36).fields, [{ effect: 'invalid', reason: /limit of 2Gi$/ }], kind);
  }
  t.end();
});

void t.test('the claims of a StatefulSet are volumes of its Pods', (t) => {
  const version = (memory: string, mount: string, volumes: readonly object[]): JsonObject => ({
    kind: 'StatefulSet',
    spec: {
      template: {
        spec: {
          volumes,
          containers: [
            {
              name: 'db',
              image: 'db:1',
              resources: { requests: { memory }, limits: { memory: '2Gi' } },
              volumeMounts: [{ name: mount, mountPath: '/data' }],
            },
          ],
        },
      },
      volumeClaimTemplates: [{ metadata: { name: 'data' } }],
    },
  });
  const tmp = { name: 'tmp', emptyDir: {} };
  const effects = (after: JsonObject): string[] => workloadChange(version('1Gi', 'data', []), after, 36).fields.map(({ effect }) => effect);
  t.same(effects(version('1Gi', 'data', [tmp])), ['replaces']);
  t.same(effects(version('3Gi', 'data', [])), ['invalid']);
  t.same(effects(version('1Gi', 'other', [])), ['invalid']);
  t.end();
});

void t.test('an update is refused for what was invalid before, and does not change', (t) => {
  const version = (kind: string, image: string, fields: object = {}): JsonObject => {
    const container = { name: 'web', image, ports: [{ containerPort: 80, name: 'HTTP' }] };
    return { apiVersion: 'apps/v1', kind, spec: { template: { spec: { containers: [container] } }, ...fields } };
  };
  const ofDeployment = workloadChange(version('Deployment', 'web:1'), version('Deployment', 'web:2'), 36);
  t.match(ofDeployment.invalid, [/^spec\.template\.spec\.containers\[0\]\.ports\[0\]\.name: Invalid value: "HTTP"/]);
  t.match(ofDeployment.fields, [{ effect: 'replaces' }]);
  t.equal(ofDeployment.replacement, undefined);
  t.same(workloadChange(version('Deployment', 'web:1'), version('Deployment', 'web:1'), 36).invalid, [], 'nothing is sent');
  const ofStatefulSet = workloadChange(version('StatefulSet', 'web:1'), version('StatefulSet', 'web:2', { replicas: -1 }), 36);
  t.same(ofStatefulSet.invalid, [], 'the Pod spec of a StatefulSet that was invalid is passed over');
  t.match(ofStatefulSet.fields, [{ effect: 'replaces' }, { effect: 'invalid', reason: /^spec\.replicas: / }]);
  t.end();
});

function reasonOf({ effect, reason }: FieldChange): string {
  return effect === 'invalid' ? (reason ?? 'invalid') : effect;
}
