import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import { presetDocument } from '../../src/config/presets.ts';
import type { FieldPath } from '../../src/core/path.ts';
import { containersOf } from '../../src/core/pod.ts';
import { Policy } from '../../src/core/policy.ts';
import type { Subject } from '../../src/core/subject.ts';
import { contextOf } from '../core/evaluating.ts';
import { subjectOf } from '../core/subject-of.ts';
import { runs } from '../long-tests.ts';
import { anyWorkload } from '../rules/arbitrary-workload.ts';
import { askValidate } from './ask.ts';
import { reviewOf } from './reviews.ts';

/** Every rule denies, and nothing is repaired. */
const POLICY = new Policy(
  {
    ...presetDocument('strict'),
    spec: {
      preset: 'strict',
      rules: Object.fromEntries(catalogue.rules.map(({ meta }) => [meta.id, { mode: 'enforce', mutation: 'off' }])),
    },
  },
  catalogue,
);

type Spec = Readonly<Record<string, unknown>>;

/** The spec of a Pod and, where there is one, the annotation for its drain. */
interface Sent {
  readonly spec: Spec;
  readonly metadata: object;
}

const anySent: fc.Arbitrary<Sent> = anyWorkload.map(({ object }) => {
  const { metadata, spec } = object as { metadata: object; spec: { template?: Sent } & Spec };
  const { annotations } = (spec.template?.metadata ?? metadata) as { annotations?: object };
  return { spec: spec.template?.spec ?? spec, metadata: { annotations: annotations ?? {} } };
});

/** Each container has an image of its own, so that none is taken for another one that has exchanged its name. */
function withOwnImages(list: unknown): unknown {
  return (list as readonly { readonly name: string }[] | undefined)?.map((container) => ({
    ...container,
    image: `registry.example/${container.name}:1`,
  }));
}

function deployment({ spec, metadata }: Sent): object {
  const [containers, initContainers] = [withOwnImages(spec['containers']), withOwnImages(spec['initContainers'])];
  const template = { metadata: { labels: { app: 'web' }, ...metadata }, spec: { ...spec, containers, initContainers } };
  return JSON.parse(JSON.stringify({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: 'web' }, spec: { template } })) as object;
}

/** Of each field, and of each container, the one or the other. */
function mixed(one: Sent, other: Sent, choices: readonly boolean[]): Sent {
  let at = 0;
  const isOfOther = (): boolean => choices[at++ % choices.length] === true;
  const spec = Object.fromEntries(
    [...new Set([...Object.keys(one.spec), ...Object.keys(other.spec)])].map((key) => {
      const [own, others] = [one.spec[key], other.spec[key]];
      if (!Array.isArray(own) || !Array.isArray(others)) return [key, isOfOther() ? others : own];
      const longer = own.length > others.length ? own : others;
      return [
        key,
        longer.map((_, index): unknown => (isOfOther() ? others[index] : own[index])).filter((element) => element !== undefined),
      ];
    }),
  );
  return { spec, metadata: isOfOther() ? other.metadata : one.metadata };
}

/** For each thing that a rule finds something wrong with, the worst that it says of it: all, or what denies where rules deny. */
function ranksIn(subject: Subject, of: 'all' | 'what denies'): Map<string, readonly number[]> {
  const worst = new Map<string, readonly number[]>();
  const kinds = new Map(containersOf(subject.pod.spec).map(({ kind, container }) => [container.name, kind]));
  const thingAt = (path: FieldPath): string => {
    const steps: string[] = [];
    for (let place = path; place.parent !== undefined; place = place.parent)
      steps.unshift(place.name === undefined ? String(place.step) : `${place.name} (${kinds.get(place.name) ?? 'no container'})`);
    return steps.join(' ');
  };
  for (const { rule, options } of POLICY.settingsFor('shop', subject.workloadClass).validating) {
    for (const { message, path, rank, ranked = [path] } of rule.validate(subject.pod, contextOf(rule, subject.pod, options, { subject }))) {
      if (rank === undefined || (of === 'what denies' && rule.meta.messages[message]?.onlyWarns === true)) continue;
      for (const place of ranked) {
        const thing = `${rule.meta.id}: ${thingAt(place)}`;
        const known = worst.get(thing);
        if (known === undefined || isWorse(rank, known)) worst.set(thing, rank);
      }
    }
  }
  return worst;
}

function isWorse(now: readonly number[], before: readonly number[]): boolean {
  const at = now.findIndex((part, index) => part !== (before[index] ?? 0));
  return at >= 0 && (now[at] ?? 0) > (before[at] ?? 0);
}

void t.test('property: of any two objects, the update is denied exactly where a thing is ranked worse, or is wrong and was not', (t) => {
  const seen = { denied: 0, allowed: 0, things: new Set<string>() };
  fc.assert(
    fc.property(anySent, anySent, fc.array(fc.boolean(), { minLength: 1, maxLength: 12 }), (one, other, choices) => {
      const [before, after] = [deployment(one), deployment(mixed(one, other, choices))];
      const ranksBefore = ranksIn(subjectOf(before), 'all');
      const worse = Array.from(ranksIn(subjectOf(after), 'what denies')).filter(([thing, rank]) => {
        const known = ranksBefore.get(thing);
        return known === undefined || isWorse(rank, known);
      });
      const { answer } = askValidate(reviewOf(after, { operation: 'UPDATE', oldObject: before }), POLICY);
      assert.equal(answer.allowed, worse.length === 0, JSON.stringify(worse));
      seen[answer.allowed ? 'allowed' : 'denied'] += 1;
      for (const [thing] of worse) seen.things.add(thing.slice(0, thing.indexOf(':')));
    }),
    { numRuns: runs(3000) },
  );
  t.comment(`${seen.denied} denied, ${seen.allowed} allowed; made worse: ${[...seen.things].sort().join(', ')}`);
  t.ok(seen.denied >= runs(3000) / 20 && seen.allowed >= runs(3000) / 20, 'both happen');
  t.end();
});
