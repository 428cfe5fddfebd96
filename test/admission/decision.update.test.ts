import t from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import { Catalogue } from '../../src/core/catalogue.ts';
import { Policy, POLICY_API_VERSION, POLICY_KIND } from '../../src/core/policy.ts';
import rolloutStrategy from '../../src/rules/rollout-strategy.ts';
import { askValidate, type Validation } from './ask.ts';
import { demandGrace, forbidLatest, policyOf, requireGrace, throwing } from './made-up-rules.ts';
import { containerOf, LATEST, latestPod, podOf, reviewOf, workloadOf } from './reviews.ts';

const policy = policyOf([forbidLatest(), demandGrace()]);
const SLOW = { terminationGracePeriodSeconds: 60 };

function update(oldObject: object, object: object, subResource?: string): Validation {
  return askValidate(reviewOf(object, { operation: 'UPDATE', oldObject, ...(subResource !== undefined && { subResource }) }), policy);
}

const deployment = (spec: object, metadata: object = {}): object => workloadOf('apps/v1', 'Deployment', podOf({ spec, metadata }));

void t.test('an update that leaves the Pod template as it was is allowed silently, whatever is wrong with it', (t) => {
  const old = workloadOf('apps/v1', 'Deployment', latestPod());
  const changes: readonly object[] = [
    { ...old, metadata: { name: 'web', namespace: 'shop', labels: { team: 'a' }, annotations: { note: 'b' } } },
    { ...old, metadata: { name: 'web', namespace: 'shop', finalizers: [] } },
    {
      ...old,
      metadata: { name: 'web', namespace: 'shop', ownerReferences: [{ apiVersion: 'v1', kind: 'A', name: 'b', controller: true }] },
    },
    { ...old, status: { readyReplicas: 1 } },
    { ...old, spec: { ...(old as { spec: object }).spec, replicas: 7, paused: true } },
    deployment(latestPod().spec, { annotations: { 'kubectl.kubernetes.io/restartedAt': '2027-01-01T00:00:00Z' } }),
  ];
  for (const object of changes) {
    const { decision, answer, findings } = update(old, object);
    t.equal(decision.skipped, 'unchanged');
    t.same(findings, []);
    t.same([answer.allowed, answer.warnings, answer.auditAnnotations], [true, [], {}]);
  }
  t.end();
});

void t.test('a label, annotation, finalizer or status of a running Pod can always be changed', (t) => {
  const old = latestPod();
  for (const object of [
    latestPod({ metadata: { labels: { 'pod-template-hash': 'x' } } }),
    latestPod({ metadata: { annotations: { a: 'b' }, finalizers: ['x/y'] } }),
    { ...latestPod(), status: { phase: 'Running' } },
    latestPod({ metadata: { deletionTimestamp: '2027-01-01T00:00:00Z' } }),
  ]) {
    t.equal(update(old, object).decision.skipped, 'unchanged');
  }
  t.end();
});

void t.test('keys in another order are no change', (t) => {
  const reversed = Object.fromEntries(Object.entries(latestPod().spec).reverse());
  t.equal(update(latestPod(), podOf({ spec: reversed })).decision.skipped, 'unchanged');
  t.end();
});

void t.test('an update that brings a violation is denied', (t) => {
  const { answer, findings } = update(podOf({ spec: SLOW }), latestPod({ spec: SLOW }));
  t.equal(answer.allowed, false);
  t.same(findings, ['no-latest enforce spec.containers[0].image']);
  t.end();
});

void t.test('what was there before is a warning, and says that it is not worse', (t) => {
  const { answer, findings } = update(
    deployment(latestPod({ spec: SLOW }).spec),
    deployment({ ...latestPod({ spec: SLOW }).spec, hostNetwork: true }),
  );
  t.equal(answer.allowed, true);
  t.same(findings, ['no-latest warn spec.template.spec.containers[0].image not-worse']);
  t.equal(answer.warnings.length, 1);
  t.equal(answer.auditAnnotations['warn'], 'no-latest spec.template.spec.containers[0].image (not-worse)');
  t.end();
});

