/**
 * What is said of real manifests does not depend on how they are written: what is found stays found, and what is clean stays clean
 * (docs/laws.md). `catalogue.metamorphic.test.ts` says the same of the fixtures.
 */
import t from 'tap';
import { decideValidation } from '../../src/admission/decision.ts';
import { decodeReview } from '../../src/admission/review.ts';
import { catalogue } from '../../src/config/catalogue.ts';
import { presetDocument } from '../../src/config/presets.ts';
import { parseBoundedJson } from '../../src/core/bounded-json.ts';
import { claimTemplatesOf } from '../../src/core/claimed-volumes.ts';
import { cloneJson, isObject, type JsonObject } from '../../src/core/json.ts';
import { Policy } from '../../src/core/policy.ts';
import type { Rule } from '../../src/core/rule.ts';
import { readSubject, type Subject, type Trust } from '../../src/core/subject.ts';
import { podOfWorkload } from '../../src/kube/commands/pod-of-workload.ts';
import { NOW_MS } from '../admission/ask.ts';
import { reviewOf } from '../admission/reviews.ts';
import { readManifests, skipWithoutCorpus } from '../core/corpus.ts';
import { contextOf } from '../core/evaluating.ts';
import { readGolden, skipWithoutGolden } from '../core/golden.ts';
import { FROM_FILE_OWNED, FROM_USER_OWNED, READING } from '../core/subject-of.ts';
import { atLeast } from '../long-tests.ts';
import { CHANGES, textWithDoubleMembers, type Change, type EditableObject } from './metamorphic.ts';

const IN_CLUSTER: Trust = { ...FROM_USER_OWNED, provesMirror: () => true };

/** Every rule denies what it finds with the options of strict, and nothing is repaired. */
const POLICY = ((): Policy => {
  const document = presetDocument('strict');
  const rules = catalogue.rules.map(({ meta }) => {
    const { options = {} } = meta.presets.strict;
    return [meta.id, { mode: 'enforce', mutation: 'off', options }] as const;
  });
  return new Policy({ ...document, spec: { ...document.spec, excludedNamespaces: [], rules: Object.fromEntries(rules) } }, catalogue);
})();

interface Manifest {
  readonly file: string;
  readonly doc: JsonObject;
}

function manifests(): readonly Manifest[] {
  return readManifests().flatMap(({ file, doc }) => (isObject(doc) ? [{ file, doc }] : []));
}

/** `rule/message` of each finding; the fields and the names are those that were changed. */
function foundIn(object: unknown): readonly string[] {
  const { findings } = decideValidation(decodeReview(reviewOf(object)), POLICY, { nowMs: NOW_MS });
  return findings.map(({ rule, messageId }) => `${rule}/${messageId}`);
}

/** What the first list has more often than the second. */
function without(list: readonly string[], others: readonly string[]): string[] {
  const left = [...others];
  return list.filter((element) => {
    const index = left.indexOf(element);
    if (index >= 0) left.splice(index, 1);
    return index < 0;
  });
}

/** Each by itself, as they may make a difference that is meant, and as one is no other's. */
const APART: ReadonlySet<string> = new Set([
  'other names of containers',
  'other names of volumes',
  'a name that the API server makes',
  'an owner that is none',
]);

const ANY_WAY: Readonly<Record<string, (object: JsonObject) => unknown>> = {
  ...Object.fromEntries(Object.entries(CHANGES).flatMap(([name, change]) => (APART.has(name) ? [[name, changedBy(change)]] : []))),
  'all other changes at once': changedBy(...Object.entries(CHANGES).flatMap(([name, change]) => (APART.has(name) ? [] : [change]))),
  'members that stand twice': (object) => parseBoundedJson(textWithDoubleMembers(object)),
};

function changedBy(...changes: readonly Change[]): (object: JsonObject) => JsonObject {
  return (object) => {
    const copy = cloneJson(object) as EditableObject;
    for (const change of changes) change(copy);
    return copy;
  };
}

/**
 * Where more may be found: a name may say that a volume holds a socket or nothing of value; and of a Pod that somebody else looks
 * after, more is asked than of a bare one.
 */
const MAY_FIND_MORE: ReadonlySet<string> = new Set(['other names of volumes', 'an owner that is none']);

/** What a client has sent is told by the names of containers. */
function saysWhatWasSent({ metadata }: JsonObject): boolean {
  const text = JSON.stringify(metadata ?? {});
  return text.includes('last-applied-configuration') || text.includes('"managedFields"');
}

/** Fields of tests of serialization: every source of a volume at once, and one name for all volumes. No API server takes them. */
function isPlaceholder(object: JsonObject): boolean {
  return JSON.stringify(object).includes('"nameValue"');
}

