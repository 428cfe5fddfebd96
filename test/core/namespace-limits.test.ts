/** What LimitRanges fill in, and what they and quotas refuse; `test/cluster/namespace-limits.test.ts` asks a live API server. */
import t from 'tap';
import { Evaluation, subjectWithin } from '../../src/core/evaluation.ts';
import { mutate } from '../../src/core/mutation.ts';
import { formatQuantity } from '../../src/core/quantity.ts';
import { refusalsOf, usageInQuotas } from '../../src/core/namespace-limits.ts';
import type { PodSpec, ResourceRequirements } from '../../src/core/pod.ts';
import { qosClassOf } from '../../src/core/qos.ts';
import { readSubject, type Subject } from '../../src/core/subject.ts';
import { NOTHING_KNOWN, type LimitRange, type ResourceQuota, type Surroundings } from '../../src/core/surroundings.ts';
import { WorkloadKinds } from '../../src/core/workload.ts';
import { catalogue } from '../../src/config/catalogue.ts';
import { Policy } from '../../src/core/policy.ts';
import type { KubernetesMinor } from '../../src/core/kubernetes-version.ts';
import { FROM_FILE_OWNED } from './subject-of.ts';

function rangeOf(...limits: LimitRange['limits']): LimitRange {
  return { name: 'limits', limits };
}

function specOf(resources: ResourceRequirements | undefined): object {
  return { containers: [{ name: 'web', image: 'web:1', ...(resources && { resources }) }] };
}

function subjectOf(spec: object, kubernetesMinor: KubernetesMinor = 36, isTemplate = false): Subject {
  const pod = { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec };
  const deployment = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { template: { spec } } };
  const reading = readSubject(isTemplate ? deployment : pod, { kinds: new WorkloadKinds(), kubernetesMinor, trust: FROM_FILE_OWNED });
  if (reading.outcome !== 'subject') throw new Error(JSON.stringify(reading));
  return reading.subject;
}

function around(limitRanges: readonly LimitRange[], quotas: readonly ResourceQuota[] = []): Surroundings {
  return { ...NOTHING_KNOWN, limitRanges: { isKnown: true, value: limitRanges }, resourceQuotas: { isKnown: true, value: quotas } };
}

function filled(resources: ResourceRequirements | undefined, ranges: readonly LimitRange[], isTemplate = false): unknown {
  return subjectWithin(subjectOf(specOf(resources), 36, isTemplate), around(ranges)).pod.spec.containers[0]?.resources;
}

void t.test('a container gets the defaults that it does not say', (t) => {
  const range = rangeOf({ type: 'Container', default: { memory: '256Mi' }, defaultRequest: { memory: '64Mi', cpu: '100m' } });
  t.same(filled(undefined, [range]), { limits: { memory: '256Mi' }, requests: { memory: '64Mi', cpu: '100m' } });
  t.same(filled({ requests: { memory: '1Mi' } }, [range]), { limits: { memory: '256Mi' }, requests: { memory: '1Mi', cpu: '100m' } });
  t.same(filled({ limits: { memory: '1Mi' } }, [range]), { limits: { memory: '1Mi' }, requests: { memory: '1Mi', cpu: '100m' } });
  const sent = { limits: { memory: '1Mi' } };
  t.same(filled(sent, [range], true), filled(sent, [range]), 'the Pods of a template get the same');
  t.end();
});

void t.test('the default limit is the maximum, the default request the default limit or the minimum', (t) => {
  t.same(filled(undefined, [rangeOf({ type: 'Container', max: { cpu: '2' } })]), { limits: { cpu: '2' }, requests: { cpu: '2' } });
  t.same(filled(undefined, [rangeOf({ type: 'Container', min: { cpu: '1' } })]), { requests: { cpu: '1' } });
  const both = rangeOf({ type: 'Container', min: { cpu: '1' }, max: { cpu: '4' }, default: { cpu: '2' } });
  t.same(filled(undefined, [both]), { limits: { cpu: '2' }, requests: { cpu: '2' } });
  t.end();
});