void t.test('an update that mends one of two violations is allowed', (t) => {
  const { answer, findings } = update(latestPod(), podOf());
  t.equal(answer.allowed, true);
  t.same(findings, ['grace-demanded warn spec.terminationGracePeriodSeconds not-worse']);
  t.end();
});

void t.test('an update that brings one violation among old ones is denied for that one alone', (t) => {
  const { answer } = update(podOf(), latestPod());
  t.equal(answer.allowed, false);
  t.same(
    answer.status?.details.causes.map(({ reason }) => reason),
    ['no-latest'],
  );
  t.equal(answer.warnings.length, 1);
  t.end();
});

void t.test('a gap that grows is denied; one that shrinks or stays is not', (t) => {
  const grace = (seconds: number): object => deployment({ terminationGracePeriodSeconds: seconds, hostNetwork: seconds > 0 });
  t.equal(update(grace(30), grace(20)).answer.allowed, false, 'grown');
  t.equal(update(grace(30), grace(40)).answer.allowed, true, 'shrunk');
  t.equal(update(deployment({}), deployment({ hostPID: true })).answer.allowed, true, 'stayed');
  t.end();
});

void t.test('containers keep their names while their places change', (t) => {
  const two = (...names: string[]): object =>
    deployment({ ...SLOW, containers: names.map((name) => containerOf({ name, ...(name === 'old' && LATEST) })) });
  t.equal(update(two('old', 'web'), two('web', 'old')).answer.allowed, true, 'moved');
  t.equal(update(two('old', 'web'), two('web', 'new', 'old')).answer.allowed, true, 'another one before it');
  const renamed = deployment({ ...SLOW, containers: [containerOf({ name: 'new', ...LATEST })] });
  t.equal(update(two('old'), renamed).answer.allowed, false, 'a violation under another name is a new one');
  t.end();
});

void t.test('the same violation in an init container and in a main container are two', (t) => {
  const old = deployment({ ...SLOW, containers: [containerOf()], initContainers: [containerOf({ name: 'init', ...LATEST })] });
  const object = deployment({ ...SLOW, containers: [containerOf(LATEST)], initContainers: [containerOf({ name: 'init', ...LATEST })] });
  t.equal(update(old, object).answer.allowed, false);
  t.end();
});

void t.test('an update of what was no workload of this kind before is judged as new', (t) => {
  for (const oldObject of [null, { apiVersion: 'v1', kind: 'ConfigMap' }, 'nonsense']) {
    const review = reviewOf(latestPod(), { operation: 'UPDATE', oldObject });
    t.equal(askValidate(review, policy).answer.allowed, false);
  }
  t.end();
});

void t.test('pods/resize is judged like an update: regressions denied, what was there before a warning', (t) => {
  const resized = (spec: object): object =>
    podOf({ spec: { ...spec, containers: [containerOf({ ...LATEST, resources: { limits: { cpu: '1' } } })] } });
  t.equal(update(latestPod({ spec: SLOW }), resized(SLOW), 'resize').answer.allowed, true);
  t.same(update(latestPod({ spec: SLOW }), resized(SLOW), 'resize').findings, ['no-latest warn spec.containers[0].image not-worse']);
  t.equal(update(podOf({ spec: SLOW }), resized(SLOW), 'resize').answer.allowed, false);
  t.end();
});

void t.test('a template is compared as its Pods come out: what is repaired in them is no regression', (t) => {
  const repairing = policyOf([requireGrace()]);
  const review = reviewOf(deployment({ terminationGracePeriodSeconds: 5 }), { operation: 'UPDATE', oldObject: deployment(SLOW) });
  t.same(askValidate(review, repairing).findings, []);
  t.end();
});

void t.test('a rule that fails on the object before and after is no regression', (t) => {
  const review = reviewOf(podOf({ spec: SLOW }), { operation: 'UPDATE', oldObject: podOf() });
  const { answer, findings } = askValidate(review, policyOf([throwing()]));
  t.equal(answer.allowed, true);
  t.same(findings, ['throws warn spec not-worse']);
  t.end();
});

