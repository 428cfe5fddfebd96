import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import { applyDefaults } from '../../src/core/defaults.ts';
import { DeferredManagedFields } from '../../src/core/deferred-managed-fields.ts';
import { FieldPath } from '../../src/core/path.ts';
import type { ManagedFieldsEntry } from '../../src/core/managed-fields.ts';
import type { ObjectMeta, Pod, Toleration } from '../../src/core/pod.ts';
import { Provenance, type TolerationOrigin } from '../../src/core/provenance.ts';

const CONTAINERS = FieldPath.of('spec', 'containers');
const TIMEOUT = CONTAINERS.at(0, { name: 'web' }).field('livenessProbe', 'timeoutSeconds');
const PERIOD = CONTAINERS.at(0, { name: 'web' }).field('livenessProbe', 'periodSeconds');
const GRACE = FieldPath.of('spec', 'terminationGracePeriodSeconds');
const STORED = { isAdmitted: true, isNew: false };
const TEMPLATE = { root: FieldPath.of('spec', 'template') };

/** What DefaultTolerationSeconds appends, and one that somebody sends. */
const NOT_READY: Toleration = { key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: 300 };
const UNREACHABLE: Toleration = { ...NOT_READY, key: 'node.kubernetes.io/unreachable' };
const DEDICATED: Toleration = { key: 'dedicated', operator: 'Exists' };

/** A Pod with one container whose livenessProbe names `probe`, as a client sends it. */
function sentPod(probe: object, tolerations?: Toleration[]): Pod {
  const spec = { containers: [{ name: 'web', livenessProbe: { tcpSocket: { port: 80 }, ...probe } }], ...(tolerations && { tolerations }) };
  return { metadata: { name: 'web' }, spec } as unknown as Pod;
}

function lastApplied(object: unknown): ObjectMeta {
  return {
    annotations: { 'kubectl.kubernetes.io/last-applied-configuration': typeof object === 'string' ? object : JSON.stringify(object) },
  };
}

/** What a kube-apiserver 1.36.3 puts into managedFields: for a plain request the scheme's defaults too, for an apply what was sent. */
function managedFields(
  operation: 'Apply' | 'Update',
  probeFields: readonly string[],
  specFields: readonly string[] = [],
): ManagedFieldsEntry[] {
  const named = (fields: readonly string[]): object => Object.fromEntries(fields.map((field) => [`f:${field}`, {}]));
  const container = { '.': {}, 'f:name': {}, 'f:livenessProbe': { '.': {}, ...named(probeFields) } };
  return [
    { manager: 'kubectl', operation, fieldsV1: { 'f:spec': { 'f:containers': { 'k:{"name":"web"}': container }, ...named(specFields) } } },
  ];
}

void t.test('a container that no manager has sent was added by admission', (t) => {
  const entries = managedFields('Update', []);
  const [web, proxy] = [CONTAINERS.at(0, { name: 'web' }), CONTAINERS.at(1, { name: 'proxy' })];
  const init = FieldPath.of('spec', 'initContainers').at(0, { name: 'web' });
  const pod = sentPod({});
  const wasAdded = (path: FieldPath, fields: ManagedFieldsEntry[] | undefined, root = FieldPath.ROOT): boolean =>
    new Provenance({ managedFields: fields }, pod, root, STORED).wasAdded(path);
  t.equal(wasAdded(web, entries), false);
  t.equal(wasAdded(proxy, entries), true);
  t.equal(wasAdded(init, entries), true, 'of one name, in another list');
  t.equal(wasAdded(web, managedFields('Apply', [])), false, 'sent by server-side apply');
  const later = { manager: 'kubectl-set', operation: 'Update', fieldsV1: { 'f:spec': { 'f:containers': { 'k:{"name":"proxy"}': {} } } } };
  t.equal(wasAdded(proxy, [...entries, later]), false, 'somebody has changed it since');
  t.equal(wasAdded(proxy, []), false, 'nothing is known');
  t.equal(wasAdded(proxy, undefined), false, 'nothing is known');
  t.equal(wasAdded(proxy, inTemplate(entries), TEMPLATE.root), false, 'nobody adds to a template');
  t.end();
});

/** Moves managedFields of a Pod to where a template stands in its workload. */
function inTemplate(entries: ManagedFieldsEntry[]): ManagedFieldsEntry[] {
  return entries.map((entry) => ({ ...entry, fieldsV1: { 'f:spec': { 'f:template': entry.fieldsV1 } } }));
}

type Answers = Pick<Provenance, 'wasSent' | 'wasNamed' | 'originOfToleration'>;

