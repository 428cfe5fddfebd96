import t from 'tap';
import { presetPolicy } from '../../../src/config/presets.ts';
import type { JsonObject } from '../../../src/core/json.ts';
import { attributeCreation, attributeUpdate, type AttributedChange } from '../../../src/kube/commands/attribution.ts';
import { fieldsOf } from '../../../src/kube/commands/field-set.ts';
import { evaluateOwn } from '../../../src/kube/commands/own-evaluation.ts';

const SENT = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { generateName: 'web-' },
  spec: { containers: [{ name: 'web', image: 'r.example/web:1', ports: [{ containerPort: 80 }] }] },
};

/** As the API server of v1.36 answers it with the production preset, shortened; `team` and `image` are another webhook's. */
const ANSWERED = {
  ...SENT,
  metadata: { generateName: 'web-', name: 'web-x1', namespace: 'shop', uid: '1', labels: { team: 'a' } },
  spec: {
    containers: [
      {
        name: 'web',
        image: 'mirror.example/web:1',
        ports: [{ containerPort: 80, protocol: 'TCP' }],
        imagePullPolicy: 'IfNotPresent',
        lifecycle: { preStop: { sleep: { seconds: 10 } } },
      },
    ],
    terminationGracePeriodSeconds: 40,
    serviceAccountName: 'default',
  },
  status: { phase: 'Pending' },
};

const FIELDS = {
  'f:spec': {
    'f:containers': {
      'k:{"name":"web"}': {
        '.': {},
        'f:name': {},
        'f:image': {},
        'f:imagePullPolicy': {},
        'f:ports': { '.': {}, 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {}, 'f:protocol': {} } },
      },
    },
    'f:terminationGracePeriodSeconds': {},
  },
};

function said(changes: readonly AttributedChange[]): unknown[][] {
  return changes.map(({ path, from, to, by, rules }) => [path, from, to, by, ...rules]);
}

void t.test('a creation: what podgrace foresees is its own, what was there before admission is a default, the rest is others', (t) => {
  const own = evaluateOwn(SENT, 'shop', { policy: presetPolicy('production'), now: new Date() });
  const { changes, missing } = attributeCreation(SENT, ANSWERED, FIELDS, own);
  t.same(said(changes).sort(), [
    ['metadata.labels', undefined, { team: 'a' }, 'others'],
    ['spec.containers[web].image', 'r.example/web:1', 'mirror.example/web:1', 'others'],
    ['spec.containers[web].imagePullPolicy', undefined, 'IfNotPresent', 'api-server'],
    ['spec.containers[web].lifecycle', undefined, { preStop: { sleep: { seconds: 10 } } }, 'podgrace', 'pre-stop-delay'],
    ['spec.containers[web].ports[80].protocol', undefined, 'TCP', 'api-server'],
    ['spec.serviceAccountName', undefined, 'default', 'api-server'],
    ['spec.terminationGracePeriodSeconds', undefined, 40, 'podgrace', 'pre-stop-delay'],
  ]);
  t.same(missing, []);
  t.end();
});

void t.test('what podgrace foresees and the cluster did not do is missing, and a default all the same', (t) => {
  const own = evaluateOwn(SENT, 'shop', { policy: presetPolicy('production'), now: new Date() });
  const [container] = ANSWERED.spec.containers;
  const { lifecycle: _, ...untouched } = container ?? {};
  const answered = { ...ANSWERED, spec: { ...ANSWERED.spec, containers: [untouched], terminationGracePeriodSeconds: 30 } };
  const { changes, missing } = attributeCreation(SENT, answered, FIELDS, own);
  t.same(said(missing), [
    ['spec.containers[web].lifecycle', undefined, { preStop: { sleep: { seconds: 10 } } }, 'podgrace', 'pre-stop-delay'],
    ['spec.terminationGracePeriodSeconds', 30, 40, 'podgrace', 'pre-stop-delay'],
  ]);
  t.same(
    said(changes).filter(([path]) => path === 'spec.terminationGracePeriodSeconds'),
    [['spec.terminationGracePeriodSeconds', undefined, 30, 'api-server']],
  );
  t.end();
});

