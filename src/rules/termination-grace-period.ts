/** The grace period is neither too short for the containers nor too long for a drain. */
import { containersOf, SPEC, type PodSpec } from '../core/pod.ts';
import { isPidOneElsewhere } from '../core/process/container-stop.ts';
import { quotedPidOne, type StopVerdict } from '../core/process/possibility.ts';
import { defineRule, NO_VIOLATIONS, type RuleContext } from '../core/rule.ts';
import { DRAIN_ANNOTATION, drainSecondsSaid } from '../core/shutdown.ts';
import { SERVING_CLASSES } from '../core/workload.ts';
import { OPERATING_SYSTEM_FIELDS } from '../core/operating-system.ts';

interface Options {
  readonly minSeconds: number;
  /** 0 for no bound. */
  readonly maxSeconds: number;
  /** 0 for no bound. */
  readonly maxUnusedSeconds: number;
}

type MessageId = 'zero' | 'zeroOfMember' | 'tooShort' | 'tooLong' | 'unused';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'termination-grace-period',
    since: '0.1.0',
    category: 'termination',
    docs: {
      summary: 'The grace period gives containers time to end, and is not longer than a drain can wait.',
      harm: 'With a period of 0, a StatefulSet starts the next Pod while the old one still runs; a period of hours delays each drain of the node for as long.',
      why: [
        'With a period of 0 the object is gone at once, while the containers are killed some 3 seconds later: a StatefulSet starts the',
        'next Pod of the same name beside the old one, and both have the same claim. A period of hours holds up every drain of the',
        'node for as long: upgrades stop, and cluster autoscalers give up (after 10 minutes, by default). The longest period is of no',
        'use to a container that does not hear SIGTERM: it waits for all of it and is killed.',
      ].join('\n'),
      firesOn: [
        'a period of 0: a warning at most, but for the Pods of a StatefulSet, and where `minSeconds` is above 1',
        'a period below `minSeconds` or above `maxSeconds`',
        'a period of more than `maxUnusedSeconds` after the longest preStop hook, sidecars included, where PID 1 of every main container certainly loses SIGTERM',
      ],
      leavesAlone: [
        'Jobs, CronJobs and their Pods',
        'a period of 0 of a DaemonSet: agents of a node choose it so that the next one starts at once',
        'a period of 0 of Pods that only sleep (`sleep infinity`) and have no sidecar and no preStop hook: they have nothing to end. Not in a StatefulSet, and not with a `minSeconds` above 1',
        'periods that hooks and drain do not fit in: `shutdown-budget` raises them',
        'the seconds of the annotation `podgrace.dev/drain-seconds`: they count as those of a hook',
        'entrypoints whose signal handling is not certain, and preStop hooks whose length is not known',
      ],
      remediation: [
        'Set what the application needs to finish its work, and a margin: 30 s is the default. Work that takes longer belongs into a Job,',
        'or is handed over. Where connections last for hours, have an override of the policy allow more for those workloads.',
        'podgrace lowers no period that somebody chose, and `shutdown-budget` raises one that is too short for hooks and drain.',
      ].join('\n'),
      shipped: { baseline: 1, production: 1, strict: 1 },
      worse:
        'A period that is too short is worse than one that is too long; then the seconds decide. A 0 that only warns is better than both.',
      references: [
        'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination',
        'https://kubernetes.io/docs/tasks/run-application/force-delete-stateful-set-pod/',
        'https://github.com/kubernetes/autoscaler/blob/master/cluster-autoscaler/FAQ.md#does-ca-respect-gracefultermination-in-scale-down',
      ],
    },
    reads: [
      'spec.terminationGracePeriodSeconds',
      'spec.containers[*].command',
      'spec.containers[*].args',
      'spec.containers[*].env',
      'spec.containers[*].image',
      'spec.containers[*].ports',
      'spec.containers[*].lifecycle.stopSignal',
      'spec.containers[*].stdin',
      'spec.containers[*].tty',
      'spec.containers[*].lifecycle.preStop',
      'spec.initContainers[*].restartPolicy',
      'spec.initContainers[*].image',
      'spec.initContainers[*].env',
      'spec.initContainers[*].ports',
      'spec.initContainers[*].lifecycle.preStop',
      'spec.shareProcessNamespace',
      'spec.hostPID',
      ...OPERATING_SYSTEM_FIELDS,
      `metadata.annotations[${DRAIN_ANNOTATION}]`,
    ],
    writes: [],
    appliesTo: { containers: ['main'], workloads: SERVING_CLASSES },
    mutation: 'none',
    needs: ['images'],
    presets: {
      baseline: { mode: 'warn', mutation: 'off', options: { maxSeconds: 0 } },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'enforce', mutation: 'off' },
    },
    messages: {
      zero: {
        text: 'must be at least {{minSeconds}} s, but is 0: the Pod counts as gone while its containers still run, and they are killed without time to end',
        fix: 'set the seconds that the application needs to end; to delete one Pod at once, use `kubectl delete --now`',
        onlyWarns: true,
      },
      zeroOfMember: {
        text: 'must be at least {{minSeconds}} s, but is 0: the next Pod of the same name starts while the containers of this one still run',
        fix: 'set the seconds that the application needs to end; to delete one Pod at once, use `kubectl delete --now`',
      },
      tooShort: {
        text: 'must be at least {{minSeconds}} s, but is {{seconds}} s: what takes longer to end is killed',
        fix: 'set `terminationGracePeriodSeconds: {{minSeconds}}` or more, or remove the field: the default is 30',
      },
      tooLong: {
        text: 'must be at most {{maxSeconds}} s, but is {{seconds}} s: a drain of the node waits that long',
        fix: 'lower it, or allow it in an override of the policy where connections last that long',
      },
      unused: {
        text: 'must be at most {{maxSeconds}} s, but is {{seconds}} s, and {{program}} is PID 1 and loses SIGTERM: the kubelet waits for all of it, then kills the container',
        fix: 'let the application hear SIGTERM (rule init-process), or lower the period',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        minSeconds: { type: 'integer', minimum: 1, maximum: 300, description: 'The shortest period.' },
        maxSeconds: { type: 'integer', minimum: 0, maximum: 604800, description: 'The longest period; 0 for no bound.' },
        maxUnusedSeconds: {
          type: 'integer',
          minimum: 0,
          maximum: 86400,
          description: 'The longest period after the preStop hooks where no main container hears SIGTERM; 0 for no bound.',
        },
      },
    },
    defaultOptions: { minSeconds: 1, maxSeconds: 3600, maxUnusedSeconds: 60 },
    checkOptions: ({ minSeconds, maxSeconds }) =>
      maxSeconds > 0 && maxSeconds < minSeconds ? [{ option: 'maxSeconds', message: 'must be at least `minSeconds`, or 0' }] : [],
  },

  validate({ metadata, spec }, context) {
    const { terminationGracePeriodSeconds: seconds } = spec;
    const { minSeconds, maxSeconds, maxUnusedSeconds } = context.options;
    if (seconds < minSeconds) {
      if (seconds === 0 && isZeroHarmless(spec, context)) return NO_VIOLATIONS;
      const message = shortMessageOf(seconds, context);
      const rank = message === 'zero' ? [0, 0] : [2, minSeconds - seconds];
      return [{ message, path: PERIOD, data: { minSeconds, seconds }, rank }];
    }
    if (maxSeconds > 0 && seconds > maxSeconds) {
      const gap = seconds - maxSeconds;
      return [{ message: 'tooLong', path: PERIOD, data: { maxSeconds, seconds }, rank: [1, gap] }];
    }
    if (maxUnusedSeconds === 0 || seconds <= maxUnusedSeconds) return NO_VIOLATIONS;
    if (isPidOneElsewhere(spec) || context.subject.operatingSystem === 'windows') return NO_VIOLATIONS;
    const stop = stopThatNobodyHears(context);
    if (stop === undefined) return NO_VIOLATIONS;
    const hookSeconds = hookSecondsIn(spec, context);
    if (hookSeconds === undefined) return NO_VIOLATIONS;
    const drainSeconds = drainSecondsSaid(metadata);
    const mostSeconds = maxUnusedSeconds + hookSeconds + (typeof drainSeconds === 'number' ? drainSeconds : 0);
    if (seconds <= mostSeconds) return NO_VIOLATIONS;
    const data = { maxSeconds: mostSeconds, seconds, program: quotedPidOne(stop) };
    return [{ message: 'unused', path: PERIOD, data, rank: [1, seconds - mostSeconds] }];
  },
});

