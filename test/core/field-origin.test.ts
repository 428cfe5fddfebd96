import t from 'tap';
import { fieldOrigins } from '../../src/core/field-origin.ts';
import { storedObject } from '../../src/core/stored-object.ts';

function origins(object: Readonly<Record<string, unknown>>, wanted: readonly string[]): unknown {
  const found = fieldOrigins(object, storedObject(object, 36));
  return Object.fromEntries(wanted.map((pointer) => [pointer, found.get(pointer)]));
}

const container = { name: 'web', image: 'web:1' };

void t.test('of a Pod: its author, a default, or an admission plugin', (t) => {
  const pod = {
    apiVersion: 'v1',
    kind: 'Pod',
    spec: {
      terminationGracePeriodSeconds: 30,
      restartPolicy: null,
      tolerations: [{ operator: 'Exists', effect: 'NoSchedule' }],
      volumes: [{ name: 'a', emptyDir: {} }, { name: 'b' }],
      containers: [container],
    },
  };
  t.same(
    origins(pod, [
      '/kind',
      '/spec/terminationGracePeriodSeconds',
      '/spec/restartPolicy',
      '/spec/dnsPolicy',
      '/spec/priority',
      '/spec/serviceAccountName',
      '/spec/tolerations/0/operator',
      '/spec/tolerations/1/key',
      '/spec/volumes/0/emptyDir',
      '/spec/volumes/1/emptyDir',
      '/spec/containers/0/image',
      '/spec/containers/0/imagePullPolicy',
    ]),
    {
      '/kind': 'user',
      '/spec/terminationGracePeriodSeconds': 'user',
      '/spec/restartPolicy': 'default',
      '/spec/dnsPolicy': 'default',
      '/spec/priority': 'admission',
      '/spec/serviceAccountName': 'admission',
      '/spec/tolerations/0/operator': 'user',
      '/spec/tolerations/1/key': 'admission',
      '/spec/volumes/0/emptyDir': 'user',
      '/spec/volumes/1/emptyDir': 'default',
      '/spec/containers/0/image': 'user',
      '/spec/containers/0/imagePullPolicy': 'default',
    },
  );
  t.end();
});

void t.test('of a workload: no plugin touches its template', (t) => {
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas: 2, template: { spec: { containers: [container] } } } };
  t.same(origins(deployment, ['/spec/replicas', '/spec/strategy/type', '/spec/template/spec/priority', '/spec/template/spec/dnsPolicy']), {
    '/spec/replicas': 'user',
    '/spec/strategy/type': 'default',
    '/spec/template/spec/priority': undefined,
    '/spec/template/spec/dnsPolicy': 'default',
  });
  t.end();
});

void t.test('an object of a kind without defaults here is its author’s', (t) => {
  const map = { apiVersion: 'v1', kind: 'ConfigMap', data: { __proto__x: 'y', a: '' } };
  t.equal(storedObject(map, 36), map);
  t.same([...fieldOrigins(map, map).values()], ['user', 'user', 'user', 'user']);
  t.end();
});
