/**
 * What a new rule begins with: a rule that works, two fixtures, the test and the steps from right to worst. Its author rewrites them.
 *
 * It asks for `terminationMessagePolicy: FallbackToLogsOnError`, as small a rule as there can be. Every text that its author
 * has to write says TODO, and `npm run generate` refuses the rule as long as one does.
 */
import type { Generated } from './generated.ts';
import { variableOf } from './rules-index.ts';

/** `export const rules` of the index, and what a variable cannot be called. */
const RESERVED: ReadonlySet<string> = new Set(
  (
    'rules index break case catch class const continue debugger default delete do else enum export extends false finally for ' +
    'function if implements import in instanceof interface let new null package private protected public return static super ' +
    'switch this throw true try typeof var void while with yield await async eval arguments undefined'
  ).split(' '),
);

/** @returns what is wrong with a rule's id, undefined where nothing is */
export function problemOfId(id: string): string | undefined {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(id)) return 'must be lower-case words with hyphens between them, as in pre-stop-delay';
  if (id.length > 40) return 'must have at most 40 characters';
  return RESERVED.has(variableOf(id)) ? 'must not be a word of JavaScript, as the index of the rules uses it as a name' : undefined;
}

/** What each rule judges, from right to worst: the tests of updates read it. */
export const LADDERS = 'test/rules/ladders.ts';

/** How the steps of a rule begin in the text of `LADDERS`. */
export function ladderStart(id: string): string {
  return `\n  ${id.includes('-') ? `'${id}'` : id}: [`;
}

/**
 * @param text of `LADDERS`, whose last statement is the list of all rules
 * @returns the same with the steps of the new rule at the end of the list
 */
export function withLadder(text: string, id: string): string {
  const end = text.lastIndexOf('\n};\n');
  if (end < 0) throw new Error(`${LADDERS} must end with the list of the rules`);
  return `${text.slice(0, end)}${ladderStart(id)}\n${STEPS}${text.slice(end)}`;
}

const STEPS = `    // TODO: what the rule judges, from right to worst; what stands in one step is equally bad.
    inContainers('the policy', [[{ terminationMessagePolicy: 'FallbackToLogsOnError' }], [{}, { terminationMessagePolicy: 'File' }]]),
  ],`;

/**
 * @param id one that `problemOfId` has nothing against
 * @param version of podgrace that will bring the rule
 */
export function scaffoldRule(id: string, version: string): Generated[] {
  return [
    { path: `src/rules/${id}.ts`, content: ruleFile(id, version) },
    { path: `test/rules/${id}/accepted.minimal.yaml`, content: ACCEPTED },
    { path: `test/rules/${id}/reported.default.yaml`, content: REPORTED },
    { path: `test/rules/${id}.test.ts`, content: testFile(id) },
  ];
}

function ruleFile(id: string, version: string): string {
  return `/** TODO: what the rule asks for, in one line. */
import { pathOf } from '../core/pod.ts';
import { defineRule, NO_VIOLATIONS, type Violation } from '../core/rule.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';

interface Options {
  readonly policy: 'File' | 'FallbackToLogsOnError';
}

type MessageId = 'different';

export default defineRule<Options, MessageId>({
  meta: {
    id: '${id}',
    since: '${version}',
    category: 'configuration',
    docs: {
      summary: 'TODO: what the rule asks for, in one sentence.',
      harm: 'TODO: what goes wrong without it, in one sentence.',
      why: 'TODO: what happens to users without it, with numbers.',
      remediation: 'TODO: how to satisfy it, and what the repair does.',
      worse: 'TODO: of two findings about one thing, which is worse.',
      references: ['https://kubernetes.io/docs/tasks/debug/debug-application/determine-reason-pod-failure/'],
    },
    reads: ['spec.containers[*].terminationMessagePolicy', 'spec.initContainers[*].terminationMessagePolicy'],
    writes: [],
    appliesTo: { containers: ['main', 'sidecar'], workloads: WORKLOAD_CLASSES },
    mutation: 'none',
    presets: {
      baseline: { mode: 'off', mutation: 'off' },
      production: { mode: 'audit', mutation: 'off' },
      strict: { mode: 'warn', mutation: 'off' },
    },
    messages: {
      different: {
        text: 'must be {{wanted}}, but is {{value}}',
        fix: 'set \`terminationMessagePolicy: {{wanted}}\`',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        policy: { type: 'string', enum: ['File', 'FallbackToLogsOnError'], description: 'TODO: what the option means.' },
      },
    },
    defaultOptions: { policy: 'FallbackToLogsOnError' },
  },

  validate(_pod, context) {
    const { policy: wanted } = context.options;
    let violations: Violation<MessageId>[] | undefined;
    for (const reference of context.containers()) {
      const { terminationMessagePolicy: value } = reference.container;
      if (value == null || value === wanted) continue;
      violations ??= [];
      violations.push({
        message: 'different',
        path: pathOf(reference).field('terminationMessagePolicy'),
        data: { wanted, value },
        rank: [0],
      });
    }
    return violations ?? NO_VIOLATIONS;
  },
});
`;
}

const ACCEPTED = `given:
  apiVersion: v1
  kind: Pod
  metadata: { name: web }
  spec:
    containers:
      - name: web
        image: registry.example/web:1
        terminationMessagePolicy: FallbackToLogsOnError
`;

const REPORTED = `given:
  apiVersion: v1
  kind: Pod
  metadata: { name: web }
  spec:
    containers:
      - name: web
        image: registry.example/web:1
findings:
  - message: different
    field: spec.containers[0].terminationMessagePolicy
    container: web
    data: { wanted: FallbackToLogsOnError, value: File }
`;

function testFile(id: string): string {
  return `import rule from '../../src/rules/${id}.ts';
import { testRule } from './laws.ts';

testRule(rule);
`;
}
