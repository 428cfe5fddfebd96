import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import { presetDocument } from '../../src/config/presets.ts';
import { Policy } from '../../src/core/policy.ts';
import { NOTHING_KNOWN, type Surroundings } from '../../src/core/surroundings.ts';
import { runs } from '../long-tests.ts';
import { askValidate } from './ask.ts';
import { LADDERS, type Ladder } from '../rules/ladders.ts';
import { containerOf, podOf, reviewOf, workloadOf } from './reviews.ts';

/** One rule alone denies, and nothing is repaired. */
function only(id: string, options: Readonly<Record<string, unknown>> = {}): Policy {
  const document = presetDocument('strict');
  const off = { mode: 'off', mutation: 'off' } as const;
  const rules = {
    ...Object.fromEntries(catalogue.rules.map(({ meta }) => [meta.id, off])),
    [id]: { mode: 'enforce', mutation: 'off', options },
  } as const;
  return new Policy({ ...document, spec: { ...document.spec, rules } }, catalogue);
}

const deployment = (spec: object): object => workloadOf('apps/v1', 'Deployment', podOf({ spec }));

/** Whether an update of a Deployment from one Pod spec to another is denied; without an old one, whether its creation is. */
function isDenied(id: string, before: object | undefined, after: object): boolean {
  const parts = before === undefined ? {} : { operation: 'UPDATE', oldObject: deployment(before) };
  return !askValidate(reviewOf(deployment(after), parts), only(id)).answer.allowed;
}

const volume = (emptyDir: object): object => ({
  containers: [containerOf({ volumeMounts: [{ name: 'data', mountPath: '/data' }] })],
  volumes: [{ name: 'data', emptyDir }],
});
const serving = (more: object = {}): object => ({ containers: [containerOf({ ports: [{ containerPort: 8080 }], ...more })] });
const tolerating = (seconds: number | undefined): object => ({
  ...serving(),
  tolerations: ['not-ready', 'unreachable'].map((taint) => ({
    ...{ key: `node.kubernetes.io/${taint}`, operator: 'Exists', effect: 'NoExecute' },
    ...(seconds !== undefined && { tolerationSeconds: seconds }),
  })),
});
const preStop = (seconds: number): object => serving({ lifecycle: { preStop: { sleep: { seconds } } } });
const PROBE = { tcpSocket: { port: 8080 } };
const UDP = { ports: [{ containerPort: 53, protocol: 'UDP' }, { containerPort: 8080 }] };
const plain = (name: string): object => containerOf({ name });
/** A container that serves, by what it runs. */
const server = (name: string, image: string, port: number, more: object = {}): object =>
  containerOf({ name, image: `registry.example/${image}:1`, ports: [{ containerPort: port }], ...more });
const PROBED = { readinessProbe: { tcpSocket: { port: 8080 } } };
const limited = (name: string): object => containerOf({ name, resources: { limits: { memory: '64Mi' } } });

const APART = { containers: [server('web', 'web', 8080, PROBED), server('helper', 'helper', 9090)] };
const ALIKE = { containers: [server('web', 'app', 8080, PROBED), server('helper', 'app', 9090)] };

/** What an update makes of it, and the rule. */
const BETTER: readonly (readonly [name: string, rule: string, before: object, after: object])[] = [
  ['an emptyDir gets a size limit that is too large', 'empty-dir-size-limit', volume({}), volume({ sizeLimit: '200Gi' })],
  ['memory without a limit becomes disk without a limit', 'empty-dir-size-limit', volume({ medium: 'Memory' }), volume({})],
  ['a size limit shrinks', 'empty-dir-size-limit', volume({ sizeLimit: '300Gi' }), volume({ sizeLimit: '200Gi' })],
  ['a preStop hook comes that is too short', 'pre-stop-delay', serving(), preStop(3)],
  ['a preStop hook that is too short gets longer', 'pre-stop-delay', preStop(2), preStop(3)],
  ['what was tolerated for ever is tolerated for 900 s', 'toleration-seconds', tolerating(undefined), tolerating(900)],
  ['a readinessProbe is still missing where a UDP port comes', 'readiness-probe', serving(), serving(UDP)],
  [
    'two containers exchange their names and keep their probes',
    'readiness-probe',
    APART,
    { containers: [server('helper', 'web', 8080, PROBED), server('web', 'helper', 9090)] },
  ],
  ['a readinessProbe is still missing where a livenessProbe comes', 'readiness-probe', serving(), serving({ livenessProbe: PROBE })],
];

