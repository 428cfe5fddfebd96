import { cpSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import t from 'tap';
import type { Rule } from '../../src/core/rule.ts';
import { ROOT } from '../../src/dev/generated.ts';
import { problemsOfRule, renderProblem } from '../../src/dev/rule-problems.ts';
import memoryLimit from '../../src/rules/memory-limit.ts';
import probeTiming from '../../src/rules/probe-timing.ts';
import rolloutStrategy from '../../src/rules/rollout-strategy.ts';

const IN_RULE = 'src/rules/probe-timing.ts: meta.';

type Meta = Rule['meta'];

/** What is wrong with a rule that finds and repairs nothing, once its `meta` is changed so. */
function problemsOf(changes: Partial<Meta>, rule: Rule = probeTiming): string[] {
  const changed = { ...rule, meta: { ...rule.meta, ...changes } };
  return problemsOfRule(changed, rule.meta.id, ROOT).map(renderProblem);
}

const { docs, messages, presets } = probeTiming.meta;
const [messageId = ''] = Object.keys(messages);
const WITH_TEXT = { mode: 'off', mutation: 'off', options: { a: 'x' } } as const;
const withMessage = (text: string, fix: string): Partial<Meta> => ({ messages: { ...messages, [messageId]: { text, fix } } });

const CASES: readonly { readonly name: string; readonly changes: Partial<Meta>; readonly problems: readonly string[] }[] = [
  { name: 'another id', changes: { id: 'budget' }, problems: ["id must be the name of the file, 'probe-timing', but is 'budget'"] },
  { name: 'a version to come', changes: { since: '99.0.0' }, problems: ['since must be no later version than '] },
  {
    name: 'a category that is not there',
    changes: { category: 'start' as Meta['category'] },
    problems: ["category must be one of qos, probes, termination, storage, eviction, configuration, but is 'start'"],
  },
  {
    name: 'a summary without an end',
    changes: { docs: { ...docs, summary: 'A' } },
    problems: ['docs.summary must be one sentence on one line'],
  },
  { name: 'no source', changes: { docs: { ...docs, references: [] } }, problems: ['docs.references must name at least one source'] },
  {
    name: 'a source that is no page',
    changes: { docs: { ...docs, references: ['https://kubernetes.io', 'a book'] } },
    problems: ['docs.references[1] must start with https://'],
  },
  {
    name: 'a harm that is too long to read below a finding',
    changes: { docs: { ...docs, harm: `The Pod ${'fails '.repeat(30)}.` } },
    problems: ['docs.harm must be one sentence of at most 160 characters on one line'],
  },
  {
    name: 'a message that demands nothing',
    changes: withMessage('is wrong', 'Mend it.'),
    problems: [
      `messages.${messageId}.text must start with "must" and end without a full stop`,
      `messages.${messageId}.fix must start in lower case and end without a full stop`,
    ],
  },
  { name: 'nothing that is read', changes: { reads: [] }, problems: ['reads must name what the rule looks at'] },
  {
    name: 'a field that is read twice',
    changes: { reads: ['spec.hostPID', 'spec.os', 'spec.hostPID'] },
    problems: ["reads must name each place once, but 'spec.hostPID' stands there twice"],
  },
  {
    name: 'sidecars that are judged, and the field of main containers alone that is read',
    changes: {
      appliesTo: { ...probeTiming.meta.appliesTo, containers: ['main', 'sidecar'] },
      reads: ['spec.containers[*].a', 'spec.containers[*].b', 'spec.initContainers[*].b'],
    },
    problems: ["reads must also have 'spec.initContainers[*].a', as the rule applies to init containers or sidecars"],
  },
  {
    name: 'a text of the scaffold',
    changes: { docs: { ...docs, why: 'TODO.' } },
    problems: ['docs.why must be written: it still says TODO'],
  },
  {
    name: 'a repair that is not there',
    changes: { mutation: 'safe', writes: ['spec.a'], presets: { ...presets, strict: { mode: 'enforce', mutation: 'apply' } } },
    problems: [
      "mutation must be 'none', as the rule has no mutate()",
      'writes must be empty, as the rule has no mutate()',
      "presets.strict.mutation must be 'off', as the rule has no mutate()",
    ],
  },
  {
    name: 'a preset that is milder than the one before',
    changes: { presets: { ...presets, production: { mode: 'enforce', mutation: 'off' }, strict: { mode: 'warn', mutation: 'off' } } },
    problems: ["presets.strict.mode must be as strict as production's 'enforce', but is 'warn'"],
  },
  {
    name: 'options that the schema refuses',
    changes: {
      schema: { type: 'object', additionalProperties: false, properties: { a: { type: 'integer' } } },
      defaultOptions: { a: 1, b: 2 },
      presets: { baseline: WITH_TEXT, production: WITH_TEXT, strict: WITH_TEXT },
    },
    problems: [
      'schema.properties.a.description must say what the option means',
      'defaultOptions.b must be a property of meta.schema',
      'presets.production.options.a must be integer',
    ],
  },
];

for (const { name, changes, problems } of CASES) {
  void t.test(`${name} is told by its field`, (t) => {
    const found = problemsOf(changes);
    for (const problem of problems)
      t.ok(
        found.some((each) => each.startsWith(`${IN_RULE}${problem}`)),
        `${problem}: ${found.join('\n')}`,
      );
    t.end();
  });
}

void t.test('a repair that is there is declared', (t) => {
  t.same(problemsOf({ mutation: 'none', writes: [] }, memoryLimit), [
    "src/rules/memory-limit.ts: meta.mutation must not be 'none', as the rule has mutate()",
    'src/rules/memory-limit.ts: meta.writes must name what mutate() changes',
  ]);
  t.end();
});

void t.test('a rule about workloads says of which kinds, and no other rule does', (t) => {
  t.same(problemsOf({ kinds: ['apps/Deployment'] }), [
    "src/rules/probe-timing.ts: meta.kinds must be there with about: 'workload', and only then",
  ]);
  const { kinds: _, ...withoutKinds } = rolloutStrategy.meta;
  t.same(problemsOfRule({ ...rolloutStrategy, meta: withoutKinds }, 'rollout-strategy', ROOT).map(renderProblem), [
    "src/rules/rollout-strategy.ts: meta.kinds must be there with about: 'workload', and only then",
  ]);
  t.same(problemsOf({ kinds: ['example.com/Job'] }, rolloutStrategy), [
    'src/rules/rollout-strategy.ts: meta.kinds[0] must be a kind of which podgrace reads more than the template, such as apps/Deployment',
  ]);
  t.end();
});

void t.test('a rule about workloads has no repair', (t) => {
  t.same(problemsOf({ about: 'workload', kinds: ['apps/Deployment'] }, memoryLimit), [
    "src/rules/memory-limit.ts: meta.about must be 'pod', as the rule has mutate(): only Pods are repaired",
  ]);
  t.end();
});

void t.test('fixtures, the test and the steps must be there, and provoke every message', (t) => {
  const folder = t.testdir();
  const root = pathToFileURL(`${folder}/`);
  const found = (): string[] => problemsOfRule(probeTiming, 'probe-timing', root).map(renderProblem);
  cpSync(new URL('test/rules/ladders.ts', ROOT), join(folder, 'test/rules/ladders.ts'));
  cpSync(new URL('test/rules/probe-timing', ROOT), join(folder, 'test/rules/probe-timing'), { recursive: true });
  t.same(found(), ["test/rules/probe-timing.test.ts: must import the rule from '../../src/rules/probe-timing.ts' and call testRule(rule)"]);
  cpSync(new URL('test/rules/probe-timing.test.ts', ROOT), join(folder, 'test/rules/probe-timing.test.ts'));
  t.same(found(), []);
  rmSync(join(folder, 'test/rules/probe-timing'), { recursive: true });
  t.same(found(), [
    'test/rules/probe-timing/: must hold an accepted.<case>.yaml',
    'test/rules/probe-timing/: must hold a reported.<case>.yaml',
    ...Object.keys(messages).map((id) => `test/rules/probe-timing/: must hold a case with the finding '${id}' of meta.messages`),
  ]);
  writeFileSync(join(folder, 'test/rules/ladders.ts'), "export const LADDERS = {\n  'probe-defaults': [],\n};\n");
  t.equal(found().at(-1), 'test/rules/ladders.ts: must have the steps of probe-timing, from right to worst');
  t.end();
});
