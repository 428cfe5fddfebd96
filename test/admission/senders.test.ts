import t from 'tap';
import { isSentByKubelet, isSentByPerson, isSentByWorkloadController } from '../../src/admission/senders.ts';

const CONTROLLERS = [
  'system:kube-controller-manager',
  'system:serviceaccount:kube-system:replicaset-controller',
  'system:serviceaccount:kube-system:statefulset-controller',
  'system:serviceaccount:kube-system:daemon-set-controller',
  'system:serviceaccount:kube-system:job-controller',
  'system:serviceaccount:kube-system:replication-controller',
  'system:serviceaccount:kube-system:deployment-controller',
  'system:serviceaccount:kube-system:cronjob-controller',
];

for (const username of CONTROLLERS) {
  void t.test(`${username} creates Pods, ReplicaSets and Jobs from what was admitted before`, (t) => {
    for (const kind of ['Pod', 'ReplicaSet', 'Job']) t.ok(isSentByWorkloadController(username, kind), kind);
    t.end();
  });
}

void t.test('what such a controller sends besides is judged like everything else', (t) => {
  for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet', 'CronJob', 'ReplicationController', 'pod', '']) {
    t.notOk(isSentByWorkloadController('system:kube-controller-manager', kind), kind);
  }
  t.end();
});

void t.test('a user name that only resembles a controller is none', (t) => {
  for (const username of [
    '',
    'alice',
    'kube-controller-manager',
    'system:kube-controller-manager ',
    'System:kube-controller-manager',
    'system:serviceaccount:shop:replicaset-controller',
    'system:serviceaccount:kube-system:replicaset-controller-2',
    'system:serviceaccount:kube-system:generic-garbage-collector',
    'system:serviceaccount:kube-system:default',
    'system:node:replicaset-controller',
  ]) {
    t.notOk(isSentByWorkloadController(username, 'Pod'), username);
  }
  t.end();
});

void t.test('kubelets are users of the form system:node:NAME', (t) => {
  t.ok(isSentByKubelet('system:node:worker-1'));
  for (const username of [
    '',
    'alice',
    'system:nodes',
    'system:nodeless:worker-1',
    ' system:node:worker-1',
    'system:serviceaccount:a:system:node:b',
  ]) {
    t.notOk(isSentByKubelet(username), username);
  }
  t.end();
});

void t.test('people are who is no kubelet, no service account and no part of the control plane', (t) => {
  for (const username of ['alice', 'kubernetes-admin', 'system:admin', 'oidc:alice@example.com', 'system:anonymous'])
    t.ok(isSentByPerson(username), username);
  for (const username of [
    ...CONTROLLERS,
    '',
    'system:apiserver',
    'system:kube-scheduler',
    'system:node:worker-1',
    'system:serviceaccount:shop:deployer',
  ])
    t.notOk(isSentByPerson(username), username);
  t.end();
});
