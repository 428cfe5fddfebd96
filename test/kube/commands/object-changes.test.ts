import t from 'tap';
import { changesBetween, valueAt } from '../../../src/kube/commands/object-changes.ts';
import { FieldPath } from '../../../src/core/path.ts';
import type { JsonObject } from '../../../src/core/json.ts';

function changed(before: JsonObject, after: JsonObject): unknown[] {
  return changesBetween(before, after).map(({ path, from, to }) => [path, from, to]);
}

void t.test('values are compared one by one, at paths that people read', (t) => {
  t.same(
    changed(
      { metadata: { labels: { 'a.b/c': 'x' } }, spec: { replicas: 1, old: { a: 1 } } },
      { metadata: { labels: { 'a.b/c': 'y' } }, spec: { replicas: 2, new: [1, 2] } },
    ),
    [
      ['metadata.labels["a.b/c"]', 'x', 'y'],
      ['spec.replicas', 1, 2],
      ['spec.old.a', 1, undefined],
      ['spec.new', undefined, [1, 2]],
    ],
  );
  t.end();
});

void t.test('elements are matched by what Kubernetes merges them by', (t) => {
  const before = { spec: { containers: [{ name: 'web', image: 'a' }] } };
  const after = {
    spec: {
      containers: [
        { name: 'proxy', image: 'p' },
        { name: 'web', image: 'b' },
      ],
    },
  };
  t.same(changed(before, after), [
    ['spec.containers[web].image', 'a', 'b'],
    ['spec.containers[proxy].name', undefined, 'proxy'],
    ['spec.containers[proxy].image', undefined, 'p'],
  ]);
  const added = changesBetween(before, after)[1]?.added;
  t.same([added?.path, added?.place.text, added?.value], ['spec.containers[proxy]', 'spec.containers[0]', { name: 'proxy', image: 'p' }]);
  t.same(
    changed(
      { tolerations: [{ key: 'a', effect: 'NoExecute', tolerationSeconds: 300 }] },
      {
        tolerations: [
          { key: 'b', effect: 'NoSchedule' },
          { key: 'a', effect: 'NoExecute', tolerationSeconds: 30 },
        ],
      },
    )[0],
    ['tolerations[a/NoExecute].tolerationSeconds', 300, 30],
  );
  t.same(changed({ ports: [{ containerPort: 80 }] }, { ports: [{ containerPort: 80, protocol: 'TCP' }] }), [
    ['ports[80].protocol', undefined, 'TCP'],
  ]);
  t.end();
});

void t.test('lists whose elements cannot be told apart are one value', (t) => {
  const twice = [{ name: 'a' }, { name: 'a' }];
  t.same(changed({ env: twice }, { env: [...twice, { name: 'b' }] }), [['env', twice, [...twice, { name: 'b' }]]]);
  t.same(changed({ args: ['a'] }, { args: ['a', 'b'] }), [['args', ['a'], ['a', 'b']]]);
  t.end();
});

void t.test('what the API server takes for nothing, or for the same quantity, is no change', (t) => {
  t.same(changed({ a: null, b: '', c: {}, d: [] }, {}), []);
  t.same(changed({}, { c: {}, d: [] }), []);
  const resources = (cpu: unknown, memory: unknown): JsonObject => ({ resources: { requests: { cpu, memory } } });
  t.same(changed(resources('1000m', '1024Mi'), resources('1', '1Gi')), []);
  t.same(changed(resources(1, '1Gi'), resources('2', '1Gi')), [['resources.requests.cpu', 1, '2']]);
  t.same(changed({ env: [{ name: 'A', value: '1000m' }] }, { env: [{ name: 'A', value: '1' }] }), [['env[A].value', '1000m', '1']]);
  t.end();
});

void t.test('a value is found in another version of the object, whatever moved there', (t) => {
  const [change] = changesBetween(
    { spec: { containers: [{ name: 'a', image: '1' }] } },
    { spec: { containers: [{ name: 'a', image: '2' }] } },
  );
  const moved = { spec: { containers: [{ name: 'b' }, { name: 'a', image: '3' }] } };
  t.equal(valueAt(moved, change?.place ?? FieldPath.ROOT), '3');
  t.equal(valueAt({ spec: {} }, change?.place ?? FieldPath.ROOT), undefined);
  t.end();
});

void t.test('keys of labels that JavaScript has for itself are keys like others', (t) => {
  const labels = JSON.parse('{"labels": {"__proto__": "a", "constructor": "b"}}') as JsonObject;
  t.same(changed({ labels: { constructor: 'b' } }, labels), [['labels.__proto__', undefined, 'a']]);
  t.end();
});
