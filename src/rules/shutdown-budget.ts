/** The grace period is long enough for everything that has to happen in it. */
import { DEFAULT_GRACE_PERIOD_SECONDS } from '../core/defaults.ts';
import { FieldPath } from '../core/path.ts';
import { pathOf, SPEC, type Pod } from '../core/pod.ts';
import { defineRule, NO_VIOLATIONS, type RuleContext, type Violation } from '../core/rule.ts';
import {
  DRAIN_ANNOTATION,
  drainSecondsSaid,
  MINIMUM_STOP_SECONDS,
  shutdownPlanOf,
  type ContainerShutdown,
  type ShutdownPlan,
} from '../core/shutdown.ts';
import { spotNoticeOf, type SpotNotice } from '../core/spot-node.ts';
import type { Subject } from '../core/subject.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';
import { OPERATING_SYSTEM_FIELDS } from '../core/operating-system.ts';

interface Options {
  readonly drainSeconds: number;
  readonly sidecarSeconds: number;
  readonly marginSeconds: number;
  readonly maxSeconds: number;
}

type MessageId = 'tooShort' | 'aboveMax' | 'unbounded' | 'notAddedUp' | 'outlastsNode' | 'outlastsProbe' | 'unreadableAnnotation';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'shutdown-budget',
    since: '0.1.0',
    category: 'termination',
    docs: {
      summary:
        'The grace period is long enough for the longest preStop hook, the drain of the application, the end of sidecars, and a margin.',
      harm: 'The preStop hook and the application share the grace period: when it ends, SIGKILL cuts off what still runs.',
      why: [
        'The grace period starts when the Pod is deleted, before preStop: hook and application share it. When it ends, SIGKILL',
        'cuts off what still runs: a hook that sleeps 25 s of the default 30 s leaves the application 5 s. A hook that uses the',
        'whole period leaves it exactly 2 s (the kubelet’s minimum). Native sidecars get SIGTERM only after the last main',
        'container has ended, and need their time after that.',
      ].join('\n'),
      remediation: [
        'Set `terminationGracePeriodSeconds` to at least the longest preStop + drain + sidecars + margin. The drain is the',
        'policy’s `drainSeconds`, or the annotation `podgrace.dev/drain-seconds` of the Pod. podgrace raises a shorter period',
        'to the required one, never above `maxSeconds`, and never lowers a period. An author who chose a period knows how long',
        'the application drains: then only the hooks must fit in, with 2 s after them. The rule leaves a period of 0 alone.',
        'podgrace adds up sleeps through lists, functions and counting loops. It cannot add up an HTTP call, a program of the',
        'image, or a loop that waits for something: that is recorded as unknown. Give such a hook a deadline with `timeout`. A',
        'hook that never ends is reported. The hook of a sidecar runs beside the hooks and the drain of the main containers. If',
        'the hook itself stops the server (`kill 1; sleep 15`), the server drains beside the rest of the hook. In a Job only hooks have to',
        'fit in. The hook of its sidecar runs each time that its containers have finished: one that never ends keeps every finished Pod for',
        'the whole period. A Pod that asks for spot nodes has no more time than the notice of its cloud: two minutes, or 30 s. The',
        '`terminationGracePeriodSeconds` of a livenessProbe or startupProbe counts in place of that of the Pod when the probe kills the',
        'container, and the hook runs then as well.',
      ].join('\n'),
      worse:
        'The more seconds are missing, the worse. An annotation that cannot be read and a hook that never ends are as bad as they were.',
      references: [
        'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination',
        'https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/753-sidecar-containers',
      ],
    },
    reads: [
      'spec.terminationGracePeriodSeconds',
      'spec.containers[*].lifecycle.preStop',
      'spec.initContainers[*].lifecycle.preStop',
      ...['containers', 'initContainers'].flatMap((list) =>
        ['livenessProbe', 'startupProbe'].map((probe) => `spec.${list}[*].${probe}.terminationGracePeriodSeconds`),
      ),
      'spec.containers[*].image',
      'spec.initContainers[*].image',
      'spec.containers[*].env',
      'spec.containers[*].ports',
      'spec.initContainers[*].env',
      'spec.initContainers[*].ports',
      ...OPERATING_SYSTEM_FIELDS,
      `metadata.annotations[${DRAIN_ANNOTATION}]`,
    ],
    writes: ['spec.terminationGracePeriodSeconds'],
    appliesTo: { containers: ['main', 'sidecar'], workloads: WORKLOAD_CLASSES },
    mutation: 'safe',
    after: ['pre-stop-delay'],
    presets: {
      baseline: { mode: 'warn', mutation: 'apply' },
      production: { mode: 'enforce', mutation: 'apply' },
      strict: { mode: 'enforce', mutation: 'apply' },
    },
    messages: {
      tooShort: {
        text: 'must be at least {{neededSeconds}} s ({{preStopSeconds}} s preStop + {{drainSeconds}} s drain + {{sidecarSeconds}} s sidecars + {{marginSeconds}} s margin), but is {{graceSeconds}} s',
        fix: 'set `terminationGracePeriodSeconds: {{neededSeconds}}`{{orLess}}',
      },
      aboveMax: {
        text: 'must fit {{neededSeconds}} s of shutdown ({{preStopSeconds}} s preStop + {{drainSeconds}} s drain + {{sidecarSeconds}} s sidecars + {{marginSeconds}} s margin) into the {{maxSeconds}} s that the policy allows',
        fix: 'shorten {{parts}}, or allow more in the policy',
      },
      unbounded: {
        text: 'must end by itself, but the hook never does: it takes the whole grace period and leaves its container 2 s',
        fix: 'give it a deadline, for example `timeout 20 sh -c …`',
      },
      notAddedUp: {
        text: 'must fit into the grace period; podgrace cannot tell how long the hook takes beyond {{seconds}} s, because it makes a call, runs a program of the image or waits for something',
        fix: 'give it a deadline, for example `timeout 20 sh -c …`; an `httpGet` hook has none, so make its call by `exec`, for example `curl -m 20 …`',
      },
      outlastsNode: {
        text: 'must end within {{noticeSeconds}} s on nodes with {{label}}, but the hook takes {{seconds}} s: the cloud takes such a node away at that notice, whatever the grace period is',
        fix: 'shorten the hook to less than {{noticeSeconds}} s, or run the Pod on nodes that stay',
        onlyWarns: true,
      },
      outlastsProbe: {
        text: 'must be longer than the preStop hook of {{seconds}} s, but is {{graceSeconds}} s: when this probe kills the container, the hook takes all of it, and SIGKILL follows SIGTERM after 2 s',
        fix: 'set {{neededSeconds}} or more, or shorten the hook',
        onlyWarns: true,
      },
      unreadableAnnotation: {
        text: `must be a whole number of seconds, but is '{{value}}'`,
        fix: `set \`${DRAIN_ANNOTATION}\` to the seconds that the application works on after SIGTERM, for example '20'`,
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        drainSeconds: {
          type: 'integer',
          minimum: 0,
          maximum: 86400,
          description: `Seconds that an application works on after SIGTERM, where the Pod's annotation ${DRAIN_ANNOTATION} says nothing else.`,
        },
        sidecarSeconds: {
          type: 'integer',
          minimum: 0,
          maximum: 86400,
          description: 'Seconds that native sidecars take after the last main container has ended.',
        },
        marginSeconds: { type: 'integer', minimum: 0, maximum: 3600, description: 'Seconds kept free before SIGKILL.' },
        maxSeconds: {
          type: 'integer',
          minimum: 1,
          maximum: 604800,
          description: 'The longest grace period that podgrace sets; node drains wait that long.',
        },
      },
    },
    defaultOptions: { drainSeconds: 15, sidecarSeconds: 5, marginSeconds: 5, maxSeconds: 600 },
  },

  validate(pod, context) {
    let violations: Violation<MessageId>[] | undefined;
    const drain = drainOf(pod, context.options);
    if (drain.unreadable !== undefined) {
      (violations ??= []).push({
        message: 'unreadableAnnotation',
        path: FieldPath.of('metadata', 'annotations').key(DRAIN_ANNOTATION),
        data: { value: drain.unreadable },
        rank: [0],
      });
    }
    // The fastest end is what its author wants: the kubelet kills 2 s after SIGTERM whatever the hooks do.
    if (pod.spec.terminationGracePeriodSeconds === 0) return violations ?? NO_VIOLATIONS;
    const notice = spotNoticeOf(pod.spec);
    const { asked: plan, full } = planOf(pod, context, drain.seconds);
    for (const container of plan.containers) {
      const violation = faultOfHook(container, notice);
      if (violation !== undefined) (violations ??= []).push(violation);
      for (const found of probesWithoutTimeFor(container)) (violations ??= []).push(found);
    }
    const graceSeconds = pod.spec.terminationGracePeriodSeconds;
    if (graceSeconds >= plan.neededSeconds) return violations ?? NO_VIOLATIONS;
    const { maxSeconds } = context.options;
    const { neededSeconds, preStopSeconds, drainSeconds, sidecarSeconds, marginSeconds } = plan;
    (violations ??= []).push({
      message: neededSeconds > maxSeconds ? 'aboveMax' : 'tooShort',
      path: SPEC.field('terminationGracePeriodSeconds'),
      data: {
        ...{ neededSeconds, preStopSeconds, drainSeconds, sidecarSeconds, marginSeconds, graceSeconds, maxSeconds },
        ...whatToShorten(plan),
      },
      // Of what all would need: a period that somebody chose shorter than the default is worse, although less is asked of it.
      rank: [full.neededSeconds - graceSeconds],
    });
    return violations;
  },

  mutate({ metadata, spec }, context) {
    if (spec.terminationGracePeriodSeconds === 0) return;
    const pod = { metadata, spec };
    const { neededSeconds } = planOf(pod, context, drainOf(pod, context.options).seconds).asked;
    if (neededSeconds > context.options.maxSeconds) return;
    spec.terminationGracePeriodSeconds = Math.max(spec.terminationGracePeriodSeconds, neededSeconds);
  },
});

