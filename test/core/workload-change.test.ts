import t from 'tap';
import { REFUSING } from '../../src/core/change-effect.ts';
import { workloadChange, type Replacement } from '../../src/core/workload-change.ts';
import { Work } from '../../src/core/work.ts';
import { MADE_UP_CHANGES } from './made-up-changes.ts';

for (const { name, before, after, effects } of MADE_UP_CHANGES) {
  void t.test(name, (t) => {
    const { fields, replacement, invalid } = workloadChange(before, after, 36);
    t.same(invalid, []);
    t.same(Object.fromEntries(fields.map(({ path, effect }) => [path.text, effect])), effects);
    const isRefused = Object.values(effects).some((effect) => REFUSING.has(effect));
    t.equal(replacement !== undefined, !isRefused && Object.values(effects).includes('replaces'));
    t.same(workloadChange(after, after, 36), { fields: [], replacement: undefined, deletesClaims: false, invalid: [] }, 'against itself');
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
  t.match(replaced('StatefulSet', { replicas: 5, ...atOnce }, 37), { atOnce: 2, steps: 5 }, 'stopped at once, started one by one');
  t.match(replaced('StatefulSet', { replicas: 5, podManagementPolicy: 'Parallel', ...atOnce }, 37), { atOnce: 2, steps: 3 });
  t.match(replaced('DaemonSet', atOnce), { pods: undefined, atOnce: 2 });
  t.match(replaced('DaemonSet', { updateStrategy: { rollingUpdate: { maxUnavailable: '30%' } } }), { pods: undefined, atOnce: undefined });
  t.match(replaced('Deployment', { replicas: 2, strategy: { rollingUpdate: { maxSurge: 5 } } }), { pods: 2, atOnce: 2, steps: 1 });
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

void t.test('Pods are replaced that were there, and stay', (t) => {
  const pods = (kind: string, [from, to]: readonly [number, number], spec: object = {}): number | undefined => {
    const version = (replicas: number, image: string): Record<string, unknown> => ({
      apiVersion: 'apps/v1',
      kind,
      spec: { ...spec, replicas, template: { spec: { containers: [{ name: 'web', image }] } } },
    });
    return workloadChange(version(from, 'web:1'), version(to, 'web:2'), 36).replacement?.pods;
  };
  t.equal(pods('Deployment', [3, 5]), 3, 'two are added');
  t.equal(pods('Deployment', [5, 3]), 3, 'two go');
  t.equal(pods('Deployment', [0, 3]), undefined, 'none was there');
  const partition = { updateStrategy: { rollingUpdate: { partition: 2 } } };
  t.equal(pods('StatefulSet', [3, 5], partition), 1);
  t.equal(pods('StatefulSet', [2, 5], partition), undefined);
  t.end();
});

void t.test('a template is held back by a partition, and not because there is no replica', (t) => {
  const effectOf = (spec: object): string | undefined => {
    const version = (image: string): Record<string, unknown> => ({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      spec: { replicas: 0, template: { spec: { containers: [{ name: 'web', image }] } }, ...spec },
    });
    return workloadChange(version('web:1'), version('web:2'), 37).fields[0]?.effect;
  };
  t.equal(effectOf({}), 'replaces');
  t.equal(effectOf({ updateStrategy: { type: 'OnDelete' } }), 'new Pods');
  t.equal(effectOf({ updateStrategy: { rollingUpdate: { partition: 1 } } }), 'held');
  t.end();
});

void t.test('what holds a template back lets it go later', (t) => {
  const effectsOf = (kind: string, before: object, after: object): Record<string, string> => {
    const version = (spec: object): Record<string, unknown> => ({
      apiVersion: 'apps/v1',
      kind,
      spec: { replicas: 3, template: { spec: { containers: [{ name: 'web', image: 'web:1' }] } }, ...spec },
    });
    const { fields } = workloadChange(version(before), version(after), 37);
    return Object.fromEntries(fields.map(({ path, effect }) => [path.text, effect]));
  };
  const partition = (value: number): object => ({ updateStrategy: { rollingUpdate: { partition: value } } });
  const path = 'spec.updateStrategy.rollingUpdate.partition';
  t.same(effectsOf('StatefulSet', partition(2), partition(0)), { [path]: 'releases' });
  t.same(effectsOf('StatefulSet', partition(0), partition(2)), { [path]: 'settings' });
  for (const kind of ['StatefulSet', 'DaemonSet']) {
    const { 'spec.updateStrategy.type': effect } = effectsOf(kind, { updateStrategy: { type: 'OnDelete' } }, {});
    t.equal(effect, 'releases', kind);
  }
  t.same(effectsOf('Deployment', { paused: true }, {}), { 'spec.paused': 'releases' });
  t.same(effectsOf('Deployment', {}, { paused: true }), { 'spec.paused': 'settings' });
  t.end();
});

void t.test('a StatefulSet that gives up Pods may delete their claims', (t) => {
  const deletes = (before: object, after: object, claims: unknown = [{ metadata: { name: 'data' }, spec: {} }]): boolean => {
    const version = (spec: object): Record<string, unknown> => ({
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      spec: { replicas: 3, volumeClaimTemplates: claims, template: { spec: { containers: [] } }, ...spec },
    });
    return workloadChange(version(before), version(after), 36).deletesClaims;
  };
  const policy = { persistentVolumeClaimRetentionPolicy: { whenScaled: 'Delete' } };
  t.ok(deletes(policy, { ...policy, replicas: 2 }));
  t.ok(deletes({}, { ...policy, replicas: 2 }), 'the policy that is stored with it counts');
  t.ok(deletes(policy, { ...policy, ordinals: { start: 1 } }));
  t.notOk(deletes(policy, { ...policy, replicas: 4 }));
  t.notOk(deletes({}, { replicas: 2 }), 'they are kept unless somebody says otherwise');
  t.notOk(deletes(policy, { ...policy, replicas: 2 }, []), 'without any');
  t.notOk(deletes(policy, { ...policy, replicas: 2, serviceName: 'other' }), 'refused as a whole');
  t.end();
});

void t.test('what it looks at grows with the fields that change and those that are invalid, and no faster', (t) => {
  const version = (count: number, image: string): Record<string, unknown> => ({
    apiVersion: 'v1',
    kind: 'ReplicationController',
    spec: {
      template: {
        spec: {
          containers: Array.from({ length: count }, (_, index) => ({
            ...{ name: `c${index}`, image, ports: [{ containerPort: 80, name: 'HTTP' }] },
          })),
        },
      },
    },
  });
  const stepsOf = (count: number): number => {
    const work = new Work();
    const { fields, invalid } = workloadChange(version(count, 'web:1'), version(count, 'web:2'), 36, work);
    t.equal(fields.length, count);
    t.equal(invalid.length, 2 * count, 'the names of the ports do not change, and two things are wrong with each');
    return work.steps;
  };
  const [few, many] = [stepsOf(20), stepsOf(200)];
  t.ok(many <= 10 * few, `${few}, then ${many}`);
  t.end();
});

void t.test('a kind of another group is not taken for that of Kubernetes with the same name', (t) => {
  const job = (apiVersion: string, image: string): Record<string, unknown> => ({
    apiVersion,
    kind: 'Job',
    spec: { template: { spec: { containers: [{ name: 'web', image }] } } },
  });
  const change = (apiVersion: string): object => workloadChange(job(apiVersion, 'web:1'), job(apiVersion, 'web:2'), 36);
  t.match(change('batch.example.dev/v1'), { fields: [{ effect: 'settings' }], invalid: [] });
  t.match(change('batch/v1'), { fields: [{ effect: 'refused' }], invalid: [/restartPolicy: Required value/] });
  t.end();
});
