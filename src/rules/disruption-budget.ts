/** A budget allows drains, and they evict one Pod after the other. */
import { boundThatAllowsOne, counted, namesOf, orMoreReplicas, otherwiseFor } from '../core/budget-advice.ts';
import {
  budgetsThatSelect,
  COMPARED_PER_STEP,
  isAnyScaled,
  knowsAllWorkloads,
  lastingOf,
  mostPodsOf,
  uncountedOf,
  workloadsSelectedBy,
} from '../core/budgeted-pods.ts';
import type { AutoscalerCompanion, BudgetCompanion, CompanionContext } from '../core/companion.ts';
import {
  allowedDisruptionsOf,
  allowsNothingByItself,
  boundOf,
  isCountedByScale,
  NO_BOUND,
  replicasToAllowOne,
} from '../core/disruption.ts';
import { fewestReplicasOf } from '../core/fewest-replicas.ts';
import { equalJson } from '../core/json.ts';
import { FieldPath } from '../core/path.ts';
import { defineRule, NO_VIOLATIONS, type KnownViolation } from '../core/rule.ts';
import {
  autoscalerOf,
  isScaledBy,
  othersThan,
  selectsPods,
  type Autoscaler,
  type KnownWorkload,
  type PodDisruptionBudget,
  type Surroundings,
} from '../core/surroundings.ts';
import { othersUnder } from '../core/shared-budget.ts';
import type { Work } from '../core/work.ts';

interface Options {
  readonly requiredFrom: number;
  readonly alwaysAllowUnhealthy: boolean;
}