void t.test('of several LimitRanges the first one that says something counts, and those about Pods fill in nothing', (t) => {
  const [one, other] = [
    rangeOf({ type: 'Container', default: { cpu: '1' } }),
    rangeOf({ type: 'Container', default: { cpu: '2', memory: '1Mi' } }),
  ];
  t.same(filled(undefined, [one, other]), { limits: { cpu: '1', memory: '1Mi' }, requests: { cpu: '1', memory: '1Mi' } });
  const subject = subjectOf(specOf(undefined));
  t.equal(subjectWithin(subject, around([rangeOf({ type: 'Pod', max: { cpu: '1' } })])), subject);
  t.equal(subjectWithin(subject, NOTHING_KNOWN), subject);
  t.end();
});

void t.test('Pod-level resources follow from the filled containers from 1.37 on, and came before them until then', (t) => {
  const spec = { ...specOf(undefined), resources: { limits: { cpu: '1', memory: '1Gi' } } };
  const range = rangeOf({ type: 'Container', defaultRequest: { cpu: '100m', memory: '64Mi' } });
  const classIn = (minor: KubernetesMinor): string => qosClassOf(subjectWithin(subjectOf(spec, minor), around([range])).pod.spec, minor);
  t.same([classIn(36), classIn(37)], ['Guaranteed', 'Burstable']);
  t.end();
});

void t.test('bounds and ratios of containers and Pods', (t) => {
  const refused = (resources: ResourceRequirements | undefined, limit: LimitRange['limits'][number]): string[] => [
    ...refusalsOf(specOf(resources) as PodSpec, [rangeOf(limit)], []),
  ];
  const cpu = (request: string, limit: string): ResourceRequirements => ({ requests: { cpu: request }, limits: { cpu: limit } });
  t.same(refused(cpu('1', '2'), { type: 'Container', min: { cpu: '1' }, max: { cpu: '2' }, maxLimitRequestRatio: { cpu: '2' } }), []);
  t.same(refused(cpu('1', '2'), { type: 'Container', min: { cpu: '1100m' } }), ['web min cpu']);
  t.same(refused(cpu('1', '2'), { type: 'Container', max: { cpu: '1900m' } }), ['web max cpu']);
  t.same(refused(cpu('1', '2'), { type: 'Container', maxLimitRequestRatio: { cpu: '1900m' } }), ['web maxLimitRequestRatio cpu']);
  t.same(refused(undefined, { type: 'Pod', max: { cpu: '1' }, min: { cpu: '1' } }), ['Pod min cpu', 'Pod max cpu']);
  t.same(refused(cpu('1', '1'), { type: 'Pod', max: { cpu: '1' }, min: { cpu: '1' } }), []);
  t.end();
});

void t.test('a quota counts what is used', (t) => {
  const spec = specOf({ requests: { memory: '64Mi' }, limits: { memory: '128Mi' } }) as PodSpec;
  const quota = {
    name: 'quota',
    hard: { 'limits.memory': '1Gi', memory: '1Gi', pods: '1' },
    used: { 'limits.memory': '900Mi' },
    scopes: [],
  };
  t.same([...refusalsOf(spec, [], [quota])], ['quota quota limits.memory']);
  t.same([...refusalsOf(spec, [], [{ ...quota, used: {} }])], []);
  t.end();
});

void t.test('what a quota counts of processors and memory, each container has to say', (t) => {
  const quotas = [{ name: 'quota', hard: { cpu: '9', 'limits.memory': '9Gi', 'limits.ephemeral-storage': '1Gi' }, used: {}, scopes: [] }];
  const refused = (resources: ResourceRequirements | undefined): string[] => [...refusalsOf(specOf(resources) as PodSpec, [], quotas)];
  t.same(refused(undefined), ['web requests.cpu for a quota', 'web limits.memory for a quota']);
  t.same(refused({ requests: { cpu: '1' } }), ['web limits.memory for a quota']);
  t.same(refused({ requests: { cpu: '1' }, limits: { memory: '1Gi' } }), []);
  const podLevel = { ...specOf(undefined), resources: { requests: { cpu: '1' } } } as unknown as PodSpec;
  t.same([...refusalsOf(podLevel, [], quotas)], []);
  t.end();
});

