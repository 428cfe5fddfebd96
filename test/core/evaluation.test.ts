import t from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import { validate } from '../../src/core/evaluate.ts';
import { mutate, suggest } from '../../src/core/mutation.ts';
import { Evaluation } from '../../src/core/evaluation.ts';
import type { ExemptionDocument } from '../../src/core/exemption.ts';
import { PodFacts } from '../../src/core/pod-facts.ts';
import { Policy } from '../../src/core/policy.ts';
import { catalogue } from '../../src/config/catalogue.ts';
import { NOTHING_KNOWN } from '../../src/core/surroundings.ts';
import { knownImages } from './known-images.ts';
import { makeRule, policyOf } from './made-up-rule.ts';
import { subjectOf } from './subject-of.ts';

const NOW = { nowMs: Date.UTC(2027, 0, 1) };

/** Every rule enforced and every repair applied, so that all that there is runs. */
function everything(exemptions: readonly ExemptionDocument[] = []): Policy {
  const rules = Object.fromEntries(
    catalogue.rules.map(({ meta }) => [
      meta.id,
      {
        mode: 'enforce' as const,
        mutation: 'apply' as const,
        ...(meta.id === 'init-process' && { options: { image: 'registry.example/podgrace:1', imagesThatNeedIt: ['*/legacy:*'] } }),
        ...(meta.id === 'minimum-qos-class' && { options: { class: 'Guaranteed' } }),
      },
    ]),
  );
  const spec = { preset: 'strict', rules, exemptions } as const;
  return new Policy({ apiVersion: 'podgrace.dev/v1alpha1', kind: 'LifecyclePolicy', metadata: { name: 'all' }, spec }, catalogue);
}

/** Work for one object: judged, repaired, judged again. */
function stepsFor(spec: object, policy: Policy): number {
  const evaluation = new Evaluation(policy, subjectOf({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec }), NOW);
  const applied = mutate(evaluation);
  suggest(evaluation, applied);
  validate(evaluation);
  validate(evaluation, applied.pod);
  return evaluation.work.steps;
}

function times<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}

const PORT = { containerPort: 80 };

/** What was seen to take more than linear time once, and products of everything that an object can have many of. */
const GROWING: Readonly<Record<string, (count: number) => object>> = {
  containers: (count) => ({ containers: times(count, (index) => ({ name: `c${index}`, ports: [PORT], command: ['sh', '-c', 'a; b'] })) }),
  'containers with limits for ephemeral-storage and emptyDirs': (count) => ({
    containers: times(count, (index) => ({
      name: `c${index}`,
      resources: { limits: { 'ephemeral-storage': '1Gi' } },
      volumeMounts: [{ name: `v${index}`, mountPath: '/v' }],
    })),
    volumes: times(count, (index) => ({ name: `v${index}`, emptyDir: { sizeLimit: '1Mi' } })),
  }),
  'a sidecar with many resources, init containers and emptyDirs': (count) => ({
    initContainers: [
      {
        name: 'proxy',
        restartPolicy: 'Always',
        resources: { limits: Object.fromEntries(times(count, (index) => [`example.com/r${index}`, '1'])) },
      },
      ...times(count, (index) => ({ name: `i${index}` })),
    ],
    containers: [{ name: 'web', resources: { limits: { 'ephemeral-storage': '1Gi' } } }],
    volumes: times(count, (index) => ({ name: `v${index}`, emptyDir: { sizeLimit: '1Mi' } })),
  }),
  'memory volumes and mounts': (count) => ({
    containers: times(count, (index) => ({
      name: `c${index}`,
      volumeMounts: times(4, (place) => ({ name: `v${(index + place) % count}`, mountPath: `/v${place}` })),
    })),
    volumes: times(count, (index) => ({ name: `v${index}`, emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } })),
  }),
  'volumes of one name, and writers of it': (count) => ({
    containers: times(count, (index) => ({ name: `c${index}`, volumeMounts: [{ name: 'v', mountPath: '/v' }] })),
    volumes: times(count, () => ({ name: 'v', emptyDir: { medium: 'Memory', sizeLimit: '1Mi' } })),
  }),
  'huge pages and containers that ask for them': (count) => ({
    containers: times(count, (index) => ({
      name: `c${index}`,
      resources: { limits: { [`hugepages-${index + 1}Mi`]: '2Mi' } },
      volumeMounts: [{ name: `v${index}`, mountPath: '/v' }],
    })),
    volumes: times(count, (index) => ({ name: `v${index}`, emptyDir: { medium: `HugePages-${index + 1}Mi` } })),
  }),
  'hostPath volumes and mounts': (count) => ({
    containers: times(count, (index) => ({ name: `c${index}`, volumeMounts: [{ name: `v${index}`, mountPath: '/v', readOnly: true }] })),
    volumes: times(count, (index) => ({ name: `v${index}`, hostPath: { path: '/data' } })),
  }),
  tolerations: (count) => ({
    containers: [{ name: 'web' }],
    tolerations: times(count, (index) => ({ key: `k${index}`, operator: 'Exists' })),
  }),
  ports: (count) => ({ containers: [{ name: 'web', ports: times(count, (index) => ({ containerPort: index + 1 })) }] }),
};

