import { readFileSync } from 'node:fs';
import t from 'tap';
import { Catalogue } from '../../src/core/catalogue.ts';
import type { Policy } from '../../src/core/policy.ts';
import topologySpread from '../../src/rules/topology-spread.ts';
import { messagesOf, policyText, problemsOf, read } from './policy-text.ts';

function settingOf(policy: Policy, id: string, namespace = 'shop'): string {
  const setting = policy.settingsFor(namespace, 'service').validating.find(({ rule }) => rule.meta.id === id);
  return setting === undefined ? 'off' : `${setting.mode} ${setting.mutation}`;
}

void t.test('a policy with problems everywhere is refused with all of them, each with line, path, and what was expected', (t) => {
  const text = readFileSync(new URL('wrong-policy.yaml', import.meta.url), 'utf8');
  t.same(problemsOf(text), [
    'policy.yaml:2: apiVersion must be podgrace.dev/v1alpha1, but is "podgrace.dev/v1"',
    'policy.yaml:3: kind must be LifecyclePolicy, but is "Policy"',
    'policy.yaml:4: metadata.name must be set',
    'policy.yaml:8: spec.kubernetesVersion must be a string, but is 1.2; put it into quotes',
    'policy.yaml:9: spec.owned must be one of audit, warn, enforce, but is false',
    'policy.yaml:10: spec.errored must be one of enforce, warn, audit, but is "off"',
    'policy.yaml:11: spec.exludedNamespaces must not be set: there is no such field; did you mean excludedNamespaces?',
    'policy.yaml:12: spec.excludedNamespaces must be a list, but is "kube-system"',
    'policy.yaml:16: spec.workloadKinds[0].class must be one of service, stateful, daemon, batch, pod, operator, static, but is "deployment"',
    'policy.yaml:17: spec.workloadKinds[0].templatePath must have another form, but is ".spec.template": where the Pod template stands: spec.template, or spec.tasks[*].template for each element of a list or map; as a pattern: ^[A-Za-z][A-Za-z0-9]*(\\[\\*\\])?(\\.[A-Za-z][A-Za-z0-9]*(\\[\\*\\])?)*$',
    'policy.yaml:20: spec.rules.pre-stop-delay.mode must be one of enforce, warn, audit, off, but is "deny"',
    'policy.yaml:21: spec.rules.pre-stop-delay.mutation must be one of apply, would, off, but is true',
    'policy.yaml:23: spec.rules.pre-stop-delay.options.delaySeconds must be at least 1, but is 0',
    'policy.yaml:24: spec.rules.pre-stop-delay.options.minSeconds must be an integer, but is "5"',
    'policy.yaml:25: spec.rules.pre-stop-delay.options.delay must not be set: there is no such field; known are delaySeconds, minSeconds, maxSeconds',
    'policy.yaml:26: spec.rules.pre-stop-delays must not be set: there is no such rule; did you mean pre-stop-delay?',
    'policy.yaml:30: spec.rules.memory-limit.options.factor must be at least 1, but is 0.5',
    'policy.yaml:31: spec.rules.memory-limit.options.default must have another form, but is "512MB": the limit of a container that has no request either. Bytes with a suffix (512Mi, 1G); as a pattern: ^[1-9][0-9]{0,14}(k|M|G|T|Ki|Mi|Gi|Ti)?$',
    'policy.yaml:32: spec.rules.memory-limit.options.max must be a string, but is 0; put it into quotes',
    "policy.yaml:33: spec.rules.init-process.options.image must name the image that holds tini, as the mutation is 'apply'",
    'policy.yaml:35: spec.rules.toleration-seconds must be an object, but is "enforce"',
    'policy.yaml:37: spec.overrides[0] must name at least one of namespaces, workloadClasses',
    'policy.yaml:39: spec.overrides[1].namespaces must not be empty',
    'policy.yaml:40: spec.overrides[1].workloadClasses[0] must be one of service, stateful, daemon, batch, pod, operator, static, but is "deployments"',
    'policy.yaml:42: spec.overrides[2].rules must be set',
    'policy.yaml:44: spec.exemptions[0] must name at least one of namespace, workload, container, image',
    'policy.yaml:47: spec.exemptions[1].reason must be set',
    'policy.yaml:47: spec.exemptions[1].rule must be the id of a rule, but is "pre-stop-delays"; did you mean pre-stop-delay?',
    'policy.yaml:49: spec.exemptions[1].expires must be at most 366 days ahead (spec.exemptionHorizonDays), but is "2099-12-31"',
    'policy.yaml:51: spec.exemptions[2].workload.name must be set',
    'policy.yaml:52: spec.exemptions[2].reason must not be empty',
    'policy.yaml:53: spec.exemptions[2].expires must be a date such as 2027-01-31 or an RFC 3339 time, but is "2027-02-31"',
    'policy.yaml:55: spec.exemptions[3].image must not be empty',
    'policy.yaml:57: spec.exemptions[3].expires must be a date such as 2027-01-31 or an RFC 3339 time, but is "tomorrow"',
  ]);
  t.end();
});

