import t from 'tap';
import { presetPolicy } from '../../../src/config/presets.ts';
import type { KnownWorkloads } from '../../../src/core/surroundings.ts';
import { readWorkloads } from '../../../src/kube/commands/workloads-of-namespace.ts';

type Item = Readonly<Record<string, unknown>>;

const SPEC = { containers: [{ name: 'web', image: 'web:1' }] };
const { kinds, kubernetesMinor } = presetPolicy('strict');

/** From lists by their path below the namespace, each item on a page of its own. */
function read(lists: Readonly<Record<string, readonly Item[]>>): Promise<KnownWorkloads> {
  const api = {
    async *pages(path: string) {
      const items = lists[path.slice(path.indexOf('shop/') + 'shop/'.length)] ?? [];
      for (const item of items) yield await Promise.resolve({ items: [item], resourceVersion: '1' });
    },
  };
  return readWorkloads(api, 'shop', kinds, kubernetesMinor);
}

function item(name: string, parts: Item = {}, owner?: readonly [apiVersion: string, kind: string, name: string]): Item {
  const [apiVersion, kind, ownerName] = owner ?? [];
  const ownerReferences = owner && [{ apiVersion, kind, name: ownerName, uid: 'u', controller: true }];
  const template = { metadata: { labels: { app: name } }, spec: SPEC };
  return { metadata: { name, labels: { app: name }, ownerReferences }, spec: { template, ...SPEC }, ...parts };
}

const names = ({ workloads }: KnownWorkloads): string[] => workloads.map(({ kind, name }) => `${kind}/${name}`);

void t.test('what controllers make for a workload that is listed is not listed again', async (t) => {
  const known = await read({
    deployments: [item('web'), item('api')],
    statefulsets: [item('db')],
    replicasets: [item('web-1', {}, ['apps/v1', 'Deployment', 'web']), item('old', { spec: { replicas: 0 } }), item('own')],
    cronjobs: [
      {
        metadata: { name: 'night' },
        spec: { jobTemplate: { spec: { template: { metadata: { labels: { app: 'night' } }, spec: SPEC } } } },
      },
    ],
    jobs: [
      item('night-1', {}, ['batch/v1', 'CronJob', 'night']),
      item('done', { status: { conditions: [{ type: 'Complete', status: 'True' }] } }),
      item('running', { status: { conditions: [{ type: 'Complete', status: 'False' }] } }),
    ],
    pods: [item('web-1-a', {}, ['apps/v1', 'ReplicaSet', 'web-1']), item('ended', { status: { phase: 'Succeeded' } }), item('bare')],
  });
  t.same(names(known), [
    ...['Deployment/web', 'Deployment/api', 'StatefulSet/db', 'ReplicaSet/own'],
    ...['CronJob/night', 'Job/running', 'Pod/bare'],
  ]);
  t.equal(known.isComplete, true);
  t.match(known.workloads[0], { labels: { app: 'web' }, replicas: 1, setsReplicas: false });
});

void t.test('a Job that has ended counts while one of its Pods is there', async (t) => {
  const ended = { status: { conditions: [{ type: 'Complete', status: 'True' }] } };
  const pod = (name: string, job: string): Item => item(name, { status: { phase: 'Succeeded' } }, ['batch/v1', 'Job', job]);
  const known = await read({
    jobs: [item('kept', ended), item('cleaned', ended), item('other', ended)],
    pods: [pod('kept-1', 'kept'), pod('kept-2', 'kept'), item('other-1', {}, ['batch.example/v1', 'Job', 'other'])],
  });
  t.match(known.workloads, [{ kind: 'Job', name: 'kept', hasEnded: true }, { apiVersion: 'batch.example/v1' }]);
  t.equal(known.workloads.length, 2);
});

void t.test('Pods of a controller that podgrace does not know stand for it, and it may make more', async (t) => {
  const known = await read({ pods: [item('db-0', {}, ['db.example/v1', 'Database', 'db'])] });
  t.match(known, {
    isComplete: false,
    workloads: [{ apiVersion: 'db.example/v1', kind: 'Database', name: 'db', labels: { app: 'db-0' } }],
  });
  const rollout = await read({ replicasets: [item('web-1', {}, ['argoproj.io/v1alpha1', 'Rollout', 'web'])] });
  t.match(rollout, { isComplete: false, workloads: [{ kind: 'ReplicaSet', name: 'web-1' }] });
  t.match(await read({ pods: [item('static', {}, ['v1', 'Node', 'node-1'])] }), { isComplete: true, workloads: [{ kind: 'Pod' }] });
});

void t.test('a controller of another group that has the kind of a listed one is not listed', async (t) => {
  const sets = await read({ pods: [item('db-0', {}, ['apps.kruise.io/v1beta1', 'StatefulSet', 'db'])] });
  t.match(sets, { isComplete: false, workloads: [{ apiVersion: 'apps.kruise.io/v1beta1', kind: 'StatefulSet', name: 'db' }] });
  const jobs = await read({ jobs: [item('night-1', {}, ['batch.example/v1', 'CronJob', 'night'])] });
  t.match(jobs, { isComplete: false, workloads: [{ kind: 'Job', name: 'night-1' }] });
});

void t.test('a workload that cannot be read may be any', async (t) => {
  t.match(await read({ deployments: [{ metadata: { name: 'odd' }, spec: { template: { spec: { containers: 'many' } } } }] }), {
    isComplete: false,
    workloads: [],
  });
});
