import fc from '../fast-check.ts';
import t from 'tap';
import { cloneJson, isObject, type JsonObject } from '../../src/core/json.ts';
import { NEWEST_MINOR, OLDEST_MINOR } from '../../src/core/kubernetes-version.ts';
import { readSubject, type SubjectReading } from '../../src/core/subject.ts';
import { BUILT_IN_KINDS, groupOf, WorkloadKinds } from '../../src/core/workload.ts';
import { atLeast, runs } from '../long-tests.ts';
import { readManifests, readReviewObjects, skipWithoutCorpus } from './corpus.ts';
import { readGolden, skipWithoutGolden } from './golden.ts';
import { withUnknownFields } from '../rules/metamorphic.ts';
import { FROM_CONTROLLER, FROM_FILE, FROM_KUBELET, FROM_USER, READING, subjectOf } from './subject-of.ts';

const POD = {
  apiVersion: 'v1',
  kind: 'Pod',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { containers: [{ name: 'web', image: 'web:1' }] },
};
const DEPLOYMENT = {
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name: 'web', namespace: 'shop' },
  spec: { template: { metadata: { labels: { app: 'web' } }, spec: POD.spec } },
};

/** `field message` of every problem. */
function problemsOf(object: unknown, options: Partial<typeof READING> = {}): string[] {
  const reading = readSubject(object, { ...READING, ...options });
  return reading.outcome === 'malformed' ? reading.problems.map(({ path, message }) => `${path.text} ${message}`) : [reading.outcome];
}

void t.test('a Pod is judged as it stands', (t) => {
  const { kind, apiVersion, namespace, name, workloadClass, root, isTemplate, received } = subjectOf(POD);
  t.same([apiVersion, kind, namespace, name], ['v1', 'Pod', 'shop', 'web']);
  t.same([workloadClass, root.text, isTemplate], ['pod', '', false]);
  t.equal(received, POD);
  t.end();
});

void t.test('a workload is judged by its template, under the name and the namespace of the workload', (t) => {
  const { kind, apiVersion, namespace, name, workloadClass, root, isTemplate, received } = subjectOf(DEPLOYMENT);
  t.same([apiVersion, kind, namespace, name], ['apps/v1', 'Deployment', 'shop', 'web']);
  t.same([workloadClass, root.text, isTemplate], ['service', 'spec.template', true]);
  t.equal(received, DEPLOYMENT.spec.template);
  t.end();
});

void t.test('rules see the Pod that comes out of a template: with the defaults of a Pod', (t) => {
  const template = { spec: { containers: [{ name: 'web', resources: { limits: { cpu: '1' } } }], terminationGracePeriodSeconds: -5 } };
  const { pod } = subjectOf({ ...DEPLOYMENT, spec: { template } });
  t.equal(pod.spec.terminationGracePeriodSeconds, 1);
  t.same(pod.spec.containers[0]?.resources, { limits: { cpu: '1' }, requests: { cpu: '1' } });
  t.equal(pod.spec.tolerations?.length, 2);
  t.same(pod.metadata, {});
  t.end();
});

void t.test('of an object with hundreds of unknown fields, the known ones are read: no copy holds the others', (t) => {
  const httpGet = { path: '/', port: 80 };
  const container = {
    ...{ name: 'web', image: 'web:1', ports: [{ containerPort: 80 }], env: [{ name: 'A', value: 'b' }] },
    ...{ livenessProbe: { httpGet }, readinessProbe: { httpGet }, lifecycle: { preStop: { httpGet } } },
    resources: { limits: { cpu: '1' } },
  };
  const volumes = [{ name: 'tmp', emptyDir: {} }];
  const plain = { ...POD, spec: { containers: [container], volumes, tolerations: [{ key: 'a', operator: 'Exists' }] } };
  const given = cloneJson(plain);
  withUnknownFields(given.spec);
  withUnknownFields(given.metadata);
  const received = cloneJson(given);
  const subject = subjectOf(given);
  t.same(subject.pod, subjectOf(plain).pod);
  t.same(subject.received, received, 'a patch applies to what was received');
  t.equal(readSubject(given, READING).outcome, 'subject', 'nothing is wrong with it');
  t.end();
});

