import t from 'tap';
import type { PodSpec } from '../../src/core/pod.ts';
import { countsPodsOf, quotasThatCount } from '../../src/core/quota-scope.ts';
import type { QuotaScope, ResourceQuota } from '../../src/core/surroundings.ts';

const CONTAINERS = { containers: [{ name: 'web', image: 'registry.example/web:1' }] };
const BURSTABLE = { containers: [{ ...CONTAINERS.containers[0], resources: { requests: { cpu: '1' } } }] };

function quota(name: string, ...scopes: readonly QuotaScope[]): ResourceQuota {
  return { name, hard: { pods: '1' }, used: {}, scopes };
}

/** The names of the quotas that count a Pod. */
function counting(spec: object, ...quotas: readonly ResourceQuota[]): string {
  return quotasThatCount(spec as PodSpec, quotas, 36)
    .map(({ name }) => name)
    .join(' ');
}

function scope(name: string, operator = 'Exists', values: readonly string[] = []): QuotaScope {
  return { name, operator, values };
}

void t.test('a quota without scopes counts every Pod', (t) => {
  const quotas = [quota('all')];
  t.equal(quotasThatCount(CONTAINERS as unknown as PodSpec, quotas, 36), quotas);
  t.equal(counting(CONTAINERS, quota('all'), quota('nobody', scope('Unheard'))), 'all');
  t.end();
});

void t.test('class and deadline', (t) => {
  const quotas = ['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating'].map((name) => quota(name, scope(name)));
  t.equal(counting(CONTAINERS, ...quotas), 'BestEffort NotTerminating');
  t.equal(counting({ ...BURSTABLE, activeDeadlineSeconds: 9 }, ...quotas), 'NotBestEffort Terminating');
  t.equal(counting(CONTAINERS, quota('both', scope('BestEffort'), scope('Terminating'))), '', 'all scopes have to fit');
  t.end();
});

void t.test('priority', (t) => {
  const quotas = [
    quota('in', scope('PriorityClass', 'In', ['high', 'higher'])),
    quota('not-in', scope('PriorityClass', 'NotIn', ['high'])),
    quota('exists', scope('PriorityClass', 'Exists')),
    quota('none', scope('PriorityClass', 'DoesNotExist')),
  ];
  t.equal(counting(CONTAINERS, ...quotas), 'not-in none');
  t.equal(counting({ ...CONTAINERS, priorityClassName: 'high' }, ...quotas), 'in exists');
  t.equal(counting({ ...CONTAINERS, priorityClassName: 'low' }, ...quotas), 'not-in exists');
  t.end();
});

void t.test('what a template leaves open, no quota counts for certain', (t) => {
  const spec = CONTAINERS as unknown as PodSpec;
  const byPriority = [scope('PriorityClass', 'NotIn', ['high']), scope('PriorityClass', 'DoesNotExist')];
  for (const of of byPriority) t.notOk(countsPodsOf(spec, quota('low', of), 36), of.operator);
  t.ok(countsPodsOf({ ...spec, priorityClassName: 'low' }, quota('low', scope('PriorityClass', 'NotIn', ['high'])), 36));
  t.ok(countsPodsOf(spec, quota('all'), 36));
  t.ok(countsPodsOf(spec, quota('best-effort', scope('BestEffort'), scope('NotTerminating')), 36));
  t.end();
});

void t.test('affinity to Pods of other namespaces', (t) => {
  const across = quota('across', scope('CrossNamespacePodAffinity'));
  const own = { topologyKey: 'zone' };
  const others = { ...own, namespaceSelector: {} };
  const required = (part: string, term: object): object => ({
    ...CONTAINERS,
    affinity: { [part]: { requiredDuringSchedulingIgnoredDuringExecution: [term] } },
  });
  t.equal(counting(required('podAffinity', own), across), '');
  t.equal(counting(required('podAntiAffinity', others), across), 'across');
  const preferred = [{ weight: 1, podAffinityTerm: { ...own, namespaces: ['shop'] } }];
  const affinity = { podAffinity: { preferredDuringSchedulingIgnoredDuringExecution: preferred } };
  t.equal(counting({ ...CONTAINERS, affinity }, across), 'across');
  t.end();
});
