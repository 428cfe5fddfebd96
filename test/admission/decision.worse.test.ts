import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import { presetDocument } from '../../src/config/presets.ts';
import { Policy } from '../../src/core/policy.ts';
import { runs } from '../long-tests.ts';
import { askValidate } from './ask.ts';
import { containerOf, podOf, reviewOf, workloadOf } from './reviews.ts';

/** One rule alone denies, and nothing is repaired. */
function only(id: string): Policy {
  const document = presetDocument('strict');
  const rules = Object.fromEntries(
    catalogue.rules.map(({ meta }) => [meta.id, { mode: meta.id === id ? 'enforce' : 'off', mutation: 'off' } as const]),
  );
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
const limited = (name: string): object => containerOf({ name, resources: { limits: { memory: '64Mi' } } });

/** What an update makes of it, and the rule. */
const BETTER: readonly (readonly [name: string, rule: string, before: object, after: object])[] = [
  ['an emptyDir gets a size limit that is too large', 'empty-dir-size-limit', volume({}), volume({ sizeLimit: '200Gi' })],
  ['memory without a limit becomes disk without a limit', 'empty-dir-size-limit', volume({ medium: 'Memory' }), volume({})],
  ['a size limit shrinks', 'empty-dir-size-limit', volume({ sizeLimit: '300Gi' }), volume({ sizeLimit: '200Gi' })],
  ['a preStop hook comes that is too short', 'pre-stop-delay', serving(), preStop(3)],
  ['a preStop hook that is too short gets longer', 'pre-stop-delay', preStop(2), preStop(3)],
  ['what was tolerated for ever is tolerated for 900 s', 'toleration-seconds', tolerating(undefined), tolerating(900)],
  ['a readinessProbe is still missing where a UDP port comes', 'readiness-probe', serving(), serving(UDP)],
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

interface EmptyDir {
  readonly medium?: 'Memory';
  readonly sizeLimit?: string;
}

const GIB = [1, 50, 150, 200, 400] as const;
const anyEmptyDir = fc.record<EmptyDir>(
  { medium: fc.constant('Memory' as const), sizeLimit: fc.constantFrom(...GIB).map((gib) => `${gib}Gi`) },
  { requiredKeys: [] },
);
const anyVolumes = fc.dictionary(fc.constantFrom('a', 'b', 'c'), anyEmptyDir, { maxKeys: 3 });

/** How bad a volume is, from what the rule's page says: undefined where it is as it should be. */
function badness({ medium, sizeLimit }: EmptyDir): number | undefined {
  const most = medium === 'Memory' ? 2 : 100;
  const gib = sizeLimit === undefined ? undefined : Number.parseInt(sizeLimit, 10);
  if (gib !== undefined && gib <= most) return undefined;
  return (medium === 'Memory' ? 10_000 : 0) + (gib ?? 5000);
}

void t.test('property: an update is denied exactly where a volume is worse than before, or is wrong and new', (t) => {
  const spec = (volumes: Readonly<Record<string, EmptyDir>>): object => ({
    containers: [containerOf({ volumeMounts: Object.keys(volumes).map((name) => ({ name, mountPath: `/${name}` })) })],
    volumes: Object.entries(volumes).map(([name, emptyDir]) => ({ name, emptyDir })),
  });
  fc.assert(
    fc.property(anyVolumes, anyVolumes, (before, after) => {
      const isWorse = Object.entries(after).some(([name, emptyDir]) => {
        const now = badness(emptyDir);
        const then = before[name] && badness(before[name]);
        return now !== undefined && (then === undefined || now > then);
      });
      assert.equal(isDenied('empty-dir-size-limit', spec(before), spec(after)), isWorse);
    }),
    { numRuns: runs(1000) },
  );
  t.end();
});
