import t from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import { FieldPath } from '../../src/core/path.ts';
import type { Policy } from '../../src/core/policy.ts';
import type { Rule } from '../../src/core/rule.ts';
import { askMutate, askValidate, type Validation } from './ask.ts';
import { demandGrace, forbidLatest, policyOf, requireGrace, ruleOf, throwing } from './made-up-rules.ts';
import { containerOf, latestPod, podOf, reviewOf, workloadOf } from './reviews.ts';

const production = presetPolicy('production');

function validate(object: unknown, policy: Policy): Validation {
  return askValidate(reviewOf(object), policy);
}

void t.test('a rule that throws is one finding with its id, and the others still run', (t) => {
  const policy = policyOf([demandGrace(), throwing('no such thing'), forbidLatest()]);
  const { answer, findings, decision } = validate(latestPod(), policy);
  t.same(findings, [
    'grace-demanded enforce spec.terminationGracePeriodSeconds',
    'no-latest enforce spec.containers[0].image',
    'throws enforce spec',
  ]);
  t.equal(decision.findings[2]?.messageId, 'errored');
  t.same(answer.status?.details.causes[2], { reason: 'throws', message: 'could not be judged: no such thing', field: 'spec' });
  t.end();
});

void t.test('in a workload the finding of a rule that throws names the template', (t) => {
  t.same(validate(workloadOf('apps/v1', 'Deployment', podOf()), policyOf([throwing()])).findings, ['throws enforce spec.template.spec']);
  t.end();
});

void t.test('a rule that throws something that is no Error is told of, too', (t) => {
  const policy = policyOf([
    ruleOf('odd', {
      validate: () => {
        // eslint-disable-next-line @typescript-eslint/only-throw-error -- whatever a rule does must not end the server
        throw 'a string';
      },
    }),
  ]);
  t.match(validate(podOf(), policy).decision.findings[0]?.message, 'could not be judged: a string');
  t.end();
});

for (const [errored, allowed, warnings] of [
  ['enforce', false, 0],
  ['warn', true, 1],
  ['audit', true, 0],
] as const) {
  void t.test(
    `with \`errored: ${errored}\` what cannot be judged is ${allowed ? 'allowed' : 'denied'}${warnings > 0 ? ' with a warning' : ''}`,
    (t) => {
      for (const [object, rules] of [
        [podOf(), [throwing()]],
        [podOf({ spec: { tolerations: 'all' } }), []],
      ] as [object, Rule[]][]) {
        const { answer, findings } = validate(object, policyOf(rules, { errored }));
        t.equal(answer.allowed, allowed);
        t.equal(answer.warnings.length, warnings);
        t.match(findings[0], ` ${errored} `);
        t.ok(answer.auditAnnotations[errored]);
      }
      t.end();
    },
  );
}

void t.test('what cannot be judged is denied by default, and a warning in the preset baseline', (t) => {
  t.equal(validate(podOf(), policyOf([throwing()])).answer.allowed, false);
  t.equal(validate(podOf(), policyOf([throwing()], { preset: 'strict' })).answer.allowed, false);
  t.equal(validate(podOf(), policyOf([throwing()], { preset: 'baseline' })).answer.allowed, true);
  t.end();
});

void t.test('a repair that throws leaves no mark, is told of, and the others are made', (t) => {
  const halfWay = ruleOf('half-way', {
    validate: () => [{ message: 'broken', path: FieldPath.of('spec'), data: { what: 'it' }, rank: [0] }],
    mutate: ({ spec }) => {
      spec.hostNetwork = true;
      throw new Error('fell over');
    },
  });
  const { answer, decision, findings } = askMutate(reviewOf(podOf()), policyOf([halfWay, requireGrace()]));
  t.same(answer.patch, [{ op: 'replace', path: '/spec/terminationGracePeriodSeconds', value: 60 }]);
  t.same(decision.rules, ['minute-of-grace']);
  t.same(findings, ['half-way enforce spec']);
  t.equal(answer.allowed, true, 'a mutation call is never refused');
  t.equal(answer.auditAnnotations['enforce'], 'half-way spec');
  t.end();
});

void t.test('a repair that would lower the QoS class is not made, and told of', (t) => {
  const resources = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } };
  const lowering = ruleOf('lowers', {
    validate: ({ spec }) =>
      spec.containers[0]?.resources == null ? [] : [{ message: 'broken', path: FieldPath.of('spec'), data: { what: 'it' }, rank: [0] }],
    mutate: ({ spec }) => {
      for (const container of spec.containers) container.resources = null;
    },
  });
  const pod = podOf({ spec: { containers: [containerOf({ resources })] } });
  const { answer, decision } = askMutate(reviewOf(pod), policyOf([lowering]));
  t.same(answer.patch, []);
  t.match(decision.findings[0]?.message, 'would lower the QoS class from Guaranteed to BestEffort');
  t.end();
});

