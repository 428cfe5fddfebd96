/** What must be denied stays denied, however it is written, and a template is judged as its Pod is. */
import assert from 'node:assert/strict';
import t from 'tap';
import fc from '../fast-check.ts';
import { decideMutation, decideValidation } from '../../src/admission/decision.ts';
import { decodeReview } from '../../src/admission/review.ts';
import { catalogue } from '../../src/config/catalogue.ts';
import { presetDocument } from '../../src/config/presets.ts';
import { parseBoundedJson } from '../../src/core/bounded-json.ts';
import { claimTemplatesOf } from '../../src/core/claimed-volumes.ts';
import { cloneJson, equalJson, type JsonObject } from '../../src/core/json.ts';
import type { PatchOperation } from '../../src/core/json-patch.ts';
import { Policy } from '../../src/core/policy.ts';
import type { Violation } from '../../src/core/rule.ts';
import { readSubject, type Subject } from '../../src/core/subject.ts';
import { NOTHING_KNOWN, type Surroundings } from '../../src/core/surroundings.ts';
import { WorkloadKinds } from '../../src/core/workload.ts';
import { podOfWorkload } from '../../src/kube/commands/pod-of-workload.ts';
import { NOW_MS } from '../admission/ask.ts';
import { reviewOf } from '../admission/reviews.ts';
import { withoutDropped } from '../cluster/dropped-fields.ts';
import { contextOf } from '../core/evaluating.ts';
import { FROM_FILE_OWNED, FROM_USER_OWNED } from '../core/subject-of.ts';
import { runs } from '../long-tests.ts';
import { applyIndependently } from './laws.ts';
import { fixturesOf, minorOf, optionsOf, type Fixture } from './fixture.ts';
import {
  appliedObject,
  CHANGES,
  saysHowContainersRestart,
  textWithDoubleMembers,
  withContainersAs,
  type Change,
  type EditableObject,
} from './metamorphic.ts';

const FIXTURES = catalogue.rules.flatMap(fixturesOf);

/** The rule of a fixture alone denies, and nothing else is repaired. */
function policyOf({ rule, options, kubernetesVersion }: Fixture, mutation: 'apply' | 'off' = 'off'): Policy {
  const document = presetDocument('strict');
  const off = { mode: 'off', mutation: 'off' } as const;
  const rules = {
    ...Object.fromEntries(catalogue.rules.map(({ meta }) => [meta.id, off])),
    [rule.meta.id]: { mode: 'enforce', mutation, options: { ...options } },
  } as const;
  return new Policy({ ...document, spec: { ...document.spec, kubernetesVersion, rules } }, catalogue);
}

interface Denied {
  readonly fixture: Fixture;
  readonly policy: Policy;
  readonly surroundings: Surroundings;
}

function isDenied({ policy, surroundings }: Denied, object: unknown): boolean {
  return !decideValidation(decodeReview(reviewOf(object)), policy, { nowMs: NOW_MS, surroundings }).allowed;
}

/** The cases that the webhook denies a user to create, where their rule is enforced. */
const DENIED = FIXTURES.filter(({ expectation }) => expectation !== 'accepted').flatMap((fixture): Denied[] => {
  const entries = Object.entries(fixture.surroundings).map(([name, value]) => [name, { isKnown: true, value }]);
  const surroundings = { ...NOTHING_KNOWN, ...Object.fromEntries(entries) } as Surroundings;
  const denied = { fixture, policy: policyOf(fixture), surroundings };
  return isDenied(denied, fixture.given) ? [denied] : [];
});

function changed({ given }: Fixture, ...changes: readonly Change[]): JsonObject {
  const object = cloneJson(given) as EditableObject;
  for (const change of changes) change(object);
  return object;
}

/** An autoscaler goes by the name of its workload: another name is another workload. */
function mayHave(change: string, { surroundings, given }: Fixture): boolean {
  if (change === 'other names of containers' && hasManagedFields(given)) return false;
  return !change.includes(' name') || change.startsWith('other') || surroundings.autoscalers === undefined;
}