/** Twice the object is twice the work, and not more: an exponent of 1.1 over four doublings. */
const DOUBLINGS = 4;
const MAX_EXPONENT = 1.1;

for (const [name, make] of Object.entries(GROWING)) {
  void t.test(`work grows no faster than the object: ${name}`, (t) => {
    const policy = everything();
    const few = stepsFor(make(64), policy);
    const many = stepsFor(make(64 * 2 ** DOUBLINGS), policy);
    const exponent = Math.log2(many / few) / DOUBLINGS;
    t.ok(exponent <= MAX_EXPONENT, `${few} steps, then ${many}: exponent ${exponent.toFixed(2)}`);
    t.end();
  });
}

void t.test('work grows no faster than the object: containers with findings, and exemptions', (t) => {
  const steps = (count: number): number => {
    const exemptions = times(count, (index) => ({
      rule: 'readiness-probe',
      container: `c${index}`,
      reason: 'legacy',
      expires: '2027-12-31',
    }));
    return stepsFor({ containers: times(count, (index) => ({ name: `c${index}`, ports: [PORT] })) }, everything(exemptions));
  };
  const [few, many] = [steps(64), steps(64 * 2 ** DOUBLINGS)];
  const exponent = Math.log2(many / few) / DOUBLINGS;
  t.ok(exponent <= MAX_EXPONENT, `${few} steps, then ${many}: exponent ${exponent.toFixed(2)}`);
  t.end();
});

void t.test('work is counted: a Pod of a thousand containers is no less than a thousand steps for each rule that looks at them', (t) => {
  const containers = times(1000, (index) => ({ name: `c${index}` }));
  const evaluation = new Evaluation(presetPolicy('production'), subjectOf({ apiVersion: 'v1', kind: 'Pod', spec: { containers } }), NOW);
  validate(evaluation);
  t.ok(evaluation.work.steps >= 5000, `${evaluation.work.steps} steps`);
  t.end();
});

void t.test('scripts are work: the clock is looked at before each long one is read', (t) => {
  const text = `echo ${'a'.repeat(16_384)}`;
  const script = ['sh', '-c', text];
  const handler = { exec: { command: script } };
  const counted = (...containers: object[]): number => {
    const subject = subjectOf({ apiVersion: 'v1', kind: 'Pod', spec: { containers } });
    const evaluation = new Evaluation(policyOf([]), subject, NOW);
    const facts = evaluation.factsOf(subject.pod);
    for (const { container } of facts.containers) {
      facts.stopOf(container);
      if (container.lifecycle?.preStop != null) facts.hookOf(container.lifecycle.preStop, container);
    }
    return evaluation.work.steps;
  };
  const least = text.length / 8;
  for (const [name, fields] of Object.entries({
    command: { command: script },
    args: { command: ['sh'], args: ['-c', text] },
    hook: { lifecycle: { preStop: handler } },
  })) {
    const steps = counted({ name: 'web', ...fields });
    t.ok(steps >= least && steps <= 2 * least, `${name}: ${steps} steps`);
  }
  const words = counted({ name: 'web', command: [null, ...times(1000, () => '')], lifecycle: { preStop: { exec: { command: [null] } } } });
  t.ok(words >= 1000, `words without a letter: ${words} steps`);
  let looks = 0;
  const late = new Evaluation(
    presetPolicy('production'),
    subjectOf({ apiVersion: 'v1', kind: 'Pod', spec: { containers: times(100, (index) => ({ name: `c${index}`, command: script })) } }),
    { ...NOW, outOfTime: () => ++looks > 12 },
  );
  const errored = validate(late).filter(({ messageId }) => messageId === 'errored');
  t.ok(
    errored.some(({ rule }) => rule === 'init-process'),
    'time ends among the scripts',
  );
  t.end();
});

void t.test('a volume is work for sane-quantities, and its place is told', (t) => {
  const volumes = times(5000, (index) => ({ name: `v${index}`, emptyDir: { sizeLimit: index === 4999 ? '5' : '1Gi' } }));
  const subject = subjectOf({ apiVersion: 'v1', kind: 'Pod', spec: { containers: [], volumes } });
  const document = { apiVersion: 'podgrace.dev/v1alpha1', kind: 'LifecyclePolicy', metadata: { name: 'one' } } as const;
  const off = Object.fromEntries(
    catalogue.rules.map(({ meta: { id } }) => [id, { mode: id === 'sane-quantities' ? 'warn' : 'off' } as const]),
  );
  const evaluation = new Evaluation(new Policy({ ...document, spec: { preset: 'production', rules: off } }, catalogue), subject, NOW);
  t.same(
    validate(evaluation).map(({ field }) => field),
    ['spec.volumes[4999].emptyDir.sizeLimit'],
  );
  t.ok(evaluation.work.steps >= 5000, `${evaluation.work.steps} steps`);
  t.end();
});

