/**
 * No way round a policy by steps: what may not be created, nothing that may be created as it is can be turned into. What may be created
 * for its repairs alone is compared with what it was before them (docs/adr/0064).
 */
import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import { presetDocument } from '../../src/config/presets.ts';
import type { ExemptionDocument } from '../../src/core/exemption.ts';
import { Policy, type OverrideDocument, type PolicyDocument } from '../../src/core/policy.ts';
import { runs } from '../long-tests.ts';
import { anyWorkload } from '../rules/arbitrary-workload.ts';
import { askValidate } from './ask.ts';
import { reviewOf, workloadOf } from './reviews.ts';

interface Sent {
  readonly metadata: Record<string, unknown>;
  readonly spec: Record<string, unknown>;
}

const NAMES = ['app', 'proxy', 'store'] as const;
const IMAGES = ['registry.example/old:1', 'registry.example/new:1', 'registry.example/new'] as const;

/** The Pod or template of a workload, with names and images that several have, so that they meet again. */
const anySent: fc.Arbitrary<Sent> = fc
  .tuple(anyWorkload, fc.array(fc.constantFrom(...IMAGES), { minLength: 3, maxLength: 3 }))
  .map(([{ object }, images]) => {
    const { metadata, spec } = object as Sent & { readonly spec: { readonly template?: Sent } };
    const pod = spec.template ?? { metadata, spec };
    const containers = (pod.spec['containers'] as readonly object[])
      .slice(0, NAMES.length)
      .map((container, at) => ({ ...container, name: NAMES[at], image: images[at] }));
    return { metadata: { annotations: pod.metadata['annotations'] ?? {} }, spec: { ...pod.spec, containers } };
  });

const JUDGED = catalogue.rules.filter(({ meta }) => meta.about !== 'deletion').map(({ meta }) => meta.id);

type Rules = NonNullable<PolicyDocument['spec']['rules']>;

interface Policies {
  readonly policy: Policy;
  /** The same, which repairs nothing. */
  readonly withoutRepairs: Policy;
}

/** Some rules deny; of one of them something is exempt, or allowed for a class. */
const anyPolicies: fc.Arbitrary<Policies> = fc
  .record({
    denying: fc.uniqueArray(fc.constantFrom(...JUDGED), { minLength: 1, maxLength: 2 }),
    exempt: fc.option(
      fc.constantFrom<Partial<ExemptionDocument>>(
        { image: 'registry.example/old:*' },
        { container: 'app' },
        { container: '*o*', image: '*new*' },
        { workload: { kind: 'Deployment', name: 'web' } },
      ),
    ),
    milder: fc.option(fc.constantFrom<OverrideDocument['workloadClasses']>(['batch'], ['pod'], ['service', 'daemon'])),
    repairs: fc.boolean(),
  })
  .map(({ denying, exempt, milder, repairs }) => {
    const [first = ''] = denying;
    const rulesWith = (isRepaired: boolean): Rules =>
      Object.fromEntries(
        catalogue.rules.map(({ meta }) => [
          meta.id,
          {
            mode: denying.includes(meta.id) ? ('enforce' as const) : ('off' as const),
            mutation: isRepaired && meta.mutation !== 'none' ? ('apply' as const) : ('off' as const),
          },
        ]),
      );
    const exemptions = exempt === null ? [] : [{ rule: first, reason: 'moves', expires: '2027-06-01', ...exempt }];
    const overrides = milder === null ? [] : [{ workloadClasses: milder ?? [], rules: { [first]: { mode: 'warn' as const } } }];
    const policyWith = (rules: Rules): Policy =>
      new Policy({ ...presetDocument('strict'), spec: { preset: 'strict', rules, exemptions, overrides } }, catalogue);
    return { policy: policyWith(rulesWith(repairs)), withoutRepairs: policyWith(rulesWith(false)) };
  });

/** Of each field and of each container the one or the other. */
function mixed(one: Sent, other: Sent, choices: readonly boolean[]): Sent {
  let at = 0;
  const choose = <T>(own: T, others: T): T => (choices[at++ % choices.length] === true ? others : own);
  const keys = new Set([...Object.keys(one.spec), ...Object.keys(other.spec)]);
  const spec = Object.fromEntries(Array.from(keys, (key) => [key, choose(one.spec[key], other.spec[key])]));
  const [own, others] = [one, other].map((sent) => sent.spec['containers'] as readonly object[]);
  const containers = own?.map((container, index) => choose(container, others?.[index] ?? container)) ?? [];
  return { metadata: choose(one.metadata, other.metadata), spec: { ...spec, containers } };
}

const KINDS = [
  ['apps/v1', 'Deployment'],
  ['apps/v1', 'StatefulSet'],
  ['apps/v1', 'DaemonSet'],
  ['batch/v1', 'CronJob'],
  ['v1', 'PodTemplate'],
] as const;

void t.test('property: from what may be created as it is, an update is denied exactly where creating its outcome would be', (t) => {
  const seen = { denied: 0, allowed: 0 };
  fc.assert(
    fc.property(
      anyPolicies,
      fc.constantFrom(...KINDS),
      anySent,
      anySent,
      fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }),
      ({ policy, withoutRepairs }, [apiVersion, kind], one, other, choices) => {
        const objectOf = ({ metadata, spec }: Sent): object =>
          JSON.parse(JSON.stringify(workloadOf(apiVersion, kind, { metadata, spec }))) as object;
        const [before, after] = [objectOf(one), objectOf(mixed(one, other, choices))];
        const created = [policy, withoutRepairs].map((each) => askValidate(reviewOf(before), each));
        const updated = askValidate(reviewOf(after, { operation: 'UPDATE', oldObject: before }), policy);
        const createdSo = askValidate(reviewOf(after), policy);
        if (createdSo.answer.allowed) assert.ok(updated.answer.allowed, `denied without reason: ${updated.findings.join(', ')}`);
        if (!created.every(({ answer }) => answer.allowed)) return;
        assert.equal(updated.answer.allowed, createdSo.answer.allowed, createdSo.findings.join(', '));
        seen[updated.answer.allowed ? 'allowed' : 'denied'] += 1;
      },
    ),
    { numRuns: runs(6000) },
  );
  t.comment(`${seen.denied} denied, ${seen.allowed} allowed`);
  t.ok(seen.denied >= runs(6000) / 40 && seen.allowed >= runs(6000) / 10, 'both happen');
  t.end();
});
