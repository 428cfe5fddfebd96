import t from 'tap';
import { workloadSettingsOf } from '../../src/core/workload-settings.ts';

const container = (env: unknown, more: object = {}): object => ({ name: 'web', env, ...more });
const deployment = (spec: unknown, metadata: object = {}): Record<string, unknown> => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', ...metadata },
  spec: { template: { spec } },
});
const LEVEL = { name: 'LOG_LEVEL', value: 'info' };

void t.test('the literal values of all containers, each once', (t) => {
  const spec = {
    initContainers: [container([LEVEL, { name: 'STAGE', value: 'dev' }])],
    containers: [container([LEVEL, { name: 'EMPTY', value: '' }, { name: 'REFERENCE', valueFrom: {} }, { value: 'x' }])],
  };
  t.same(workloadSettingsOf(deployment(spec)), { kind: 'Deployment', name: 'web', settings: ['LOG_LEVEL=info', 'STAGE=dev'] });
  const cronJob = { apiVersion: 'batch/v1', kind: 'CronJob', metadata: { name: 'report' } };
  const settings = workloadSettingsOf({
    ...cronJob,
    spec: { jobTemplate: { spec: { template: { spec: { containers: [container([LEVEL])] } } } } },
  });
  t.same(settings, { kind: 'CronJob', name: 'report', settings: ['LOG_LEVEL=info'] });
  t.end();
});

void t.test('what is long is no setting', (t) => {
  const long = [
    { name: 'X'.repeat(257), value: 'x' },
    { name: 'LONG', value: 'x'.repeat(257) },
  ];
  t.equal(workloadSettingsOf(deployment({ containers: [container(long)] })), undefined);
  t.end();
});

void t.test('what belongs to another object, and what Helm has rendered, is not written by hand', (t) => {
  const spec = { containers: [container([LEVEL])] };
  t.ok(workloadSettingsOf(deployment(spec, { labels: { app: 'web' } })));
  t.equal(workloadSettingsOf(deployment(spec, { ownerReferences: [{ kind: 'Shop' }] })), undefined);
  for (const labels of [{ 'helm.sh/chart': 'web-1.0' }, { 'app.kubernetes.io/managed-by': 'Helm' }, { heritage: 'Helm' }])
    t.equal(workloadSettingsOf(deployment(spec, { labels })), undefined);
  t.end();
});

void t.test('whatever a file holds, nothing is thrown', (t) => {
  const odd = [undefined, null, 7, 'x', {}, [null], [7], [{}], [container(7)], [container([null, 7, { name: 1, value: 2 }])]];
  for (const containers of odd) t.equal(workloadSettingsOf(deployment({ containers, initContainers: containers })), undefined);
  for (const spec of odd) t.equal(workloadSettingsOf(deployment(spec)), undefined);
  for (const metadata of odd) t.equal(workloadSettingsOf({ ...deployment({}), metadata }), undefined);
  t.equal(workloadSettingsOf({ kind: 'Deployment' }), undefined);
  t.equal(workloadSettingsOf({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' } }), undefined);
  t.end();
});
