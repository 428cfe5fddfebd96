/** An object that there is no time to read is not read to its end, and ends as one that could not be judged (docs/adr/0066). */
import t from 'tap';
import { decideMutation, decideValidation, type Asking } from '../../src/admission/decision.ts';
import { decodeReview } from '../../src/admission/review.ts';
import { MOST_COMPARED_WITHOUT_TIME } from '../../src/admission/submission-reading.ts';
import { presetPolicy } from '../../src/config/presets.ts';
import { NOW_MS } from './ask.ts';
import { countWork, exponentOf } from './counted-work.ts';
import { forbidLatest, policyOf } from './made-up-rules.ts';
import { containerOf, latestPod, podOf, requestOf, reviewOf, workloadOf, type Review } from './reviews.ts';

const POLICY = presetPolicy('strict');
const COUNT = 2_000;

const named = (count: number, value: unknown): object =>
  Object.fromEntries(Array.from({ length: count }, (_, at) => [`example.com/r${at}`, value]));
const repeated = (count: number, value: unknown): unknown[] => Array.from({ length: count }, () => value);

type Make = (count: number) => Record<string, unknown>;

const inContainer =
  (fields: (count: number) => object): Make =>
  (count) =>
    podOf({ spec: { containers: [containerOf(fields(count))] } });
const inSpec =
  (fields: (count: number) => object): Make =>
  (count) =>
    podOf({ spec: fields(count) });
const inMetadata =
  (fields: (count: number) => object): Make =>
  (count) =>
    podOf({ metadata: fields(count) });

/** What an object can have any number of. */
const LONG: Readonly<Record<string, Make>> = {
  labels: inMetadata((count) => ({ labels: named(count, 'a') })),
  'labels of null': inMetadata((count) => ({ labels: named(count, null) })),
  'labels of a wrong type': inMetadata((count) => ({ labels: named(count, {}) })),
  'owners that are none': inMetadata((count) => ({ ownerReferences: repeated(count, {}) })),
  'unknown fields of a Pod': inSpec((count) => named(count, 1)),
  'unknown fields of a container': inContainer((count) => named(count, 1)),
  'nodeSelector of null': inSpec((count) => ({ nodeSelector: named(count, null) })),
  tolerations: inSpec((count) => ({ tolerations: repeated(count, {}) })),
  volumes: inSpec((count) => ({ volumes: Array.from({ length: count }, (_, at) => ({ name: `v${at}` })) })),
  containers: inSpec((count) => ({ containers: Array.from({ length: count }, (_, at) => containerOf({ name: `c${at}` })) })),
  'containers that are none': inSpec((count) => ({ containers: repeated(count, 1) })),
  'init containers': inSpec((count) => ({ initContainers: Array.from({ length: count }, (_, at) => containerOf({ name: `c${at}` })) })),
  ports: inContainer((count) => ({ ports: Array.from({ length: count }, (_, at) => ({ containerPort: at })) })),
  'words of null': inContainer((count) => ({ command: repeated(count, null) })),
  limits: inContainer((count) => ({ resources: { limits: named(count, '1.5') } })),
  'limits of a wrong type': inContainer((count) => ({ resources: { limits: named(count, {}) } })),
  'limits of a Pod': inSpec((count) => ({ resources: { limits: named(count, '1.5') } })),
  'labels of a Deployment': (count) => ({
    ...workloadOf('apps/v1', 'Deployment', podOf()),
    metadata: { name: 'web', labels: named(count, 1) },
  }),
  'claim templates': (count) => ({
    ...{ apiVersion: 'apps/v1', kind: 'StatefulSet', metadata: { name: 'web' } },
    spec: { template: podOf(), volumeClaimTemplates: repeated(count, {}) },
  }),
};

const PHASES = { validation: decideValidation, mutation: decideMutation };

for (const [what, make] of Object.entries(LONG)) {
  void t.test(`${what}: without time, twice as many take no longer`, (t) => {
    for (const [phase, decide] of Object.entries(PHASES)) {
      const blocksFor = (count: number): number =>
        countWork(reviewOf(make(count)), (review) => {
          decide(decodeReview(review), POLICY, { nowMs: NOW_MS, outOfTime: () => true });
        }).blocks;
      blocksFor(COUNT);
      const each = (blocksFor(2 * COUNT) - blocksFor(COUNT)) / COUNT;
      t.ok(each < 0.05, `${each.toFixed(2)} blocks for each in a ${phase}`);
    }
    t.end();
  });
}

void t.test("templates of a kind of the policy's own: without time, twice as many take no longer", (t) => {
  const policy = policyOf([forbidLatest()], {
    workloadKinds: [{ group: 'ray.io', kind: 'RayCluster', class: 'service', templatePath: 'spec.workerGroupSpecs[*].template' }],
  });
  const cluster = (count: number): object => ({
    ...{ apiVersion: 'ray.io/v1', kind: 'RayCluster', metadata: { name: 'web' } },
    spec: { workerGroupSpecs: repeated(count, { template: podOf() }) },
  });
  for (const [phase, decide] of Object.entries(PHASES)) {
    const blocksFor = (count: number): number =>
      countWork(reviewOf(cluster(count)), (review) => {
        decide(decodeReview(review), policy, { nowMs: NOW_MS, outOfTime: () => true });
      }).blocks;
    blocksFor(COUNT);
    const each = (blocksFor(2 * COUNT) - blocksFor(COUNT)) / COUNT;
    // To find one takes 40, and to read it 180.
    t.ok(each < 60, `${each.toFixed(2)} blocks for each in a ${phase}`);
  }
  t.end();
});

