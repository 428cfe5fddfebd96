import t from 'tap';
import type { ObjectMeta, OwnerReference } from '../../src/core/pod.ts';
import type { JsonObject } from '../../src/core/json.ts';
import { PathPattern } from '../../src/core/path.ts';
import {
  BUILT_IN_KINDS,
  controllerOf,
  groupOf,
  isMirrorPod,
  SERVING_CLASSES,
  templatesIn,
  WorkloadKinds,
  type WorkloadClass,
  type WorkloadKind,
} from '../../src/core/workload.ts';

const KINDS = new WorkloadKinds();
const ROLLOUT: WorkloadKind = { group: 'argoproj.io', kind: 'Rollout', podClass: 'service', templatePath: ['spec', 'template'] };
const STAYS_UP = { restartPolicy: 'Always' };

function templateKind(apiVersion: string, kind: string, kinds = KINDS): WorkloadKind {
  const found = kinds.templates(apiVersion, kind)[0];
  if (found === undefined) throw new Error(`${apiVersion} ${kind} holds no template`);
  return found;
}

/** `prefix class` of a kind whose Pods stay up. */
function describe(apiVersion: string, kind: string, kinds = KINDS): string {
  const found = templateKind(apiVersion, kind, kinds);
  return `${found.templatePath.map(String).join('.')} ${kinds.classOfTemplate(found, STAYS_UP)}`;
}

function ownedBy(apiVersion: string, kind: string, controller: boolean | null = true): ObjectMeta {
  return { ownerReferences: [{ apiVersion, kind, name: 'owner', controller }] };
}

function classOfPod(metadata: ObjectMeta, restartPolicy = 'Always', kinds = KINDS): WorkloadClass {
  return kinds.classOfPod(controllerOf(metadata), { restartPolicy }, false);
}

/** Kinds whose operators make Pods without a template, and undo changes to them. */
const OPERATOR_KINDS = [
  { group: 'postgresql.cnpg.io', kind: 'Cluster' },
  { group: 'nifi.konpyutaika.com', kind: 'NifiCluster' },
  { group: 'core.strimzi.io', kind: 'StrimziPodSet' },
];

void t.test('each kind of Kubernetes has its template in one place, and Pods of one class', (t) => {
  t.equal(describe('v1', 'Pod'), ' pod');
  t.equal(describe('v1', 'PodTemplate'), 'template pod');
  t.equal(describe('v1', 'ReplicationController'), 'spec.template service');
  t.equal(describe('apps/v1', 'ReplicaSet'), 'spec.template service');
  t.equal(describe('apps/v1', 'Deployment'), 'spec.template service');
  t.equal(describe('apps/v1', 'StatefulSet'), 'spec.template stateful');
  t.equal(describe('apps/v1', 'DaemonSet'), 'spec.template daemon');
  t.equal(describe('batch/v1', 'Job'), 'spec.template batch');
  t.equal(describe('batch/v1', 'CronJob'), 'spec.jobTemplate.spec.template batch');
  t.end();
});

void t.test('kinds of old API versions and groups are known as what they became', (t) => {
  t.equal(describe('extensions/v1beta1', 'Deployment'), 'spec.template service');
  t.equal(describe('extensions/v1beta1', 'ReplicaSet'), 'spec.template service');
  t.equal(describe('extensions/v1beta1', 'DaemonSet'), 'spec.template daemon');
  for (const version of ['apps/v1beta1', 'apps/v1beta2']) {
    t.equal(describe(version, 'Deployment'), 'spec.template service');
    t.equal(describe(version, 'StatefulSet'), 'spec.template stateful');
  }
  for (const version of ['batch/v1beta1', 'batch/v2alpha1']) t.equal(describe(version, 'CronJob'), 'spec.jobTemplate.spec.template batch');
  t.end();
});

void t.test('every built-in kind is found under its own group, and under no other', (t) => {
  for (const { group, kind } of BUILT_IN_KINDS) {
    t.equal(templateKind(group === '' ? 'v1' : `${group}/v1`, kind).kind, kind);
    t.equal(KINDS.templates('example.com/v1', kind)[0], undefined, `${kind} of a stranger`);
  }
  t.equal(KINDS.templates('v1', 'Deployment')[0], undefined);
  t.equal(KINDS.templates('apps/v1', 'Job')[0], undefined);
  t.end();
});