void t.test('an object that could not be read before either can be updated', (t) => {
  const odd = (image: string): object => podOf({ spec: { tolerations: 'all', containers: [containerOf({ image })] } });
  const { answer, findings } = update(odd('a:1'), odd('a:2'));
  t.equal(answer.allowed, true);
  t.same(findings, ['well-formed warn spec.tolerations not-worse', 'grace-demanded warn spec.terminationGracePeriodSeconds not-worse']);
  t.equal(update(podOf(), odd('a:2')).answer.allowed, false, 'one that could be read before cannot be made unreadable');
  t.end();
});

void t.test('metadata of an object that cannot be read can be changed', (t) => {
  const odd = (labels: object): object => podOf({ metadata: { labels }, spec: { tolerations: 'all' } });
  t.equal(update(odd({}), odd({ a: 'b' })).answer.allowed, true);
  t.end();
});

const rolloutPolicy = new Policy(
  {
    apiVersion: POLICY_API_VERSION,
    kind: POLICY_KIND,
    metadata: { name: 'test' },
    spec: { preset: 'strict', rules: { 'rollout-strategy': { mode: 'enforce' } } },
  },
  new Catalogue([rolloutStrategy]),
);

function rollout(strategy: object, replicas: number, image = 'web:1'): object {
  const object = deployment({ ...latestPod().spec, containers: [containerOf({ image })] }) as { readonly spec: object };
  return { ...object, spec: { ...object.spec, replicas, strategy } };
}

function updateRollout(oldObject: object, object: object): Validation {
  return askValidate(reviewOf(object, { operation: 'UPDATE', oldObject }), rolloutPolicy);
}

const RECREATE = { type: 'Recreate' };
const ROLLING = { type: 'RollingUpdate' };

function exempting(exemption: object): Policy {
  const exemptions = [{ rule: 'no-latest', reason: 'moves', expires: '2027-06-01', ...exemption }];
  return policyOf([forbidLatest()], { exemptions });
}

void t.test('what is exempt excuses no update that leaves the exemption', (t) => {
  const running = (name: string, image: string): object =>
    deployment({ containers: [containerOf({ name, image: `registry.example/${image}` })], restartPolicy: 'Always' });
  const changed = (policy: Policy, oldObject: object, object: object): boolean =>
    askValidate(reviewOf(object, { operation: 'UPDATE', oldObject }), policy).answer.allowed;
  const ofImage = exempting({ image: 'registry.example/old:*' });
  t.equal(changed(ofImage, running('app', 'old:latest'), running('app', 'new:latest')), false, 'another image');
  t.equal(changed(ofImage, running('app', 'old:latest'), running('app', 'new:2')), true, 'one that is right');
  t.equal(changed(ofImage, running('app', 'new:latest'), running('app', 'new2:latest')), true, 'what was never exempt');
  const expired = exempting({ image: 'registry.example/old:*', expires: '2027-01-10' });
  t.equal(changed(expired, running('app', 'old:latest'), running('app', 'new:latest')), true, 'of an exemption that has ended');
  t.end();
});

void t.test('what a milder mode let an object be excuses no update that leaves the mode', (t) => {
  const policy = policyOf([forbidLatest()], {
    overrides: [{ workloadClasses: ['batch'], rules: { 'no-latest': { mode: 'warn' } } }],
  });
  const template = (restartPolicy: string): object => workloadOf('v1', 'PodTemplate', latestPod({ spec: { restartPolicy } }));
  const review = reviewOf(template('Always'), { operation: 'UPDATE', oldObject: template('Never') });
  t.equal(askValidate(review, policy).answer.allowed, false);
  t.end();
});

void t.test('of two containers that both run something else, what was wrong with one excuses one', (t) => {
  const both = (a: string, b: string): object => {
    const [first, second] = [
      containerOf({ name: 'a', image: `registry.example/${a}` }),
      containerOf({ name: 'b', image: `registry.example/${b}` }),
    ];
    return deployment({ containers: [first, second], terminationGracePeriodSeconds: 60, restartPolicy: 'Always' });
  };
  t.equal(update(both('x:latest', 'y:1'), both('z:latest', 'x:latest')).answer.allowed, false);
  t.equal(update(both('x:latest', 'y:1'), both('y:1', 'x:latest')).answer.allowed, true);
  t.end();
});