/** The clock is looked at once while the new object is read, and there is time until then. */
function inTimeFor(looks: number): Asking {
  let looked = 0;
  return { nowMs: NOW_MS, outOfTime: () => (looked += 1) > looks };
}

void t.test('it is denied where the policy enforces a rule, and not repaired', (t) => {
  const pod = inMetadata((count) => ({ labels: named(count, 'a') }))(COUNT);
  const unjudged = { rule: 'well-formed', messageId: 'errored', message: 'could not be judged: the deadline of the request has passed' };
  t.match(decideValidation(requestOf(pod), POLICY, inTimeFor(0)), { allowed: false, findings: [{ ...unjudged, mode: 'enforce' }] });
  t.match(decideMutation(requestOf(pod), POLICY, inTimeFor(0)), { patch: [], findings: [unjudged] });
  t.end();
});

void t.test('an old object that there was no time to read excuses nothing, and no deletion is held up', (t) => {
  const policy = policyOf([forbidLatest()]);
  const long = latestPod({ metadata: { labels: named(COUNT, 'a') } });
  const update = requestOf(latestPod({ spec: { activeDeadlineSeconds: 9 } }), { operation: 'UPDATE', oldObject: long });
  t.equal(decideValidation(update, policy, { nowMs: NOW_MS }).allowed, true, 'with time it was there before');
  const untilLong = { nowMs: NOW_MS, outOfTime: (steps: number) => steps >= 256 };
  t.match(decideValidation(update, policy, untilLong), { allowed: false, findings: [{ rule: 'no-latest', mode: 'enforce' }] });
  const deletion = requestOf(undefined, { operation: 'DELETE', oldObject: long });
  t.equal(decideValidation(deletion, POLICY, inTimeFor(0)).allowed, true);
  t.end();
});

/** A Deployment in two versions that rules cannot tell apart. */
function unchangedUpdate(count: number): Review {
  const volumes = Array.from({ length: count }, (_, at) => ({ name: `v${at}` }));
  const workload = workloadOf('apps/v1', 'Deployment', podOf({ spec: { volumes } }));
  const oldObject = { ...structuredClone(workload), metadata: { name: 'web', labels: { before: 'yes' } } };
  return reviewOf(workload, { operation: 'UPDATE', oldObject });
}

void t.test(
  'an update that changes nothing that rules read is let through without any time, in work that grows as the object does',
  (t) => {
    const blocksFor = (count: number): number =>
      countWork(unchangedUpdate(count), (review) => {
        const decision = decideValidation(decodeReview(review), POLICY, inTimeFor(0));
        t.match(decision, { allowed: true, skipped: 'unchanged', findings: [] });
      }).blocks;
    blocksFor(COUNT);
    const series = [COUNT, 2 * COUNT, 4 * COUNT].map(blocksFor);
    t.ok(exponentOf(series) <= 1.1, `${series.join(', ')} blocks`);
    t.ok((series[0] ?? 0) < 40 * COUNT, `${series[0] ?? 0} blocks for ${COUNT} volumes`);
    t.end();
  },
);

void t.test('an update that changes the last of many things is denied where there was no time to judge it', (t) => {
  const review = unchangedUpdate(COUNT);
  const volumes = Array.from({ length: COUNT }, (_, at) => ({ name: `v${at}`, ...(at === COUNT - 1 && { emptyDir: {} }) }));
  const object = workloadOf('apps/v1', 'Deployment', podOf({ spec: { volumes } }));
  const changed = decodeReview({ ...review, request: { ...review.request, object } });
  t.match(decideValidation(changed, POLICY, inTimeFor(0)), { allowed: false, findings: [{ rule: 'well-formed', messageId: 'errored' }] });
  t.end();
});

void t.test('templates beyond number are compared only as long as there is time', (t) => {
  const policy = policyOf([forbidLatest()], {
    workloadKinds: [{ group: 'ray.io', kind: 'RayCluster', class: 'service', templatePath: 'spec.workerGroupSpecs[*].template' }],
  });
  const cluster = (): object => ({
    ...{ apiVersion: 'ray.io/v1', kind: 'RayCluster', metadata: { name: 'web' } },
    spec: { workerGroupSpecs: repeated(MOST_COMPARED_WITHOUT_TIME / 4, { template: {} }) },
  });
  const update = requestOf(cluster(), { operation: 'UPDATE', oldObject: cluster() });
  t.match(decideValidation(update, policy, inTimeFor(0)), { allowed: false, findings: [{ rule: 'well-formed', messageId: 'errored' }] });
  t.match(decideValidation(update, policy, { nowMs: NOW_MS }), { allowed: true, skipped: 'unchanged' });
  t.end();
});

void t.test('a budget that there is no time to read is let through, and recorded', (t) => {
  const budget = {
    ...{ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'web', namespace: 'shop' } },
    spec: { maxUnavailable: 0, selector: { matchLabels: named(COUNT, 'a') } },
  };
  const kind = { group: 'policy', version: 'v1', kind: 'PodDisruptionBudget' };
  for (const operation of ['CREATE', 'UPDATE'] as const) {
    const request = requestOf(budget, { operation, kind, ...(operation === 'UPDATE' && { oldObject: budget }) });
    const decision = decideValidation(request, POLICY, inTimeFor(0));
    t.match(decision, { allowed: true, findings: [{ rule: 'well-formed', messageId: 'errored', mode: 'audit', excuse: 'unknown' }] });
  }
  t.end();
});