void t.test('without an evaluation of its own, podgrace is one of the others', (t) => {
  const { changes, missing } = attributeCreation(SENT, ANSWERED, FIELDS, undefined);
  t.same(changes.find(({ path }) => path === 'spec.containers[web].lifecycle')?.by, 'others');
  t.same(missing, []);
  t.end();
});

void t.test('an update: the file has its own changes, what it gives up too, and admission the rest', (t) => {
  const live = {
    kind: 'Deployment',
    metadata: { name: 'a', resourceVersion: '1' },
    spec: { replicas: 1, paused: true, minReadySeconds: 5 },
  };
  const sent = { kind: 'Deployment', metadata: { name: 'a' }, spec: { replicas: 2, paused: false } };
  const answered = {
    kind: 'Deployment',
    metadata: { name: 'a', resourceVersion: '2', annotations: { 'seen-by': 'x' } },
    spec: { replicas: 2, paused: 'no' },
  };
  const fields = { 'f:spec': { 'f:replicas': {}, 'f:paused': {} } };
  t.same(said(attributeUpdate(sent, live, answered, fields).changes), [
    ['metadata.annotations', undefined, { 'seen-by': 'x' }, 'others'],
    ['spec.replicas', 1, 2, 'manifest'],
    ['spec.paused', true, 'no', 'others'],
    ['spec.minReadySeconds', 5, undefined, 'manifest'],
  ]);
  t.end();
});

void t.test('what plugins of the API server add is theirs, whatever else stands beside it', (t) => {
  const mounts = [{ name: 'kube-api-access-x1', mountPath: '/var/run/secrets/kubernetes.io/serviceaccount', readOnly: true }];
  const foreign = { name: 'cache', mountPath: '/cache' };
  const answered = {
    ...SENT,
    metadata: { ...SENT.metadata, annotations: { 'kubernetes.io/limit-ranger': 'cpu', 'example.org/seen': 'yes' } },
    spec: {
      containers: [{ ...SENT.spec.containers[0], volumeMounts: [...mounts, foreign] }],
      tolerations: [
        { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 },
        { key: 'dedicated', operator: 'Exists', effect: 'NoSchedule' },
      ],
      volumes: [
        { name: 'kube-api-access-x1', projected: { defaultMode: 420 } },
        { name: 'cache', emptyDir: { medium: 'Memory' } },
      ],
      priority: 0,
    },
  };
  const { changes } = attributeCreation(SENT, answered, {}, undefined);
  const authors = Map.groupBy(changes, ({ by }) => by);
  const pathsOf = (by: AttributedChange['by']): Set<string> =>
    new Set(authors.get(by)?.map(({ path }) => path.replace(/^(spec\.(?:containers\[web\]\.)?\w+\[[^\]]+\]).*/, '$1')));
  t.same(
    pathsOf('others'),
    new Set([
      'metadata.annotations["example.org/seen"]',
      'spec.containers[web].volumeMounts[/cache]',
      'spec.tolerations[dedicated/NoSchedule]',
      'spec.volumes[cache]',
    ]),
  );
  t.same(
    pathsOf('api-server'),
    new Set([
      'metadata.annotations["kubernetes.io/limit-ranger"]',
      'spec.containers[web].volumeMounts[/var/run/secrets/kubernetes.io/serviceaccount]',
      'spec.tolerations[node.kubernetes.io/not-ready/NoExecute]',
      'spec.volumes[kube-api-access-x1]',
      'spec.priority',
    ]),
  );
  t.end();
});

void t.test('the fields of a manager are those of its own operation, not of a subresource', (t) => {
  const object = {
    metadata: {
      managedFields: [
        { manager: 'a', operation: 'Update', subresource: 'status', fieldsV1: { 'f:status': {} } },
        { manager: 'a', operation: 'Update', fieldsV1: FIELDS },
      ],
    },
  };
  const fields: JsonObject = fieldsOf(object, 'a', 'Update');
  t.same(fields, FIELDS);
  t.same(fieldsOf(object, 'a', 'Apply'), {});
  t.end();
});