void t.test('a right policy answers questions', (t) => {
  const policy = read(
    policyText(
      'kubernetesVersion: "1.36"',
      'owned: warn',
      'errored: audit',
      'excludedNamespaces: [kube-*]',
      'workloadKinds: [{group: argoproj.io, kind: Rollout, class: service, templatePath: spec.template}]',
      'rules: {pre-stop-delay: {mode: warn, mutation: would, options: {delaySeconds: 20}}}',
      'overrides: [{namespaces: [team-*], rules: {pre-stop-delay: {mode: audit}}}]',
      'exemptions: [{rule: memory-limit, namespace: legacy, reason: old, expires: 2027-01-31}]',
    ),
  );
  t.same([policy.name, policy.kubernetesMinor, policy.owned, policy.errored], ['test', 36, 'warn', 'audit']);
  t.ok(policy.isExcludedNamespace('kube-public'));
  t.ok(policy.kinds.templates('argoproj.io/v1alpha1', 'Rollout')[0]);
  t.same([settingOf(policy, 'pre-stop-delay'), settingOf(policy, 'pre-stop-delay', 'team-a')], ['warn would', 'audit would']);
  t.same(
    policy.exemptions.map(({ document }) => document.namespace),
    ['legacy'],
  );
  t.end();
});

void t.test('a preset alone is a policy', (t) => {
  for (const preset of ['baseline', 'production', 'strict']) t.same(problemsOf(policyText().replace('strict', preset)), [], preset);
  t.end();
});

void t.test('a policy may be JSON', (t) => {
  const policy = { apiVersion: 'podgrace.dev/v1alpha1', kind: 'LifecyclePolicy', metadata: { name: 'json' }, spec: { preset: 'strict' } };
  t.equal(read(JSON.stringify(policy)).name, 'json');
  t.same(problemsOf(JSON.stringify({ ...policy, spec: { preset: 'lax' } }, null, 2)), [
    'policy.yaml:8: spec.preset must be one of baseline, production, strict, but is "lax"',
  ]);
  t.end();
});

void t.test('off without quotes means off, wherever a mode or a mutation stands', (t) => {
  const rules = 'rules: {pre-stop-delay: {mode: off}, memory-limit: {mutation: off}}';
  const policy = read(policyText(rules, 'overrides: [{namespaces: [shop-2], rules: {memory-limit: {mode: off}}}]'));
  t.same([settingOf(policy, 'pre-stop-delay'), settingOf(policy, 'memory-limit')], ['off', 'enforce off']);
  t.equal(settingOf(policy, 'memory-limit', 'shop-2'), 'off');
  t.same(messagesOf('errored: off'), ['spec.errored must be one of enforce, warn, audit, but is false']);
  t.same(messagesOf('rules: {pre-stop-delay: {mode: on}}'), [
    'spec.rules.pre-stop-delay.mode must be one of enforce, warn, audit, off, but is true',
  ]);
  t.end();
});

void t.test('what is missing is named, with the line of what it is missing in', (t) => {
  t.same(problemsOf('kind: LifecyclePolicy\nspec: {}\n'), [
    'policy.yaml:1: apiVersion must be set',
    'policy.yaml:1: metadata must be set',
    'policy.yaml:2: spec.preset must be set',
  ]);
  t.same(messagesOf('exemptions: [{}]'), [
    'spec.exemptions[0] must name at least one of namespace, workload, container, image',
    'spec.exemptions[0].rule must be set',
    'spec.exemptions[0].reason must be set',
    'spec.exemptions[0].expires must be set',
  ]);
  t.end();
});

