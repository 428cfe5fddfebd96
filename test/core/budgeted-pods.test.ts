import t from 'tap';
import { budgetsThatSelect, lastingOf, mostPodsOf, uncountedOf, workloadsSelectedBy } from '../../src/core/budgeted-pods.ts';
import { NOTHING_KNOWN, type KnownWorkload, type Surroundings } from '../../src/core/surroundings.ts';
import { Work } from '../../src/core/work.ts';
import { around, barePod, BUDGET, scaler, workload } from './around-budget.ts';

void t.test('a budget selects workloads by the labels of their Pods, and none where nobody knows them', (t) => {
  const known = around([workload('web'), workload('db', { labels: { app: 'db' } })]);
  const names = (surroundings: Surroundings): string[] => workloadsSelectedBy(BUDGET, surroundings, Work.UNBOUNDED).map(({ name }) => name);
  t.same(names(known), ['web']);
  t.same(names(NOTHING_KNOWN), []);
  t.same(budgetsThatSelect({ app: 'web' }, [BUDGET, { ...BUDGET, selector: undefined }], Work.UNBOUNDED), [BUDGET]);
  t.same(budgetsThatSelect(undefined, [BUDGET], Work.UNBOUNDED), []);
  t.end();
});

void t.test('Pods that run once count only where nothing else does', (t) => {
  const once = barePod('hook', { runsOnce: true });
  t.same(lastingOf([once, workload('web')]), [workload('web')]);
  t.same(lastingOf([once]), [once]);
  t.end();
});

void t.test('an autoscaler decides how many replicas there are at the most, and Pods without a controller are counted apart', (t) => {
  const workloads = [workload('web', { replicas: 2 }), workload('off', { replicas: 0 }), barePod('debug')];
  const most = mostPodsOf(workloads, around(workloads, [scaler('web', 5), scaler('off', 9)]), Work.UNBOUNDED);
  t.match(most, { replicas: 5, barePods: 1 });
  t.same(
    most?.present.map(({ name }) => name),
    ['web', 'debug'],
  );
  t.equal(mostPodsOf([workload('custom', { replicas: undefined })], around([]), Work.UNBOUNDED), undefined);
  t.end();
});

void t.test('a DaemonSet keeps the controller from counting, a bare Pod only where there are no replicas', (t) => {
  const daemons = workload('agent', { kind: 'DaemonSet', replicas: undefined });
  const uncounted = (...all: KnownWorkload[]): string | undefined => uncountedOf(all, around(all), Work.UNBOUNDED)?.name;
  t.equal(uncounted(workload('web'), barePod('debug'), daemons), 'agent');
  t.equal(uncounted(workload('web'), barePod('debug')), undefined);
  t.equal(uncounted(workload('web', { replicas: 0 }), barePod('debug')), 'debug');
  t.end();
});
