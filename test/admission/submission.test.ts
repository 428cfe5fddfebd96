import t from 'tap';
import { isFromKubelet, nameOf, trustIn, type Operation, type Origin } from '../../src/admission/submission.ts';
import { readSubject, type Subject } from '../../src/core/subject.ts';
import { READING } from '../core/subject-of.ts';

const POD = { group: '', version: 'v1', kind: 'Pod' };
const REPLICA_SET = { apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web-6d4cf56db6', controller: true };
const NODE = { apiVersion: 'v1', kind: 'Node', name: 'worker-1', controller: true };
const MIRROR = { 'kubernetes.io/config.mirror': 'e8f5' };

const USER: Origin = { from: 'review', username: 'alice' };
const CONTROLLER: Origin = { from: 'review', username: 'system:serviceaccount:kube-system:replicaset-controller' };
const KUBELET: Origin = { from: 'review', username: 'system:node:worker-1' };
const FILE: Origin = { from: 'file' };

void t.test('only the creation that an API server sends is of something new', (t) => {
  const isNew = (operation: Operation, origin: Origin): boolean => trustIn({ origin, kind: POD, operation }, READING.kinds).isNew;
  for (const origin of [USER, CONTROLLER, KUBELET]) t.equal(isNew('CREATE', origin), true, JSON.stringify(origin));
  t.equal(isNew('UPDATE', USER), false);
  t.equal(isNew('CREATE', FILE), false);
  t.equal(isNew('CREATE', { from: 'live', owners: [] }), false);
  t.end();
});

function subjectFrom(origin: Origin, metadata: object): Subject {
  const object = { apiVersion: 'v1', kind: 'Pod', metadata, spec: { containers: [{ name: 'web' }] } };
  const reading = readSubject(object, { ...READING, trust: trustIn({ origin, kind: POD }, READING.kinds) });
  if (reading.outcome !== 'subject') throw new Error(JSON.stringify(reading));
  return reading.subject;
}

void t.test('an owner that is not proven chooses no class', (t) => {
  const owned = (apiVersion: string, kind: string, origin: Origin): string =>
    subjectFrom(origin, { ownerReferences: [{ apiVersion, kind, name: 'owner', controller: true }] }).workloadClass;
  t.equal(owned('apps/v1', 'DaemonSet', CONTROLLER), 'daemon');
  for (const origin of [USER, FILE]) {
    t.equal(owned('apps/v1', 'DaemonSet', origin), 'pod');
    t.equal(owned('apps/v1', 'ReplicaSet', origin), 'pod');
    t.equal(owned('postgresql.cnpg.io/v1', 'Cluster', origin), 'pod', 'nobody opts out of repairs');
  }
  const ofOperator = (username: string): string => owned('postgresql.cnpg.io/v1', 'Cluster', { from: 'review', username });
  t.equal(ofOperator('system:serviceaccount:cnpg-system:cnpg-manager'), 'operator');
  t.equal(ofOperator('system:serviceaccount:db:release-cloudnative-pg'), 'operator');
  t.equal(ofOperator('system:serviceaccount:shop:deployer'), 'pod');
  t.equal(ofOperator('cnpg-manager'), 'pod');
  t.end();
});

void t.test('an owner is proven by a built-in controller that sends the object', (t) => {
  const isProven = (origin: Origin): boolean => subjectFrom(origin, { ownerReferences: [REPLICA_SET] }).isOwnerProven;
  t.equal(isProven(CONTROLLER), true);
  for (const origin of [USER, KUBELET, FILE]) t.equal(isProven(origin), false, JSON.stringify(origin));
  t.equal(subjectFrom(CONTROLLER, {}).isOwnerProven, false, 'no owner is no proven owner');
  t.end();
});

void t.test('an owner is proven where it was found in the cluster', (t) => {
  const isProven = (...owners: (typeof REPLICA_SET)[]): boolean =>
    subjectFrom({ from: 'live', owners }, { ownerReferences: [REPLICA_SET] }).isOwnerProven;
  t.equal(isProven(REPLICA_SET), true);
  t.equal(isProven({ ...REPLICA_SET, apiVersion: 'apps/v1beta2' }), true, 'in whatever version');
  t.equal(isProven(), false);
  t.equal(isProven({ ...REPLICA_SET, name: 'other' }), false);
  t.equal(isProven({ ...REPLICA_SET, apiVersion: 'example.com/v1' }), false);
  t.end();
});

void t.test('only what a built-in controller sends is made for an admitted workload: what is live is not capped', (t) => {
  const isMade = (origin: Origin): boolean => subjectFrom(origin, { ownerReferences: [REPLICA_SET] }).isMadeForAdmitted;
  t.equal(isMade(CONTROLLER), true);
  for (const origin of [USER, KUBELET, FILE, { from: 'live', owners: [REPLICA_SET] } as const]) t.equal(isMade(origin), false);
  t.end();
});

void t.test('a mirror Pod is one where a kubelet sends it, its node owns it, or only a file says so', (t) => {
  const classOf = (origin: Origin): string => subjectFrom(origin, { annotations: MIRROR, ownerReferences: [NODE] }).workloadClass;
  for (const origin of [KUBELET, FILE, { from: 'live', owners: [NODE] } as const]) t.equal(classOf(origin), 'static');
  for (const origin of [USER, CONTROLLER, { from: 'live', owners: [] } as const]) t.equal(classOf(origin), 'pod');
  t.equal(isFromKubelet({ origin: KUBELET }), true);
  for (const origin of [USER, FILE]) t.equal(isFromKubelet({ origin }), false);
  t.end();
});

void t.test('the name is the request’s, else the one that the object has or will be given', (t) => {
  const submission = { operation: 'CREATE', kind: POD, subResource: '', namespace: '', oldObject: null, origin: FILE } as const;
  const named = (name: string, object: unknown): string => nameOf({ ...submission, name, object });
  t.equal(named('a', { metadata: { name: 'b' } }), 'a');
  t.equal(named('', { metadata: { name: 'b', generateName: 'c-' } }), 'b');
  t.equal(named('', { metadata: { generateName: 'c-' } }), 'c-');
  for (const object of [null, 7, {}, { metadata: 7 }, { metadata: { name: 7 } }]) t.equal(named('', object), '');
  t.end();
});
