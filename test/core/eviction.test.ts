import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import {
  firstMatchOf,
  NEVER,
  nodeLostTimeline,
  NOT_READY,
  oomScoreAdj,
  toleratedSeconds,
  UNREACHABLE,
  type Taint,
} from '../../src/core/eviction.ts';
import { containersOf, type Container, type Maybe, type PodSpec, type ResourceList, type Toleration } from '../../src/core/pod.ts';
import { runs } from '../long-tests.ts';

const NOT_READY_KEY = 'node.kubernetes.io/not-ready';
const UNREACHABLE_KEY = 'node.kubernetes.io/unreachable';

function tolerating(key: string, tolerationSeconds?: number): Toleration {
  return { key, operator: 'Exists', effect: 'NoExecute', ...(tolerationSeconds !== undefined && { tolerationSeconds }) };
}
const notReady = (seconds?: number): Toleration => tolerating(NOT_READY_KEY, seconds);
const unreachable = (seconds?: number): Toleration => tolerating(UNREACHABLE_KEY, seconds);

/** How long a Pod stays on a node that is tainted because it is silent. */
function secondsOnUnreachable(tolerations: Maybe<readonly Toleration[]>): number {
  const { noticedSeconds, deletedSeconds } = nodeLostTimeline(tolerations);
  return deletedSeconds - noticedSeconds;
}

void t.test('of two tolerations for a taint the first counts, not the shorter', (t) => {
  t.equal(secondsOnUnreachable([unreachable(300), unreachable(30)]), 300);
  t.equal(secondsOnUnreachable([unreachable(30), unreachable(300)]), 30);
  t.end();
});

void t.test('a leading toleration of everything means for ever', (t) => {
  t.equal(secondsOnUnreachable([{ operator: 'Exists' }, unreachable(30)]), NEVER);
  t.equal(secondsOnUnreachable([unreachable(30), { operator: 'Exists' }]), 30);
  t.end();
});

void t.test('a toleration with a value does not match the taint, which has none', (t) => {
  const equal: Toleration = { key: UNREACHABLE_KEY, operator: 'Equal', value: 'x', effect: 'NoExecute', tolerationSeconds: 300 };
  t.equal(secondsOnUnreachable([equal]), 0);
  t.equal(secondsOnUnreachable([{ ...equal, value: '' }]), 300);
  t.equal(secondsOnUnreachable([{ ...equal, operator: null, value: null }]), 300);
  t.end();
});

void t.test('a toleration without seconds keeps the Pod for ever', (t) => {
  t.equal(secondsOnUnreachable([unreachable()]), NEVER);
  t.equal(secondsOnUnreachable([{ ...unreachable(), tolerationSeconds: null }]), NEVER);
  t.end();
});

void t.test('zero and negative seconds evict at once', (t) => {
  t.equal(secondsOnUnreachable([unreachable(0)]), 0);
  t.equal(secondsOnUnreachable([unreachable(-5)]), 0);
  t.equal(toleratedSeconds(unreachable(-5)), 0);
  t.end();
});

void t.test('a taint that nothing tolerates evicts at once, whatever else is tolerated', (t) => {
  t.equal(secondsOnUnreachable([notReady(300)]), 0);
  t.equal(secondsOnUnreachable([]), 0);
  t.equal(secondsOnUnreachable(null), 0);
  t.end();
});

void t.test('the toleration that decides is told by its place', (t) => {
  t.equal(firstMatchOf([unreachable(30), notReady(60), notReady(30)], NOT_READY), 1);
  t.equal(firstMatchOf([unreachable(30)], NOT_READY), -1);
  t.equal(firstMatchOf(undefined, NOT_READY), -1);
  t.end();
});

void t.test('an empty effect matches any, another effect does not', (t) => {
  t.equal(firstMatchOf([{ key: NOT_READY_KEY, operator: 'Exists' }], NOT_READY), 0);
  t.equal(firstMatchOf([{ key: NOT_READY_KEY, operator: 'Exists', effect: '' }], NOT_READY), 0);
  t.equal(firstMatchOf([{ operator: 'Exists', effect: 'NoSchedule' }], NOT_READY), -1);
  t.end();
});

void t.test('Lt and Gt match nothing, since their feature is off', (t) => {
  const taint: Taint = { key: 'sla', value: '5', effect: 'NoExecute' };
  t.equal(firstMatchOf([{ key: 'sla', operator: 'Lt', value: '10' }], taint), -1);
  t.equal(firstMatchOf([{ key: 'sla', operator: 'Gt', value: '1' }], taint), -1);
  t.end();
});

