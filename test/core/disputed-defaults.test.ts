import t from 'tap';
import { disputedDefaultsOf } from '../../src/core/disputed-defaults.ts';
import { withLimitRanges } from '../../src/core/namespace-limits.ts';
import type { LimitRange } from '../../src/core/surroundings.ts';
import { subjectOf } from './subject-of.ts';

function range(name: string, amounts: Partial<LimitRange['limits'][number]>): LimitRange {
  return { name, limits: [{ type: 'Container', ...amounts }] };
}

function pod(resources?: object): ReturnType<typeof subjectOf>['pod'] {
  return subjectOf({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: { containers: [{ name: 'web', image: 'web:1', resources }] },
  }).pod;
}

const SMALL = range('small', { default: { memory: '100Mi' }, defaultRequest: { memory: '50Mi' } });
const LARGE = range('large', { default: { memory: '200Mi', cpu: '1' }, defaultRequest: { memory: '50Mi' } });

void t.test('an amount is disputed where two LimitRanges differ about it and a container does not say it', (t) => {
  const disputed = (ranges: readonly LimitRange[], resources?: object): string[] =>
    disputedDefaultsOf(pod(resources).spec, ranges).map(({ amount, ranges: names }) => `${amount} ${names.join(' ')}`);
  t.same(disputed([SMALL, LARGE]), ['limits.memory small large'], 'they agree about the request, and one alone speaks of cpu');
  t.same(disputed([SMALL]), []);
  t.same(
    disputed([SMALL, range('equal', { default: { memory: '104857600' } })]),
    ['requests.memory small equal'],
    'one amount in two texts',
  );
  t.same(disputed([SMALL, LARGE], { limits: { memory: '1Gi' } }), [], 'the container says it');
  t.same(disputed([SMALL, { name: 'claims', limits: [{ type: 'PersistentVolumeClaim', max: { storage: '1Gi' } }] }]), []);
  t.end();
});

void t.test('whoever knows the LimitRanges, in whatever order, judges the same Pod', (t) => {
  const filled = (ranges: readonly LimitRange[]): unknown => withLimitRanges(pod(), ranges, { sentResources: undefined, minor: 37 }).spec;
  t.same(filled([SMALL, LARGE]), filled([LARGE, SMALL]));
  t.match(filled([SMALL, LARGE]), { containers: [{ resources: { limits: { memory: '200Mi', cpu: '1' }, requests: { memory: '50Mi' } } }] });
  t.end();
});