/** A hook of which no grace period can be long enough, or of which nobody can tell. */
function faultOfHook({ reference, hook }: ContainerShutdown, notice: SpotNotice | undefined): Violation<MessageId> | undefined {
  if (hook === undefined) return undefined;
  const { certainty, seconds } = hook.duration;
  const path = pathOf(reference).field('lifecycle', 'preStop');
  if (certainty === 'endless') return { message: 'unbounded', path, rank: [0] };
  if (certainty === 'open') return { message: 'notAddedUp', path, data: { seconds }, unknown: true };
  if (certainty !== 'exact' || notice === undefined || seconds <= notice.seconds) return undefined;
  return { message: 'outlastsNode', path, data: { seconds, label: notice.label, noticeSeconds: notice.seconds }, rank: [0] };
}

/**
 * A probe that kills gives its container a time of its own, and the hook runs in it (`killContainer` in kuberuntime_container.go). How long the
 * application may take after that, only its author knows.
 */
function* probesWithoutTimeFor({ reference, hook }: ContainerShutdown): Generator<Violation<MessageId>> {
  if (hook?.duration.certainty !== 'exact') return;
  const { seconds } = hook.duration;
  for (const kind of PROBES_THAT_KILL) {
    const graceSeconds = reference.container[kind]?.terminationGracePeriodSeconds;
    if (graceSeconds == null || graceSeconds < 1 || graceSeconds > seconds) continue;
    yield {
      message: 'outlastsProbe',
      path: pathOf(reference).field(kind, 'terminationGracePeriodSeconds'),
      data: { seconds, graceSeconds, neededSeconds: Math.ceil(seconds) + MINIMUM_STOP_SECONDS },
      rank: [seconds - graceSeconds],
    };
  }
}