void t.test('objects without a Pod template are none of podgrace’s business', (t) => {
  t.equal(KINDS.templates('v1', 'Service')[0], undefined);
  t.equal(KINDS.templates('v1', 'PodList')[0], undefined);
  t.equal(KINDS.templates('policy/v1', 'PodDisruptionBudget')[0], undefined);
  t.equal(KINDS.templates('', '')[0], undefined);
  for (const { group, kind } of OPERATOR_KINDS)
    t.equal(KINDS.templates(`${group}/v1`, kind)[0], undefined, `${kind} owns Pods without a template`);
  t.end();
});

void t.test('a policy adds kinds with a template of their own', (t) => {
  const kinds = new WorkloadKinds([
    ROLLOUT,
    { group: 'example.com', kind: 'Fleet', podClass: 'stateful', templatePath: ['spec', 'fleet', 'pod'] },
  ]);
  t.equal(KINDS.templates('argoproj.io/v1alpha1', 'Rollout')[0], undefined);
  t.equal(describe('argoproj.io/v1alpha1', 'Rollout', kinds), 'spec.template service');
  t.equal(describe('example.com/v1', 'Fleet', kinds), 'spec.fleet.pod stateful');
  t.equal(describe('apps/v1', 'Deployment', kinds), 'spec.template service', 'beside the built-in ones');
  t.end();
});

void t.test('a kind of a policy counts over the built-in one of the same name', (t) => {
  const kinds = new WorkloadKinds([{ group: 'apps', kind: 'Deployment', podClass: 'operator', templatePath: ['spec', 'template'] }]);
  t.equal(describe('apps/v1', 'Deployment', kinds), 'spec.template operator');
  t.end();
});

void t.test('a kind of a policy that owns Pods without a template is not judged itself, whatever its name', (t) => {
  const kinds = new WorkloadKinds([
    { group: 'example.com', kind: 'Fleet', podClass: 'service', templatePath: [] },
    { group: 'example.com', kind: 'Pod', podClass: 'service', templatePath: [] },
  ]);
  t.equal(kinds.templates('example.com/v1', 'Fleet')[0], undefined);
  t.equal(kinds.templates('example.com/v1', 'Pod')[0], undefined);
  t.equal(classOfPod(ownedBy('example.com/v1', 'Fleet'), 'Always', kinds), 'service');
  t.end();
});

void t.test('a Pod does what its controller is there for', (t) => {
  t.equal(classOfPod({}), 'pod');
  t.equal(classOfPod(ownedBy('apps/v1', 'ReplicaSet')), 'service');
  t.equal(classOfPod(ownedBy('v1', 'ReplicationController')), 'service');
  t.equal(classOfPod(ownedBy('apps/v1', 'StatefulSet')), 'stateful');
  t.equal(classOfPod(ownedBy('apps/v1', 'DaemonSet')), 'daemon');
  t.equal(classOfPod(ownedBy('argoproj.io/v1alpha1', 'Rollout')), 'pod', 'an owner that nobody told podgrace about');
  t.equal(classOfPod(ownedBy('argoproj.io/v1alpha1', 'Rollout'), 'Always', new WorkloadKinds([ROLLOUT])), 'service');
  t.equal(classOfPod(ownedBy('example.com/v1', 'StatefulSet')), 'pod', 'a stranger’s kind of the same name');
  t.end();
});

void t.test('a bare Pod is not batch if one of its main containers may be started again', (t) => {
  const classWith = (container: object, kinds = KINDS): WorkloadClass =>
    kinds.classOfPod(undefined, { restartPolicy: 'Never', containers: [{}, container] }, false);
  const ofOnFailure = new WorkloadKinds([], ['Never', 'OnFailure']);
  const rules = [{ action: 'Restart' }];
  t.equal(classWith({}), 'batch');
  t.equal(classWith({ restartPolicy: 'Never', restartPolicyRules: [] }), 'batch');
  for (const container of [{ restartPolicy: 'OnFailure' }, { restartPolicy: 'Never', restartPolicyRules: rules }]) {
    t.equal(classWith(container), 'pod');
    t.equal(classWith(container, ofOnFailure), 'batch');
  }
  t.equal(classWith({ restartPolicy: 'Always' }), 'pod');
  t.equal(classWith({ restartPolicy: 'Always' }, ofOnFailure), 'pod');
  t.end();
});