/** They say by name in which list the containers were sent: one with another name, or in another list, was added later. */
function hasManagedFields(object: object): boolean {
  return (object as { readonly metadata?: { readonly managedFields?: unknown } }).metadata?.managedFields !== undefined;
}

const nameOf = ({ rule, name }: Fixture): string => `${rule.meta.id}/${name}`;

void t.test('most rules deny one of their cases', (t) => {
  t.comment(`${DENIED.length} cases`);
  const rules = new Set(DENIED.map(({ fixture }) => fixture.rule.meta.id));
  t.ok(rules.size >= 35, `${rules.size} rules`);
  t.end();
});

for (const [name, change] of Object.entries(CHANGES)) {
  void t.test(`denied is denied with ${name}`, (t) => {
    const admitted = DENIED.filter((denied) => mayHave(name, denied.fixture) && !isDenied(denied, changed(denied.fixture, change)));
    t.same(
      admitted.map(({ fixture }) => nameOf(fixture)),
      [],
    );
    t.end();
  });
}

void t.test('denied is denied with members that stand twice', (t) => {
  const admitted = DENIED.filter(
    (denied) => !isDenied(denied, parseBoundedJson(textWithDoubleMembers(denied.fixture.given as JsonObject))),
  );
  t.same(
    admitted.map(({ fixture }) => nameOf(fixture)),
    [],
  );
  t.end();
});

for (const kind of ['sidecar', 'init'] as const) {
  void t.test(`denied is denied in ${kind} containers, where the rule is for them`, (t) => {
    const asked = DENIED.filter(({ fixture }) => mayMove(fixture) && fixture.rule.meta.appliesTo.containers.includes(kind));
    t.ok(asked.length >= 10, `${asked.length} cases`);
    const admitted = asked.filter((denied) => !isDenied(denied, changed(denied.fixture, withContainersAs(kind))));
    t.same(
      admitted.map(({ fixture }) => nameOf(fixture)),
      [],
    );
    t.end();
  });
}

function mayMove({ findings, given }: Fixture): boolean {
  if (hasManagedFields(given)) return false;
  return findings.some(({ field }) => field.startsWith('spec.containers')) && !saysHowContainersRestart(given as EditableObject);
}

void t.test('property: denied is denied with any changes together', (t) => {
  const anyChanges = fc.uniqueArray(fc.constantFrom(...Object.keys(CHANGES)), { minLength: 2, maxLength: 6 });
  fc.assert(
    fc.property(fc.constantFrom(...DENIED.keys()), anyChanges, (index, names) => {
      const denied = DENIED[index];
      if (denied === undefined) throw new Error('no such case');
      const changes = Object.entries(CHANGES).filter(([name]) => names.includes(name) && mayHave(name, denied.fixture));
      const object = changed(denied.fixture, ...changes.map(([, change]) => change));
      assert.ok(isDenied(denied, object), `${nameOf(denied.fixture)} with ${names.join(', ')}`);
    }),
    { numRuns: runs(4000) },
  );
  t.end();
});

/** What the workload says once, its Pods do not say again. */
const ASKS_WORKLOADS_ALONE: ReadonlySet<string> = new Set(['config-outside-image']);

void t.test('a template and the Pod that its controller makes of it get the same verdict', (t) => {
  let compared = 0;
  for (const fixture of FIXTURES) {
    const { rule, given } = fixture;
    if (rule.meta.about === 'workload' || ASKS_WORKLOADS_ALONE.has(rule.meta.id)) continue;
    // The Pods do not say which nodes can mount their claims, nor that others share them.
    if (claimTemplatesOf(given as JsonObject).shared.size > 0 || fixture.name.endsWith('claim-of-replicas')) continue;
    const pod = podOfWorkload(given as JsonObject);
    const [ofTemplate, ofPod] = [given, pod].map((object) => (object === undefined ? undefined : subjectIn(object, fixture)));
    if (ofTemplate === undefined || ofPod === undefined) continue;
    compared += 1;
    const ofBoth = verdictOf(ofTemplate, fixture);
    // Of its Job's deadline a Pod knows nothing.
    const more = ofTemplate.hasJobDeadline ? verdictOf(ofPod, fixture, 'unknown') : [];
    t.same(verdictOf(ofPod, fixture), [...ofBoth, ...more].sort(), nameOf(fixture));
  }
  t.ok(compared >= 100, `${compared} compared`);
  t.end();
});

