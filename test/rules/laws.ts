/** The laws that every rule keeps, proved for each of its fixtures (docs/laws.md). A rule's own test is one call. */
import { applyPatch } from 'rfc6902';
import t, { type Test } from 'tap';
import { companionKindOf, readCompanion, type Companion } from '../../src/core/companion.ts';
import { applyDefaults } from '../../src/core/defaults.ts';
import { cloneJson, equalJson } from '../../src/core/json.ts';
import { DraftPlan } from '../../src/core/draft.ts';
import { createPatch, type PatchOperation } from '../../src/core/json-patch.ts';
import { FieldPath } from '../../src/core/path.ts';
import { containerPlaceOf } from '../../src/core/container-place.ts';
import type { Pod } from '../../src/core/pod.ts';
import { LEAST_DEFAULT_BYTES, LEAST_REPAIRED_BYTES } from '../../src/core/plausible-amount.ts';
import { isLowerQos, qosClassOf } from '../../src/core/qos.ts';
import { renderMessage, type Rule, type Violation } from '../../src/core/rule.ts';
import { typeOf, type Subject } from '../../src/core/subject.ts';
import { groupOf } from '../../src/core/workload.ts';
import { Work } from '../../src/core/work.ts';
import { contextOf, surroundingsFor } from '../core/evaluating.ts';
import { findInvalid } from './api-validation.ts';
import { takenAway } from './taken-away.ts';
import { undeclaredReads } from './recorded-reads.ts';
import { fixturesOf, minorOf, optionsOf, subjectOf, type Fixture, type ListedViolation } from './fixture.ts';

export function testRule(rule: Rule): void {
  const { id, messages } = rule.meta;
  const fixtures = fixturesOf(rule);
  for (const fixture of fixtures) {
    void t.test(`${id}: ${fixture.name.replace('.', ' ')}`, (t) => {
      proveLaws(t, fixture);
      t.end();
    });
  }
  void t.test(`${id}: law 7, every message is provoked and no case is there twice`, (t) => {
    const provoked = new Set(fixtures.flatMap(({ findings }) => findings.map(({ message }) => message)));
    t.same([...provoked].sort(), Object.keys(messages).sort());
    const cases = fixtures.map(({ given, options, kubernetesVersion, admitted, created, surroundings, deletion }) =>
      JSON.stringify([given, options, kubernetesVersion, admitted, created, surroundings, deletion]),
    );
    t.equal(new Set(cases).size, cases.length);
    t.ok(
      fixtures.some(({ expectation }) => expectation === 'accepted'),
      'an accepted case',
    );
    t.equal(
      fixtures.some(({ mutated }) => mutated !== undefined),
      rule.mutate !== undefined,
      'a repaired case, if there is a repair',
    );
    t.end();
  });
}

/** An object of a kind that has no Pods. @throws where a fixture gives one that the API server would not take */
function companionOf(object: object): Companion | undefined {
  const companionKind = companionKindIn(object);
  if (companionKind === undefined) return undefined;
  const companion = readCompanion(companionKind, object);
  if (companion === undefined) throw new Error(`not a ${companionKind}: ${JSON.stringify(object)}`);
  return companion;
}

/** Laws 1 and 13; it has neither a Pod nor a repair. */
function proveLawsOfCompanion(t: Test, fixture: Fixture, companion: Companion): void {
  const { rule, advised, surroundings } = fixture;
  const validateCompanion = (of: Companion): readonly Violation[] => {
    const context = { options: optionsOf(fixture), surroundings: surroundingsFor(rule, surroundings), work: Work.UNBOUNDED };
    return rule.validateCompanion?.(deepFreeze(of), context) ?? [];
  };
  const found = validateCompanion(companion);
  t.same(found.map(listed), fixture.findings, 'law 1: exactly the listed findings');
  for (const violation of found) refusePlaceholders(t, rule, violation);
  const afterwards = advised && companionOf(advised);
  if (afterwards !== undefined) t.same(validateCompanion(afterwards), [], 'law 13: the advice, followed by hand, leaves nothing');
  t.ok(rule.meta.companions?.includes(companionKindIn(fixture.given) ?? ''), 'the kind is among `companions`');
}

function companionKindIn(object: object): string | undefined {
  const { apiVersion, kind } = typeOf(object);
  return companionKindOf(groupOf(apiVersion), kind);
}