const WORSE: typeof BETTER = [
  ['an emptyDir moves to memory, both unlimited', 'empty-dir-size-limit', volume({}), volume({ medium: 'Memory' })],
  [
    '200Gi of disk become 100Gi of memory',
    'empty-dir-size-limit',
    volume({ sizeLimit: '200Gi' }),
    volume({ medium: 'Memory', sizeLimit: '100Gi' }),
  ],
  ['a size limit that is too large goes', 'empty-dir-size-limit', volume({ sizeLimit: '200Gi' }), volume({})],
  ['a preStop hook that is too short goes', 'pre-stop-delay', preStop(3), serving()],
  ['what was tolerated for 900 s is tolerated for ever', 'toleration-seconds', tolerating(900), tolerating(undefined)],
  [
    'two containers exchange their names, and the serving one loses its probe',
    'readiness-probe',
    APART,
    { containers: [server('web', 'helper', 9090, PROBED), server('helper', 'web', 8080)] },
  ],
  [
    'two containers of one image exchange their names, and the serving one loses its probe',
    'readiness-probe',
    ALIKE,
    { containers: [server('web', 'app', 9090, PROBED), server('helper', 'app', 8080)] },
  ],
  [
    'an init container without a limit becomes a sidecar',
    'memory-limit',
    { initContainers: [plain('proxy')], containers: [limited('app')] },
    { initContainers: [{ ...plain('proxy'), restartPolicy: 'Always' }], containers: [limited('app')] },
  ],
  [
    'an init container without a limit becomes a main one',
    'memory-limit',
    { initContainers: [plain('migrate')], containers: [limited('app')] },
    { containers: [limited('app'), plain('migrate')] },
  ],
];

for (const [name, rule, before, after] of BETTER) {
  void t.test(`${name}: not denied`, (t) => {
    t.equal(isDenied(rule, undefined, after), true, 'it is wrong still');
    t.equal(isDenied(rule, before, after), false);
    t.end();
  });
}

for (const [name, rule, before, after] of WORSE) {
  void t.test(`${name}: denied`, (t) => {
    t.equal(isDenied(rule, undefined, before), true, 'it was wrong before');
    t.equal(isDenied(rule, before, after), true);
    t.end();
  });
}

void t.test('what stays as it is, is not denied', (t) => {
  for (const [, rule, before, after] of [...BETTER, ...WORSE]) {
    for (const spec of [before, after]) t.equal(isDenied(rule, { ...spec, hostname: 'a' }, { ...spec, hostname: 'b' }), false, rule);
  }
  t.end();
});

/** Whether a policy denies an update from one object to another. */
function denies(policy: Policy, oldObject: object, object: object, known: Ladder['surroundings'] = {}): boolean {
  const entries = Object.entries(known).map(([name, value]) => [name, { isKnown: true, value }]);
  const surroundings = { ...NOTHING_KNOWN, ...Object.fromEntries(entries) } as Surroundings;
  return !askValidate(reviewOf(object, { operation: 'UPDATE', oldObject }), policy, { surroundings }).answer.allowed;
}

void t.test('every rule says what is worse than what', (t) => {
  const aboutUpdates = catalogue.rules.filter(({ meta }) => meta.about !== 'deletion');
  t.same(Object.keys(LADDERS).sort(), aboutUpdates.map(({ meta }) => meta.id).sort());
  t.end();
});

interface Rung {
  readonly step: number;
  readonly part: Readonly<Record<string, unknown>>;
}

function rungsOf({ steps }: Ladder): Rung[] {
  return steps.flatMap((parts, step) => parts.map((part) => ({ step, part })));
}

for (const [id, ladders] of Object.entries(LADDERS)) {
  for (const ladder of ladders) {
    const policy = only(id, ladder.options);
    const rungs = rungsOf(ladder);

    void t.test(`${id}, ${ladder.what}: worse is denied, better and equal never`, (t) => {
      for (const before of rungs) {
        for (const after of rungs) {
          const isDenied = denies(policy, ladder.object({ one: before.part }), ladder.object({ one: after.part }), ladder.surroundings);
          t.equal(isDenied, after.step > before.step, `${JSON.stringify(before)} → ${JSON.stringify(after)}`);
        }
      }
      t.end();
    });

    if (!ladder.isList) continue;
    void t.test(`property: ${id}, ${ladder.what}: denied exactly where one is worse than before, or is wrong and new`, (t) => {
      const anyThings = fc.dictionary(fc.constantFrom('a', 'b', 'c'), fc.constantFrom(...rungs), { maxKeys: 3 });
      fc.assert(
        fc.property(anyThings, anyThings, (before, after) => {
          const isWorse = Object.entries(after).some(([name, { step }]) => step > (before[name]?.step ?? 0));
          const [oldObject, object] = [before, after].map((things) =>
            ladder.object(Object.fromEntries(Object.entries(things).map(([name, { part }]) => [name, part]))),
          );
          assert.equal(denies(policy, oldObject ?? {}, object ?? {}, ladder.surroundings), isWorse);
        }),
        { numRuns: runs(400) },
      );
      t.end();
    });
  }
}