void t.test('a repair is the same among hundreds of fields that nobody knows, and overwrites none of them', (t) => {
  let repaired = 0;
  for (const fixture of FIXTURES.filter(({ rule }) => rule.meta.mutation !== 'none')) {
    const policy = policyOf(fixture, 'apply');
    const patchOf = (object: unknown): readonly PatchOperation[] =>
      decideMutation(decodeReview(reviewOf(object)), policy, { nowMs: NOW_MS }).patch;
    const received = changed(fixture, CHANGES['hundreds of fields that nobody knows in each object'] ?? assert.fail());
    const patch = patchOf(received);
    t.same(patch, patchOf(fixture.given), nameOf(fixture));
    if (patch.length === 0) continue;
    repaired += 1;
    // An empty object that the rule removes goes with all that is in it.
    const kept = patch.filter(({ op }) => op !== 'remove');
    const after = JSON.stringify(applyIndependently(received, kept));
    assert.equal(after.split('"nobody0"').length, JSON.stringify(received).split('"nobody0"').length, nameOf(fixture));
  }
  t.ok(repaired >= 20, `${repaired} repaired`);
  t.end();
});

void t.test('a file and what an API server stores of it get the same verdict', (t) => {
  let compared = 0;
  for (const fixture of FIXTURES) {
    const { rule, given } = fixture;
    // What the scheduler or a webhook has written stands in no file.
    if (hasManagedFields(given) || (fixture.admitted && isBound(given))) continue;
    // A file is told of what API servers drop, and a server asks about what it has kept.
    if (!equalJson(withoutDropped(given, minorOf(fixture)), given)) continue;
    const ofFile = subjectIn(given, fixture);
    if (ofFile === undefined || rule.meta.about === 'deletion') continue;
    const ofStored = subjectIn(appliedObject(given as JsonObject, minorOf(fixture)), fixture, FROM_USER_OWNED);
    if (ofStored === undefined) throw new Error(`${nameOf(fixture)} cannot be read any more`);
    compared += 1;
    t.same(verdictOf(ofStored, fixture), verdictOf(ofFile, fixture), nameOf(fixture));
  }
  t.ok(compared >= 300, `${compared} compared`);
  t.end();
});

function isBound(object: object): boolean {
  return (object as { readonly spec?: { readonly nodeName?: unknown } }).spec?.nodeName !== undefined;
}

function subjectIn(object: object, fixture: Fixture, trust = FROM_FILE_OWNED): Subject | undefined {
  const reading = readSubject(object, {
    kinds: new WorkloadKinds(),
    kubernetesMinor: minorOf(fixture),
    trust,
    namespace: 'default',
  });
  return reading.outcome === 'subject' ? reading.subject : undefined;
}

/** What a rule says, in the order of the fields. */
function verdictOf(subject: Subject, fixture: Fixture, only?: 'unknown'): readonly string[] {
  const { rule } = fixture;
  if (!rule.meta.appliesTo.workloads.includes(subject.workloadClass)) return [];
  const found = rule.validate(subject.pod, contextOf(rule, subject.pod, optionsOf(fixture), { subject, known: fixture.surroundings }));
  const told = only === undefined ? found : found.filter(({ unknown = false }) => unknown);
  return told.map((violation: Violation) => `${violation.path.text} ${violation.message} ${JSON.stringify(violation.data ?? {})}`).sort();
}