void t.test('a Pod of a workload that is not restarted for ever is batch, a bare one where it is never restarted', (t) => {
  for (const restartPolicy of ['Never', 'OnFailure']) {
    const ofBare = restartPolicy === 'Never' ? 'batch' : 'pod';
    t.equal(classOfPod({}, restartPolicy), ofBare);
    t.equal(classOfPod(ownedBy('batch/v1', 'Job'), restartPolicy), 'batch');
    t.equal(classOfPod(ownedBy('example.com/v1', 'Unknown'), restartPolicy), ofBare);
    t.equal(KINDS.classOfTemplate(templateKind('v1', 'PodTemplate'), { restartPolicy }), 'batch');
  }
  t.end();
});

void t.test('a kind of a policy has the class that the policy says, whatever its author writes as the restartPolicy', (t) => {
  const kinds = new WorkloadKinds([ROLLOUT, { group: 'example.com', kind: 'Task', podClass: 'batch', templatePath: ['spec', 'template'] }]);
  const taskTemplate = templateKind('example.com/v1', 'Task', kinds);
  for (const restartPolicy of ['Always', 'OnFailure', 'Never']) {
    t.equal(kinds.classOfTemplate(templateKind('argoproj.io/v1alpha1', 'Rollout', kinds), { restartPolicy }), 'service');
    t.equal(classOfPod(ownedBy('argoproj.io/v1alpha1', 'Rollout'), restartPolicy, kinds), 'service');
    t.equal(kinds.classOfTemplate(taskTemplate, { restartPolicy }), 'batch');
    t.equal(classOfPod(ownedBy('example.com/v1', 'Task'), restartPolicy, kinds), 'batch');
  }
  t.end();
});

void t.test('of a kind whose templates have several classes, the restartPolicy of a Pod says which one it has', (t) => {
  const ofClass = (podClass: WorkloadClass): WorkloadKind => ({
    group: 'example.com',
    kind: 'Cluster',
    podClass,
    templatePath: ['spec', podClass],
  });
  for (const classes of [
    ['stateful', 'batch', 'service'],
    ['batch', 'stateful', 'service'],
  ] as const) {
    const kinds = new WorkloadKinds(classes.map(ofClass));
    t.equal(classOfPod(ownedBy('example.com/v1', 'Cluster'), 'Always', kinds), 'stateful');
    t.equal(classOfPod(ownedBy('example.com/v1', 'Cluster'), 'Never', kinds), 'batch');
    const [first] = kinds.templates('example.com/v1', 'Cluster');
    t.equal(first && kinds.classOfTemplate(first, { restartPolicy: 'Never' }), classes[0]);
  }
  t.end();
});

void t.test('Pods of operators that undo changes are of class operator, also where they end some day', (t) => {
  const added = new WorkloadKinds([{ group: 'example.com', kind: 'Database', podClass: 'operator', templatePath: ['spec', 'template'] }]);
  for (const restartPolicy of ['Always', 'Never']) {
    for (const { group, kind } of OPERATOR_KINDS) t.equal(classOfPod(ownedBy(`${group}/v1`, kind), restartPolicy), 'operator', kind);
    t.equal(classOfPod(ownedBy('example.com/v1', 'Database'), restartPolicy, added), 'operator');
    t.equal(added.classOfTemplate(templateKind('example.com/v1', 'Database', added), { restartPolicy }), 'operator');
  }
  t.end();
});

void t.test('only the owner that is the controller counts', (t) => {
  t.equal(classOfPod(ownedBy('apps/v1', 'StatefulSet', false)), 'pod');
  t.equal(classOfPod(ownedBy('apps/v1', 'StatefulSet', null)), 'pod');
  const daemon: OwnerReference = { apiVersion: 'apps/v1', kind: 'DaemonSet', name: 'agent', controller: true };
  const node: OwnerReference = { apiVersion: 'v1', kind: 'Node', name: 'a' };
  t.equal(controllerOf({ ownerReferences: [node, daemon] }), daemon);
  t.equal(controllerOf({ ownerReferences: null }), undefined);
  t.end();
});

