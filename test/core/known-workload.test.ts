import t from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import { knownWorkloadsOf } from '../../src/core/known-workload.ts';

const { kinds, kubernetesMinor } = presetPolicy('strict');
const of = (object: Readonly<Record<string, unknown>>): ReturnType<typeof knownWorkloadsOf> =>
  knownWorkloadsOf(object, kinds, kubernetesMinor);

function deployment(spec: object, podSpec: object = {}): Readonly<Record<string, unknown>> {
  const template = { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'web', image: 'web:1' }], ...podSpec } };
  return { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { template, ...spec } };
}

void t.test('the labels of its Pods, its replicas, and whether somebody has set them', (t) => {
  const web = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', labels: { app: 'web' }, keepsData: false };
  t.same(of(deployment({ replicas: 3 })), [{ ...web, replicas: 3, setsReplicas: true }]);
  t.same(of(deployment({})), [{ ...web, replicas: 1, setsReplicas: false }]);
  const volumes = [{ name: 'data', persistentVolumeClaim: { claimName: 'data' } }];
  const containers = [{ name: 'web', image: 'web:1', volumeMounts: [{ name: 'data', mountPath: '/data' }] }];
  t.match(of(deployment({}, { volumes, containers })), [{ keepsData: true }]);
  t.end();
});

void t.test('a Pod has no replicas', (t) => {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [{ name: 'a', image: 'a:1' }] } };
  t.match(of(pod), [{ kind: 'Pod', name: 'a', labels: {}, replicas: undefined }]);
  t.end();
});

void t.test('a Pod without a controller runs once where nothing starts its containers again after a success', (t) => {
  const runsOnce = (spec: object, container: object = {}): boolean | undefined =>
    of({
      ...{ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } },
      spec: { ...spec, containers: [{ name: 'a', image: 'a:1', ...container }] },
    })?.[0]?.runsOnce;
  t.equal(runsOnce({ restartPolicy: 'Never' }), true);
  t.equal(runsOnce({ restartPolicy: 'OnFailure' }), true);
  t.equal(runsOnce({ restartPolicy: 'Always' }), undefined);
  t.equal(runsOnce({}), undefined, 'the default is Always');
  t.equal(runsOnce({ restartPolicy: 'Never' }, { restartPolicy: 'Always' }), undefined, 'a container has the last word');
  t.end();
});

void t.test('what cannot be read is not known', (t) => {
  t.equal(of(deployment({ template: { spec: { containers: 'many' } } })), undefined);
  t.end();
});