type MessageId =
  | 'neverAllows'
  | 'overlap'
  | 'missing'
  | 'budgetNeverAllows'
  | 'budgetKeepsAll'
  | 'budgetCannotCount'
  | 'budgetOverlaps'
  | 'budgetSelectsNothing'
  | 'unhealthyBlock'
  | 'autoscalerTooLow';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'disruption-budget',
    since: '0.1.0',
    category: 'eviction',
    docs: {
      summary: 'One PodDisruptionBudget selects the Pods of a workload, and lets at least one of them be evicted.',
      harm: 'Without a budget, a drain of several nodes may stop all replicas at once; with a budget that never allows an eviction, no drain ends.',
      why: [
        'Without a budget, a drain of several nodes may stop all replicas at once; with one that never allows an eviction, no drain ends.',
        'Such a budget has a `minAvailable` of as many Pods as there are, `maxUnavailable: 0`, or 50 % of one: `kubectl drain` tries for',
        'ever, and upgrades of nodes wait for an hour and kill, or give up. Two budgets for one Pod make each eviction fail with an error',
        '(500). With `unhealthyPodEvictionPolicy: IfHealthyBudget`, the default, a Pod that is not ready can',
        'be evicted only while enough others are ready: one broken rollout, and no node of that workload can be drained.',
      ].join('\n'),
      firesOn: [
        'a known budget that allows no eviction even when every replica is ready; percentages round as the controller rounds them',
        'two known budgets that select the same Pods',
        'a workload of at least `requiredFrom` replicas that no known budget selects',
        'a PodDisruptionBudget, at its own line, that allows no eviction: by itself (`maxUnavailable: 0`, `minAvailable: 100%`, neither), or for the workloads of its folder (`check`) or namespace (`dry-run`)',
        'one with a percentage or `maxUnavailable` for Pods of a DaemonSet or a Job (also of one that has ended, while its Pods are still there), or for Pods without a controller alone: the controller cannot count them',
        'one that selects the same Pods as another one, or none of the workloads of its folder or namespace',
        'one whose `unhealthyPodEvictionPolicy` is not `AlwaysAllow` (option `alwaysAllowUnhealthy`)',
        'an autoscaler that may go down to as many replicas as a budget keeps',
      ],
      leavesAlone: [
        'everything where podgrace does not know the budgets of the namespace',
        'in the webhook, which Pods a budget selects: the webhook knows no workloads, and they may be created later',
        'Jobs and DaemonSets, and workloads with 0 replicas, unless KEDA scales them: it starts them again',
        'a budget that workloads share, as a canary does, where all of them together have more Pods than it keeps (`check`)',
        'a percentage below 100 % that rounds up to all replicas, of a budget that also selects a Pod without a controller: that Pod is not expected, so one eviction is allowed (Pods that end by themselves, with `restartPolicy: Never` or `OnFailure`, do not count)',
        'budgets that are exhausted because Pods are not ready',
        'what a budget selects where the folder has no workload, a kustomization, or objects of kinds that may have Pods of their own',
      ],
      remediation: [
        'Use `maxUnavailable: 1`: it allows one eviction whatever the number of replicas is, and keeps the others. With one replica, choose',
        'between a drain that stops it and a second replica: a budget cannot give both. Keep one budget for each workload, with',
        '`unhealthyPodEvictionPolicy: AlwaysAllow`. Leave it away only where a Pod that is not ready must be left time to recover, as in a',
        'quorum that copies data. Pods of DaemonSets need no budget: drains leave them where they are.',
      ].join('\n'),
      worse:
        'From the worst: evictions fail, none is allowed, no budget is there. Of a budget: it allows none, it overlaps another, it selects nothing; what happens to broken Pods is compared with itself.',
      references: [
        'https://kubernetes.io/docs/tasks/run-application/configure-pdb/',
        'https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/controller/disruption/disruption.go',
      ],
    },
    about: 'workload',
    kinds: ['apps/Deployment', 'apps/StatefulSet'],
    companions: ['policy/PodDisruptionBudget', 'autoscaling/HorizontalPodAutoscaler', 'keda.sh/ScaledObject'],
    needs: ['podDisruptionBudgets', 'autoscalers', 'workloads'],
    reads: ['spec.replicas', 'spec.template.metadata.labels'],
    writes: [],
    appliesTo: { containers: [], workloads: ['service', 'stateful'] },
    mutation: 'none',
    presets: {
      baseline: { mode: 'warn', mutation: 'off', options: { requiredFrom: 0, alwaysAllowUnhealthy: false } },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'warn', mutation: 'off' },
    },
    messages: {
      neverAllows: {
        text: 'must let a Pod be evicted, but the budget {{budget}} with {{bound}} never does for {{replicas}}: drains of its nodes wait for ever',
        fix: 'set {{advised}} in the PodDisruptionBudget {{budget}}{{orReplicas}}',
      },
      overlap: {
        text: 'must be selected by one budget, but {{first}} and {{second}} both select these Pods: each eviction fails with an error',
        fix: 'remove one of the two, or make their selectors differ',
      },
      missing: {
        text: 'must be selected by a PodDisruptionBudget where there are {{replicas}}, but none selects these Pods: drains of several nodes may stop all of them at once',
        fix: 'add a PodDisruptionBudget with `maxUnavailable: 1` and the labels of these Pods',
      },
      budgetNeverAllows: {
        text: 'must let a Pod be evicted, but {{bound}} never does, whatever the number of replicas is: drains wait for ever',
        fix: 'set {{advised}} instead, or remove the budget',
      },
      budgetKeepsAll: {
        text: 'must let a Pod be evicted, but {{bound}} keeps all of {{pods}} of {{workloads}}: drains wait for ever',
        fix: 'set {{advised}} instead{{otherwise}}',
      },
      budgetCannotCount: {
        text: 'must not be used for the {{kind}} {{name}}: {{bound}} is counted from replicas, which a {{kind}} does not have, so no eviction is allowed',
        fix: 'set {{advised}}, or remove the budget',
      },
      budgetOverlaps: {
        text: 'must not select Pods that the budget {{other}} selects as well{{of}}: each eviction of such a Pod fails with an error',
        fix: 'remove one of the two budgets, or make their selectors differ',
      },
      budgetSelectsNothing: {
        text: 'must select the Pods of a workload, but none of the workloads around has such labels: nothing is protected',
        fix: 'write the labels of the Pods (`spec.template.metadata.labels`) into `selector.matchLabels`',
      },
      unhealthyBlock: {
        text: 'must be AlwaysAllow: with {{value}} a Pod that is not ready cannot be evicted while too few others are, so one broken Pod holds up drains',
        fix: 'set `unhealthyPodEvictionPolicy: AlwaysAllow`',
      },
      autoscalerTooLow: {
        text: 'must be more than the budget {{budget}} keeps with {{bound}}, but is {{min}}: at so few replicas no Pod can be evicted',
        fix: 'raise {{raised}} to {{needed}} or more, or set `maxUnavailable: 1` in the PodDisruptionBudget {{budget}}',
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
        alwaysAllowUnhealthy: {
          type: 'boolean',
          description: 'Whether a budget must let Pods be evicted that are not ready, whatever it keeps.',
        },
      },
    },
    defaultOptions: { requiredFrom: 2, alwaysAllowUnhealthy: true },
    checkOptions: ({ requiredFrom }) =>
      requiredFrom === 1 ? [{ option: 'requiredFrom', message: 'must be 2 or more, or 0: no budget helps a single replica' }] : [],
  },

  validate(pod, context) {
    const { options, subject, surroundings } = context;
    const { autoscalers } = surroundings;
    const count = fewestReplicasOf(subject, surroundings);
    if (count === undefined || count === 0 || !surroundings.podDisruptionBudgets.isKnown) return NO_VIOLATIONS;
    const [first, second] = budgetsThatSelect(pod.metadata.labels, surroundings.podDisruptionBudgets.value, context);
    const scaler = autoscalers.isKnown ? autoscalerOf(subject, autoscalers.value) : undefined;
    if (first === undefined) {
      const { requiredFrom } = options;
      if (requiredFrom === 0 || count < requiredFrom) return NO_VIOLATIONS;
      return [{ message: 'missing', path: LABELS, data: { replicas: replicasText(count, scaler) }, rank: [0], mayFollow: true }];
    }
    if (second !== undefined) return [{ message: 'overlap', path: LABELS, data: { first: first.name, second: second.name }, rank: [2] }];
    // An autoscaler whose bounds are not known may only add replicas; what a budget allows then can only grow.
    if (allowedDisruptionsOf(first, count) > 0) return NO_VIOLATIONS;
    const others = othersUnder(first, subject, surroundings, context);
    if (!allowsNothingByItself(first) && allowedDisruptionsOf(first, count + others.replicas, others.barePods) > 0) return NO_VIOLATIONS;
    const isScaled = scaler !== undefined;
    const { uncounted } = others;
    const orReplicas = isScaled || uncounted !== undefined ? '' : orMoreReplicas(first, others);
    const replicas = replicasText(count, scaler);
    const data = { budget: first.name, replicas, bound: boundOf(first), advised: boundThatAllowsOne([], uncounted), orReplicas };
    const violation = { message: 'neverAllows', path: REPLICAS, data, rank: [1], ranked: [LABELS] } as const;
    // An autoscaler that follows helps where more replicas do.
    return isScaled || allowsNothingByItself(first) ? [violation] : [{ ...violation, mayFollow: true }];
  },

  validateCompanion(companion, context) {
    return companion.type === 'budget' ? judgeBudget(companion, context) : judgeAutoscaler(companion, context);
  },
});