void t.test('lines are those of the file, whatever stands before the policy', (t) => {
  const problem = 'spec.preset must be one of baseline, production, strict, but is "lax"';
  const text = policyText().replace('strict', 'lax');
  t.same(problemsOf(text), [`policy.yaml:5: ${problem}`]);
  t.same(problemsOf(`# about\n\n---\n# more\n${text}`), [`policy.yaml:9: ${problem}`]);
  t.same(problemsOf(text.replaceAll('\n', '\r\n')), [`policy.yaml:5: ${problem}`]);
  t.end();
});

void t.test('something else than a policy is refused', (t) => {
  t.same(problemsOf('null\n'), ['policy.yaml:1: must be an object, but is null']);
  t.same(problemsOf('- a\n'), ['policy.yaml:1: must be an object, but is ["a"]']);
  t.same(problemsOf('just words\n'), ['policy.yaml:1: must be an object, but is "just words"']);
  t.match(problemsOf('apiVersion: v1\nkind: Pod\nmetadata: {name: web}\nspec: {containers: []}\n'), [
    /^policy.yaml:1: apiVersion must be podgrace.dev/,
    /^policy.yaml:2: kind must be LifecyclePolicy, but is "Pod"/,
    /^policy.yaml:4: spec.preset must be set/,
    /^policy.yaml:4: spec.containers must not be set/,
  ]);
  t.end();
});

void t.test('an empty file is refused', (t) => {
  for (const text of ['', '\n\n', '# only a comment\n', '---\n'])
    t.match(problemsOf(text), [/^policy.yaml:1: must (hold|be) .*/], JSON.stringify(text));
  t.same(problemsOf(''), ['policy.yaml:1: must hold a LifecyclePolicy, but is empty']);
  t.end();
});

void t.test('a second document is refused, at the line on which it begins', (t) => {
  t.same(problemsOf(`${policyText()}---\n${policyText()}`), ['policy.yaml:7: must hold one document, but holds 2']);
  t.same(problemsOf(`${policyText()}---\n`), [], 'a separator at the end begins no document');
  t.end();
});

void t.test('what is no YAML is refused with its line', (t) => {
  t.match(problemsOf(policyText('rules: [}')), [/^policy\.yaml:6: /]);
  t.match(problemsOf(policyText('rules:', '\tpre-stop-delay: {}')), [/^policy\.yaml:7: /]);
  t.match(problemsOf(policyText().slice(0, -'strict\n'.length) + '"str'), [/^policy\.yaml:\d+: /], 'half-written');
  t.match(problemsOf('{"apiVersion": "podgrace.dev/v1alpha1", "kind"'), [/^policy\.yaml:2: /], 'half-written JSON');
  t.end();
});

void t.test('what is binary is refused', (t) => {
  t.same(problemsOf('\0\x01\x02'), ['policy.yaml:1: must not hold control characters']);
  t.match(problemsOf(Buffer.from([0x7f, 0x45, 0x4c, 0x46, 0x02, 0x01, 0x01, 0x00]).toString('latin1')), [/^policy\.yaml:1: /]);
  t.end();
});

void t.test('a policy nested beyond reason is refused', (t) => {
  t.match(problemsOf(policyText(`rules: ${'['.repeat(20_000)}`)), [/^policy\.yaml:\d+: /]);
  t.match(problemsOf(`{"spec": ${'['.repeat(20_000)}${']'.repeat(20_000)}}`), [/^policy\.yaml:1: /]);
  t.end();
});

void t.test('names from the prototype of objects are unknown fields and rules like any other', (t) => {
  for (const name of ['__proto__', 'constructor', 'toString']) {
    t.match(messagesOf(`${name}: {}`), [new RegExp(`^spec\\.${name} must not be set: there is no such field`)]);
    t.match(messagesOf(`rules: {${name}: {mode: enforce}}`), [
      new RegExp(`^spec\\.rules\\.${name} must not be set: there is no such rule`),
    ]);
  }
  t.end();
});