const PROBES_THAT_KILL = ['livenessProbe', 'startupProbe'] as const;

interface Plans {
  /** What has to fit into the period. */
  readonly asked: ShutdownPlan;
  /** Hooks, drain, sidecars and margin, whoever chose the period. */
  readonly full: ShutdownPlan;
}

/**
 * Who chose a period knows how long the application drains, and in a Job nothing drains: then only the hooks have to fit in, and 2 s after
 * them, which is what the kubelet leaves a container at least.
 */
function planOf(pod: Pod, { options, subject, facts }: RuleContext<Options>, drainSeconds: number): Plans {
  const { sidecarSeconds, marginSeconds } = options;
  const isDrainSaid = pod.metadata.annotations?.[DRAIN_ANNOTATION] !== undefined;
  const full = shutdownPlanOf(pod.spec, { drainSeconds, sidecarSeconds, marginSeconds }, facts);
  const graceSeconds = pod.spec.terminationGracePeriodSeconds;
  // Who has sent the period is asked last: it is the dearest question.
  if (isDrainSaid || full.neededSeconds <= graceSeconds) return { asked: full, full };
  if (subject.workloadClass !== 'batch' && !isChosen(graceSeconds, subject)) return { asked: full, full };
  const hooksAlone = { drainSeconds: 0, sidecarSeconds: 0, marginSeconds: Math.min(marginSeconds, MINIMUM_STOP_SECONDS) };
  const plan = shutdownPlanOf(pod.spec, hooksAlone, facts);
  return { asked: plan.preStopSeconds > 0 ? plan : { ...plan, neededSeconds: 0 }, full };
}

/** Only what takes time can take less. */
function whatToShorten({ preStopSeconds, drainSeconds }: ShutdownPlan): { readonly orLess: string; readonly parts: string } {
  const parts = [...(preStopSeconds > 0 ? ['the preStop hook'] : []), ...(drainSeconds > 0 ? ['the drain'] : [])];
  return { orLess: preStopSeconds > 0 ? ', or shorten the preStop hook' : '', parts: parts.join(' or ') || 'the time for sidecars' };
}

function isChosen(graceSeconds: number, { provenance }: Subject): boolean {
  return graceSeconds !== DEFAULT_GRACE_PERIOD_SECONDS || provenance.wasSent(SPEC.field('terminationGracePeriodSeconds'));
}

function drainOf({ metadata }: Pod, options: Options): { seconds: number; unreadable?: string } {
  const said = drainSecondsSaid(metadata);
  if (typeof said === 'number') return { seconds: said };
  return { seconds: options.drainSeconds, ...(said !== undefined && { unreadable: said }) };
}