void t.test('what is found in files of the corpus does not depend on how they are written', { skip: skipWithoutCorpus() }, (t) => {
  const before = manifests().flatMap((manifest) => (isPlaceholder(manifest.doc) ? [] : [{ ...manifest, found: foundIn(manifest.doc) }]));
  t.ok(before.filter(({ found }) => found.length > 0).length > atLeast(4000), `${before.length} files`);
  for (const [name, change] of Object.entries(ANY_WAY)) {
    const differences = before.flatMap(({ file, doc, found }) => {
      if (name === 'other names of containers' && saysWhatWasSent(doc)) return [];
      const now = foundIn(change(doc));
      const lost = name === 'an owner that is none' ? without([...new Set(found.map(ruleOf))], now.map(ruleOf)) : without(found, now);
      const gained = MAY_FIND_MORE.has(name) ? [] : without(now, found);
      return lost.length + gained.length === 0 ? [] : [{ file, lost, gained }];
    });
    t.same(differences, [], name);
  }
  t.end();
});

function ruleOf(found: string): string {
  return found.slice(0, found.indexOf('/'));
}

const ABOUT_PODS = catalogue.rules.filter(({ meta }) => meta.about === undefined);

void t.test('a template of the corpus and the Pod of its controller get the same verdict', { skip: skipWithoutGolden() }, (t) => {
  const different: unknown[] = [];
  let compared = 0;
  for (const { file, posted } of readGolden('workloads').filter(({ code }) => code === 201)) {
    // Nobody makes Pods of a PodTemplate; and which nodes can mount the claims, the Pods do not say.
    if (posted.kind === 'PodTemplate' || claimTemplatesOf(posted).shared.size > 0 || saysWhatWasSent(posted)) continue;
    const pod = podOfWorkload(posted);
    const [ofTemplate, ofPod] = [posted, pod].map((object) => subjectIn(object, FROM_FILE_OWNED));
    if (ofTemplate === undefined || ofPod === undefined) continue;
    compared += 1;
    // What the workload says once, its Pods do not say again.
    const rules = ABOUT_PODS.filter(({ meta }) => meta.id !== 'config-outside-image');
    const [before, now] = [verdictOf(ofTemplate, rules), verdictOf(ofPod, rules)];
    // Nor that others share their claims.
    const lost = without(before, now).filter((found) => !(ofTemplate.isOneOfSeveral && found.includes(' apiDefaultOfReplicas ')));
    const gained = without(now, before);
    if (lost.length + gained.length > 0 && !ofTemplate.hasJobDeadline) different.push({ file, lost, gained });
  }
  t.same(different, []);
  t.ok(compared > atLeast(1500), `${compared} compared`);
  t.end();
});

void t.test('a file of the corpus and what the API server stored of it get the same verdict', { skip: skipWithoutGolden() }, (t) => {
  const different: unknown[] = [];
  let compared = 0;
  for (const { file, posted, stored } of (['pods', 'workloads'] as const).flatMap(readGolden)) {
    if (stored === undefined) continue;
    const [ofFile, ofStored] = [subjectIn(posted, FROM_FILE_OWNED), subjectIn(applied(posted, stored), IN_CLUSTER)];
    if (ofFile === undefined || ofStored === undefined) continue;
    compared += 1;
    const rules = catalogue.rules.filter(({ meta }) => meta.about !== 'deletion');
    const [before, now] = [verdictOf(ofFile, rules), verdictOf(ofStored, rules)];
    const [lost, gained] = [without(before, now), without(now, before)];
    if (lost.length + gained.length > 0) different.push({ file, lost, gained });
  }
  t.same(different, []);
  t.ok(compared > atLeast(8000), `${compared} compared`);
  t.end();
});

/** As `kubectl apply` has it stored, which notes down what the file says. */
function applied(posted: JsonObject, stored: JsonObject): JsonObject {
  const { metadata, ...rest } = stored;
  const { annotations, managedFields: _none, ...others } = isObject(metadata) ? metadata : {};
  const noted = { 'kubectl.kubernetes.io/last-applied-configuration': JSON.stringify(posted) };
  return { ...rest, metadata: { ...others, annotations: { ...(isObject(annotations) ? annotations : {}), ...noted } } };
}

function subjectIn(object: unknown, trust: Trust): Subject | undefined {
  const reading = readSubject(object, { ...READING, trust, namespace: 'default' });
  return reading.outcome === 'subject' ? reading.subject : undefined;
}

function verdictOf(subject: Subject, rules: readonly Rule[]): readonly string[] {
  const asked = rules.filter(({ meta }) => meta.appliesTo.workloads.includes(subject.workloadClass));
  return asked.flatMap((rule) => {
    const { meta } = rule;
    const options = { ...(meta.defaultOptions as object), ...(meta.presets.strict.options as object | undefined) };
    const found = rule.validate(subject.pod, contextOf(rule, subject.pod, options, { subject }));
    return found.map(({ path, message, data = {} }) => `${meta.id} ${placeIn(path.text)} ${message} ${dataIn(data)}`);
  });
}

/** A controller puts the volumes of claims before the others. */
function placeIn(field: string): string {
  return field.replace(/volumes\[\d+\]/, 'volumes');
}

/** An API server stores the number 1 as the quantity "1". */
function dataIn(data: object): string {
  return JSON.stringify(data).replaceAll(/"(\d+)"/g, '$1');
}
