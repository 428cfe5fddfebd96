import t from 'tap';
import { askMutate, askValidate } from './ask.ts';
import { forbidLatest, policyOf, requireGrace } from './made-up-rules.ts';
import { LATEST, latestPod, podOf, reviewOf, workloadOf, type ReviewParts } from './reviews.ts';

const policy = policyOf([forbidLatest(), requireGrace()]);

void t.test('a Pod that keeps every rule is allowed without a word', (t) => {
  const { answer, findings } = askValidate(reviewOf(podOf({ spec: { terminationGracePeriodSeconds: 60 } })), policy);
  t.same(findings, []);
  t.same(answer, { ...answer, allowed: true, warnings: [], auditAnnotations: {} });
  t.end();
});

void t.test('a Pod that breaks an enforced rule is denied', (t) => {
  const { answer, findings } = askValidate(reviewOf(latestPod({ spec: { terminationGracePeriodSeconds: 60 } })), policy);
  t.equal(answer.allowed, false);
  t.same(findings, ['no-latest enforce spec.containers[0].image']);
  t.end();
});

void t.test('a Pod that is created is repaired', (t) => {
  const { answer, decision } = askMutate(reviewOf(podOf()), policy);
  t.same(answer.patch, [{ op: 'replace', path: '/spec/terminationGracePeriodSeconds', value: 60 }]);
  t.same(decision.rules, ['minute-of-grace']);
  t.end();
});

void t.test('the repaired Pod is a fixed point: asked again, nothing is changed', (t) => {
  const repaired = askMutate(reviewOf(podOf()), policy).answer.object;
  t.same(askMutate(reviewOf(repaired), policy).answer.patch, []);
  t.equal(askValidate(reviewOf(repaired), policy).answer.allowed, true);
  t.end();
});

const WORKLOADS = [
  ['apps/v1', 'Deployment', 'spec.template.'],
  ['apps/v1', 'ReplicaSet', 'spec.template.'],
  ['apps/v1', 'StatefulSet', 'spec.template.'],
  ['apps/v1', 'DaemonSet', 'spec.template.'],
  ['v1', 'ReplicationController', 'spec.template.'],
  ['batch/v1', 'Job', 'spec.template.'],
  ['batch/v1', 'CronJob', 'spec.jobTemplate.spec.template.'],
  ['v1', 'PodTemplate', 'template.'],
] as const;

for (const [apiVersion, kind, prefix] of WORKLOADS) {
  void t.test(`a ${kind} is judged by the Pods that come out of it, with paths of its own`, (t) => {
    const { answer } = askValidate(reviewOf(workloadOf(apiVersion, kind, latestPod())), policy);
    t.equal(answer.allowed, false);
    t.same(
      answer.status?.details.causes.map(({ field }) => field),
      [`${prefix}spec.containers[0].image`],
      'the grace period is repaired in its Pods, and so is no reason',
    );
    t.end();
  });

  void t.test(`a ${kind} is never changed itself`, (t) => {
    const { answer, decision } = askMutate(reviewOf(workloadOf(apiVersion, kind, podOf())), policy);
    t.same(answer.patch, []);
    t.equal(decision.skipped, 'no-template');
    t.end();
  });
}

void t.test('a kind that a policy names is judged where that says its template stands', (t) => {
  const rollouts = policyOf([forbidLatest()], {
    workloadKinds: [{ group: 'argoproj.io', kind: 'Rollout', class: 'service', templatePath: 'spec.template' }],
  });
  const rollout = reviewOf(workloadOf('argoproj.io/v1alpha1', 'Rollout', latestPod()));
  t.equal(askValidate(rollout, rollouts).answer.allowed, false);
  t.equal(askValidate(rollout, policy).decision.skipped, 'no-template');
  t.end();
});

for (const [apiVersion, kind] of [
  ['v1', 'ConfigMap'],
  ['v1', 'Namespace'],
  ['networking.k8s.io/v1', 'Ingress'],
  ['apps/v1', 'Pod'],
  ['v1', 'Deployment'],
  ['v1', 'pod'],
  ['v1', 'constructor'],
  ['v1', '__proto__'],
] as const) {
  void t.test(`${apiVersion} ${kind} holds no Pod template and is let through`, (t) => {
    const review = reviewOf({ ...latestPod(), apiVersion, kind });
    t.equal(askValidate(review, policy).decision.skipped, 'no-template');
    t.equal(askValidate(review, policy).answer.allowed, true);
    t.equal(askMutate(review, policy).decision.skipped, 'no-template');
    t.end();
  });
}

void t.test('an object that does not repeat its kind has the kind of the request', (t) => {
  const { apiVersion: _, kind: __, ...bare } = latestPod() as ReturnType<typeof latestPod> & Record<'apiVersion' | 'kind', string>;
  const { answer } = askValidate(reviewOf(bare, { kind: { group: '', version: 'v1', kind: 'Pod' } }), policy);
  t.equal(answer.allowed, false);
  t.end();
});