/** Whatever is asked has one answer, whether managedFields were parsed or set aside. */
function provenance(
  metadata: ObjectMeta,
  received: Pod = sentPod({}),
  { root = FieldPath.ROOT, admitted = true, isNew = false } = {},
): Answers {
  const origin = { isAdmitted: admitted, isNew };
  const parsed = new Provenance(metadata, received, root, origin);
  if (!Array.isArray(metadata.managedFields)) return parsed;
  const managedFields = new DeferredManagedFields(JSON.stringify(metadata.managedFields));
  const deferred = new Provenance({ ...metadata, managedFields }, received, root, origin);
  return {
    wasSent: (path) => agreed(parsed.wasSent(path), deferred.wasSent(path)),
    wasNamed: (path) => agreed(parsed.wasNamed(path), deferred.wasNamed(path)),
    originOfToleration: (tolerations, index) =>
      agreed(parsed.originOfToleration(tolerations, index), deferred.originOfToleration(tolerations, index)),
  };
}

function agreed<T>(ofParsed: T, ofDeferred: T): T {
  assert.equal(ofDeferred, ofParsed);
  return ofParsed;
}

void t.test('what a file names is found by the name of its container, wherever that stands by now', (t) => {
  const received = sentPod({ timeoutSeconds: 1 });
  const containers = FieldPath.of('spec', 'containers');
  const timeout = (index: number, keys?: object): FieldPath =>
    containers.at(index, keys as { name: string }).field('livenessProbe', 'timeoutSeconds');
  const ofFile = provenance({}, received, { admitted: false });
  t.equal(ofFile.wasSent(timeout(1, { name: 'web' })), true, 'moved by a repair');
  t.equal(ofFile.wasSent(timeout(0, { name: 'other' })), false);
  t.equal(ofFile.wasSent(timeout(0)), true);
  t.end();
});

void t.test('the scheduler names the node of no new Pod, and adds nothing to managedFields', (t) => {
  const node = FieldPath.of('spec', 'nodeName');
  const wasNamed = (metadata: ObjectMeta, options?: { readonly isNew?: boolean; readonly admitted?: boolean }): boolean =>
    provenance(metadata, { ...sentPod({}), spec: { ...sentPod({}).spec, nodeName: 'node-1' } }, options).wasNamed(node);
  t.equal(wasNamed({}, { isNew: true }), true);
  t.equal(wasNamed({}), false, 'nothing is known');
  t.equal(wasNamed({}, { admitted: false }), true, 'of a file');
  t.equal(wasNamed({ managedFields: managedFields('Update', [], ['nodeName']) }), true);
  t.equal(wasNamed({ managedFields: managedFields('Apply', [], ['nodeName']) }), true);
  t.equal(wasNamed({ managedFields: managedFields('Update', [], ['nodeSelector']) }), false, 'sent without');
  t.equal(wasNamed(lastApplied({ spec: { nodeName: 'node-1' } })), true);
  t.equal(wasNamed({}, { admitted: true }), false);
  t.end();
});

void t.test('an annotation that is too costly to parse proves nothing', (t) => {
  const applied = { spec: { terminationGracePeriodSeconds: 30 } };
  t.equal(provenance(lastApplied(applied)).wasSent(GRACE), true);
  for (const costly of ['['.repeat(1_000_000), JSON.stringify({ ...applied, many: Array.from({ length: 500_000 }, () => ({})) })]) {
    t.equal(provenance(lastApplied(costly)).wasSent(GRACE), false);
  }
  t.end();
});

void t.test('a value that equals the default is nobody’s without evidence', (t) => {
  t.equal(provenance({}).wasSent(TIMEOUT), false);
  t.equal(provenance({}).wasSent(GRACE), false);
  t.end();
});

void t.test('an entry of operation Update proves nothing: it lists the scheme’s defaults as well', (t) => {
  const fields = ['timeoutSeconds', 'periodSeconds', 'successThreshold', 'failureThreshold'];
  const metadata = { managedFields: managedFields('Update', fields, ['terminationGracePeriodSeconds', 'dnsPolicy']) };
  t.equal(provenance(metadata).wasSent(TIMEOUT), false);
  t.equal(provenance(metadata).wasSent(GRACE), false);
  t.end();
});

void t.test('an entry of operation Apply lists what was sent and nothing else', (t) => {
  const metadata = { managedFields: managedFields('Apply', ['timeoutSeconds']) };
  t.equal(provenance(metadata).wasSent(TIMEOUT), true);
  t.equal(provenance(metadata).wasSent(PERIOD), false);
  t.equal(provenance(metadata).wasSent(CONTAINERS.at(0, { name: 'other' }).field('livenessProbe', 'timeoutSeconds')), false);
  t.end();
});