void t.test('the mirror of a static Pod is static, whatever else it is', (t) => {
  const node = controllerOf(ownedBy('v1', 'Node'));
  t.equal(KINDS.classOfPod(node, STAYS_UP, true), 'static');
  t.equal(KINDS.classOfPod(node, { restartPolicy: 'Never' }, true), 'static');
  t.equal(KINDS.classOfPod(node, STAYS_UP, false), 'pod');
  t.equal(isMirrorPod({ annotations: { 'kubernetes.io/config.mirror': 'e8f5' } }), true);
  t.equal(isMirrorPod({ annotations: { 'kubernetes.io/config.mirror': '' } }), true, 'an empty text is there, as the kubelet reads it');
  t.equal(isMirrorPod({ annotations: null }), false);
  t.end();
});

void t.test('everything but batch stays up', (t) => {
  t.same(SERVING_CLASSES, ['service', 'stateful', 'daemon', 'pod', 'operator', 'static']);
  t.end();
});

void t.test('the group of an apiVersion is what stands before the slash', (t) => {
  t.equal(groupOf('v1'), '');
  t.equal(groupOf('apps/v1'), 'apps');
  t.equal(groupOf('batch.volcano.sh/v1alpha1'), 'batch.volcano.sh');
  t.equal(groupOf(''), '');
  t.end();
});

void t.test('a path that leads nowhere leads to no template', (t) => {
  const deployment = templateKind('apps/v1', 'Deployment');
  t.same(
    templatesIn({ spec: { template: { spec: {} } } }, deployment).map(({ template }) => template),
    [{ spec: {} }],
  );
  for (const object of [
    {},
    { spec: null },
    { spec: [] },
    { spec: 'text' },
    { spec: {} },
    { spec: { template: null } },
    { spec: { template: [] } },
  ]) {
    t.same(templatesIn(object, deployment), [], JSON.stringify(object));
  }
  const pod = { spec: { containers: [] } };
  t.equal(templatesIn(pod, templateKind('v1', 'Pod'))[0]?.template, pod, 'a Pod is its own template');
  t.end();
});

void t.test('a path goes through every element of a list, and every entry of a map', (t) => {
  const placesIn = (object: object, text: string): string[] =>
    templatesIn(object as JsonObject, { templatePath: new PathPattern(text).steps }).map(
      ({ root, template }) => `${root.text} ${JSON.stringify(template)}`,
    );
  const groups = { spec: { groups: [{ name: 'a', template: { n: 1 } }, { template: null }, 'text', { template: { n: 2 } }] } };
  t.same(placesIn(groups, 'spec.groups[*].template'), ['spec.groups[0].template {"n":1}', 'spec.groups[3].template {"n":2}']);
  const roles = { spec: { roles: { Master: { template: { n: 1 } }, Worker: { template: { n: 2 } } } } };
  t.same(placesIn(roles, 'spec.roles[*].template'), ['spec.roles.Master.template {"n":1}', 'spec.roles.Worker.template {"n":2}']);
  t.same(placesIn({ spec: { groups: 'text' } }, 'spec.groups[*].template'), []);
  t.end();
});

void t.test('a kind that is named several times has several templates', (t) => {
  const named = (path: string): WorkloadKind => ({
    group: 'ray.io',
    kind: 'RayCluster',
    podClass: 'batch',
    templatePath: new PathPattern(path).steps,
  });
  const kinds = new WorkloadKinds([named('spec.head.template'), named('spec.workers[*].template')]);
  t.equal(kinds.templates('ray.io/v1', 'RayCluster').length, 2);
  t.equal(
    new WorkloadKinds([{ ...ROLLOUT, group: 'apps', kind: 'Deployment' }]).templates('apps/v1', 'Deployment').length,
    1,
    'a built-in kind is replaced',
  );
  t.end();
});

void t.test('a Pod that is restarted for ever is not batch, whatever Job it names as its owner', (t) => {
  const owner = { apiVersion: 'batch/v1', kind: 'Job', name: 'forged', controller: true };
  t.equal(new WorkloadKinds().classOfPod(owner, { restartPolicy: 'Always' }, false), 'pod');
  t.equal(new WorkloadKinds().classOfPod(owner, { restartPolicy: 'Never' }, false), 'batch');
  t.end();
});