for (const subResource of ['status', 'scale', 'eviction', 'binding', 'exec', 'attach', 'portforward', 'log', 'proxy', 'token']) {
  void t.test(`pods/${subResource} is let through`, (t) => {
    for (const operation of ['CREATE', 'UPDATE', 'CONNECT']) {
      const review = reviewOf(latestPod(), { subResource, operation });
      t.ok(askValidate(review, policy).decision.skipped);
      t.ok(askMutate(review, policy).decision.skipped);
    }
    t.equal(askValidate(reviewOf(latestPod(), { subResource, operation: 'UPDATE' }), policy).decision.skipped, 'subresource');
    t.end();
  });
}

void t.test('an Eviction and a Scale, which carry no Pod, are let through', (t) => {
  const eviction = { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'web' } };
  t.equal(askValidate(reviewOf(eviction, { subResource: 'eviction' }), policy).decision.skipped, 'subresource');
  const scale = { apiVersion: 'autoscaling/v1', kind: 'Scale', spec: { replicas: 3 } };
  t.equal(askValidate(reviewOf(scale, { subResource: 'scale', operation: 'UPDATE' }), policy).decision.skipped, 'subresource');
  t.end();
});

void t.test('pods/ephemeralcontainers is judged: a debug container of a forbidden image is denied', (t) => {
  const oldObject = podOf();
  const debugged = podOf({ spec: { ephemeralContainers: [{ name: 'debug', ...LATEST }] } });
  const review = reviewOf(debugged, { operation: 'UPDATE', subResource: 'ephemeralcontainers', oldObject });
  const { answer, findings } = askValidate(review, policy);
  t.equal(answer.allowed, false);
  t.same(findings, [
    'minute-of-grace warn spec.terminationGracePeriodSeconds not-worse',
    'no-latest enforce spec.ephemeralContainers[0].image',
  ]);
  t.equal(askMutate(review, policy).decision.skipped, 'operation');
  t.end();
});

void t.test('a mutation is for the creation of Pods alone: not for UPDATE, DELETE, CONNECT, nor for subresources', (t) => {
  const cases: [object | null, ReviewParts][] = [
    [podOf(), { operation: 'UPDATE', oldObject: latestPod() }],
    [null, { operation: 'DELETE', oldObject: podOf() }],
    [podOf(), { operation: 'CONNECT' }],
    [podOf(), { operation: 'UPDATE', subResource: 'resize', oldObject: podOf() }],
  ];
  for (const [object, parts] of cases) {
    const { answer, decision } = askMutate(reviewOf(object, parts), policy);
    t.same(answer.patch, []);
    t.equal(decision.skipped, 'operation');
  }
  t.end();
});

for (const operation of ['DELETE', 'CONNECT']) {
  void t.test(`${operation} is never held up`, (t) => {
    const { answer, decision } = askValidate(reviewOf(null, { operation, oldObject: latestPod() }), policy);
    t.equal(answer.allowed, true);
    t.equal(decision.skipped, 'operation');
    t.end();
  });
}

for (const namespace of ['kube-system', 'kube-node-lease', 'podgrace-system']) {
  void t.test(`the namespace ${namespace} is left alone unless a policy says otherwise`, (t) => {
    const review = reviewOf(latestPod(), { namespace });
    t.equal(askValidate(review, policy).decision.skipped, 'excluded-namespace');
    t.equal(askMutate(review, policy).decision.skipped, 'excluded-namespace');
    const everywhere = policyOf([forbidLatest()], { excludedNamespaces: [] });
    t.equal(askValidate(review, everywhere).answer.allowed, false);
    t.end();
  });
}

void t.test('excluded namespaces are names, with * for any run of characters', (t) => {
  const excluding = policyOf([forbidLatest()], { excludedNamespaces: ['ci-*', 'old'] });
  const skipped = (namespace: string): string | undefined => askValidate(reviewOf(latestPod(), { namespace }), excluding).decision.skipped;
  t.equal(skipped('ci-42'), 'excluded-namespace');
  t.equal(skipped('old'), 'excluded-namespace');
  t.equal(skipped('old-web'), undefined);
  t.equal(skipped('my-ci-42'), undefined);
  t.equal(skipped('kube-system'), undefined, 'the list replaces the default');
  t.end();
});

void t.test('the namespace is that of the request, whatever the object says', (t) => {
  const pod = latestPod({ metadata: { namespace: 'kube-system' } });
  t.equal(askValidate(reviewOf(pod, { namespace: 'shop' }), policy).answer.allowed, false);
  t.end();
});

void t.test('dry run changes nothing about an answer', (t) => {
  for (const object of [podOf(), latestPod(), workloadOf('apps/v1', 'Deployment', latestPod())]) {
    for (const ask of [askValidate, askMutate]) {
      const [dry, real] = [true, false].map((dryRun) => ask(reviewOf(object, { dryRun }), policy).answer);
      t.same(dry, real);
    }
  }
  t.end();
});

void t.test('a kind without a Pod template is never denied, whatever the review lacks', (t) => {
  const kind = { group: '', version: 'v1', kind: 'ConfigMap' };
  const policy = policyOf([forbidLatest()]);
  for (const object of [null, 7, [], {}, { kind: 'ConfigMap' }, latestPod()]) {
    for (const operation of ['CREATE', 'UPDATE']) {
      const { decision, answer } = askValidate(reviewOf(object, { kind, operation }), policy);
      t.same([answer.allowed, decision.skipped], [true, 'no-template'], `${operation} ${JSON.stringify(object)}`);
    }
  }
  t.end();
});
