import t from 'tap';
import type { PodReference } from '../../../src/core/pod-references.ts';
import { FieldPath } from '../../../src/core/path.ts';
import { KubeStatusError } from '../../../src/kube/client/api.ts';
import { NamedObjects } from '../../../src/kube/commands/named-objects.ts';

const OBJECTS: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
  '/api/v1/namespaces/shop/configmaps/settings': { metadata: { name: 'settings' }, data: { level: 'info' } },
  '/apis/scheduling.k8s.io/v1/priorityclasses/high': { metadata: { name: 'high' } },
};

function asking(): { readonly named: NamedObjects; readonly asked: string[] } {
  const asked: string[] = [];
  const find = (path: string): Promise<Readonly<Record<string, unknown>> | undefined> => {
    asked.push(path);
    if (path.includes('/secrets/')) throw new KubeStatusError({ code: 403, body: { message: 'secrets is forbidden' }, warnings: [] });
    return Promise.resolve(OBJECTS[path]);
  };
  return { named: new NamedObjects({ find }), asked };
}

function reference(to: PodReference['to'], name: string): PodReference {
  return { to, name, key: undefined, path: FieldPath.ROOT, keyPath: FieldPath.ROOT };
}

void t.test('what the API does not have is not there, and nothing is asked twice', async (t) => {
  const { named, asked } = asking();
  const references = [reference('configMaps', 'settings'), reference('configMaps', 'lost'), reference('configMaps', 'settings')];
  t.same(await named.among('shop', references), {
    configMaps: { isKnown: true, value: { isComplete: true, objects: [{ name: 'settings', keys: ['level'] }] } },
  });
  await named.among('shop', references);
  t.same(asked, ['/api/v1/namespaces/shop/configmaps/settings', '/api/v1/namespaces/shop/configmaps/lost']);
});

void t.test('classes are of the cluster', async (t) => {
  const { priorityClasses } = await asking().named.among('shop', [reference('priorityClasses', 'high')]);
  t.match(priorityClasses, { isKnown: true, value: { objects: [{ name: 'high' }] } });
});

void t.test('what may not be read is unknown, and is not asked for again', async (t) => {
  const { named, asked } = asking();
  const references = [reference('secrets', 'a'), reference('secrets', 'b'), reference('configMaps', 'settings')];
  const { secrets, configMaps } = await named.among('shop', references);
  t.match(secrets, { isKnown: false, reason: /cannot read the names of the Secrets of the namespace: secrets is forbidden/ });
  t.equal(configMaps?.isKnown, true);
  await named.among('shop', references);
  t.equal(asked.filter((path) => path.includes('secrets')).length, 1);
});

void t.test('a name that no object can have is not asked for', async (t) => {
  const { named, asked } = asking();
  for (const name of ['..', '../pods', 'A', 'a/b', 'a?b', 'a%2e', `a${'a'.repeat(253)}`])
    t.match(await named.among('shop', [reference('configMaps', name)]), { configMaps: { isKnown: true, value: { objects: [] } } }, name);
  t.same(asked, []);
});

void t.test('whether a claim keeps a second Pod waiting, its volume says, or its class, where they may be read', async (t) => {
  const claims: Readonly<Record<string, object>> = {
    bound: { volumeName: 'pv-local', storageClassName: 'disk' },
    elsewhere: { volumeName: 'pv-disk', storageClassName: 'nodes' },
    waiting: { storageClassName: 'nodes' },
    hidden: { volumeName: 'pv-hidden' },
    odd: { volumeName: '../secrets/x' },
  };
  const others: Readonly<Record<string, Readonly<Record<string, unknown>>>> = {
    '/api/v1/persistentvolumes/pv-local': { spec: { local: { path: '/srv' } } },
    '/api/v1/persistentvolumes/pv-disk': { spec: { csi: { driver: 'disk.example' } } },
    '/apis/storage.k8s.io/v1/storageclasses/nodes': { provisioner: 'rancher.io/local-path' },
  };
  const asked: string[] = [];
  const find = (path: string): Promise<Readonly<Record<string, unknown>> | undefined> => {
    const [, name] = /persistentvolumeclaims\/(.*)$/.exec(path) ?? [];
    if (name !== undefined) return Promise.resolve({ metadata: { name }, spec: { accessModes: ['ReadWriteOnce'], ...claims[name] } });
    asked.push(path);
    if (path.endsWith('hidden')) throw new KubeStatusError({ code: 403, body: { message: 'forbidden' }, warnings: [] });
    return Promise.resolve(others[path]);
  };
  const references = Object.keys(claims).map((name) => reference('claims', name));
  const known = await new NamedObjects({ find }).among('shop', references);
  t.same(known.claims?.isKnown === true && known.claims.value.objects.map(({ name, isForTwoPods = false }) => [name, isForTwoPods]), [
    ['bound', true],
    ['elsewhere', false],
    ['waiting', true],
    ['hidden', false],
    ['odd', false],
  ]);
  t.notOk(asked.some((path) => path.includes('..')));
});