void t.test('one applying manager among others is enough', (t) => {
  const entries = [
    ...managedFields('Update', ['timeoutSeconds']),
    ...managedFields('Apply', []),
    ...managedFields('Apply', ['timeoutSeconds']),
  ];
  t.equal(provenance({ managedFields: entries }).wasSent(TIMEOUT), true);
  t.end();
});

void t.test('what stands in the template of a kind that is not Kubernetes’ own was sent: the API server fills nothing in there', (t) => {
  const received = sentPod({ timeoutSeconds: 1 });
  for (const isCustom of [true, false]) {
    const asked = new Provenance({ uid: 'u' }, received, TEMPLATE.root, { ...STORED, isCustom });
    t.equal(asked.wasSent(TIMEOUT), isCustom);
    t.equal(asked.wasSent(PERIOD), false);
  }
  t.end();
});

void t.test('the last-applied annotation holds what was sent and nothing else', (t) => {
  const metadata = lastApplied(sentPod({ timeoutSeconds: 1 }));
  t.equal(provenance(metadata).wasSent(TIMEOUT), true);
  t.equal(provenance(metadata).wasSent(PERIOD), false);
  t.equal(provenance(metadata).wasSent(GRACE), false);
  t.end();
});

void t.test('what was sent as null, 0 or empty was not set', (t) => {
  for (const unset of [null, 0, '']) t.equal(provenance(lastApplied(sentPod({ timeoutSeconds: unset }))).wasSent(TIMEOUT), false);
  t.equal(provenance(lastApplied({ spec: { restartPolicy: '' } })).wasSent(FieldPath.of('spec', 'restartPolicy')), false);
  t.end();
});

void t.test('evidence for a template stands where the template stands', (t) => {
  const applied = lastApplied({ spec: { template: sentPod({ timeoutSeconds: 1 }) } });
  t.equal(provenance(applied, sentPod({}), TEMPLATE).wasSent(TIMEOUT), true);
  t.equal(provenance(lastApplied(sentPod({ timeoutSeconds: 1 })), sentPod({}), TEMPLATE).wasSent(TIMEOUT), false);
  const entries = managedFields('Apply', ['timeoutSeconds']);
  t.equal(provenance({ managedFields: inTemplate(entries) }, sentPod({}), TEMPLATE).wasSent(TIMEOUT), true);
  t.equal(provenance({ managedFields: entries }, sentPod({}), TEMPLATE).wasSent(TIMEOUT), false);
  t.end();
});

void t.test('an annotation that is no JSON, or another object, proves nothing', (t) => {
  const texts = [
    '',
    '{',
    'null',
    '[]',
    '"text"',
    '7',
    '{"spec": null}',
    '{"spec": {"containers": {}}}',
    '{"spec": {"containers": [null, 7]}}',
  ];
  for (const text of texts) t.equal(provenance(lastApplied(text)).wasSent(TIMEOUT), false, text);
  t.equal(provenance(lastApplied('{"__proto__": {"spec": {"terminationGracePeriodSeconds": 30}}}')).wasSent(GRACE), false);
  t.equal(provenance({ annotations: null, managedFields: null }).wasSent(TIMEOUT), false);
  t.equal(provenance({ managedFields: [{ operation: 'Apply' }, { operation: 'Apply', fieldsV1: null }] }).wasSent(TIMEOUT), false);
  t.end();
});

void t.test('no annotation and no managedFields make it throw', (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.string(), fc.json()), fc.dictionary(fc.string(), fc.jsonValue()), (text, fields) => {
      const subject = provenance({ ...lastApplied(text), managedFields: [{ operation: 'Apply', fieldsV1: fields }] });
      assert.equal(typeof subject.wasSent(TIMEOUT), 'boolean');
      assert.equal(subject.originOfToleration([NOT_READY, UNREACHABLE], 0).length > 0, true);
    }),
  );
  t.end();
});

const ADDED = [NOT_READY, UNREACHABLE];

/** The origin of each toleration of a Pod that is received with these. */
function originsOf(tolerations: Toleration[] | undefined, metadata: ObjectMeta, options = {}): TolerationOrigin[] {
  const received = sentPod({}, tolerations);
  const subject = provenance(metadata, received, options);
  const all = applyDefaults(received, 'pod', 36).spec.tolerations ?? [];
  return all.map((_, index) => subject.originOfToleration(all, index));
}

const SENT_NONE = { managedFields: managedFields('Update', [], ['terminationGracePeriodSeconds']) };
const SENT_SOME = { managedFields: managedFields('Update', [], ['tolerations']) };
const PLUGINS: TolerationOrigin[] = ['toleration-default', 'toleration-default'];

