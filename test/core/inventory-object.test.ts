import t from 'tap';
import { inventoryObjectOf, withKeysOfBoth } from '../../src/core/inventory-object.ts';
import type { JsonObject } from '../../src/core/json.ts';

function runtimeClass(more: object): unknown {
  return inventoryObjectOf({ apiVersion: 'node.k8s.io/v1', kind: 'RuntimeClass', metadata: { name: 'kata' }, handler: 'kata', ...more })
    ?.value;
}

void t.test('of a RuntimeClass, what its sandbox needs is read', (t) => {
  t.match(runtimeClass({ overhead: { podFixed: { cpu: '250m', memory: '120Mi' } } }), { overhead: { cpu: '250m', memory: '120Mi' } });
  t.match(runtimeClass({ overhead: { podFixed: { cpu: 'much', memory: 1024, any: {} } } }), { overhead: { memory: 1024, cpu: undefined } });
  for (const more of [{}, { overhead: null }, { overhead: { podFixed: 'x' } }]) t.match(runtimeClass(more), { overhead: undefined });
  t.end();
});

void t.test('a Secret that a well-known controller makes is there, with whatever keys', (t) => {
  const madeBy = (apiVersion: string, kind: string, spec: unknown): unknown =>
    inventoryObjectOf({ apiVersion, kind, metadata: { name: 'web' }, spec });
  const secret = (name: string): unknown => ({ inventory: 'secrets', value: { name, keys: undefined } });
  t.same(madeBy('external-secrets.io/v1', 'ExternalSecret', { target: { name: 'db' } }), secret('db'));
  t.same(madeBy('external-secrets.io/v1beta1', 'ExternalSecret', {}), secret('web'));
  t.same(madeBy('bitnami.com/v1alpha1', 'SealedSecret', { template: { metadata: { name: 'db' } } }), secret('web'), 'its own name');
  t.same(madeBy('bitnami.com/v1alpha1', 'SealedSecret', null), secret('web'));
  t.same(madeBy('cert-manager.io/v1', 'Certificate', { secretName: 'web-tls' }), secret('web-tls'));
  t.equal(madeBy('certificates.example/v1', 'Certificate', { secretName: 'web-tls' }), undefined);
  t.end();
});

void t.test('nobody can fill an empty object that is immutable', (t) => {
  const empty = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'web' } };
  t.equal(inventoryObjectOf(empty)?.value.keys, undefined);
  t.same(inventoryObjectOf({ ...empty, immutable: true })?.value.keys, []);
  t.same(inventoryObjectOf({ ...empty, immutable: true, binaryData: { a: 'AA==' } })?.value.keys, ['a']);
  t.end();
});

void t.test('of two objects of one name, the first says all but the keys', (t) => {
  const [one, other] = [
    { name: 'kata', keys: ['a'], overhead: { cpu: '1' } },
    { name: 'kata', keys: ['b'], overhead: { cpu: '2' } },
  ];
  t.same(withKeysOfBoth(one, other), { name: 'kata', keys: ['a', 'b'], overhead: { cpu: '1' } });
  t.end();
});

void t.test('of a claim, its access modes are read', (t) => {
  const claim = (spec: unknown): unknown =>
    inventoryObjectOf({ apiVersion: 'v1', kind: 'PersistentVolumeClaim', metadata: { name: 'data' }, spec });
  const named = { inventory: 'claims', value: { name: 'data', keys: undefined } };
  t.match(claim({ accessModes: ['ReadWriteOnce'] }), { value: { accessModes: ['ReadWriteOnce'] } });
  t.match(claim({ accessModes: ['ReadWriteOnce'], storageClassName: 'local-path' }), { value: { isForTwoPods: true } });
  for (const spec of [undefined, null, {}, { accessModes: [] }, { accessModes: 'ReadWriteOnce' }]) t.same(claim(spec), named);
  t.end();
});

void t.test('a claim that is being deleted, or has lost its volume, is there and cannot be used', (t) => {
  const typed = (kind: string, more: object): JsonObject => ({
    ...{ apiVersion: kind === 'ResourceClaim' ? 'resource.k8s.io/v1' : 'v1', kind, metadata: { name: 'data' } },
    ...more,
  });
  const fault = (kind: string, more: object): unknown => inventoryObjectOf(typed(kind, more), true)?.value.unusable;
  const deleted = { metadata: { name: 'data', deletionTimestamp: '2026-11-30T21:00:00Z' } };
  t.equal(fault('PersistentVolumeClaim', { status: { phase: 'Lost' } }), 'lost');
  t.equal(fault('PersistentVolumeClaim', deleted), 'deleted');
  t.equal(fault('ResourceClaim', deleted), 'deleted');
  for (const phase of ['Bound', 'Pending']) t.equal(fault('PersistentVolumeClaim', { status: { phase } }), undefined);
  for (const kind of ['ConfigMap', 'Secret', 'ServiceAccount'])
    t.equal(fault(kind, deleted), undefined, 'Pods can use it until it is gone');
  t.equal(inventoryObjectOf(typed('PersistentVolumeClaim', deleted))?.value.unusable, undefined, 'a file, of which a new one is made');
  t.end();
});
