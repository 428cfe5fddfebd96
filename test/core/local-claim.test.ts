import t from 'tap';
import { isLocalClaim, isLocalClass, isVolumeOfTwoPods } from '../../src/core/local-claim.ts';

void t.test('a claim of a local class, or of a local provisioner, says so itself', (t) => {
  t.equal(isLocalClaim({ spec: { storageClassName: 'local-path' } }), true);
  t.equal(isLocalClaim({ metadata: { annotations: { 'volume.kubernetes.io/storage-provisioner': 'rancher.io/local-path' } } }), true);
  t.equal(isLocalClaim({ metadata: { annotations: { 'volume.kubernetes.io/storage-provisioner': 'ebs.csi.aws.com' } } }), false);
  for (const claim of [{}, { spec: { storageClassName: 'standard' } }, { spec: { storageClassName: 5 }, metadata: null }])
    t.equal(isLocalClaim(claim), false);
  t.end();
});

void t.test('a StorageClass of a local provisioner', (t) => {
  t.equal(isLocalClass({ provisioner: 'kubernetes.io/no-provisioner' }), true);
  t.equal(isLocalClass({ provisioner: 'pd.csi.storage.gke.io' }), false);
  t.equal(isLocalClass({}), false);
  t.end();
});

void t.test('a volume on one node, or one that is never attached, lets two Pods run', (t) => {
  const on = (operator: string, ...values: string[]): object => ({ key: 'kubernetes.io/hostname', operator, values });
  const csi = (...terms: object[]): boolean =>
    isVolumeOfTwoPods({ spec: { csi: { driver: 'disk.example' }, nodeAffinity: { required: { nodeSelectorTerms: terms } } } });
  for (const source of ['local', 'hostPath', 'nfs']) t.equal(isVolumeOfTwoPods({ spec: { [source]: { path: '/srv' } } }), true, source);
  t.equal(csi({ matchExpressions: [on('In', 'node-1')] }), true);
  t.equal(csi({ matchExpressions: [on('In', 'node-1', 'node-2')] }), false, 'either of two nodes');
  t.equal(csi({ matchExpressions: [on('NotIn', 'node-1')] }), false);
  t.equal(csi({ matchExpressions: [on('In', 'node-1')] }, { matchExpressions: [on('In', 'node-2')] }), false, 'terms are alternatives');
  t.equal(
    csi({ matchExpressions: [{ key: 'topology.kubernetes.io/zone', operator: 'In', values: ['a'] }] }),
    false,
    'a zone has many nodes',
  );
  t.equal(csi(), false);
  t.end();
});
