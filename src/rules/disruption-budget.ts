/** A budget allows drains, and they evict one Pod after the other. */
import { allowedDisruptionsOf } from '../core/disruption.ts';
import { FieldPath } from '../core/path.ts';
import { defineRule, NO_VIOLATIONS, type RuleContext } from '../core/rule.ts';
import { autoscalerOf, selectsPods, type PodDisruptionBudget } from '../core/surroundings.ts';
import type { Pod } from '../core/pod.ts';

interface Options {
  readonly requiredFrom: number;
}

type MessageId = 'neverAllows' | 'overlap' | 'missing';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'disruption-budget',
    since: '0.1.0',
    category: 'eviction',
    docs: {
      summary: 'One PodDisruptionBudget selects the Pods of a workload, and lets at least one of them be evicted.',
      why: [
        'A budget that never allows an eviction (`minAvailable` of as many Pods as there are, `maxUnavailable: 0`, 50 % of one) stops',
        'every drain of every node that such a Pod is on: `kubectl drain` tries for ever, and upgrades of nodes wait for an hour and',
        'kill, or give up. Two budgets for one Pod make each eviction fail with an error (500). Without a budget a drain of several',
        'nodes may take all replicas at once.',
      ].join('\n'),
      firesOn: [
        'a known budget that allows no eviction even when every replica is ready; percentages round as the controller rounds them',
        'two known budgets that select the same Pods',
        'a workload of at least `requiredFrom` replicas that no known budget selects',
      ],
      leavesAlone: [
        'everything where podgrace does not know the budgets of the namespace',
        'Jobs and DaemonSets, and workloads with 0 replicas',
        'budgets that are exhausted because Pods are not ready',
      ],
      remediation: [
        'Use `maxUnavailable: 1`: it allows one eviction whatever the number of replicas is, and keeps the others. With one replica, choose',
        'between a drain that stops it and a second replica: a budget cannot give both. Keep one budget for each workload.',
      ].join('\n'),
      worse: 'From the worst: evictions fail, none is allowed, no budget is there.',
      references: [
        'https://kubernetes.io/docs/tasks/run-application/configure-pdb/',
        'https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/controller/disruption/disruption.go',
      ],
    },
    about: 'workload',
    kinds: ['apps/Deployment', 'apps/StatefulSet'],
    needs: ['podDisruptionBudgets', 'autoscalers'],
    reads: ['spec.replicas', 'spec.template.metadata.labels'],
    writes: [],
    appliesTo: { containers: [], workloads: ['service', 'stateful'] },
    mutation: 'none',
    presets: {
      baseline: { mode: 'warn', mutation: 'off', options: { requiredFrom: 0 } },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'warn', mutation: 'off' },
    },
    messages: {
      neverAllows: {
        text: 'must let a Pod be evicted, but the budget {{budget}} with {{bound}} never does for {{replicas}}: drains of its nodes wait for ever',
        fix: 'set `maxUnavailable: 1` in the PodDisruptionBudget {{budget}}, or more replicas than it keeps',
      },
      overlap: {
        text: 'must be selected by one budget, but {{first}} and {{second}} both select these Pods: each eviction fails with an error',
        fix: 'remove one of the two, or make their selectors differ',
      },
      missing: {
        text: 'must be selected by a budget with {{replicas}}, but none is: drains of several nodes may stop all of them at once',
        fix: 'add a PodDisruptionBudget with `maxUnavailable: 1` and the labels of these Pods',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        requiredFrom: {
          type: 'integer',
          minimum: 0,
          maximum: 1000,
          description: 'From how many replicas on a workload must have a budget; 0 for never.',
        },
      },
    },
    defaultOptions: { requiredFrom: 2 },
    checkOptions: ({ requiredFrom }) =>
      requiredFrom === 1 ? [{ option: 'requiredFrom', message: 'must be 2 or more, or 0: no budget helps a single replica' }] : [],
  },

  validate(pod, context) {
    const { options, subject, surroundings } = context;
    const own = subject.workload?.replicas;
    if (own === undefined || own === 0 || !surroundings.podDisruptionBudgets.isKnown) return NO_VIOLATIONS;
    const autoscaler = surroundings.autoscalers.isKnown ? autoscalerOf(subject, surroundings.autoscalers.value) : undefined;
    const count = Math.max(1, autoscaler?.minReplicas ?? own);
    const replicas = count === 1 ? '1 replica' : `${count} replicas`;
    const [first, second] = budgetsOf(pod, surroundings.podDisruptionBudgets.value, context);
    if (first === undefined) {
      const { requiredFrom } = options;
      if (requiredFrom === 0 || count < requiredFrom) return NO_VIOLATIONS;
      return [{ message: 'missing', path: LABELS, data: { replicas }, rank: [0], mayFollow: true }];
    }
    if (second !== undefined) return [{ message: 'overlap', path: LABELS, data: { first: first.name, second: second.name }, rank: [2] }];
    // An autoscaler whose bounds are not known may only add replicas; what a budget allows then can only grow.
    if (allowedDisruptionsOf(first, count) > 0) return NO_VIOLATIONS;
    const data = { budget: first.name, replicas, bound: boundOf(first) };
    const violation = { message: 'neverAllows', path: REPLICAS, data, rank: [1], ranked: [LABELS] } as const;
    // No number of replicas helps where none of them may be unavailable.
    const needsReplicas = first.maxUnavailable == null && first.minAvailable != null;
    return needsReplicas && autoscaler === undefined ? [{ ...violation, mayFollow: true }] : [violation];
  },
});

const LABELS = FieldPath.of('spec', 'template', 'metadata', 'labels');
const REPLICAS = FieldPath.of('spec', 'replicas');

function budgetsOf(
  { metadata }: Pod,
  budgets: readonly PodDisruptionBudget[],
  context: RuleContext<Options>,
): readonly PodDisruptionBudget[] {
  const found: PodDisruptionBudget[] = [];
  for (const budget of context.each(budgets)) if (selectsPods(budget.selector, metadata.labels ?? {})) found.push(budget);
  return found;
}

function boundOf({ minAvailable, maxUnavailable }: PodDisruptionBudget): string {
  if (maxUnavailable != null) return `maxUnavailable ${maxUnavailable}`;
  return minAvailable == null ? 'neither bound' : `minAvailable ${minAvailable}`;
}
