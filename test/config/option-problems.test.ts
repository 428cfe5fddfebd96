import t from 'tap';
import { catalogue } from '../../src/config/catalogue.ts';
import type { JsonSchema, Rule } from '../../src/core/rule.ts';
import { messagesOf, problemsOf } from './policy-text.ts';

void t.test('overrides that are right alone and wrong together are refused, where one object can match them', (t) => {
  const together = (first: string, second: string, ...more: string[]): string[] =>
    messagesOf(
      'overrides:',
      `- {${first}, rules: {memory-limit: {options: {default: 1Gi}}}}`,
      `- {${second}, rules: {memory-limit: {options: {max: 512Mi}}}}`,
      ...more,
    );
  const refused = [
    'spec.overrides[1].rules.memory-limit.options.default must be at most `max`, 512Mi in what matches spec.overrides[0] as well',
  ];
  t.same(together('namespaces: [shop]', 'workloadClasses: [service]'), refused);
  t.same(together('namespaces: [team-*]', 'namespaces: [other, "*-web"]'), refused);
  t.same(together('namespaces: [shop]', 'namespaces: [team-*]'), []);
  t.same(together('workloadClasses: [service]', 'workloadClasses: [daemon, batch]'), []);
  t.same(
    together('namespaces: [shop]', 'namespaces: [shop]', '- {namespaces: [x], rules: {memory-limit: {options: {default: 256Mi}}}}'),
    refused,
  );
  t.end();
});

void t.test('options that do not go together are refused, in rules and in what an override makes of them', (t) => {
  t.same(messagesOf('rules: {toleration-seconds: {options: {stateless: {seconds: 1, min: 9, max: 5}}}}'), [
    'spec.rules.toleration-seconds.options.stateless.min must be at most `max`, 5',
  ]);
  t.same(
    messagesOf(
      'rules: {memory-limit: {options: {max: 1Gi}}}',
      'overrides: [{namespaces: [a], rules: {memory-limit: {options: {default: 2Gi}}}}]',
    ),
    ['spec.overrides[0].rules.memory-limit.options.default must be at most `max`, 1Gi'],
  );
  t.same(messagesOf('overrides: [{namespaces: [a], rules: {init-process: {mutation: apply}}}]'), [
    "spec.overrides[0].rules.init-process.options.image must name the image that holds tini, as the mutation is 'apply'",
  ]);
  t.end();
});

void t.test('an option that the Kubernetes version cannot bear is refused', (t) => {
  const carrier = 'rules: {init-process: {mutation: apply, options: {carrier: image-volume, image: a}}}';
  const refusal = (where: string): string =>
    `${where}.options.carrier must not be 'image-volume' for Kubernetes 1.34, whose API server drops such volumes by default`;
  t.same(messagesOf('kubernetesVersion: "1.34"', carrier), [refusal('spec.rules.init-process')]);
  t.same(messagesOf('kubernetesVersion: "1.35"', carrier), []);
  t.same(messagesOf(carrier), [], 'the version of policies that name none has them');
  t.same(messagesOf('kubernetesVersion: "1.34"', carrier.replace('apply', 'off')), [], 'nothing is injected');
  t.same(
    messagesOf(
      'kubernetesVersion: "1.34"',
      carrier.replace('apply', 'off'),
      'overrides: [{namespaces: [a], rules: {init-process: {mutation: would}}}]',
    ),
    [refusal('spec.overrides[0].rules.init-process')],
  );
  t.same(messagesOf('kubernetesVersion: "1.3"', carrier), ['spec.kubernetesVersion must be between 1.34 and 1.37, but is "1.3"']);
  t.end();
});

void t.test('options that do not go together are told beside problems elsewhere, but not where the options themselves are wrong', (t) => {
  const range = 'rules: {toleration-seconds: {options: {stateless: {seconds: 1, min: 9, max: 5}}}}';
  t.same(messagesOf('owned: deny', range), [
    'spec.owned must be one of audit, warn, enforce, but is "deny"',
    'spec.rules.toleration-seconds.options.stateless.min must be at most `max`, 5',
  ]);
  t.same(messagesOf(range.replace('seconds: 1', 'seconds: one')), [
    'spec.rules.toleration-seconds.options.stateless.seconds must be an integer, but is "one"',
  ]);
  const override = 'overrides: [{namespaces: [a], rules: {memory-limit: {options: {default: 2Gi}}}}]';
  t.same(messagesOf('rules: {memory-limit: {options: {max: 5}}}', override), [
    'spec.rules.memory-limit.options.max must be a string, but is 5; put it into quotes',
  ]);
  t.same(messagesOf(range, 'overrides: 5'), [
    'spec.rules.toleration-seconds.options.stateless.min must be at most `max`, 5',
    'spec.overrides must be a list, but is 5',
  ]);
  t.end();
});

interface Wrong {
  readonly path: readonly string[];
  readonly value: unknown;
}

/** For every option, and for every part of one, values that its schema must refuse. */
function wrongValues(schema: JsonSchema, path: readonly string[] = []): Wrong[] {
  const { type, properties, items, minimum, maximum, minItems } = schema as {
    type: string;
    properties?: Record<string, JsonSchema>;
    items?: JsonSchema;
    minimum?: number;
    maximum?: number;
    minItems?: number;
  };
  const wrong: Wrong[] = [{ path, value: type === 'array' ? {} : [] }];
  if (type === 'object') {
    wrong.push({ path: [...path, 'unheard-of'], value: 1 });
    for (const [name, property] of Object.entries(properties ?? {})) wrong.push(...wrongValues(property, [...path, name]));
  }
  if (type === 'array') wrong.push(...wrongValues(items ?? {}, [...path, '0']));
  if (minItems !== undefined) wrong.push({ path, value: [] });
  if (minimum !== undefined) wrong.push({ path, value: minimum - 1 });
  if (maximum !== undefined) wrong.push({ path, value: maximum + 1 });
  if (schema['enum'] !== undefined) wrong.push({ path, value: 'unheard-of' });
  if (schema['pattern'] !== undefined) wrong.push({ path, value: ' -1 Zi' });
  return wrong;
}

function optionsWith({ path, value }: Wrong): unknown {
  return path.reduceRight((inner, key) => (key === '0' ? [inner] : { [key]: inner }), value);
}

function problemPaths(rule: Rule, options: unknown): string[] {
  const spec = { preset: 'strict', rules: { [rule.meta.id]: { options } } };
  const policy = { apiVersion: 'podgrace.dev/v1alpha1', kind: 'LifecyclePolicy', metadata: { name: 'test' }, spec };
  return problemsOf(JSON.stringify(policy), catalogue).map((line) => line.split(' ')[1] ?? '');
}

for (const rule of catalogue.rules) {
  const { id, schema, defaultOptions } = rule.meta;
  void t.test(`${id}: every wrong option is refused where it stands`, (t) => {
    for (const wrong of wrongValues(schema)) {
      const place = ['spec', 'rules', id, 'options', ...wrong.path].join('.').replaceAll('.0', '[0]');
      const paths = problemPaths(rule, optionsWith(wrong));
      t.ok(paths.includes(place), `${place}: ${JSON.stringify(wrong.value)} is refused at ${paths.join()}`);
    }
    t.same(problemPaths(rule, defaultOptions), [], 'its defaults are right');
    t.end();
  });
}