void t.test('when the time is up, the rules that were not asked yet say so', (t) => {
  let asked = 0;
  const counting = (id: string): Rule => ruleOf(id, { validate: () => ((asked += 1), []) });
  const policy = policyOf([counting('a'), counting('b'), counting('c')]);
  const { answer, findings, decision } = askValidate(reviewOf(podOf()), policy, { outOfTime: () => asked >= 1 });
  t.equal(asked, 1);
  t.same(findings, ['b enforce spec', 'c enforce spec']);
  t.match(decision.findings[0]?.message, 'the deadline of the request has passed');
  t.equal(answer.allowed, false);
  t.end();
});

void t.test('a rule without time left denies where it enforces, whatever becomes of what fails', (t) => {
  const quiet = (id: string): Rule => ruleOf(id, { validate: () => [] }, id === 'enforces' ? 'enforce' : 'warn');
  const policy = policyOf([quiet('enforces'), quiet('warns')], { preset: 'baseline' });
  const { answer, findings } = askValidate(reviewOf(podOf()), policy, { outOfTime: () => true });
  t.same(findings, ['enforces enforce spec', 'warns warn spec']);
  t.equal(answer.allowed, false, 'nobody gets past it with an object that takes all of the time');
  const strictly = askValidate(reviewOf(podOf()), policyOf([quiet('warns')]), { outOfTime: () => true });
  t.same(strictly.findings, ['warns enforce spec'], 'the policy may ask for more');
  const owned = { username: 'system:serviceaccount:kube-system:replicaset-controller' };
  t.equal(
    askValidate(reviewOf(podOf(), owned), policy, { outOfTime: () => true }).answer.allowed,
    true,
    'what controllers send is excused',
  );
  t.end();
});

void t.test('an update that takes all of the time is denied: that there was none for the object as it was excuses nothing', (t) => {
  const update = reviewOf(latestPod(), { operation: 'UPDATE', oldObject: podOf() });
  for (const preset of ['baseline', 'production', 'strict'] as const) {
    const { answer, findings } = askValidate(update, policyOf([forbidLatest()], { preset }), { outOfTime: () => true });
    t.equal(answer.allowed, false, preset);
    t.same(findings, ['no-latest enforce spec']);
  }
  let looks = 0;
  const { findings } = askValidate(update, policyOf([forbidLatest()]), { outOfTime: () => (looks += 1) > 1 });
  t.same(findings, ['no-latest enforce spec.containers[0].image'], 'nor does it where the time ended between the two');
  t.end();
});

const MALFORMED: readonly (readonly [name: string, object: unknown, problems: readonly string[]])[] = [
  ['null', null, ['object: must be an object']],
  ['a list', [], ['object: must be an object']],
  ['a string', 'pod', ['object: must be an object']],
  ['no spec', { ...podOf(), spec: undefined }, ['spec: must be an object, but is missing']],
  ['a spec of null', { ...podOf(), spec: null }, ['spec: must be an object, but is null']],
  ['no containers', podOf({ spec: { containers: undefined } }), ['spec.containers: must be a list, but is missing']],
  ['containers of null', podOf({ spec: { containers: null } }), ['spec.containers: must be a list, but is null']],
  ['containers as a map', podOf({ spec: { containers: { app: {} } } }), ['spec.containers: must be a list, but is an object']],
  ['a container of null', podOf({ spec: { containers: [null] } }), ['spec.containers[0]: must be an object, but is null']],
  ['a container without a name', podOf({ spec: { containers: [{}] } }), ['spec.containers[0].name: must be a string, but is missing']],
  [
    'a command that is a string',
    podOf({ spec: { containers: [containerOf({ command: 'run' })] } }),
    ['spec.containers[0].command: must be a list, but is the string "run"'],
  ],
  [
    'a number in a command',
    podOf({ spec: { containers: [containerOf({ command: [1] })] } }),
    ['spec.containers[0].command[0]: must be a string, but is the number 1'],
  ],
  [
    'a quantity that does not parse',
    podOf({ spec: { containers: [containerOf({ resources: { limits: { memory: '1 Gi' } } })] } }),
    ['spec.containers[0].resources.limits[memory]: must be a quantity such as 500m or 1Gi, but is "1 Gi"'],
  ],
  [
    'a quantity that is a map',
    podOf({ spec: { containers: [containerOf({ resources: { limits: { memory: {} } } })] } }),
    ['spec.containers[0].resources.limits[memory]: must be a quantity, but is an object'],
  ],
  [
    'a grace period in words',
    podOf({ spec: { terminationGracePeriodSeconds: '30' } }),
    ['spec.terminationGracePeriodSeconds: must be an integer, but is the string "30"'],
  ],
  [
    'a grace period with a fraction',
    podOf({ spec: { terminationGracePeriodSeconds: 1.5 } }),
    ['spec.terminationGracePeriodSeconds: must be an integer, but is the number 1.5'],
  ],
  [
    'a grace period beyond all numbers',
    JSON.parse(JSON.stringify(podOf()).replace('30', '1e400')),
    ['spec.terminationGracePeriodSeconds: must be an integer, but is the number null'],
  ],
  [
    'a probe number of 33 bits',
    podOf({ spec: { containers: [containerOf({ readinessProbe: { periodSeconds: 2 ** 32 } })] } }),
    ['spec.containers[0].readinessProbe.periodSeconds: must be an integer of 32 bits, but is the number 4294967296'],
  ],
  ['labels that are a list', podOf({ metadata: { labels: [] } }), ['metadata.labels: must be a map, but is a list']],
  [
    'an owner that is a string',
    podOf({ metadata: { ownerReferences: ['me'] } }),
    ['metadata.ownerReferences[0]: must be an object, but is the string "me"'],
  ],
];