void t.test('templates of one object are known by their names when they move', (t) => {
  const policy = policyOf([forbidLatest()], {
    workloadKinds: [{ group: 'ray.io', kind: 'RayCluster', class: 'service', templatePath: 'spec.groups[*].template' }],
  });
  type Group = readonly [name: string, main: string, side: string];
  const cluster = (...groups: readonly Group[]): object => ({
    apiVersion: 'ray.io/v1',
    kind: 'RayCluster',
    metadata: { name: 'ray', namespace: 'shop' },
    spec: {
      groups: groups.map(([groupName, main, side]) => ({
        groupName,
        template: { spec: { containers: [containerOf({ name: 'main', image: main }), containerOf({ name: 'side', image: side })] } },
      })),
    },
  });
  const ask = (oldObject: object, object: object): readonly string[] =>
    askValidate(reviewOf(object, { operation: 'UPDATE', oldObject }), policy).findings;
  const before = cluster(['a', 'x:latest', 'y:1'], ['b', 'y:1', 'x:1']);
  t.same(ask(before, cluster(['b', 'y:1', 'x:1'], ['a', 'x:latest', 'y:1'])), [
    'no-latest warn spec.groups[1].template.spec.containers[0].image not-worse',
  ]);
  t.same(ask(before, cluster(['b', 'y:1', 'x:latest'], ['a', 'x:1', 'y:1'])), [
    'no-latest enforce spec.groups[0].template.spec.containers[1].image',
  ]);
  t.same(
    ask(cluster(['a', 'x:latest', 'y:1']), cluster(['a', 'x:latest', 'y:1'], ['a', 'z:latest', 'y:1'])),
    [
      'no-latest warn spec.groups[0].template.spec.containers[0].image not-worse',
      'no-latest enforce spec.groups[1].template.spec.containers[0].image',
    ],
    'a second one of the same name is new',
  );
  t.end();
});

void t.test('an update that changes the strategy alone is judged, and the finding stands in the workload', (t) => {
  const { answer, findings } = updateRollout(rollout(ROLLING, 3), rollout(RECREATE, 3));
  t.equal(answer.allowed, false);
  t.same(findings, ['rollout-strategy enforce spec.strategy.type']);
  t.end();
});

void t.test('a strategy that was there before holds no new image up', (t) => {
  const { answer, findings } = updateRollout(rollout(RECREATE, 3), rollout(RECREATE, 3, 'web:2'));
  t.equal(answer.allowed, true);
  t.same(findings, ['rollout-strategy warn spec.strategy.type not-worse']);
  t.end();
});

void t.test('a change of replicas alone is judged where a rule reads their number, by what it makes worse', (t) => {
  const { answer, findings } = updateRollout(rollout(RECREATE, 1), rollout(RECREATE, 3));
  t.equal(answer.allowed, false);
  t.same(findings, ['rollout-strategy enforce spec.strategy.type']);
  t.equal(updateRollout(rollout(RECREATE, 3), rollout(RECREATE, 7)).answer.allowed, true, 'no worse than before');
  t.equal(updateRollout(rollout(RECREATE, 3), rollout(RECREATE, 1)).answer.allowed, true, 'better');
  t.end();
});

void t.test('the labels of the template count where a rule asks which Services select them', (t) => {
  const labelled = (labels: object): object => workloadOf('apps/v1', 'Deployment', podOf({ metadata: { labels } }));
  t.equal(updateRollout(labelled({ app: 'a' }), labelled({ app: 'b' })).decision.skipped, undefined);
  t.equal(update(labelled({ app: 'a' }), labelled({ app: 'b' })).decision.skipped, 'unchanged');
  t.end();
});

const SHUTDOWN = new Policy(
  { apiVersion: POLICY_API_VERSION, kind: POLICY_KIND, metadata: { name: 'test' }, spec: { preset: 'production' } },
  catalogue,
);