void t.test('a Kubernetes version is a text, and one that podgrace knows', (t) => {
  for (const version of ['1.34', 'v1.36.3', '1.37', '1.36.3-gke.100']) t.same(messagesOf(`kubernetesVersion: "${version}"`), [], version);
  for (const version of ['1.33', '1.39', '2.0', 'latest', '1.036', '1.36 ']) {
    t.same(messagesOf(`kubernetesVersion: "${version}"`), [`spec.kubernetesVersion must be between 1.34 and 1.37, but is "${version}"`]);
  }
  t.same(messagesOf('kubernetesVersion: 1.36'), ['spec.kubernetesVersion must be a string, but is 1.36; put it into quotes']);
  t.end();
});

function exemption(fields: Readonly<Record<string, string>>): string[] {
  const all = { rule: 'pre-stop-delay', namespace: 'shop', reason: 'legacy', expires: '2027-01-31', ...fields };
  const text = Object.entries(all).map(([key, value]) => (value === '' ? '' : `${key}: ${value}, `));
  return messagesOf(`exemptions: [{${text.join('')}}]`);
}

void t.test('an exemption has a scope, a reason and an end', (t) => {
  t.same(exemption({}), []);
  t.same(exemption({ namespace: '', workload: '{name: web}' }), []);
  t.same(exemption({ namespace: '', container: 'proxy' }), []);
  t.same(exemption({ namespace: '', image: '"*/proxy:*"' }), []);
  t.same(exemption({ namespace: '' }), ['spec.exemptions[0] must name at least one of namespace, workload, container, image']);
  t.same(exemption({ reason: '' }), ['spec.exemptions[0].reason must be set']);
  t.same(exemption({ expires: '' }), ['spec.exemptions[0].expires must be set']);
  t.same(exemption({ rule: 'unheard-of' }), [
    'spec.exemptions[0].rule must be one of init-process, memory-limit, minimum-qos-class, pre-stop-delay, toleration-seconds, but is "unheard-of"',
  ]);
  t.same(exemption({ reason: "' '" }), ['spec.exemptions[0].reason must say why, but is blank']);
  for (const kind of ['Deployment', 'Rollout', 'PodDisruptionBudget', 'Pod'])
    t.same(exemption({ workload: `{name: web, kind: ${kind}}` }), [], kind);
  t.same(exemption({ workload: '{name: web, kind: deployment}' }), [
    'spec.exemptions[0].workload.kind must be a kind that podgrace judges, but is "deployment"; did you mean Deployment?',
  ]);
  t.same(exemption({ workload: '{name: web, kind: StatfulSet}' }), [
    'spec.exemptions[0].workload.kind must be a kind that podgrace judges, but is "StatfulSet"; did you mean StatefulSet?',
  ]);
  t.same(exemption({ workload: '{name: web, kind: Database}' }), [
    'spec.exemptions[0].workload.kind must be a kind that podgrace judges, but is "Database"; add it to spec.workloadKinds, or leave it out',
  ]);
  t.same(
    messagesOf(
      'workloadKinds: [{ group: example.com, kind: Database, class: operator }]',
      'exemptions: [{rule: memory-limit, workload: {name: web, kind: Database}, reason: legacy, expires: 2027-01-31}]',
    ),
    [],
  );
  t.same(exemption({ workload: '{name: web, group: apps}' }), [
    'spec.exemptions[0].workload.group must not be set: there is no such field; known are kind, name',
  ]);
  t.end();
});

void t.test('a name that no namespace can have is refused, because it would exempt, exclude or change nothing', (t) => {
  const asked = (name: string): string[] => [
    ...messagesOf(`excludedNamespaces: ["${name}"]`),
    ...messagesOf(`overrides: [{namespaces: [shop, "${name}"], rules: {memory-limit: {mode: warn}}}]`),
    ...messagesOf(`exemptions: [{rule: memory-limit, namespace: "${name}", reason: old, expires: 2027-01-31}]`),
  ];
  for (const name of ['shop', 'team-*', '*', '*-0', 'kube-system']) t.same(asked(name), [], name);
  for (const name of ['Shop', 'team_a', 'a.b', 'team a', 'shop/web', 'é'])
    t.match(
      asked(name),
      ['spec.excludedNamespaces[0]', 'spec.overrides[0].namespaces[1]', 'spec.exemptions[0].namespace'].map(
        (place) =>
          `${place} must have another form, but is "${name}": a namespace: lower-case letters, digits and '-', or * for any run of characters`,
      ),
      name,
    );
  t.match(asked(''), [/must not be empty$/, /must not be empty$/, /must not be empty$/]);
  t.end();
});