void t.test('tolerations that are not listed in managedFields were added by the plugin', (t) => {
  t.same(originsOf(ADDED, SENT_NONE), PLUGINS);
  t.end();
});

void t.test('what admission appended after the plugin does not make its tolerations anybody’s', (t) => {
  t.same(originsOf([...ADDED, DEDICATED], SENT_NONE), [...PLUGINS, 'user']);
  t.end();
});

void t.test('tolerations that are listed and all look like the plugin’s were sent', (t) => {
  t.same(originsOf(ADDED, SENT_SOME), ['user', 'user']);
  t.end();
});

void t.test('a client that sent others leaves no trace of who added these: then they are the plugin’s', (t) => {
  t.same(originsOf([DEDICATED, ...ADDED], SENT_SOME), ['user', ...PLUGINS]);
  t.same(originsOf([{ ...NOT_READY, tolerationSeconds: 60 }, UNREACHABLE], SENT_SOME), ['user', 'toleration-default']);
  t.end();
});

void t.test('the last-applied annotation tells a toleration that was sent among others', (t) => {
  const metadata = { ...SENT_SOME, ...lastApplied(sentPod({}, [DEDICATED, NOT_READY])) };
  t.same(originsOf([DEDICATED, ...ADDED], metadata), ['user', 'user', 'toleration-default']);
  t.end();
});

void t.test('what stands before others was not appended', (t) => {
  t.same(originsOf([NOT_READY, DEDICATED, UNREACHABLE], SENT_SOME), ['user', 'user', 'toleration-default']);
  t.end();
});

void t.test('without managedFields, as in a recording that left them out, the plugin’s form counts', (t) => {
  t.same(originsOf(ADDED, {}), PLUGINS);
  t.same(originsOf(ADDED, { managedFields: [] }), PLUGINS);
  t.same(originsOf(ADDED, lastApplied(sentPod({}, ADDED))), ['user', 'user']);
  t.end();
});

void t.test('a file’s tolerations are its author’s, what defaulting adds is the plugin’s', (t) => {
  t.same(originsOf(ADDED, {}, { admitted: false }), ['user', 'user']);
  t.same(originsOf(undefined, {}, { admitted: false }), PLUGINS);
  t.same(originsOf([DEDICATED], {}, { admitted: false }), ['user', ...PLUGINS]);
  t.end();
});

void t.test('the plugin does not run on templates: what stands in one was sent', (t) => {
  t.same(originsOf([DEDICATED, NOT_READY], SENT_NONE, TEMPLATE), ['user', 'user', 'toleration-default']);
  t.same(originsOf(undefined, {}, TEMPLATE), PLUGINS);
  t.end();
});

void t.test('another form than the plugin’s is somebody’s', (t) => {
  for (const other of [
    { ...NOT_READY, tolerationSeconds: 60 },
    { ...NOT_READY, operator: 'Equal' },
    { ...NOT_READY, effect: '' },
    { ...NOT_READY, key: 'node.kubernetes.io/disk-pressure' },
    { ...NOT_READY, tolerationSeconds: null },
  ])
    t.equal(originsOf([other], SENT_NONE)[0], 'user', JSON.stringify(other));
  t.equal(provenance({}).originOfToleration([], 0), 'user');
  t.end();
});

void t.test('what a file names its author has named, also where it is the default; what a cluster stored proves nothing by itself', (t) => {
  const file = { admitted: false };
  t.ok(provenance({}, sentPod({ timeoutSeconds: 1 }), file).wasSent(TIMEOUT));
  t.notOk(provenance({}, sentPod({}), file).wasSent(TIMEOUT));
  t.notOk(provenance({}, sentPod({ timeoutSeconds: 0 }), file).wasSent(TIMEOUT), 'a 0 is not set');
  t.notOk(provenance({ uid: 'd9607e19' }, sentPod({ timeoutSeconds: 1 }), file).wasSent(TIMEOUT), 'read from a cluster');
  t.notOk(provenance({}, sentPod({ timeoutSeconds: 1 })).wasSent(TIMEOUT), 'in admission');
  t.end();
});

void t.test('tolerations that a file spells out are its author’s, whatever stands beside them', (t) => {
  const others = [DEDICATED, ...ADDED];
  t.same(originsOf(others, {}, { admitted: false }), ['user', 'user', 'user']);
  t.same(originsOf(others, { uid: 'd9607e19' }, { admitted: false }), ['user', ...PLUGINS], 'read from a cluster');
  t.end();
});