const MANY = { apiVersion: 'v1', kind: 'Pod', spec: { containers: times(10_000, (index) => ({ name: `c${index}` })) } };

void t.test('the clock is looked at inside of loops: a rule that takes too long is errored, and so are those after it', (t) => {
  let seen = 0;
  const slow = makeRule('b', {
    validate: (_pod, context) => {
      for (const _ of context.containers()) seen += 1;
      return [];
    },
  });
  const after = makeRule('c', {
    validate: () => {
      throw new Error('asked');
    },
  });
  let hasPassed = false;
  const before = makeRule('a', {
    validate: () => {
      hasPassed = true;
      return [];
    },
  });
  // Time is up at the third look: before rule a, before rule b, then in its loop.
  let looks = 0;
  const evaluation = new Evaluation(policyOf([before, slow, after]), subjectOf(MANY), { ...NOW, outOfTime: () => ++looks > 2 });
  const findings = validate(evaluation);
  t.ok(hasPassed);
  t.ok(seen < 10_000, `${seen} containers`);
  t.same(
    findings.map(({ rule, message }) => `${rule} ${message}`),
    ['b could not be judged: the deadline of the request has passed', 'c could not be judged: the deadline of the request has passed'],
  );
  t.end();
});

void t.test('findings are work: a rule with more of them than there is time for is errored as a whole', (t) => {
  const rule = makeRule('a', {
    validate: (_pod, context) =>
      Array.from(context.subject.pod.spec.containers, () => ({ message: 'found', path: context.subject.root, rank: [0] })),
  });
  let looks = 0;
  const evaluation = new Evaluation(policyOf([rule]), subjectOf(MANY), { ...NOW, outOfTime: () => ++looks > 1 });
  t.same(
    validate(evaluation).map(({ messageId }) => messageId),
    ['errored'],
  );
  t.end();
});

void t.test('facts are computed once for a Pod, and anew for a repaired one', (t) => {
  const subject = subjectOf({ apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ name: 'web' }] } });
  const evaluation = new Evaluation(policyOf([]), subject, NOW);
  const facts = evaluation.factsOf(subject.pod);
  t.equal(evaluation.factsOf(subject.pod), facts);
  t.equal(facts.containers, facts.containers);
  t.equal(facts.containersOf(['main', 'init']), facts.containers, 'all of the containers are the same list');
  evaluation.forget(subject.pod);
  t.not(evaluation.factsOf(subject.pod), facts);
  t.end();
});

void t.test('facts say what the functions say that they come from', (t) => {
  const { pod } = subjectOf({
    apiVersion: 'v1',
    kind: 'Pod',
    spec: {
      containers: [
        {
          name: 'web',
          resources: { limits: { memory: '1Gi', 'ephemeral-storage': '2Gi' } },
          volumeMounts: [
            { name: 'shm', mountPath: '/shm' },
            { name: 'data', mountPath: '/data' },
          ],
        },
      ],
      volumes: [
        { name: 'shm', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } },
        { name: 'data', hostPath: { path: '/data' } },
      ],
    },
  });
  const facts = new PodFacts(pod);
  const [web] = pod.spec.containers;
  const use = facts.volumeUses.get('shm');
  t.equal(use && facts.memoryBoundOf(use)?.nano, 2n ** 30n * 10n ** 9n);
  t.equal(web && facts.memoryVolumesOf(web)?.nano, 2n ** 26n * 10n ** 9n);
  t.equal(facts.diskBound?.nano, 2n ** 31n * 10n ** 9n);
  t.equal(facts.dataPlace, 'node');
  t.equal(facts.pageSizes.size, 0);
  t.end();
});

void t.test('repairs are those of the webhook, which knows no image configurations; findings are not', (t) => {
  const rules = { 'init-process': { mode: 'enforce', mutation: 'apply', options: { image: 'registry.example/podgrace:1' } } } as const;
  const policy = presetPolicy('strict').withOverrides([{ rules }]);
  const trap = 'trap "exit 0" QUIT; while true; do sleep 1 & wait; done';
  const containers = [{ name: 'web', image: 'registry.example/web:1', command: ['bash', '-c', trap] }];
  const pod = (): ReturnType<typeof subjectOf> =>
    subjectOf({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { containers } });
  const images = knownImages({ 'registry.example/web:1': { stopSignal: 'SIGQUIT' } });
  const knowing = new Evaluation(policy, pod(), { ...NOW, surroundings: { ...NOTHING_KNOWN, images } });
  const unknowing = new Evaluation(policy, pod(), NOW);
  const found = (evaluation: Evaluation): boolean => validate(evaluation).some(({ rule }) => rule === 'init-process');
  t.ok(found(unknowing), 'the trap is not for SIGTERM');
  t.notOk(found(knowing), 'the image is stopped by SIGQUIT');
  const { patch, rules: repairing } = mutate(unknowing);
  t.ok(repairing.includes('init-process'));
  t.same(mutate(knowing).patch, patch);
  t.notOk(found(knowing), 'findings are as they were before the repairs');
  t.end();
});