/** How many replicas a message speaks of: where they are not those that the workload sets, also whose they are. */
function replicasText(count: number, scaler: Autoscaler | undefined): string {
  const replicas = counted(count, 'replica');
  return scaler === undefined ? replicas : `${replicas}, the fewest of the autoscaler ${scaler.name}`;
}

type Found = KnownViolation<MessageId>;

function judgeBudget(
  { budget, unhealthyPodEvictionPolicy: value }: BudgetCompanion,
  { options, surroundings, work }: CompanionContext<Options>,
): Found[] {
  const found: Found[] = [];
  const selected = workloadsSelectedBy(budget, surroundings, work);
  const never = whyNothingIsAllowed(budget, selected, surroundings, work);
  if (never !== undefined) found.push(never);
  const overlap = overlapOf(budget, selected, surroundings, work);
  if (overlap !== undefined) found.push(overlap);
  // Without a selector it is half an object: a patch for another tool.
  if (budget.selector == null) return found;
  if (knowsAllWorkloads(surroundings) && selected.length === 0)
    found.push({ message: 'budgetSelectsNothing', path: SELECTOR, rank: [0], mayFollow: true });
  if (options.alwaysAllowUnhealthy && value !== 'AlwaysAllow')
    found.push({ message: 'unhealthyBlock', path: UNHEALTHY, data: { value }, rank: [0] });
  return found;
}