void t.test('an exemption ends within 366 days', (t) => {
  t.same(exemption({ expires: '2027-11-23' }), [], 'the day that is 366 days ahead');
  t.same(exemption({ expires: '2027-11-23T00:00:00Z' }), []);
  t.same(exemption({ expires: '2027-11-23T00:00:01Z' }), [
    'spec.exemptions[0].expires must be at most 366 days ahead (spec.exemptionHorizonDays), but is "2027-11-23T00:00:01Z"',
  ]);
  t.same(exemption({ expires: '2027-11-24' }), [
    'spec.exemptions[0].expires must be at most 366 days ahead (spec.exemptionHorizonDays), but is "2027-11-24"',
  ]);
  t.same(exemption({ expires: '2027-11-22T23:00:00Z' }), []);
  t.same(exemption({ expires: '2020-01-01' }), [], 'one that is over does no harm');
  for (const expires of ['soon', '2027-02-30', '2027-01-31T10:00:00', '2027-01-31T24:00:00Z', '31.01.2027']) {
    t.same(exemption({ expires }), [
      `spec.exemptions[0].expires must be a date such as 2027-01-31 or an RFC 3339 time, but is "${expires}"`,
    ]);
  }
  t.same(exemption({ expires: '20270131' }), ['spec.exemptions[0].expires must be a string, but is 20270131; put it into quotes']);
  t.end();
});

void t.test('how far ahead exemptions may end is for the policy to say', (t) => {
  const until = (expires: string, horizon: string): string[] =>
    messagesOf(
      `exemptionHorizonDays: ${horizon}`,
      `exemptions: [{rule: memory-limit, namespace: shop, reason: legacy, expires: '${expires}'}]`,
    );
  t.same(until('2026-12-22', '30'), []);
  t.same(until('2026-12-23', '30'), [
    'spec.exemptions[0].expires must be at most 30 days ahead (spec.exemptionHorizonDays), but is "2026-12-23"',
  ]);
  t.same(until('2026-11-23', '1'), [], 'tomorrow');
  t.same(until('2026-11-24', '1'), [
    'spec.exemptions[0].expires must be at most 1 day ahead (spec.exemptionHorizonDays), but is "2026-11-24"',
  ]);
  t.same(until('2036-11-20', '3660'), []);
  t.same(until('2020-01-01', '0'), ['spec.exemptionHorizonDays must be at least 1, but is 0']);
  t.same(until('2099-12-31', 'never'), ['spec.exemptionHorizonDays must be an integer, but is "never"']);
  t.same(until('2020-01-01', '3661'), ['spec.exemptionHorizonDays must be at most 3660, but is 3661']);
  t.end();
});

void t.test('a policy is named as objects in Kubernetes are', (t) => {
  const named = (name: string): string[] => problemsOf(policyText().replace('name: test', `name: ${name}`));
  const longest = 'a'.repeat(253);
  for (const name of ['a', 'team-a', 'shop.example.com', '"0"', 'a--b', longest]) t.same(named(name), [], name);
  for (const name of ['Team', 'team_a', 'a b', '-a', 'a-', '.a', 'a.', 'a..b', 'a.-b', 'é', '']) {
    const problems = named(`"${name}"`);
    t.equal(problems.length, 1, name);
    t.match(
      problems[0],
      `policy.yaml:3: metadata.name must have another form, but is "${name}": a DNS-1123 subdomain: lower-case letters, digits, '-' and '.', a letter or digit at both ends`,
    );
  }
  t.match(named(`${longest}a`), [/^policy\.yaml:3: metadata\.name must have at most 253 characters, but is /]);
  t.end();
});