void t.test('of several LimitRanges and quotas the strictest counts', (t) => {
  const spec = specOf({ requests: { cpu: '2' }, limits: { cpu: '2' } }) as PodSpec;
  const ranges = ['3', '1', '4'].map((cpu) => rangeOf({ type: 'Container', max: { cpu } }));
  t.same([...refusalsOf(spec, ranges, [])], ['web max cpu']);
  const minima = ['1', '3', '2'].map((cpu) => rangeOf({ type: 'Container', min: { cpu } }));
  t.same([...refusalsOf(spec, minima, [])], ['web min cpu']);
  const quotas = [1, 3, 2].map((used) => ({
    name: `used-${used}`,
    hard: { 'requests.cpu': '4' },
    used: { 'requests.cpu': used },
    scopes: [],
  }));
  t.same([...refusalsOf(spec, [], quotas)], ['quota used-3 requests.cpu']);
  t.end();
});

/** What a Pod counts for, as text; undefined for what is not counted. */
function usage(counted: string, spec: object): string | undefined {
  const amount = usageInQuotas(spec as PodSpec)(counted);
  return amount && formatQuantity(amount);
}

void t.test('a quota counts huge pages and devices by what is asked for', (t) => {
  const spec = specOf({
    limits: { 'hugepages-2Mi': '4Mi', 'nvidia.com/gpu': '2' },
    requests: { 'hugepages-2Mi': '4Mi', 'nvidia.com/gpu': '2' },
  });
  t.equal(usage('hugepages-2Mi', spec), '4Mi');
  t.equal(usage('requests.hugepages-2Mi', spec), '4Mi');
  t.equal(usage('limits.hugepages-2Mi', spec), undefined);
  t.equal(usage('requests.nvidia.com/gpu', spec), '2');
  t.equal(usage('requests.amd.com/gpu', spec), '0');
  t.equal(usage('nvidia.com/gpu', spec), undefined);
  t.equal(usage('limits.nvidia.com/gpu', spec), undefined);
  t.equal(usage('requests.kubernetes.io/batch-cpu', spec), undefined);
  t.equal(usage('requests.storage', spec), undefined, 'of claims');
  const quota = { name: 'team', hard: { 'requests.nvidia.com/gpu': '3' }, used: { 'requests.nvidia.com/gpu': '2' }, scopes: [] };
  t.same([...refusalsOf(spec as PodSpec, [], [quota])], ['quota team requests.nvidia.com/gpu']);
  t.end();
});

void t.test('a quota counts what the sandbox of a RuntimeClass needs', (t) => {
  const spec = { ...specOf({ requests: { cpu: '100m' }, limits: { memory: '64Mi' } }), overhead: { cpu: '250m', memory: '120Mi' } };
  t.equal(usage('requests.cpu', spec), '350m');
  t.equal(usage('requests.memory', spec), '120Mi');
  t.equal(usage('limits.memory', spec), '184Mi');
  t.equal(usage('limits.cpu', spec), '0', 'no limit is made of it');
  t.end();
});

/** Sets memory limits of 512Mi where there are none. */
const policy = new Policy(
  {
    apiVersion: 'podgrace.dev/v1alpha1',
    kind: 'LifecyclePolicy',
    metadata: { name: 'test' },
    spec: {
      preset: 'strict',
      rules: Object.fromEntries(
        catalogue.rules.map(({ meta }) => [meta.id, meta.id === 'memory-limit' ? {} : { mode: 'off', mutation: 'off' }] as const),
      ),
    },
  },
  catalogue,
);

