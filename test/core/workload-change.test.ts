import t from 'tap';
import { workloadChange, type Replacement } from '../../src/core/workload-change.ts';
import { MADE_UP_CHANGES } from './made-up-changes.ts';

for (const { name, before, after, effects } of MADE_UP_CHANGES) {
  void t.test(name, (t) => {
    const { fields, replacement } = workloadChange(before, after, 36);
    t.same(Object.fromEntries(fields.map(({ path, effect }) => [path.text, effect])), effects);
    const isRefused = Object.values(effects).some((effect) => effect === 'refused' || effect === 'resize');
    t.equal(replacement !== undefined, !isRefused && Object.values(effects).includes('replaces'));
    t.same(workloadChange(after, after, 36), { fields: [], replacement: undefined }, 'against itself');
    t.end();
  });
}

void t.test('how many Pods are replaced, how many at once, and how often one after another', (t) => {
  const replaced = (kind: string, spec: object, minor: 36 | 37 = 36): Replacement | undefined => {
    const version = (image: string): Record<string, unknown> => ({
      apiVersion: 'apps/v1',
      kind,
      spec: { ...spec, template: { spec: { containers: [{ name: 'web', image }] } } },
    });
    return workloadChange(version('web:1'), version('web:2'), minor).replacement;
  };
  const atOnce = { updateStrategy: { rollingUpdate: { maxUnavailable: 2 } } };
  t.match(replaced('StatefulSet', { replicas: 5, ...atOnce }), { atOnce: 1, steps: 5 }, '1.36 drops maxUnavailable');
  t.match(replaced('StatefulSet', { replicas: 5, ...atOnce }, 37), { atOnce: 2, steps: 3 });
  t.match(replaced('DaemonSet', atOnce), { pods: undefined, atOnce: 2 });
  t.same(replaced('Deployment', { replicas: 10 }), { pods: 10, atOnce: 5, steps: 2, minReadySeconds: 0 });
  t.same(replaced('Deployment', { replicas: 3, strategy: { rollingUpdate: { maxSurge: 1, maxUnavailable: 0 } } }), {
    pods: 3,
    atOnce: 1,
    steps: 3,
    minReadySeconds: 0,
  });
  t.same(replaced('Deployment', { replicas: 3, strategy: { type: 'Recreate' } }), { pods: 3, atOnce: 3, steps: 1, minReadySeconds: 0 });
  t.same(replaced('StatefulSet', { replicas: 5, updateStrategy: { rollingUpdate: { partition: 3 } } }), {
    pods: 2,
    atOnce: 1,
    steps: 2,
    minReadySeconds: 0,
  });
  t.equal(replaced('StatefulSet', { minReadySeconds: 7 })?.minReadySeconds, 7);
  t.same(replaced('DaemonSet', {}), { pods: undefined, atOnce: 1, steps: undefined, minReadySeconds: 0 });
  t.equal(replaced('StatefulSet', { updateStrategy: { type: 'OnDelete' } }), undefined);
  t.end();
});
