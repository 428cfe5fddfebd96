import t from 'tap';
import { podOfWorkload } from '../../../src/kube/commands/pod-of-workload.ts';

const template = { metadata: { labels: { app: 'a' }, annotations: { b: 'c' } }, spec: { containers: [{ name: 'a' }] } };

function workload(apiVersion: string, kind: string, spec: object = { template }): ReturnType<typeof podOfWorkload> {
  return podOfWorkload({ apiVersion, kind, metadata: { name: 'web', namespace: 'shop' }, spec });
}

void t.test('a Pod is owned by what its controller would be', (t) => {
  for (const [apiVersion, kind, spec, owner] of [
    ['apps/v1', 'Deployment', undefined, 'apps/v1 ReplicaSet'],
    ['apps/v1', 'ReplicaSet', undefined, 'apps/v1 ReplicaSet'],
    ['v1', 'ReplicationController', undefined, 'v1 ReplicationController'],
    ['batch/v1', 'Job', undefined, 'batch/v1 Job'],
    ['batch/v1', 'CronJob', { jobTemplate: { spec: { template } } }, 'batch/v1 Job'],
  ] as const) {
    const pod = workload(apiVersion, kind, spec) as {
      metadata: { ownerReferences: { apiVersion: string; kind: string; controller: boolean }[] };
    };
    const [reference] = pod.metadata.ownerReferences;
    t.same([`${reference?.apiVersion} ${reference?.kind}`, reference?.controller], [owner, true], kind);
    t.match(pod, { apiVersion: 'v1', kind: 'Pod', metadata: { generateName: 'web-', labels: { app: 'a' }, annotations: { b: 'c' } } });
  }
  const ofTemplate = podOfWorkload({ apiVersion: 'v1', kind: 'PodTemplate', metadata: { name: 'web' }, template });
  t.equal((ofTemplate?.['metadata'] as { ownerReferences?: unknown }).ownerReferences, undefined);
  t.end();
});

void t.test('a StatefulSet gives its first Pod a name, a host name and its claims', (t) => {
  const pod = workload('apps/v1', 'StatefulSet', {
    serviceName: 'peers',
    volumeClaimTemplates: [{ metadata: { name: 'data' } }],
    template: {
      ...template,
      spec: {
        ...template.spec,
        volumes: [
          { name: 'data', emptyDir: {} },
          { name: 'tmp', emptyDir: {} },
        ],
      },
    },
  });
  t.match(pod, {
    metadata: { name: 'web-0', labels: { app: 'a', 'statefulset.kubernetes.io/pod-name': 'web-0', 'apps.kubernetes.io/pod-index': '0' } },
    spec: { hostname: 'web-0', subdomain: 'peers' },
  });
  t.same((pod?.['spec'] as { volumes: unknown }).volumes, [
    { name: 'data', persistentVolumeClaim: { claimName: 'data-web-0' } },
    { name: 'tmp', emptyDir: {} },
  ]);
  t.end();
});

void t.test('the first Pod of a StatefulSet has the first of its numbers', (t) => {
  const pod = workload('apps/v1', 'StatefulSet', {
    ordinals: { start: 3 },
    volumeClaimTemplates: [{ metadata: { name: 'data' } }],
    template,
  });
  t.match(pod, {
    metadata: { name: 'web-3', labels: { 'statefulset.kubernetes.io/pod-name': 'web-3', 'apps.kubernetes.io/pod-index': '3' } },
    spec: { hostname: 'web-3', volumes: [{ persistentVolumeClaim: { claimName: 'data-web-3' } }] },
  });
  t.end();
});

void t.test('a DaemonSet lets its Pods tolerate what its controller does', (t) => {
  const keys = (spec: object): unknown[] => {
    const pod = workload('apps/v1', 'DaemonSet', { template: { ...template, spec: { ...template.spec, ...spec } } });
    return (pod?.['spec'] as { tolerations: { key: string }[] }).tolerations.map(({ key }) => key.replace('node.kubernetes.io/', ''));
  };
  const always = ['not-ready', 'unreachable', 'disk-pressure', 'memory-pressure', 'pid-pressure', 'unschedulable'];
  t.same(keys({}), always);
  t.same(keys({ hostNetwork: true }), [...always, 'network-unavailable']);
  const own = [
    { key: 'gpu', operator: 'Exists' },
    { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 9 },
  ];
  t.same(keys({ tolerations: own }), ['gpu', ...always], "one that the controller adds takes the place of the template's");
  t.end();
});

void t.test('what has no template has no Pod', (t) => {
  t.equal(podOfWorkload({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'a' } }), undefined);
  t.equal(podOfWorkload({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' }, spec: { containers: [] } }), undefined);
  t.end();
});