void t.test('the Pods of a known RuntimeClass get its overhead, in no patch', (t) => {
  const objects = [{ name: 'plain' }, { name: 'kata', overhead: { cpu: '250m' } }];
  const runtimeClasses = { isKnown: true, value: { isComplete: true, objects } } as const;
  const overheadOf = (spec: object, isTemplate = true): unknown =>
    subjectWithin(subjectOf({ ...specOf(undefined), ...spec }, 36, isTemplate), { ...NOTHING_KNOWN, runtimeClasses }).pod.spec.overhead;
  t.same(overheadOf({ runtimeClassName: 'kata' }), { cpu: '250m' });
  t.same(overheadOf({ runtimeClassName: 'kata', overhead: { cpu: '1' } }, false), { cpu: '1' }, 'the API server has written it');
  for (const runtimeClassName of ['plain', 'other', undefined]) t.equal(overheadOf({ runtimeClassName }), undefined);
  const subject = subjectOf({ ...specOf({ requests: { memory: '256Mi' } }), runtimeClassName: 'kata' });
  const { patch } = mutate(new Evaluation(policy, subject, { nowMs: 0, surroundings: { ...NOTHING_KNOWN, runtimeClasses } }));
  t.same(patch, [{ op: 'add', path: '/spec/containers/0/resources/limits', value: { memory: '512Mi' } }]);
  t.end();
});

void t.test('what is filled in is in no patch', (t) => {
  const subject = subjectOf(specOf({ requests: { memory: '256Mi' } }));
  const surroundings = around([rangeOf({ type: 'Container', default: { cpu: '1' } })]);
  const { patch } = mutate(new Evaluation(policy, subject, { nowMs: 0, surroundings }));
  t.same(patch, [{ op: 'add', path: '/spec/containers/0/resources/limits', value: { memory: '512Mi' } }]);
  t.end();
});

void t.test('no repair makes a Pod that the namespace refuses, and none is made of what it fills in', (t) => {
  const repairs = (surroundings: Surroundings): unknown => {
    const subject = subjectOf(specOf({ requests: { memory: '256Mi' } }));
    const { rules } = mutate(new Evaluation(policy, subject, { nowMs: 0, surroundings }));
    return rules;
  };
  t.same(repairs(NOTHING_KNOWN), ['memory-limit']);
  t.same(repairs(around([])), ['memory-limit']);
  t.same(repairs(around([rangeOf({ type: 'Container', default: { memory: '300Mi' } })])), [], 'it has a limit');
  t.same(repairs(around([rangeOf({ type: 'Pod', maxLimitRequestRatio: { memory: '2' } })])), ['memory-limit'], 'twice is allowed');
  // Without the repair the ratio is missing as well, so that a Pod of one container is refused anyway.
  t.same(repairs(around([rangeOf({ type: 'Pod', maxLimitRequestRatio: { memory: '1500m' } })])), ['memory-limit']);
  const quota = (used: string): ResourceQuota => ({
    name: 'quota',
    hard: { 'limits.memory': '1Gi' },
    used: { 'limits.memory': used },
    scopes: [],
  });
  t.same(repairs(around([], [quota('512Mi')])), ['memory-limit']);
  t.same(repairs(around([], [quota('513Mi')])), []);
  const forOthers = { ...quota('513Mi'), scopes: [{ name: 'BestEffort', operator: 'Exists', values: [] }] };
  t.same(repairs(around([], [forOthers])), ['memory-limit'], 'a quota for other Pods');
  t.end();
});

void t.test('no repair makes a Pod one that a quota counts, and then refuses', (t) => {
  const subject = subjectOf(specOf(undefined));
  const notBestEffort = [{ name: 'NotBestEffort', operator: 'Exists', values: [] }];
  const repairs = (hard: ResourceQuota['hard']): readonly string[] => {
    const surroundings = around([], [{ name: 'quota', hard, used: {}, scopes: notBestEffort }]);
    return mutate(new Evaluation(policy, subject, { nowMs: 0, surroundings })).rules;
  };
  t.same(repairs({ pods: '1' }), ['memory-limit']);
  t.same(repairs({ pods: '0' }), []);
  t.same(repairs({ 'requests.cpu': '1' }), [], 'it asks for no cpu');
  t.end();
});