function whyNothingIsAllowed(
  budget: PodDisruptionBudget,
  selected: readonly KnownWorkload[],
  surroundings: Surroundings,
  work: Work,
): Found | undefined {
  const counting = lastingOf(selected);
  const uncounted = uncountedOf(counting, surroundings, work);
  const bound = boundOf(budget);
  const advised = boundThatAllowsOne(counting, uncounted);
  const of = { path: placeOfBound(budget), rank: [3], ranked: [SELECTOR] } as const;
  // Also beside a Pod without a controller: nobody makes that one anew, and once it is evicted, nothing is allowed any more.
  if (allowsNothingByItself(budget))
    return { ...of, message: 'budgetNeverAllows', data: { bound: bound === NO_BOUND ? 'a budget without a bound' : bound, advised } };
  if (uncounted !== undefined && isCountedByScale(budget))
    return { ...of, message: 'budgetCannotCount', data: { kind: uncounted.kind, name: uncounted.name, bound, advised } };
  const most = knowsAllWorkloads(surroundings) ? mostPodsOf(counting, surroundings, work) : undefined;
  if (most === undefined) return undefined;
  const { replicas, barePods, present } = most;
  if (replicas + barePods === 0 || allowedDisruptionsOf(budget, replicas, barePods) > 0) return undefined;
  const otherwise = otherwiseFor(budget, { replicas, barePods, isSomeScaled: isAnyScaled(counting, surroundings, work) });
  const pods = counted(replicas + barePods, barePods > 0 ? 'Pod' : 'replica');
  return { ...of, message: 'budgetKeepsAll', data: { bound, pods, workloads: namesOf(present), advised, otherwise }, mayFollow: true };
}

function overlapOf(
  budget: PodDisruptionBudget,
  selected: readonly KnownWorkload[],
  { podDisruptionBudgets }: Surroundings,
  work: Work,
): Found | undefined {
  if (!podDisruptionBudgets.isKnown || budget.selector == null) return undefined;
  const isItself = ({ name }: PodDisruptionBudget): boolean => name === budget.name;
  for (const other of othersThan(isItself, work.each(podDisruptionBudgets.value))) {
    work.spend(Math.ceil(selected.length / COMPARED_PER_STEP));
    const both = selected.filter(({ labels }) => selectsPods(other.selector, labels));
    if (both.length === 0 && !equalJson(other.selector, budget.selector)) continue;
    const data = { other: other.name, of: both.length === 0 ? '' : `, those of ${namesOf(both)}` };
    return { message: 'budgetOverlaps', path: SELECTOR, data, rank: [2] };
  }
  return undefined;
}

function judgeAutoscaler(
  { autoscaler, min, max }: AutoscalerCompanion,
  { surroundings, work }: CompanionContext<Options>,
): readonly Found[] {
  const { workloads, podDisruptionBudgets } = surroundings;
  const { minReplicas } = autoscaler;
  if (!workloads.isKnown || !podDisruptionBudgets.isKnown || minReplicas === 0) return NO_VIOLATIONS;
  const target = workloads.value.workloads.find((workload) => isScaledBy(workload, autoscaler));
  if (target === undefined) return NO_VIOLATIONS;
  for (const budget of work.each(podDisruptionBudgets.value)) {
    // More replicas help only where the budget keeps a number of Pods, or a part of them.
    if (budget.maxUnavailable != null || budget.minAvailable == null || !selectsPods(budget.selector, target.labels)) continue;
    const { replicas, barePods } = othersUnder(budget, target, surroundings, work);
    const needed = replicasToAllowOne(budget, replicas, barePods);
    if (allowedDisruptionsOf(budget, minReplicas + replicas, barePods) > 0 || needed === undefined) continue;
    const raised = needed > autoscaler.maxReplicas ? `it and \`${max.text}\`` : 'it';
    const data = { budget: budget.name, bound: boundOf(budget), min: minReplicas, raised, needed };
    return [{ message: 'autoscalerTooLow', path: min, data, rank: [0] }];
  }
  return NO_VIOLATIONS;
}

const SELECTOR = FieldPath.of('spec', 'selector');
const UNHEALTHY = FieldPath.of('spec', 'unhealthyPodEvictionPolicy');

function placeOfBound({ minAvailable, maxUnavailable }: PodDisruptionBudget): FieldPath {
  const spec = FieldPath.of('spec');
  if (maxUnavailable != null) return spec.field('maxUnavailable');
  return minAvailable == null ? spec : spec.field('minAvailable');
}

const LABELS = FieldPath.of('spec', 'template', 'metadata', 'labels');
const REPLICAS = FieldPath.of('spec', 'replicas');