const PERIOD = SPEC.field('terminationGracePeriodSeconds');

/** Where the policy asks for more than the least, 0 is one more value that is too short. */
function shortMessageOf(seconds: number, { options, subject }: RuleContext<Options>): 'zero' | 'zeroOfMember' | 'tooShort' {
  if (seconds > 0) return 'tooShort';
  if (subject.workloadClass === 'stateful') return 'zeroOfMember';
  return options.minSeconds > 1 ? 'tooShort' : 'zero';
}

/** Agents of a node choose 0 so that the next one starts at once (Calico: "force deletion"), and what only sleeps has nothing to end. */
function isZeroHarmless(spec: PodSpec, { subject, options, facts }: RuleContext<Options>): boolean {
  if (subject.workloadClass === 'daemon') return true;
  if (subject.workloadClass === 'stateful' || options.minSeconds > 1) return false;
  for (const { kind, container } of containersOf(spec)) {
    if (kind === 'sidecar') return false;
    if (kind === 'main' && (container.lifecycle?.preStop != null || facts.stopOf(container).isIdle !== true)) return false;
  }
  return true;
}

/**
 * The time of the longest hook is used, whatever comes after it.
 *
 * @returns undefined where a hook takes as long as something needs that is not known
 */
function hookSecondsIn(spec: PodSpec, { facts }: RuleContext<Options>): number | undefined {
  let longest = 0;
  for (const { kind, container } of containersOf(spec)) {
    if (kind !== 'main' && kind !== 'sidecar') continue;
    const preStop = container.lifecycle?.preStop;
    if (preStop == null) continue;
    const { certainty, seconds } = facts.hookOf(preStop, container).duration;
    if (certainty === 'open' || certainty === 'endless') return undefined;
    longest = Math.max(longest, seconds);
  }
  return longest;
}

/** What the first main container does with SIGTERM, where each of them certainly goes on until it is killed. */
function stopThatNobodyHears(context: RuleContext<Options>): StopVerdict | undefined {
  let first: StopVerdict | undefined;
  for (const { container } of context.containers()) {
    const stop = context.facts.stopOf(container);
    if (stop.fate !== 'swallows' && stop.fate !== 'waits') return undefined;
    // Its trap is at work, and over in time if the period is long enough.
    if (stop.cause === 'long trap' && stop.fate === 'waits') return undefined;
    first ??= stop;
  }
  return first;
}
