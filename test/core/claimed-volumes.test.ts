import t from 'tap';
import { subjectOf } from './subject-of.ts';

const TEMPLATE = {
  metadata: { labels: { app: 'db' } },
  spec: {
    containers: [{ name: 'db', image: 'db:1' }],
    volumes: [
      { name: 'cache', emptyDir: {} },
      { name: 'data', emptyDir: {} },
      { name: 'config', configMap: { name: 'db' } },
    ],
  },
};

function volumesOf(kind: string, volumeClaimTemplates: unknown, apiVersion = 'apps/v1'): unknown {
  const { spec } = subjectOf({ apiVersion, kind, metadata: { name: 'db' }, spec: { template: TEMPLATE, volumeClaimTemplates } }).pod;
  return spec.volumes?.map(({ name, emptyDir, persistentVolumeClaim: claim }) => [name, emptyDir != null, claim]);
}

const AS_WRITTEN = [
  ['cache', true, undefined],
  ['data', true, undefined],
  ['config', false, undefined],
];

void t.test('a claim template of a StatefulSet replaces the volume of its name, in its place', (t) => {
  t.same(volumesOf('StatefulSet', [{ metadata: { name: 'more' } }, { metadata: { name: 'data' } }]), [
    ['cache', true, undefined],
    ['data', false, {}],
    ['config', false, undefined],
  ]);
  t.end();
});

void t.test('nothing else replaces a volume', (t) => {
  t.same(volumesOf('Deployment', [{ metadata: { name: 'data' } }]), AS_WRITTEN);
  for (const claims of [undefined, null, [], [{}], [{ metadata: null }], [{ metadata: { name: null } }]])
    t.same(volumesOf('StatefulSet', claims), AS_WRITTEN);
  t.end();
});
