import t from 'tap';
import type { KubernetesMinor } from '../../src/core/kubernetes-version.ts';
import { storedObject } from '../../src/core/stored-object.ts';

/** What a live API server of either version stored for the same objects. */
void t.test('the update strategy of a StatefulSet: by what is written, and by the version', (t) => {
  const stored = (minor: KubernetesMinor, updateStrategy?: object): unknown => {
    const object = { apiVersion: 'apps/v1', kind: 'StatefulSet', spec: { updateStrategy, template: { spec: { containers: [] } } } };
    return (storedObject(object, minor)['spec'] as Record<string, unknown>)['updateStrategy'];
  };
  const rolling = (rollingUpdate: object): object => ({ type: 'RollingUpdate', rollingUpdate });
  t.same(stored(36), rolling({ partition: 0 }));
  t.same(stored(37), rolling({ partition: 0, maxUnavailable: 1 }));
  t.same(stored(36, { type: 'RollingUpdate' }), { type: 'RollingUpdate' }, 'the type alone');
  t.same(stored(37, { type: 'RollingUpdate' }), { type: 'RollingUpdate' });
  t.same(stored(36, { rollingUpdate: { maxUnavailable: 2 } }), rolling({ partition: 0 }), 'dropped before 1.37');
  t.same(stored(37, { rollingUpdate: { maxUnavailable: 2 } }), rolling({ partition: 0, maxUnavailable: 2 }));
  t.same(stored(37, { type: 'OnDelete' }), { type: 'OnDelete' });
  t.end();
});