void t.test('the object that was received is shared, never changed', (t) => {
  const given = cloneJson(DEPLOYMENT);
  const { pod } = subjectOf(given);
  t.same(given, DEPLOYMENT);
  t.equal(pod.metadata, given.spec.template.metadata, 'what needed no default is the same object');
  const complete = subjectOf({ ...POD, spec: pod.spec });
  t.equal(complete.pod, complete.received, 'a Pod without a missing default is not copied at all');
  t.end();
});

void t.test('the namespace of the request counts over the one that the object names', (t) => {
  t.equal(subjectOf(POD, { namespace: 'other' }).namespace, 'other');
  t.equal(subjectOf({ ...POD, metadata: {} }).namespace, '');
  t.end();
});

void t.test('a generated name stands in for a missing one', (t) => {
  t.equal(subjectOf({ ...POD, metadata: { generateName: 'web-' } }).name, 'web-');
  t.equal(subjectOf({ ...POD, metadata: { name: '', generateName: 'web-' } }).name, 'web-', 'an empty name is none to the API server');
  t.equal(subjectOf({ ...POD, metadata: { name: 'web', generateName: 'other-' } }).name, 'web');
  t.equal(subjectOf({ ...POD, metadata: null }).name, '');
  t.end();
});

void t.test('kind and apiVersion come from the request where the object does not repeat them', (t) => {
  const { metadata, spec } = DEPLOYMENT;
  const { kind, apiVersion } = subjectOf({ metadata, spec }, { type: { kind: 'Deployment', apiVersion: 'apps/v1' } });
  t.same([apiVersion, kind], ['apps/v1', 'Deployment']);
  t.equal(problemsOf(POD, { type: { kind: 'Service', apiVersion: 'v1' } })[0], 'no-template', 'what the request says counts');
  t.equal(subjectOf({ ...POD, kind: 7, apiVersion: null }, { type: { kind: 'Pod', apiVersion: 'v1' } }).kind, 'Pod');
  t.end();
});

void t.test('the class follows owner, restart policy and a mirror annotation that is trusted', (t) => {
  const metadata = { annotations: { 'kubernetes.io/config.mirror': 'e8f5' } };
  t.equal(subjectOf({ ...POD, metadata }, { trust: FROM_KUBELET }).workloadClass, 'static');
  t.equal(subjectOf({ ...POD, metadata }).workloadClass, 'pod');
  t.equal(subjectOf({ ...POD, spec: { ...POD.spec, restartPolicy: 'Never' } }).workloadClass, 'batch');
  const owner = { apiVersion: 'apps/v1', kind: 'StatefulSet', name: 'db', controller: true };
  const owned = { ...POD, metadata: { ownerReferences: [owner] } };
  t.equal(subjectOf(owned, { trust: FROM_CONTROLLER }).workloadClass, 'stateful');
  t.same([subjectOf(owned).workloadClass, subjectOf(owned).owner], ['pod', owner], 'an owner that anybody could have written');
  t.end();
});

void t.test('a mirror annotation in a template marks nothing: a workload is no static Pod', (t) => {
  const template = { metadata: { annotations: { 'kubernetes.io/config.mirror': 'e8f5' } }, spec: POD.spec };
  t.equal(subjectOf({ ...DEPLOYMENT, spec: { template } }, { trust: FROM_KUBELET }).workloadClass, 'service');
  t.end();
});

void t.test('an object of another kind is not judged, whatever it holds', (t) => {
  t.same(problemsOf({ apiVersion: 'v1', kind: 'Service', spec: { containers: 'none' } }), ['no-template']);
  for (const object of [null, 7, 'text', []]) t.same(problemsOf(object, { type: { apiVersion: 'v1', kind: 'Service' } }), ['no-template']);
  t.same(problemsOf({ apiVersion: 'example.com/v1', kind: 'Pod', spec: 7 }), ['no-template']);
  t.end();
});

void t.test('what is no object, or has no kind, is malformed', (t) => {
  for (const value of [null, undefined, 7, 'Pod', [POD], true]) t.same(problemsOf(value), [' must be an object'], JSON.stringify(value));
  t.same(problemsOf({ spec: POD.spec }), ['kind must be set']);
  t.same(problemsOf({ ...POD, kind: '' }), ['kind must be set']);
  t.end();
});