for (const [name, object, problems] of MALFORMED) {
  void t.test(`a Pod with ${name} is denied, and the field is named`, (t) => {
    const { answer, decision } = askValidate(reviewOf(object, { kind: { group: '', version: 'v1', kind: 'Pod' } }), production);
    t.equal(answer.allowed, false);
    const malformed = answer.status?.details.causes.filter(({ reason }) => reason === 'well-formed') ?? [];
    t.same(
      malformed.map(({ field, message }) => `${field}: ${message}`),
      problems,
    );
    const { patch } = askMutate(reviewOf(object, { kind: { group: '', version: 'v1', kind: 'Pod' } }), production).answer;
    const places = decision.findings.filter(({ rule }) => rule === 'well-formed').map(({ path }) => path.pointer);
    t.same(
      patch.filter(({ path }) => places.some((place) => `${path}/`.startsWith(`${place}/`))),
      [],
      'nothing is written over what cannot be read',
    );
    t.end();
  });
}

function malformedIn(object: object): readonly string[] {
  return validate(object, production).findings.filter((finding) => finding.startsWith('well-formed '));
}

void t.test('every field that is wrong is named at once', (t) => {
  const pod = podOf({ metadata: { labels: 1 }, spec: { containers: [{ name: 1, args: 'x' }], tolerations: {}, volumes: [{}] } });
  t.same(malformedIn(pod), [
    'well-formed enforce spec.containers[0].name',
    'well-formed enforce spec.containers[0].args',
    'well-formed enforce spec.volumes[0].name',
    'well-formed enforce spec.tolerations',
    'well-formed enforce metadata.labels',
  ]);
  t.end();
});

void t.test('a workload without a template is denied, and the field is named as it stands in the workload', (t) => {
  const broken = (spec: object): readonly string[] => malformedIn({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: {}, spec });
  t.same(broken({}), ['well-formed enforce spec.template']);
  t.same(broken({ template: null }), ['well-formed enforce spec.template']);
  t.same(broken({ template: {} }), ['well-formed enforce spec.template.spec']);
  t.same(broken({ template: { spec: { containers: {} } } }), ['well-formed enforce spec.template.spec.containers']);
  t.end();
});

void t.test('lists of null are empty lists, as they are to the API server', (t) => {
  const pod = podOf({
    spec: {
      initContainers: null,
      volumes: null,
      tolerations: null,
      containers: [containerOf({ args: null, ports: null, resources: null })],
    },
  });
  t.same(validate(pod, policyOf([forbidLatest()])).findings, []);
  t.end();
});

