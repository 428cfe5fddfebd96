import t from 'tap';
import type { JsonObject } from '../../src/core/json.ts';
import { isSameToRules, placesReadBy } from '../../src/core/update-scope.ts';
import { WorkloadKinds } from '../../src/core/workload.ts';
import { makeRule } from './made-up-rule.ts';

const KINDS = new WorkloadKinds([{ group: 'example.com', kind: 'Farm', podClass: 'service', templatePath: ['spec', 'fields'] }]);

const NOTED = makeRule('noted', { reads: ['spec.hostPID', 'metadata.annotations[example.com/a]'] });
const REPLICAS = makeRule('replicas', {
  about: 'workload',
  kinds: ['apps/Deployment'],
  reads: [
    'spec.replicas',
    'spec.template.spec',
    'spec.jobTemplate.spec.template.spec.activeDeadlineSeconds',
    'spec.template.metadata.labels[*]',
  ],
});

void t.test('what rules read of the spec of Pods needs no list, everything else does', (t) => {
  t.same(placesReadBy([NOTED, REPLICAS]), {
    ofPods: [['metadata', 'annotations', 'example.com/a']],
    ofTemplates: [['metadata', 'annotations', 'example.com/a']],
    ofWorkloads: new Map([
      [
        'apps/Deployment',
        [
          ['spec', 'replicas'],
          ['spec', 'template', 'metadata', 'labels'],
        ],
      ],
    ]),
  });
  const owner = placesReadBy([makeRule('owner', { reads: ['metadata.ownerReferences'] })]);
  t.same([owner.ofPods, owner.ofTemplates], [[], []], 'who owns a Pod is never compared');
  const label = placesReadBy([makeRule('label', { reads: ['metadata.labels'] })]);
  t.same([label.ofPods, label.ofTemplates], [[], [['metadata', 'labels']]], 'nor what operators label, but the labels of Pods to come');
  t.same(placesReadBy([NOTED, NOTED]).ofPods.length, 1, 'each once');
  t.same(placesReadBy([]), { ofPods: [], ofTemplates: [], ofWorkloads: new Map() });
  t.end();
});

const PLACES = placesReadBy([NOTED, REPLICAS]);

interface Parts {
  readonly kind?: string;
  readonly replicas?: number;
  readonly annotations?: object;
  readonly labels?: object | null;
  readonly image?: string;
}

function workload({ kind = 'Deployment', replicas = 1, annotations, labels, image = 'web:1' }: Parts): JsonObject {
  const metadata = { ...(annotations && { annotations }), ...(labels !== undefined && { labels }) };
  return {
    apiVersion: 'apps/v1',
    kind,
    metadata: { name: 'web' },
    spec: { replicas, template: { metadata, spec: { containers: [{ name: 'web', image }] } } },
  };
}

function isSame(object: Parts, before: Parts): boolean {
  return isSameToRules(
    { object: workload(object), oldObject: workload(before) },
    KINDS.templates('apps/v1', object.kind ?? 'Deployment'),
    PLACES,
  );
}

void t.test('the spec of the Pods counts as a whole', (t) => {
  t.ok(isSame({}, {}));
  t.notOk(isSame({ image: 'web:2' }, {}));
  t.end();
});

void t.test('of metadata what rules read counts', (t) => {
  t.notOk(isSame({ annotations: { 'example.com/a': '1' } }, {}));
  t.notOk(isSame({ annotations: { 'example.com/a': '1' } }, { annotations: { 'example.com/a': '2' } }));
  t.ok(isSame({ annotations: { 'example.com/b': '1' } }, { annotations: { 'example.com/b': '2' } }));
  t.ok(isSame({ labels: null }, {}), 'null is nothing');
  t.end();
});

void t.test('the own fields of a workload count for the kinds of which a rule reads them', (t) => {
  t.notOk(isSame({ replicas: 2 }, {}));
  t.notOk(isSame({ labels: { app: 'a' } }, {}), 'any entry of a map: all of it');
  t.ok(isSame({ kind: 'ReplicaSet', replicas: 2, labels: { app: 'a' } }, { kind: 'ReplicaSet' }));
  t.end();
});

void t.test('what is no object, or has lost or moved its template, is not the same', (t) => {
  const templates = KINDS.templates('apps/v1', 'Deployment');
  t.notOk(isSameToRules({ object: null, oldObject: workload({}) }, templates, PLACES));
  t.notOk(isSameToRules({ object: workload({}), oldObject: undefined }, templates, PLACES));
  t.notOk(isSameToRules({ object: { spec: {} }, oldObject: workload({}) }, templates, PLACES));
  t.notOk(isSameToRules({ object: { spec: {} }, oldObject: { spec: {} } }, templates, PLACES), 'nothing was compared');
  t.end();
});

void t.test('a template that is a bare spec counts as a whole', (t) => {
  const templates = KINDS.templates('example.com/v1', 'Farm');
  const farm = (image: string): object => ({ spec: { fields: { containers: [{ name: 'web', image }] } } });
  t.ok(isSameToRules({ object: farm('a'), oldObject: farm('a') }, templates, PLACES));
  t.notOk(isSameToRules({ object: farm('a'), oldObject: farm('b') }, templates, PLACES));
  t.end();
});