void t.test('a workload without a template names the place where it belongs', (t) => {
  t.same(problemsOf({ ...DEPLOYMENT, spec: {} }), ['spec.template must be a Pod template']);
  t.same(problemsOf({ apiVersion: 'batch/v1', kind: 'CronJob', spec: { jobTemplate: { spec: { template: 'text' } } } }), [
    'spec.jobTemplate.spec.template must be a Pod template',
  ]);
  t.end();
});

void t.test('wrong types are named with their path in the object that was received', (t) => {
  const template = { metadata: { labels: [] }, spec: { containers: [{ name: 'web', command: 'run' }] } };
  t.same(problemsOf({ ...DEPLOYMENT, metadata: { name: 7 }, spec: { template } }), [
    'spec.template.spec.containers[0].command must be a list, but is the string "run"',
    'spec.template.metadata.labels must be a map, but is a list',
    'metadata.name must be a string, but is the number 7',
  ]);
  t.same(problemsOf({ ...POD, metadata: { ownerReferences: {} } }), ['metadata.ownerReferences must be a list, but is an object']);
  t.end();
});

void t.test('kinds of a policy are read as built-in ones are', (t) => {
  const kinds = new WorkloadKinds([{ group: 'argoproj.io', kind: 'Rollout', podClass: 'service', templatePath: ['spec', 'template'] }]);
  const { workloadClass, root } = subjectOf({ ...DEPLOYMENT, apiVersion: 'argoproj.io/v1alpha1', kind: 'Rollout' }, { kinds });
  t.same([workloadClass, root.text], ['service', 'spec.template']);
  t.end();
});

void t.test('names from the prototype of objects are no kinds, no groups and no fields', (t) => {
  for (const name of ['constructor', '__proto__', 'toString', 'hasOwnProperty']) {
    t.same(problemsOf(JSON.parse(`{"apiVersion": "${name}", "kind": "${name}"}`)), ['no-template']);
    const pod: unknown = JSON.parse(`{"apiVersion": "v1", "kind": "Pod", "${name}": {}, "spec": {"${name}": {"x": 1}, "containers": []}}`);
    t.ok(subjectOf(pod).pod.spec.containers);
  }
  t.equal(Object.hasOwn(Object.prototype, 'x'), false);
  t.end();
});

/** The templates of an object, by searching it for lists of containers: no table of kinds is asked. */
function searchTemplates(value: unknown, path: readonly string[] = []): string[] {
  if (!isObject(value)) return [];
  const { spec } = value;
  if (isObject(spec) && Array.isArray(spec['containers'])) return [path.join('.')];
  return Object.entries(value).flatMap(([key, member]) => searchTemplates(member, [...path, key]));
}

const WORKLOADS: ReadonlySet<string> = new Set(BUILT_IN_KINDS.map(({ group, kind }) => `${group}/${kind}`));

function isWorkload(doc: unknown): doc is JsonObject {
  return isObject(doc) && WORKLOADS.has(`${groupOf(String(doc['apiVersion']))}/${String(doc['kind'])}`);
}

void t.test('every workload of the corpus that has a template is found where it stands', { skip: skipWithoutCorpus() }, (t) => {
  const workloads = readManifests().filter(({ doc }) => isWorkload(doc) && searchTemplates(doc).length > 0);
  t.ok(workloads.length > atLeast(4500), `${workloads.length} workloads`);
  const misplaced = workloads.filter(({ doc }) => {
    const reading = readSubject(doc, READING);
    const [path = ''] = searchTemplates(doc);
    if (reading.outcome === 'malformed') return reading.problems.some(({ message }) => message === 'must be a Pod template');
    return reading.outcome !== 'subject' || reading.subject.root.text !== path;
  });
  t.same(
    misplaced.map(({ file }) => file),
    [],
  );
  t.end();
});

void t.test('no other kind of the corpus hides a template', { skip: skipWithoutCorpus() }, (t) => {
  const others = readManifests().filter(({ doc }) => !isWorkload(doc) && searchTemplates(doc).length > 0);
  t.same([...new Set(others.map(({ doc }) => (doc as { kind: string }).kind))], []);
  t.end();
});