void t.test('a repair of a rule that has none is refused', (t) => {
  const rules = new Catalogue([topologySpread]);
  const inOverride = 'overrides: [{namespaces: [a], rules: {topology-spread: {mutation: would}}}]';
  t.same(problemsOf(policyText('rules: {topology-spread: {mutation: apply}}', inOverride), rules), [
    'policy.yaml:6: spec.rules.topology-spread.mutation must be off, but is "apply": the rule has no repair',
    'policy.yaml:7: spec.overrides[0].rules.topology-spread.mutation must be off, but is "would": the rule has no repair',
  ]);
  t.same(problemsOf(policyText('rules: {topology-spread: {mutation: off}}'), rules), []);
  t.end();
});

void t.test('whatever stands in place of a part, what is thrown is a PolicyError', (t) => {
  const parts = [
    'spec',
    'spec.rules',
    'spec.rules.memory-limit',
    'spec.rules.memory-limit.options',
    'spec.overrides',
    'spec.overrides.0',
    'spec.overrides.0.rules',
    'spec.exemptions',
    'spec.exemptions.0',
    'spec.exemptions.0.expires',
    'spec.preset',
    'spec.kubernetesVersion',
    'metadata',
    'spec.workloadKinds',
  ];
  for (const part of parts) {
    for (const value of [null, true, 0, 'text', [], [null], {}, { a: null }, [[]]]) {
      const policy: Record<string, unknown> = {
        apiVersion: 'podgrace.dev/v1alpha1',
        kind: 'LifecyclePolicy',
        metadata: { name: 'test' },
        spec: {
          preset: 'strict',
          rules: { 'memory-limit': { options: { factor: 2 } } },
          overrides: [{ namespaces: ['a'], rules: { 'memory-limit': {} } }],
          exemptions: [{}],
        },
      };
      const path = part.split('.');
      const last = path.pop() ?? '';
      const holder = path.reduce<Record<string, unknown>>((at, key) => at[key] as Record<string, unknown>, policy);
      holder[last] = value;
      t.ok(Array.isArray(problemsOf(JSON.stringify(policy))), `${part} ${JSON.stringify(value)}`);
    }
  }
  t.end();
});

void t.test('what is known of images is bounded, and each entry names a repository and says something', (t) => {
  t.same(messagesOf('images: [{ repository: registry.example/base/*, tag: "*-slim", sh: dash }]'), []);
  for (const repository of ['docker.io/library/nginx', 'registry.example:5000/app', 'localhost/app', '"*/base"', '"*.example/app"'])
    t.same(messagesOf(`images: [{ repository: ${repository}, entrypoint: init }]`), [], repository);
  for (const repository of ['nginx', 'team/app', 'registry.example/app:1', 'registry.example/app@sha256']) {
    const [message = '', more] = messagesOf(`images: [{ repository: ${repository}, entrypoint: init }]`);
    t.match(
      message,
      /^spec\.images\[0\]\.repository must have another form, but is .*: with its registry, without tag and digest/,
      repository,
    );
    t.equal(more, undefined);
  }
  t.same(messagesOf('images: [{ repository: registry.example/app }]'), [
    'spec.images[0] must name at least one of sh, entrypoint, needsPidOne, stopSignal',
  ]);
  t.same(messagesOf('images: [{ repository: registry.example/app, sh: zsh, needsPidOne: "no" }]'), [
    'spec.images[0].sh must be one of dash, bash, old bash, ash, none, but is "zsh"',
    'spec.images[0].needsPidOne must be true or false, but is "no"',
  ]);
  t.match(messagesOf('images: [{ repository: registry.example/app, stopSignal: QUIT }]'), [
    /^spec\.images\[0\]\.stopSignal must have another form, but is "QUIT": the STOPSIGNAL of the image/,
  ]);
  const many = Array.from({ length: 201 }, () => '{ repository: registry.example/app, sh: ash }').join(', ');
  t.same(messagesOf(`images: [${many}]`), ['spec.images must have at most 200 elements, but has 201']);
  t.end();
});

void t.test('what a policy knows of images is asked before what everybody knows', (t) => {
  const { images } = read(policyText('images: [{ repository: docker.io/library/nginx, tag: "*-own", stopSignal: SIGTERM }]'));
  t.same(images.factsOf('nginx:1-own'), { stopSignal: 'SIGTERM', entrypoint: 'execs', sh: 'dash' });
  t.equal(images.factsOf('nginx:1').stopSignal, 'SIGQUIT');
  t.end();
});