void t.test('two containers of one name are judged both, and repaired as if they had two', (t) => {
  const twins = podOf({ spec: { containers: [containerOf({ image: 'a:latest' }), containerOf({ image: 'b:latest' })] } });
  t.same(validate(twins, policyOf([forbidLatest()])).findings, [
    'no-latest enforce spec.containers[0].image',
    'no-latest enforce spec.containers[1].image',
  ]);
  const pinning = ruleOf('pinned', {
    validate: (_pod, context) =>
      Array.from(context.containers())
        .filter(({ container }) => container.image?.endsWith(':latest'))
        .map(() => ({ message: 'broken', path: FieldPath.of('spec'), data: { what: 'it' }, rank: [0] })),
    mutate: ({ spec }) => {
      for (const container of spec.containers) container.image = container.image?.replace(/:latest$/, ':1.0');
    },
  });
  const { object } = askMutate(reviewOf(twins), policyOf([pinning])).answer;
  t.same(
    (object as { spec: { containers: { image: string }[] } }).spec.containers.map(({ image }) => image),
    ['a:1.0', 'b:1.0'],
  );
  t.end();
});

/** Every rule judges and, as far as it can, repairs. */
const everything = presetPolicy('strict');

/** A Pod in which every number that a rule reads is the given one, or the text of it where an amount belongs. */
function podOfNumbers(number: number): object {
  const probe = {
    httpGet: { path: '/', port: 8080, scheme: 'HTTP' },
    ...{ initialDelaySeconds: number, timeoutSeconds: number, periodSeconds: number, successThreshold: number, failureThreshold: number },
    terminationGracePeriodSeconds: number,
  };
  const amounts = { cpu: String(number), memory: String(number), 'ephemeral-storage': String(number) };
  const resources = { requests: amounts, limits: amounts };
  return podOf({
    spec: {
      terminationGracePeriodSeconds: number,
      resources,
      tolerations: [{ key: 'node.kubernetes.io/not-ready', operator: 'Exists', effect: 'NoExecute', tolerationSeconds: number }],
      volumes: [
        { name: 'disk', emptyDir: { sizeLimit: String(number) } },
        { name: 'memory', emptyDir: { medium: 'Memory', sizeLimit: String(number) } },
      ],
      containers: [
        containerOf({
          ports: [{ containerPort: number }],
          resources,
          volumeMounts: [{ name: 'memory', mountPath: '/memory' }],
          lifecycle: { preStop: { sleep: { seconds: number } } },
          ...{ livenessProbe: probe, readinessProbe: probe, startupProbe: probe },
        }),
        containerOf({ name: 'bare', ports: [{ containerPort: number }], livenessProbe: probe }),
      ],
    },
  });
}

for (const number of [0, -1, -(2 ** 31), 2 ** 31 - 1]) {
  void t.test(`a Pod in which every number is ${number} is judged by every rule, and repaired once`, (t) => {
    const review = reviewOf(podOfNumbers(number));
    t.same(messagesOfErrors(askValidate(review, everything)), []);
    const { decision, answer } = askMutate(review, everything);
    t.same(decision.findings, []);
    t.same(askMutate(reviewOf(answer.object), everything).decision.patch, []);
    t.end();
  });
}

for (const number of [2 ** 31, -(2 ** 31) - 1, 2 ** 63, 1e300, 0.5]) {
  void t.test(`a Pod in which every number is ${number} is denied where the API server could not read it`, (t) => {
    const { findings, answer } = validate(podOfNumbers(number), everything);
    t.equal(answer.allowed, false);
    t.ok(findings.some((finding) => finding === 'well-formed enforce spec.containers[0].livenessProbe.periodSeconds'));
    const { patch } = askMutate(reviewOf(podOfNumbers(number)), everything).decision;
    t.notOk(
      patch.some(({ path }) => path.startsWith('/spec/containers/0/livenessProbe')),
      'what cannot be read is not repaired',
    );
    t.end();
  });
}

for (const seconds of [-1, 0, 2 ** 53, 2 ** 63 - 1024]) {
  void t.test(`a grace period of ${seconds} s is judged, and what a repair makes of it the API server can read`, (t) => {
    const review = reviewOf(
      podOf({ spec: { terminationGracePeriodSeconds: seconds, containers: [containerOf({ ports: [{ containerPort: 80 }] })] } }),
    );
    t.same(messagesOfErrors(askValidate(review, everything)), []);
    const { object } = askMutate(review, everything).answer;
    const repaired = (object as { spec: { terminationGracePeriodSeconds: number } }).spec.terminationGracePeriodSeconds;
    t.ok(Number.isInteger(repaired) && repaired < 2 ** 63, String(repaired));
    t.end();
  });
}

function messagesOfErrors({ decision }: Validation): string[] {
  return decision.findings.filter(({ messageId }) => messageId === 'errored').map(({ rule, message }) => `${rule}: ${message}`);
}