void t.test('the containers are those of the Pod that the controller creates', { skip: skipWithoutGolden() }, (t) => {
  const documents = new Map(readManifests().map(({ file, doc }) => [file, doc]));
  const wrong = readGolden('pods').filter(({ file, posted }) => {
    const reading = readSubject(documents.get(file), READING);
    if (reading.outcome !== 'subject') return false;
    const { containers } = reading.subject.received['spec'] as JsonObject;
    return JSON.stringify(containers) !== JSON.stringify((posted['spec'] as JsonObject)['containers']);
  });
  t.same(
    wrong.map(({ file }) => file),
    [],
  );
  t.end();
});

function anyOptions(): fc.Arbitrary<Partial<typeof READING>> {
  return fc.record({
    kubernetesMinor: fc.integer({ min: OLDEST_MINOR, max: NEWEST_MINOR }),
    trust: fc.constantFrom(FROM_USER, FROM_CONTROLLER, FROM_KUBELET, FROM_FILE),
  });
}

void t.test('nothing of the corpus makes it throw', { skip: skipWithoutCorpus() }, (t) => {
  const outcomes: Record<SubjectReading['outcome'], number> = { subject: 0, 'no-template': 0, malformed: 0 };
  for (const { doc } of [...readManifests(), ...readReviewObjects()]) {
    for (const minor of [OLDEST_MINOR, NEWEST_MINOR]) outcomes[readSubject(doc, { ...READING, kubernetesMinor: minor }).outcome] += 1;
  }
  t.ok(outcomes.subject > atLeast(9000), JSON.stringify(outcomes));
  t.ok(outcomes['no-template'] > atLeast(100), JSON.stringify(outcomes));
  t.ok(outcomes.malformed >= atLeast(10), JSON.stringify(outcomes));
  t.end();
});

/** Puts something else at a random place of a document. */
function mutated(doc: unknown, turns: readonly number[], replacement: unknown): unknown {
  const copy: unknown = cloneJson(doc);
  let at = copy;
  for (const [index, turn] of turns.entries()) {
    if (typeof at !== 'object' || at === null) break;
    const keys = Object.keys(at);
    const key = keys[turn % keys.length];
    if (key === undefined) break;
    const holder = at as Record<string, unknown>;
    const next = holder[key];
    if (index === turns.length - 1 || typeof next !== 'object' || next === null) {
      holder[key] = replacement;
      break;
    }
    at = next;
  }
  return copy;
}

void t.test('no document of the corpus with something else at a random place makes it throw', { skip: skipWithoutCorpus() }, (t) => {
  const documents = [...readManifests(), ...readReviewObjects()].map(({ doc }) => doc);
  const replacement = fc.oneof(
    fc.constantFrom(null, '', 0, -1, 1e300, '1e1001', [], {}, [null], [[]], { name: null }, { __proto__: null }),
    fc.jsonValue({ maxDepth: 2 }),
  );
  fc.assert(
    fc.property(
      fc.nat(documents.length - 1),
      fc.array(fc.array(fc.nat(20), { minLength: 1, maxLength: 8 }), { minLength: 1, maxLength: 3 }),
      replacement,
      anyOptions(),
      (index, places, value, options) => {
        const broken = places.reduce<unknown>((doc, turns) => mutated(doc, turns, value), documents[index]);
        readSubject(broken, { ...READING, ...options });
      },
    ),
    { numRuns: runs(20_000) },
  );
  t.end();
});

void t.test('no JSON in the place of a Pod makes it throw', (t) => {
  const anything = fc.jsonValue({ maxDepth: 4 });
  fc.assert(
    fc.property(anything, anything, anything, anyOptions(), (metadata, spec, object, options) => {
      readSubject(object, { ...READING, ...options });
      readSubject({ apiVersion: 'v1', kind: 'Pod', metadata, spec }, { ...READING, ...options });
      readSubject(
        { apiVersion: 'apps/v1', kind: 'Deployment', metadata, spec: { template: { metadata, spec } } },
        { ...READING, ...options },
      );
    }),
    { numRuns: runs(2000) },
  );
  t.end();
});
