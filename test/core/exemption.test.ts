import t from 'tap';
import type { Circumstances } from '../../src/core/evaluation.ts';
import { compileExemption, expiryOf, type ExemptionDocument } from '../../src/core/exemption.ts';
import { FieldPath } from '../../src/core/path.ts';
import { pathOf } from '../../src/core/pod.ts';
import type { Subject, Trust } from '../../src/core/subject.ts';
import { mutate, validate } from './evaluating.ts';
import { makeRule, policyOf } from './made-up-rule.ts';
import { FROM_CONTROLLER, FROM_KUBELET, FROM_USER, subjectOf } from './subject-of.ts';

const NOW_MS = Date.UTC(2027, 0, 15);
const NOW: Circumstances = { nowMs: NOW_MS };

const SPEC = {
  containers: [
    { name: 'web', image: 'registry.example/web:1' },
    { name: 'proxy', image: 'registry.example/istio/proxyv2:1.30' },
  ],
};

function pod(metadata: object = {}, trust = FROM_USER): Subject {
  return subjectOf({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web', namespace: 'shop', ...metadata }, spec: SPEC }, { trust });
}

function workload(apiVersion: string, kind: string, metadata: object = {}, trust = FROM_USER): Subject {
  const object = { apiVersion, kind, metadata: { name: 'web', namespace: 'shop', ...metadata }, spec: { template: { spec: SPEC } } };
  return subjectOf(object, { trust });
}

/** @param owner its group and version, kind and name: `apps/v1/StatefulSet/db` */
function ownedBy(owner: string, labels: object = {}, trust = FROM_CONTROLLER): Subject {
  const [group, version, kind, name] = owner.split('/');
  return pod({ name: 'web-x7k2p', labels, ownerReferences: [{ apiVersion: `${group}/${version}`, kind, name, controller: true }] }, trust);
}

function exemption(scope: Partial<ExemptionDocument>): ExemptionDocument {
  return { rule: 'log-policy', reason: 'legacy', expires: '2027-01-31', ...scope };
}

/** `Kind/name` of the workloads that a Pod is part of: of those that may have named its owner, those whose exemption covers it. */
function chainOf(subject: Subject): string {
  const words = subject.owner?.name.split('-') ?? [];
  const names = words.map((_, index) => words.slice(0, words.length - index).join('-'));
  const kinds = ['ReplicaSet', 'Job', 'StatefulSet', 'Deployment', 'Rollout', 'CronJob'];
  return kinds
    .flatMap((kind) => names.map((name) => ({ kind, name })))
    .filter((workload) => compileExemption(exemption({ workload })).matchesSubject(subject))
    .map(({ kind, name }) => `${kind}/${name}`)
    .join(' ');
}

/** Each container must show its last log lines where it leaves no message; repaired by a word. */
const logPolicy = makeRule('log-policy', {
  validate: (_pod, context) =>
    Array.from(context.containers())
      .filter(({ container }) => container.terminationMessagePolicy !== 'FallbackToLogsOnError')
      .map((reference) => ({ message: 'found', path: pathOf(reference), rank: [0] })),
  mutate: (_draft, context) => {
    for (const { container } of context.containers()) container.terminationMessagePolicy = 'FallbackToLogsOnError';
  },
});

const graceZero = makeRule('no-grace-zero', {
  validate: ({ spec }) =>
    spec.terminationGracePeriodSeconds === 30
      ? [{ message: 'found', path: FieldPath.of('spec', 'terminationGracePeriodSeconds'), rank: [0] }]
      : [],
});

/** The containers whose finding denies, and those that are exempt. */
function verdict(subject: Subject, exemptions: readonly ExemptionDocument[], circumstances = NOW): string {
  const findings = validate(policyOf([logPolicy], { exemptions }), subject, circumstances);
  const named = (excuse: string | undefined): string =>
    findings
      .filter((finding) => finding.excuse === excuse)
      .map(({ container = 'Pod' }) => container)
      .join();
  return `denied ${named(undefined)}, exempt ${named('exempt')}`;
}

const ALL_EXEMPT = 'denied , exempt web,proxy';
const NONE_EXEMPT = 'denied web,proxy, exempt ';

void t.test('a name that is not generated yet is covered as the generated one will be', (t) => {
  const generated = pod({ name: undefined, generateName: 'web' });
  for (const [name, isExempt] of [
    ['web', false],
    ['web*', true],
    ['*', true],
    ['w*b', false],
    ['web-*', false],
    ['legacy', false],
    ['web?????', false],
  ] as const) {
    const compiled = compileExemption(exemption({ workload: { name } }));
    t.equal(compiled.matchesSubject(generated), isExempt, name);
    t.equal(compiled.matchesSubject(pod({ name: 'webx7k2p', generateName: 'web' })), isExempt, `${name}, at the second webhook`);
  }
  const long = pod({ name: undefined, generateName: 'a'.repeat(60) });
  t.equal(compileExemption(exemption({ workload: { name: `${'a'.repeat(59)}*` } })).matchesSubject(long), false, 'what is cut off is gone');
  t.end();
});

void t.test('a namespace is matched by its exact name, or with stars', (t) => {
  t.equal(verdict(pod(), [exemption({ namespace: 'shop' })]), ALL_EXEMPT);
  t.equal(verdict(pod(), [exemption({ namespace: 's*p' })]), ALL_EXEMPT);
  t.equal(verdict(pod(), [exemption({ namespace: 'sho' })]), NONE_EXEMPT);
  t.equal(verdict(pod(), [exemption({ namespace: 'shop-2' })]), NONE_EXEMPT);
  t.equal(verdict(pod(), [exemption({ namespace: '*' })]), ALL_EXEMPT);
  t.end();
});

void t.test('an exemption is for its rule alone', (t) => {
  const policy = policyOf([logPolicy, graceZero], { exemptions: [exemption({ namespace: 'shop' })] });
  t.same(
    validate(policy, pod(), NOW).map(({ rule, mode, excuse }) => `${rule} ${mode} ${excuse ?? ''}`),
    ['log-policy audit exempt', 'log-policy audit exempt', 'no-grace-zero enforce '],
  );
  t.end();
});

void t.test('a finding names the exemption that covers it', (t) => {
  const [finding] = validate(policyOf([logPolicy], { exemptions: [exemption({ namespace: 'shop' })] }), pod(), NOW);
  t.equal(finding?.exemption?.document.reason, 'legacy');
  t.end();
});

void t.test('an exemption that ends within 14 days is a warning that says when and why there was one', (t) => {
  const DAY_MS = 86_400_000;
  const policy = policyOf([logPolicy], { exemptions: [exemption({ container: 'web' })] });
  const onDay = (daysBeforeEnd: number): string[] =>
    validate(policy, pod(), { ...NOW, nowMs: Date.parse('2027-01-31T23:59:59.999Z') - daysBeforeEnd * DAY_MS })
      .filter(({ container }) => container === 'web')
      .map(({ mode, excuse, message }) => `${mode} ${excuse ?? ''} ${message}`);
  const [quiet] = onDay(15);
  t.match(quiet, /^audit exempt /);
  t.same(onDay(14.001), [quiet]);
  const warning = `${quiet?.replace('audit', 'warn') ?? ''}; exempt until 2027-01-31: legacy`;
  t.same(onDay(14), [warning]);
  t.same(onDay(0), [warning]);
  t.match(onDay(-0.001)[0], /^enforce /, 'past its end it is none');
  t.end();
});

void t.test('the end of an exemption is no warning where the rule, the sender or a static Pod would get none', (t) => {
  const nowMs = Date.parse('2027-01-31T00:00:00Z');
  const modes = (spec: object, subject: Subject): string[] => {
    const policy = policyOf([logPolicy], { exemptions: [exemption({ namespace: 'shop' })], ...spec });
    return validate(policy, subject, { nowMs }).map(({ mode, excuse }) => `${mode} ${excuse ?? ''}`);
  };
  const quiet = ['audit exempt', 'audit exempt'];
  t.same(modes({ rules: { 'log-policy': { mode: 'audit' } } }, pod()), quiet);
  t.same(modes({}, pod({}, FROM_CONTROLLER)), quiet, 'nobody reads the warnings of a controller');
  t.same(modes({ owned: 'warn' }, pod({}, FROM_CONTROLLER)), ['warn exempt', 'warn exempt'], 'unless the policy says so');
  const mirror = subjectOf(
    {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'web', namespace: 'shop', annotations: { 'kubernetes.io/config.mirror': 'x' } },
      spec: SPEC,
    },
    { trust: FROM_KUBELET },
  );
  t.same(modes({}, mirror), quiet);
  t.end();
});

void t.test('a workload is matched by name, and by kind where one is given', (t) => {
  const deployment = workload('apps/v1', 'Deployment');
  t.equal(verdict(deployment, [exemption({ workload: { kind: 'Deployment', name: 'web' } })]), ALL_EXEMPT);
  t.equal(verdict(deployment, [exemption({ workload: { name: 'w*' } })]), ALL_EXEMPT);
  t.equal(verdict(deployment, [exemption({ workload: { kind: 'StatefulSet', name: 'web' } })]), NONE_EXEMPT);
  t.equal(verdict(deployment, [exemption({ workload: { kind: 'Deployment', name: 'web-2' } })]), NONE_EXEMPT);
  t.equal(verdict(pod(), [exemption({ workload: { kind: 'Pod', name: 'web' } })]), ALL_EXEMPT, 'a bare Pod by its own name');
  t.equal(verdict(deployment, [exemption({ workload: { kind: 'Deploy*', name: 'web' } })]), NONE_EXEMPT, 'kinds are no patterns');
  t.end();
});

void t.test('all scopes of an exemption must match', (t) => {
  const scope = { namespace: 'shop', workload: { kind: 'Deployment', name: 'web' }, container: 'proxy', image: '*/proxyv2:*' };
  const deployment = workload('apps/v1', 'Deployment');
  t.equal(verdict(deployment, [exemption(scope)]), 'denied web, exempt proxy');
  t.equal(verdict(deployment, [exemption({ ...scope, namespace: 'other' })]), NONE_EXEMPT);
  t.equal(verdict(deployment, [exemption({ ...scope, workload: { name: 'other' } })]), NONE_EXEMPT);
  t.equal(verdict(deployment, [exemption({ ...scope, container: 'web' })]), NONE_EXEMPT, 'web runs another image');
  t.equal(verdict(deployment, [exemption({ ...scope, image: '*/proxyv3:*' })]), NONE_EXEMPT);
  t.end();
});

void t.test('of several exemptions one that matches is enough', (t) => {
  t.equal(
    verdict(pod(), [exemption({ namespace: 'other' }), exemption({ container: 'web' }), exemption({ container: 'proxy' })]),
    ALL_EXEMPT,
  );
  t.end();
});

void t.test('of several exemptions that cover something, the one that ends last counts', (t) => {
  const soon = { expires: '2027-01-20', reason: 'the first ticket' };
  const later = { expires: '2027-06-30', reason: 'the second ticket' };
  for (const scope of [{ namespace: 'shop' }, { container: '*' }, { image: 'registry.example/*' }]) {
    const both = [exemption({ container: 'web', ...soon }), exemption({ ...scope, ...later })];
    for (const exemptions of [both, both.toReversed()]) {
      const [finding] = validate(policyOf([logPolicy], { exemptions }), pod(), NOW);
      t.same(
        [finding?.mode, finding?.exemption?.document.reason],
        ['audit', 'the second ticket'],
        'nobody is warned of an end that is none',
      );
    }
  }
  const over = [exemption({ namespace: 'shop', ...soon }), exemption({ namespace: 'shop', expires: '2027-01-01' })];
  const [finding] = validate(policyOf([logPolicy], { exemptions: over }), pod(), NOW);
  t.same([finding?.mode, finding?.exemption?.document.reason], ['warn', 'the first ticket'], 'one that is over does not count');
  t.end();
});

void t.test('an exempt container is spared alone, by its name or its image', (t) => {
  t.equal(verdict(pod(), [exemption({ container: 'proxy' })]), 'denied web, exempt proxy');
  t.equal(verdict(pod(), [exemption({ image: '*/istio/proxyv2:*' })]), 'denied web, exempt proxy');
  t.equal(verdict(pod(), [exemption({ image: 'proxyv2' })]), NONE_EXEMPT, 'the whole image is matched, registry and tag included');
  t.end();
});

void t.test('a container without an image has none to match', (t) => {
  const subject = subjectOf({ apiVersion: 'v1', kind: 'Pod', spec: { containers: [{ name: 'web' }] } });
  t.equal(verdict(subject, [exemption({ image: 'registry.example/*' })]), 'denied web, exempt ');
  t.equal(verdict(subject, [exemption({ image: '*' })]), 'denied , exempt web');
  t.end();
});

void t.test('a finding about the whole Pod is covered by an exemption for every container, and not for some', (t) => {
  const policy = (scope: Partial<ExemptionDocument>): string | undefined =>
    validate(policyOf([graceZero], { exemptions: [exemption({ rule: 'no-grace-zero', ...scope })] }), pod(), NOW)[0]?.excuse;
  t.equal(policy({ container: 'web' }), undefined);
  t.equal(policy({ container: 'w*' }), undefined);
  t.equal(policy({ container: '*', image: '*/web:1' }), undefined);
  t.equal(policy({ container: '*' }), 'exempt', 'every container is the whole Pod');
  t.equal(policy({ image: '*' }), 'exempt');
  t.equal(policy({ namespace: 'shop' }), 'exempt');
  t.end();
});

/** The containers that a mutation changes. */
function changed(subject: Subject, exemptions: readonly ExemptionDocument[], circumstances = NOW): string {
  const repaired = mutate(policyOf([logPolicy], { exemptions }), subject, circumstances).pod;
  return repaired.spec.containers
    .filter(({ terminationMessagePolicy }) => terminationMessagePolicy === 'FallbackToLogsOnError')
    .map(({ name }) => name)
    .join();
}

void t.test('a mutation spares exactly what is exempt', (t) => {
  t.equal(changed(pod(), []), 'web,proxy');
  t.equal(changed(pod(), [exemption({ container: 'proxy' })]), 'web');
  t.equal(changed(pod(), [exemption({ image: '*/web:1' })]), 'proxy');
  t.equal(changed(pod(), [exemption({ container: 'proxy' }), exemption({ container: 'web' })]), '');
  t.equal(changed(pod(), [exemption({ namespace: 'shop' })]), '');
  t.equal(changed(pod(), [exemption({ namespace: 'other' })]), 'web,proxy');
  t.end();
});

void t.test('the workload that owns a Pod counts where a built-in controller sent the Pod', (t) => {
  const owned = ownedBy('apps/v1/StatefulSet/db');
  const forStatefulSet = [exemption({ workload: { kind: 'StatefulSet', name: 'db' } })];
  t.equal(verdict(owned, forStatefulSet), ALL_EXEMPT);
  t.equal(changed(owned, forStatefulSet), '');
  t.end();
});

void t.test('a forged ownerReference exempts nothing', (t) => {
  const forged = ownedBy('apps/v1/StatefulSet/db', {}, FROM_USER);
  const forStatefulSet = [exemption({ workload: { kind: 'StatefulSet', name: 'db' } })];
  t.equal(verdict(forged, forStatefulSet), NONE_EXEMPT);
  t.equal(changed(forged, forStatefulSet), 'web,proxy');
  t.equal(chainOf(forged), '');
  t.end();
});

void t.test('the Deployment of a Pod is read off its ReplicaSet’s name and hash', (t) => {
  const hash = { 'pod-template-hash': '6d4cf56db6' };
  t.equal(chainOf(ownedBy('apps/v1/ReplicaSet/web-6d4cf56db6', hash)), 'ReplicaSet/web-6d4cf56db6 Deployment/web');
  t.equal(chainOf(ownedBy('apps/v1/ReplicaSet/my-web-2-6d4cf56db6', hash)), 'ReplicaSet/my-web-2-6d4cf56db6 Deployment/my-web-2');
  t.equal(chainOf(ownedBy('apps/v1/ReplicaSet/web-other', hash)), 'ReplicaSet/web-other', 'a ReplicaSet of its own');
  t.equal(chainOf(ownedBy('apps/v1/ReplicaSet/web-6d4cf56db6')), 'ReplicaSet/web-6d4cf56db6', 'no hash, no Deployment');
  const subject = ownedBy('apps/v1/ReplicaSet/web-6d4cf56db6', hash);
  t.equal(verdict(subject, [exemption({ workload: { kind: 'Deployment', name: 'web' } })]), ALL_EXEMPT);
  t.end();
});

void t.test('the Rollout of a Pod is read off its ReplicaSet’s name and hash, too', (t) => {
  const hash = { 'rollouts-pod-template-hash': '687d76d795' };
  const subject = ownedBy('apps/v1/ReplicaSet/web-687d76d795', hash);
  t.equal(chainOf(subject), 'ReplicaSet/web-687d76d795 Rollout/web');
  const forRollout = [exemption({ workload: { kind: 'Rollout', name: 'web' } })];
  t.equal(verdict(subject, forRollout), ALL_EXEMPT);
  t.equal(changed(subject, forRollout), '');
  t.equal(changed(subject, [exemption({ workload: { kind: 'Deployment', name: 'web' } })]), 'web,proxy');
  t.equal(verdict(ownedBy('apps/v1/ReplicaSet/web-687d76d795', hash, FROM_USER), forRollout), NONE_EXEMPT);
  t.end();
});

void t.test('the CronJob of a Pod is read off its Job’s name, which ends with the scheduled minute', (t) => {
  t.equal(chainOf(ownedBy('batch/v1/Job/report-29964960')), 'Job/report-29964960 CronJob/report');
  t.equal(chainOf(ownedBy('batch/v1/Job/report-7-29964960')), 'Job/report-7-29964960 CronJob/report-7');
  t.equal(chainOf(ownedBy('batch/v1/Job/report-2026')), 'Job/report-2026', 'a Job of its own');
  t.equal(chainOf(ownedBy('batch/v1/Job/29964960')), 'Job/29964960');
  t.equal(chainOf(ownedBy('apps/v1/StatefulSet/report-29964960')), 'StatefulSet/report-29964960');
  const subject = ownedBy('batch/v1/Job/report-29964960');
  t.equal(verdict(subject, [exemption({ workload: { kind: 'CronJob', name: 'report' } })]), ALL_EXEMPT);
  t.end();
});

void t.test('a ReplicaSet and a Job are part of the workload that owns them, too', (t) => {
  const owner = { apiVersion: 'apps/v1', kind: 'Deployment', name: 'web', controller: true };
  const replicaSet = (trust: Trust): Subject =>
    workload('apps/v1', 'ReplicaSet', { name: 'web-6d4cf56db6', ownerReferences: [owner] }, trust);
  t.equal(verdict(replicaSet(FROM_CONTROLLER), [exemption({ workload: { kind: 'Deployment', name: 'web' } })]), ALL_EXEMPT);
  t.equal(verdict(replicaSet(FROM_USER), [exemption({ workload: { kind: 'Deployment', name: 'web' } })]), NONE_EXEMPT);
  t.end();
});

void t.test('an expired exemption does not count', (t) => {
  const at = (iso: string): Circumstances => ({ nowMs: Date.parse(iso) });
  const until = [exemption({ namespace: 'shop', expires: '2027-01-31' })];
  t.equal(verdict(pod(), until, at('2027-01-31T23:59:59Z')), ALL_EXEMPT, 'its last day counts, UTC');
  t.equal(verdict(pod(), until, at('2027-02-01T00:00:00Z')), NONE_EXEMPT);
  t.equal(changed(pod(), until, at('2027-02-01T00:00:00Z')), 'web,proxy');
  const noon = [exemption({ namespace: 'shop', expires: '2027-01-31T12:00:00+02:00' })];
  t.equal(verdict(pod(), noon, at('2027-01-31T10:00:00Z')), ALL_EXEMPT);
  t.equal(verdict(pod(), noon, at('2027-01-31T10:00:01Z')), NONE_EXEMPT);
  t.end();
});

void t.test('a date ends with its day, UTC; a time is what it says', (t) => {
  t.equal(new Date(expiryOf('2027-01-31')).toISOString(), '2027-01-31T23:59:59.999Z');
  t.equal(new Date(expiryOf('2028-02-29')).toISOString(), '2028-02-29T23:59:59.999Z');
  t.equal(new Date(expiryOf('2027-01-31T10:30:00Z')).toISOString(), '2027-01-31T10:30:00.000Z');
  t.equal(new Date(expiryOf('2027-01-31T10:30:00.5-08:00')).toISOString(), '2027-01-31T18:30:00.500Z');
  t.end();
});

void t.test('what is no date of the calendar, or a time without a zone, is no end', (t) => {
  const wrong = [
    '',
    'never',
    '2027',
    '2027-1-31',
    '31.01.2027',
    '2027-13-01',
    '2027-02-29',
    '2027-02-31',
    '2027-00-10',
    '2027-01-31 ',
    '2027-01-31T',
  ];
  const times = [
    '2027-01-31T10:00',
    '2027-01-31T10:00:00',
    '2027-02-31T10:00:00Z',
    '2027-01-31T25:00:00Z',
    '2027-01-31T10:00:00 CET',
    '2027-01-31Tnoon',
  ];
  for (const text of [...wrong, ...times]) t.ok(Number.isNaN(expiryOf(text)), text);
  t.throws(() => compileExemption(exemption({ expires: 'never' })), RangeError);
  t.end();
});