void t.test('a lost node is noticed after 50 s, then the toleration runs', (t) => {
  t.same(nodeLostTimeline([notReady(300), unreachable(300)]), { noticedSeconds: 50, deletedSeconds: 350 });
  t.same(nodeLostTimeline([unreachable(30)]), { noticedSeconds: 50, deletedSeconds: 80 });
  t.same(nodeLostTimeline([{ operator: 'Exists' }]), { noticedSeconds: 50, deletedSeconds: NEVER });
  t.same(nodeLostTimeline(undefined), { noticedSeconds: 50, deletedSeconds: 50 });
  t.end();
});

/** `GetMatchingTolerations` for one taint. */
function matchingToleration(taint: Taint, tolerations: readonly Toleration[]): Toleration | undefined {
  for (const toleration of tolerations) if (toleratesTaintUpstream(toleration, taint)) return toleration;
  return undefined;
}

/** `ToleratesTaint`, comparison operators off. */
function toleratesTaintUpstream({ key, operator, value, effect }: Toleration, taint: Taint): boolean {
  if ((effect ?? '').length > 0 && effect !== taint.effect) return false;
  if ((key ?? '').length > 0 && key !== taint.key) return false;
  switch (operator ?? '') {
    case '':
    case 'Equal':
      return (value ?? '') === taint.value;
    case 'Exists':
      return true;
    default:
      return false;
  }
}

/** `getMinTolerationTime`, line for line: -1 for ever. */
function minTolerationTime(tolerations: readonly Toleration[]): number {
  let minimum = Number.MAX_SAFE_INTEGER;
  if (tolerations.length === 0) return 0;
  for (const { tolerationSeconds } of tolerations) {
    if (tolerationSeconds != null) {
      if (tolerationSeconds <= 0) return 0;
      else if (tolerationSeconds < minimum) minimum = tolerationSeconds;
    }
  }
  return minimum === Number.MAX_SAFE_INTEGER ? -1 : minimum;
}

/** `processPodOnNode` for a node with one taint that evicts. */
function evictionUpstream(tolerations: readonly Toleration[], taint: Taint): number {
  const used = matchingToleration(taint, tolerations);
  if (used === undefined) return 0;
  const seconds = minTolerationTime([used]);
  return seconds < 0 ? NEVER : seconds;
}

const maybe = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<Maybe<T>> => fc.option(arbitrary, { nil: undefined });
const anyValue = fc.constantFrom('', 'x', '5');
const anyTolerations: fc.Arbitrary<Toleration[]> = fc.array(
  fc.record({
    key: maybe(fc.constantFrom(NOT_READY_KEY, UNREACHABLE_KEY, 'dedicated', '')),
    operator: maybe(fc.constantFrom('', 'Equal', 'Exists', 'Lt', 'Gt')),
    value: maybe(anyValue),
    effect: maybe(fc.constantFrom('', 'NoExecute', 'NoSchedule')),
    tolerationSeconds: fc.option(fc.integer({ min: -10, max: 600 })),
  }),
  { maxLength: 6 },
);

void t.test('agrees with the taint eviction controller on any tolerations of a silent node', (t) => {
  fc.assert(
    fc.property(anyTolerations, (tolerations) => {
      assert.equal(secondsOnUnreachable(tolerations), evictionUpstream(tolerations, UNREACHABLE));
    }),
    { numRuns: runs(5000) },
  );
  t.end();
});

void t.test('the toleration that decides about any taint is that of the taint eviction controller', (t) => {
  const taint: fc.Arbitrary<Taint> = fc.record({
    key: fc.constantFrom(NOT_READY_KEY, UNREACHABLE_KEY, 'dedicated'),
    value: anyValue,
    effect: fc.constantFrom('NoExecute', 'NoSchedule'),
  });
  fc.assert(
    fc.property(anyTolerations, taint, (tolerations, taint) => {
      assert.equal(tolerations[firstMatchOf(tolerations, taint)], matchingToleration(taint, tolerations));
    }),
    { numRuns: runs(5000) },
  );
  t.end();
});

/** Bytes of a node or a request as upstream's test has them (`pkg/kubelet/qos/policy_test.go`). */
const STANDARD = 8_000_000_000;

function container(name: string, requests: ResourceList = {}, limits: ResourceList = {}): Container {
  return { name, resources: { requests, limits } };
}
function spec(containers: Container[], rest: Partial<PodSpec> = {}): PodSpec {
  return { containers, restartPolicy: 'Always', terminationGracePeriodSeconds: 30, ...rest };
}
const memory = (bytes: number): ResourceList => ({ memory: bytes });
/** A container of an eighth of the node, whose limit is a little more. */
const eighth = (name: string): Container => container(name, memory(STANDARD / 8), memory(STANDARD / 8 + 1000));
const asSidecar = (container: Container): Container => ({ ...container, restartPolicy: 'Always' });
const podLevel = (requests: ResourceList, limits: ResourceList): Partial<PodSpec> => ({ resources: { requests, limits } });
const GUARANTEED_POD = podLevel({ cpu: '5m', memory: 2e9 }, { cpu: '5m', memory: 2e9 });
const BURSTABLE_POD = podLevel({ cpu: '5m', memory: 2e9 }, { cpu: '5m', memory: 2e9 + 1000 });