function proveLaws(t: Test, fixture: Fixture): void {
  const { rule } = fixture;
  const companion = companionOf(fixture.given);
  if (companion !== undefined) {
    proveLawsOfCompanion(t, fixture, companion);
    return;
  }
  const subject = deepFreeze(subjectOf(fixture.given, fixture));
  const found = validate(rule, subject.pod, subject, fixture);
  t.same(found.map(listed), fixture.findings, 'law 1: exactly the listed findings');
  for (const violation of found) refusePlaceholders(t, rule, violation);
  t.same(
    undeclaredReads(rule, optionsOf(fixture), { subject, known: fixture.surroundings, deletion: fixture.deletion }),
    [],
    'law 14: only places under `reads` are looked at',
  );

  if (fixture.advised !== undefined) {
    const advised = subjectOf(fixture.advised, fixture);
    t.same(validate(rule, advised.pod, advised, fixture), [], 'law 13: the advice, followed by hand, leaves nothing');
  }

  const once = mutate(fixture, subject, subject.pod);
  if (fixture.mutated === undefined) {
    t.same(once, subject.pod, 'law 2: nothing to repair, nothing changed');
    return;
  }
  t.same(mutate(fixture, subject, once), once, 'law 3: twice is once');
  t.same(once, subjectOf(fixture.mutated, fixture).pod, 'law 4: the repaired Pod is the listed one');
  t.same(validate(rule, once, subject, fixture).map(listed), fixture.left, 'law 5: nothing is left but what is listed');

  const patch = createPatch(subject.received, subject.pod, once);
  t.same(foreignPaths(patch, rule), [], 'law 6: only paths under `writes` are changed');
  t.same(findInvalid(once, fixture.kubernetesVersion), [], 'law 8: the API server’s validation has nothing against the Pod');
  t.equal(applyDefaults(once, 'pod', minorOf(fixture)), once, 'law 8: defaulting has nothing to add');
  const patched = applyIndependently(subject.received, patch);
  t.same(applyDefaults(patched, 'pod', minorOf(fixture)), once, 'law 9: another implementation’s patch gives the same Pod');
  if (!fixture.orderMatters) proveOrderIsKept(t, fixture, subject, once);
  const before = qosClassOf(subject.pod.spec, subject.kubernetesMinor);
  t.notOk(isLowerQos(qosClassOf(once.spec, subject.kubernetesMinor), before), 'law 11: the QoS class is not lowered');
  // A policy may say less than what the runtime would give, and a namespace may refuse more.
  const { limitRanges, resourceQuotas } = fixture.surroundings;
  const least = limitRanges === undefined && resourceQuotas === undefined ? LEAST_REPAIRED_BYTES : LEAST_DEFAULT_BYTES;
  if (Object.keys(fixture.options).length === 0) t.same(takenAway(subject, once, least), [], 'law 12: nothing is taken away');
}

/** Ranks only say how findings compare: `test/rules/ladders.ts`. */
function listed({ path, rank: _rank, ranked: _ranked, ...violation }: Violation): ListedViolation {
  const container = containerPlaceOf(path)?.name;
  return { ...violation, field: path.text, ...(container !== undefined && { container }) };
}

function validate(rule: Rule, pod: Pod, subject: Subject, fixture: Fixture): readonly Violation[] {
  if (!rule.meta.appliesTo.workloads.includes(subject.workloadClass)) return [];
  return rule.validate(
    deepFreeze(pod),
    contextOf(rule, pod, optionsOf(fixture), { subject, known: fixture.surroundings, deletion: fixture.deletion }),
  );
}

function mutate(fixture: Fixture, subject: Subject, pod: Pod): Pod {
  const { rule } = fixture;
  // The subject is frozen: what is not declared in `writes` is shared with it, and cannot be written.
  const draft = new DraftPlan(rule.writes).draftOf(pod);
  if (rule.meta.appliesTo.workloads.includes(subject.workloadClass))
    rule.mutate?.(draft, contextOf(rule, draft, optionsOf(fixture), { subject, known: fixture.surroundings }));
  return draft;
}

function refusePlaceholders(t: Test, rule: Rule, { message, data }: Violation): void {
  const { text, fix } = rule.meta.messages[message] ?? { text: '{{missing}}', fix: '' };
  const rendered = `${renderMessage(text, data)} ${renderMessage(fix, data)}`;
  t.notMatch(rendered, /\{\{|undefined|NaN|\[object/, 'every placeholder of the message has a value');
}

/** Law 10: the same Pod in another order gives the same repair in that order. */
function proveOrderIsKept(t: Test, fixture: Fixture, subject: Subject, once: Pod): void {
  const reordered = mutate(fixture, subject, reverseLists(subject.pod));
  t.ok(
    equalJson(sortLists(reordered), sortLists(once)),
    'law 10: another order of containers, volumes and tolerations changes nothing else',
  );
}

function reverseLists(pod: Pod): Pod {
  const { containers, initContainers, volumes, tolerations } = pod.spec;
  return {
    ...pod,
    spec: {
      ...pod.spec,
      containers: containers.toReversed(),
      ...(initContainers && { initContainers: initContainers.toReversed() }),
      ...(volumes && { volumes: volumes.toReversed() }),
      ...(tolerations && { tolerations: tolerations.toReversed() }),
    },
  };
}

function sortLists(pod: Pod): Pod {
  const byText = <T>(list: T[] | null | undefined): T[] =>
    (list ?? []).toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1));
  const { containers, initContainers, volumes, tolerations } = pod.spec;
  return {
    ...pod,
    spec: {
      ...pod.spec,
      containers: byText(containers),
      initContainers: byText(initContainers),
      volumes: byText(volumes),
      tolerations: byText(tolerations),
    },
  };
}

/** Patch paths that no pattern of `writes` covers: `spec.containers[*].lifecycle` covers everything below it. */
function foreignPaths(patch: readonly PatchOperation[], rule: Rule): string[] {
  return patch
    .filter(({ op }) => op !== 'test')
    .map(({ path }) => FieldPath.of(...path.slice(1).split('/')))
    .filter((path) => !rule.writes.some((pattern) => pattern.covers(path)))
    .map(({ text }) => text);
}

/** @throws where the patch does not apply */
export function applyIndependently(received: unknown, patch: readonly PatchOperation[]): unknown {
  const target = cloneJson(received);
  for (const error of applyPatch(target, [...patch] as Parameters<typeof applyPatch>[1])) if (error !== null) throw error;
  return target;
}

export function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !Object.isFrozen(value)) {
    Object.freeze(value);
    for (const member of Object.values(value)) deepFreeze(member);
  }
  return value;
}
