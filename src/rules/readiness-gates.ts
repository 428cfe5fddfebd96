/** Some controller sets the condition of each readiness gate. */
import { anyNameMatcher } from '../core/glob.ts';
import { oncePer } from '../core/once-per.ts';
import { SPEC } from '../core/pod.ts';
import { defineRule, NO_VIOLATIONS, type Violation } from '../core/rule.ts';
import { shortened } from '../core/shortened.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';

interface Options {
  /** Names, with `*` for any run of characters; empty where nobody has said which. */
  readonly conditionTypes: readonly string[];
}

type MessageId = 'nobodySets';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'readiness-gates',
    since: '0.1.0',
    category: 'probes',
    docs: {
      summary: 'Each readiness gate is a condition that a controller of the cluster sets.',
      harm: 'A Pod with a readiness gate is ready only after a controller sets the condition: without that controller, it gets no traffic, and rollouts stop.',
      why: [
        'A Pod with a readiness gate is ready only when its containers are and the condition of the gate is `True`. The kubelet sets no such',
        'condition: a controller has to. With a gate whose controller is not installed, or whose name is mistyped, the Pod runs and is never',
        'ready: no Service sends it anything, and a rollout waits until its deadline (10 minutes) and stops half way.',
      ].join('\n'),
      firesOn: ['a gate whose `conditionType` none of the names in `conditionTypes` fits'],
      leavesAlone: [
        'everything where `conditionTypes` is empty, as it is by default: nobody has said which controllers there are',
        'whether the controller sets the condition in time',
      ],
      remediation: [
        'Correct the name, install the controller, or remove the gate. What the controllers of the cluster set is listed in the policy:',
        '`target-health.elbv2.k8s.aws/*` for the AWS Load Balancer Controller, `cloud.google.com/load-balancer-neg-ready` for GKE,',
        '`InPlaceUpdateReady` for OpenKruise.',
      ].join('\n'),
      worse: 'One gate that nobody opens is enough; each is compared with itself.',
      shipped: { baseline: 0, production: 0, strict: 0 },
      references: ['https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-readiness-gate'],
    },
    reads: ['spec.readinessGates'],
    writes: [],
    appliesTo: { containers: [], workloads: WORKLOAD_CLASSES },
    mutation: 'none',
    presets: {
      baseline: { mode: 'warn', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'enforce', mutation: 'off' },
    },
    messages: {
      nobodySets: {
        text: 'must be a condition that a controller sets, but nobody is known to set {{condition}}: the Pod runs and is never ready',
        fix: 'correct the name or remove the gate; if a controller sets it, add it to `conditionTypes` in the policy',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        conditionTypes: {
          type: 'array',
          maxItems: 100,
          items: { type: 'string', minLength: 1, maxLength: 317 },
          description: 'The conditions that controllers of the cluster set; `*` stands for any characters. Empty: no gate is judged.',
        },
      },
    },
    defaultOptions: { conditionTypes: [] },
  },

  validate({ spec }, context) {
    const { options } = context;
    if (spec.readinessGates == null || options.conditionTypes.length === 0) return NO_VIOLATIONS;
    const isSet = matcherOf(options);
    const violations: Violation<MessageId>[] = [];
    let index = -1;
    for (const { conditionType } of context.each(spec.readinessGates)) {
      index += 1;
      if (isSet(conditionType)) continue;
      const path = GATES.at(index, { conditionType }).field('conditionType');
      violations.push({ message: 'nobodySets', path, data: { condition: shortened(conditionType) }, rank: [0] });
    }
    return violations;
  },
});

const matcherOf = oncePer(({ conditionTypes }: Options) => anyNameMatcher(conditionTypes));

const GATES = SPEC.field('readinessGates');