const OOM_SCORES: readonly (readonly [title: string, spec: PodSpec, capacity: number, scores: Readonly<Record<string, number>>])[] = [
  ['cpu-limit', spec([container('a', {}, { cpu: '10' })]), 4e9, { a: 999 }],
  ['memory-limit-cpu-request', spec([container('a', { cpu: '0' }, { memory: '10G' })]), 8e9, { a: 999 }],
  ['zero-memory-limit', spec([container('a', {}, { memory: '0' })]), 7_230_457_451, { a: 1000 }],
  ['no-request-limit', spec([container('a')]), 4e9, { a: 1000 }],
  [
    'equal-request-limit-cpu-memory',
    spec([container('a', { cpu: '5m', memory: '10G' }, { cpu: '5m', memory: '10G' })]),
    123_456_789,
    { a: -997 },
  ],
  ['cpu-unlimited-memory-limited', spec([container('a', { cpu: '5m', memory: STANDARD / 2 }, { memory: '10G' })]), STANDARD, { a: 500 }],
  ['request-no-limit', spec([container('a', { cpu: '5m', memory: STANDARD - 1 })]), STANDARD, { a: 3 }],
  ['cluster-critical', spec([container('a')], { priorityClassName: 'system-cluster-critical' }), 4e9, { a: 1000 }],
  ['node-critical', spec([container('a')], { priorityClassName: 'system-node-critical' }), 4e9, { a: -997 }],
  ['burstable-unique-container', spec([eighth('a')]), STANDARD, { a: 875 }],
  ['init container', spec([eighth('a')], { initContainers: [eighth('init')] }), STANDARD, { a: 875, init: 875 }],
  [
    'small sidecar',
    spec([eighth('a')], { initContainers: [eighth('init'), asSidecar(container('proxy', memory(STANDARD / 20)))] }),
    STANDARD,
    { a: 875, init: 875, proxy: 875 },
  ],
  [
    'big sidecar',
    spec([eighth('a')], { initContainers: [asSidecar(container('proxy', memory(STANDARD / 2)))] }),
    STANDARD,
    { a: 875, proxy: 500 },
  ],
  ['guaranteed pod-level', spec([container('a'), container('b')], GUARANTEED_POD), 4e9, { a: -997, b: -997 }],
  ['burstable pod-level', spec([container('a'), container('b')], BURSTABLE_POD), 4e9, { a: 750, b: 750 }],
  ['burstable pod-level, all given out', spec([eighth('a'), eighth('b')], BURSTABLE_POD), 4e9, { a: 750, b: 750 }],
  ['burstable pod-level, half given out', spec([eighth('a'), container('b')], BURSTABLE_POD), 4e9, { a: 625, b: 875 }],
  [
    'burstable pod-level with sidecar',
    spec([container('a', memory(1e9)), container('b', memory(5e8))], {
      ...BURSTABLE_POD,
      initContainers: [asSidecar(container('proxy', memory(2e8)))],
    }),
    4e9,
    { a: 725, b: 850, proxy: 850 },
  ],
];

void t.test('oom_score_adj is what the kubelet’s own test asks for', (t) => {
  for (const [title, podSpec, capacity, scores] of OOM_SCORES) {
    const given = containersOf(podSpec).map((reference) => [
      reference.container.name,
      oomScoreAdj(podSpec, reference, BigInt(capacity), 36),
    ]);
    t.same(Object.fromEntries(given), scores, title);
  }
  t.end();
});

void t.test('fractions of a byte count as a byte, fractions of a score do not', (t) => {
  const podSpec = spec([container('a', { memory: '1500m' })]);
  const [reference] = containersOf(podSpec);
  assert.ok(reference !== undefined);
  t.equal(oomScoreAdj(podSpec, reference, 2000n, 36), 999);
  t.equal(oomScoreAdj(podSpec, reference, 1000n, 36), 998);
  t.equal(oomScoreAdj(podSpec, reference, 1001n, 36), 999);
  t.end();
});

void t.test('a burstable container is killed after BestEffort and before Guaranteed ones, whatever it asks for', (t) => {
  fc.assert(
    fc.property(fc.bigInt(1n, 1n << 40n), fc.bigInt(1n, 1n << 40n), (request, capacity) => {
      const podSpec = spec([container('a', { memory: request.toString() })]);
      for (const reference of containersOf(podSpec)) {
        const score = oomScoreAdj(podSpec, reference, capacity, 36);
        assert.ok(score >= 3 && score <= 999);
      }
    }),
  );
  t.end();
});
