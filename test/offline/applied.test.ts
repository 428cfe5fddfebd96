import t from 'tap';
import type { JsonObject } from '../../src/core/json.ts';
import { appliedAfter, appliedOnto } from '../../src/offline/applied.ts';
import { deploymentWith, elementsOf, REPEATED_ELEMENTS } from './repeated-elements.ts';

/** As `kubectl apply` leaves it, with what a cluster adds to it. */
function stored(file: JsonObject, more: (object: JsonObject) => JsonObject = (object) => object): JsonObject {
  const annotations = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(withAnnotations(file)) };
  return more({ ...file, metadata: { ...(file['metadata'] as JsonObject | undefined), annotations } });
}

function withAnnotations(file: JsonObject): JsonObject {
  return { ...file, metadata: { annotations: {}, ...(file['metadata'] as JsonObject | undefined) } };
}

function pod(spec: JsonObject): JsonObject {
  return { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec };
}

const web = { name: 'web', image: 'web:1' };

void t.test('after an older version of the file, defaults stay that the newer one would have otherwise', (t) => {
  const limited = (cpu: string): JsonObject => pod({ containers: [{ ...web, resources: { limits: { cpu } } }] });
  const containersOf = (object: JsonObject): unknown => (object['spec'] as JsonObject)['containers'];
  t.match(containersOf(appliedAfter(limited('1'), limited('2'), 36).object), [
    { resources: { limits: { cpu: '2' }, requests: { cpu: '1' } } },
  ]);
  const { object: without } = appliedAfter(limited('1'), pod({ containers: [web] }), 36);
  t.notMatch(containersOf(without), [{ resources: { limits: { cpu: '1' } } }], 'what the file has named goes with it');
  t.notOk(Object.hasOwn(without['metadata'] as JsonObject, 'annotations'));
  t.end();
});

void t.test('what a cluster has added stays', (t) => {
  const file = pod({ containers: [web], volumes: [{ name: 'own', emptyDir: {} }] });
  const live = stored(file, (object) => ({
    ...object,
    spec: {
      nodeName: 'node-1',
      containers: [
        { ...web, volumeMounts: [{ name: 'token', mountPath: '/token' }] },
        { name: 'injected', image: 'proxy:1' },
      ],
      volumes: [
        { name: 'own', emptyDir: {} },
        { name: 'token', projected: {} },
      ],
    },
    status: { phase: 'Running' },
  }));
  t.same(appliedOnto(live, file), { object: live, misapplied: [] });
  t.end();
});

void t.test('what was applied and is gone from the file goes, and what the file names is changed', (t) => {
  const env = [
    { name: 'A', value: '1' },
    { name: 'B', value: '2' },
  ];
  const live = stored(pod({ containers: [{ ...web, env }], nodeSelector: { disk: 'ssd' }, tolerations: [{ key: 'a' }] }));
  const {
    object: { spec, metadata },
  } = appliedOnto(
    live,
    pod({ containers: [{ name: 'web', image: 'web:2', env: [{ name: 'B', value: '3' }] }], tolerations: [{ key: 'b' }] }),
  );
  t.same(spec, { containers: [{ name: 'web', image: 'web:2', env: [{ name: 'B', value: '3' }] }], tolerations: [{ key: 'b' }] });
  t.same(metadata, live['metadata']);
  t.end();
});

void t.test('null takes a field away, and a volume and a strategy are of one form', (t) => {
  const live = stored(
    pod({ volumes: [{ name: 'a', emptyDir: { sizeLimit: '1Gi' } }], strategy: { type: 'RollingUpdate', rollingUpdate: {} } }),
    (object) => ({
      ...object,
      spec: { ...(object['spec'] as JsonObject), hostname: 'web' },
    }),
  );
  const {
    object: { spec },
  } = appliedOnto(live, pod({ hostname: null, volumes: [{ name: 'a', configMap: { name: 'b' } }], strategy: { type: 'Recreate' } }));
  t.same(spec, { volumes: [{ name: 'a', configMap: { name: 'b' } }], strategy: { type: 'Recreate' } });
  t.end();
});

void t.test(
  'lists of kinds that Kubernetes does not know are replaced as a whole, and without a note of the last apply nothing goes',
  (t) => {
    const rollout = (spec: JsonObject): JsonObject => ({ apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout', spec });
    const {
      object: { spec },
    } = appliedOnto(rollout({ paused: true, containers: [web, { name: 'b' }] }), rollout({ containers: [{ name: 'web' }] }));
    t.same(spec, { paused: true, containers: [{ name: 'web' }] });
    t.end();
  },
);

void t.test('after an object that was read from a cluster, only what it was applied with goes', (t) => {
  const live = stored(pod({ containers: [web], nodeSelector: { disk: 'ssd' } }), (object) => ({
    ...object,
    spec: { ...(object['spec'] as JsonObject), hostname: 'web' },
  }));
  const {
    object: { spec },
  } = appliedAfter(live, pod({ containers: [web] }), 36);
  t.match(spec, { hostname: 'web' });
  t.notOk('nodeSelector' in (spec as JsonObject));
  t.end();
});

void t.test('elements with the same key are merged as kubectl does, and what is not stored as the file has it is told', (t) => {
  for (const { list, key, before, after, stored } of REPEATED_ELEMENTS) {
    const name = `${list}: ${JSON.stringify(before)} → ${JSON.stringify(after)}`;
    const { object, misapplied } = appliedAfter(deploymentWith(list, before), deploymentWith(list, after), 36);
    t.same(elementsOf(list, object), stored, name);
    const isStored = JSON.stringify(stored) === JSON.stringify(after);
    const place = `spec.template.spec${list === 'ports' || list === 'env' ? '.containers[0]' : ''}.${list}`;
    t.same(
      misapplied.map(({ path, ...at }) => ({ place: path.text, ...at })),
      isStored ? [] : [{ place, key, isKnown: true }],
      name,
    );
  }
  t.end();
});

void t.test('of a long list with elements of the same key nobody knows what is stored, unless nothing changes', (t) => {
  const ports = (count: number): JsonObject[] =>
    Array.from({ length: count }, (_, index) => ({ containerPort: 80 + Math.floor(index / 2), protocol: index % 2 === 0 ? 'TCP' : 'UDP' }));
  const misapplied = (before: JsonObject[], after: JsonObject[]): object[] =>
    appliedAfter(deploymentWith('ports', before), deploymentWith('ports', after), 36).misapplied.map(({ key, isKnown }) => ({
      key,
      isKnown,
    }));
  const unknown = [{ key: 'containerPort', isKnown: false }];
  const named = (count: number): JsonObject[] => ports(count).with(0, { ...ports(1)[0], name: 'web' });
  t.same(misapplied(ports(14), named(14)), unknown, 'changed');
  t.same(misapplied(ports(14), ports(12)), unknown, 'shorter');
  t.same(misapplied(ports(12), ports(14)), unknown, 'longer');
  t.same(misapplied(ports(14), ports(14)), [], 'alike');
  t.same(misapplied(ports(12), named(12)), [], 'the first of two changes, as the file says');
  t.end();
});