void t.test('an annotation that a rule reads is judged on update as on create, in a template and in a Pod', (t) => {
  type Pod = ReturnType<typeof podOf>;
  const drain = (seconds?: string): Pod =>
    podOf({ metadata: { annotations: seconds === undefined ? {} : { 'podgrace.dev/drain-seconds': seconds } } });
  for (const wrap of [(pod: Pod): object => pod, (pod: Pod): object => workloadOf('apps/v1', 'Deployment', pod)]) {
    const change = (oldObject: Pod, object: Pod): Validation =>
      askValidate(reviewOf(wrap(object), { operation: 'UPDATE', oldObject: wrap(oldObject) }), SHUTDOWN);
    const created = askValidate(reviewOf(wrap(drain('9000'))), SHUTDOWN);
    t.equal(created.answer.allowed, false);
    t.equal(change(drain(), drain('9000')).answer.allowed, false);
    t.equal(change(drain('9000'), drain()).answer.allowed, true);
    t.equal(change(drain('5'), drain('5')).decision.skipped, 'unchanged');
    t.equal(change(podOf(), podOf({ metadata: { annotations: { note: 'a' } } })).decision.skipped, 'unchanged');
  }
  t.end();
});

void t.test('nothing is judged for a rule that the policy has switched off', (t) => {
  const { document } = SHUTDOWN.source;
  const policy = new Policy(
    {
      ...document,
      spec: { preset: 'production', rules: { 'shutdown-budget': { mode: 'off' }, 'termination-grace-period': { mode: 'off' } } },
    },
    catalogue,
  );
  const drain = podOf({ metadata: { annotations: { 'podgrace.dev/drain-seconds': '9000' } } });
  t.equal(askValidate(reviewOf(drain, { operation: 'UPDATE', oldObject: podOf() }), policy).decision.skipped, 'unchanged');
  t.end();
});

void t.test('what the author makes better is not denied because a repair of its Pods was better still', (t) => {
  const strict = new Policy(
    { apiVersion: POLICY_API_VERSION, kind: POLICY_KIND, metadata: { name: 'test' }, spec: { preset: 'strict' } },
    catalogue,
  );
  const spec = (container: object, emptyDir: object): object => ({
    volumes: [{ name: 'data', emptyDir }],
    containers: [
      containerOf({
        ports: [{ containerPort: 8080 }],
        readinessProbe: { tcpSocket: { port: 8080 } },
        volumeMounts: [{ name: 'data', mountPath: '/data' }],
        ...container,
      }),
    ],
  });
  const preStop = (seconds: number): object => ({ lifecycle: { preStop: { sleep: { seconds } } } });
  const denied = (before: object, after: object, rule: string): boolean => {
    const { findings } = askValidate(reviewOf(deployment(after), { operation: 'UPDATE', oldObject: deployment(before) }), strict);
    return findings.some((finding) => finding.startsWith(`${rule} enforce`));
  };
  t.equal(denied(spec({}, {}), spec(preStop(3), {}), 'pre-stop-delay'), false, 'a hook of 3 s where there was none');
  t.equal(denied(spec({}, {}), spec({}, { sizeLimit: '200Gi' }), 'empty-dir-size-limit'), false, '200Gi where there was no limit');
  t.equal(denied(spec(preStop(10), {}), spec(preStop(3), {}), 'pre-stop-delay'), true, 'a shorter hook');
  t.equal(denied(spec({}, { sizeLimit: '10Gi' }), spec({}, { sizeLimit: '200Gi' }), 'empty-dir-size-limit'), true, 'a larger limit');
  t.end();
});

void t.test('an update by which Pods lose their repair is denied, where the author made nothing better', (t) => {
  const strict = new Policy(
    { apiVersion: POLICY_API_VERSION, kind: POLICY_KIND, metadata: { name: 'test' }, spec: { preset: 'strict' } },
    catalogue,
  );
  const before = { containers: [containerOf({})] };
  // No repair adds a limit beside resources of the Pod.
  const after = { ...before, resources: { requests: { cpu: '0' } } };
  const { findings } = askValidate(reviewOf(deployment(after), { operation: 'UPDATE', oldObject: deployment(before) }), strict);
  t.match(findings, [/^memory-limit enforce/]);
  t.end();
});
