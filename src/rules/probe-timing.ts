/** The timing fields of the probes of a container fit together. */
import { asksTheSame } from '../core/handler.ts';
import type { FieldPath } from '../core/path.ts';
import { pathOf, PROBE_KINDS, type Container, type ContainerReference, type Probe } from '../core/pod.ts';
import {
  correctionOfOneFailure,
  correctionOfTimeout,
  correctionOfTolerances,
  killsAtOnce,
  whatToLower,
  type DetectionBounds,
} from '../core/probe-advice.ts';
import { defineRule, NO_VIOLATIONS, type RuleContext, type Violation } from '../core/rule.ts';
import { detectionSeconds, isKilledWhileStarting, startTimelineOf, toleranceSeconds } from '../core/startup.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';

type Options = DetectionBounds;

type MessageId =
  | 'timeoutAbovePeriod'
  | 'killedWhileStarting'
  | 'toleranceTooShort'
  | 'oneFailure'
  | 'slowDetection'
  | 'graceOnReadiness'
  | 'graceNotPositive';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'probe-timing',
    since: '0.1.0',
    category: 'probes',
    docs: {
      summary:
        'The timing fields of a container’s probes fit together: no container is killed while it starts, or while it still receives traffic.',
      harm: 'The numbers of the probes count together: they may kill a container before it has started, or leave a failure unnoticed for minutes.',
      why: [
        'Each number of a probe is harmless; together they kill. A livenessProbe with its default 3 × 10 s kills 20 s after',
        'the start at the earliest: an application that needs 60 s is killed before it has answered once, and again, for ever',
        '(CrashLoopBackOff). A livenessProbe that gives up before the readinessProbe restarts a container that was only busy, and',
        'is still getting traffic. With a `failureThreshold` of 1, a single slow answer is enough: a collection of garbage, a throttled',
        'CPU, a packet that was lost. A failure that takes 5 minutes to notice is 5 minutes of',
        'failing requests.',
      ].join('\n'),
      remediation: [
        'Give a container that starts slowly a `startupProbe`: the other two probes wait until it has succeeded, and its',
        '`failureThreshold` × `periodSeconds` is the time that a start may take. Let the livenessProbe tolerate failure for at',
        'least as long as the readinessProbe (a higher `failureThreshold`), so that a container gets no traffic before it is',
        'killed. A livenessProbe that begins before the readinessProbe does no harm if it is patient enough. Keep',
        '`timeoutSeconds` within `periodSeconds`: a probe that hangs delays the next one. If an answer takes long, lengthen the',
        'period of a probe that kills, and not its timeout. The bounds count `failureThreshold` × `periodSeconds`; a container',
        'that hangs instead of refusing takes up to one timeout more. `terminationGracePeriodSeconds` in a probe replaces that',
        'of the Pod when the probe kills; a readinessProbe kills nothing, and the API server refuses the field there.',
      ].join('\n'),
      worse: [
        'For each probe, three things are compared with what they were: the timeout against the period, the time that a start may take,',
        'and the tolerance. A tolerance that is too short is worse than one that is too long, and one failure is the least bad of those that',
        'are too short; apart from that, the seconds that are too many or missing decide.',
      ].join('\n'),
      references: [
        'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/',
        'https://github.com/kubernetes/kubernetes/blob/v1.36.3/pkg/kubelet/prober/worker.go',
        'https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/2238-liveness-probe-grace-period',
      ],
    },
    reads: ['containers', 'initContainers'].flatMap((list) => [...PROBE_KINDS, 'ports'].map((field) => `spec.${list}[*].${field}`)),
    writes: [],
    appliesTo: { containers: ['main', 'sidecar'], workloads: WORKLOAD_CLASSES },
    mutation: 'none',
    presets: {
      baseline: { mode: 'warn', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'enforce', mutation: 'off' },
    },
    messages: {
      timeoutAbovePeriod: {
        text: 'must be at most the period of {{periodSeconds}} s, but is {{timeoutSeconds}} s: a probe that hangs delays the next one',
        fix: 'let each probe end before the next: {{correction}}',
      },
      killedWhileStarting: {
        text: 'must leave the container the {{readySeconds}} s until it can be ready, but kills it after {{killSeconds}} s ({{delaySeconds}} s + {{failures}} × {{periodSeconds}} s)',
        fix: 'use a `startupProbe` whose `failureThreshold` × `periodSeconds` holds the start',
      },
      toleranceTooShort: {
        text: 'must tolerate failure for at least as long as the readinessProbe, which gives up after {{readinessSeconds}} s, but kills after {{livenessSeconds}} s ({{failureThreshold}} × {{periodSeconds}} s)',
        fix: 'let {{correction}}, so that the container is out of service before it is killed',
      },
      oneFailure: {
        text: 'must be at least 2, but is 1: one answer that fails, or takes longer than {{timeoutSeconds}} s, {{effect}}',
        fix: 'give the container another try, or more time: {{correction}}',
      },
      slowDetection: {
        text: 'must notice a failure within {{maxSeconds}} s, but takes {{seconds}} s ({{failureThreshold}} × {{periodSeconds}} s), or {{worstSeconds}} s if the container hangs',
        fix: 'lower {{what}}; what starts slowly needs a `startupProbe` instead',
      },
      graceOnReadiness: {
        text: 'must not be set, but is {{seconds}} s: a readinessProbe kills nothing, and the API server refuses the Pod',
        fix: 'remove it, or set it in the livenessProbe or startupProbe',
      },
      graceNotPositive: {
        text: 'must be at least 1 s, but is {{seconds}} s: the API server refuses the Pod',
        fix: 'set the seconds that the container gets when this probe kills it, or remove the field',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        maxReadinessDetectionSeconds: {
          type: 'integer',
          minimum: 0,
          maximum: 86400,
          description:
            'How long a failing container may get traffic (failureThreshold × periodSeconds of the readinessProbe); 0 for no bound.',
        },
        maxLivenessDetectionSeconds: {
          type: 'integer',
          minimum: 0,
          maximum: 86400,
          description: 'How long a failing container may go on (failureThreshold × periodSeconds of the livenessProbe); 0 for no bound.',
        },
      },
    },
    defaultOptions: { maxReadinessDetectionSeconds: 90, maxLivenessDetectionSeconds: 600 },
  },

  validate(_pod, context) {
    let violations: Violation<MessageId>[] | undefined;
    for (const reference of context.containers()) {
      const { livenessProbe, readinessProbe, startupProbe } = reference.container;
      if (livenessProbe == null && readinessProbe == null && startupProbe == null) continue;
      violations ??= [];
      judgeEachProbe(reference, context, violations);
      judgeStart(reference, violations);
      judgeStartupFailures(reference, violations);
      judgeTolerances(reference, context, violations);
    }
    return violations ?? NO_VIOLATIONS;
  },
});

function judgeEachProbe(reference: ContainerReference, { options }: RuleContext<Options>, into: Violation<MessageId>[]): void {
  const { container } = reference;
  for (const kind of PROBE_KINDS) {
    const probe = container[kind];
    if (probe == null) continue;
    const { timeoutSeconds, periodSeconds, terminationGracePeriodSeconds: graceSeconds } = probe;
    if (timeoutSeconds > periodSeconds) {
      into.push({
        message: 'timeoutAbovePeriod',
        path: pathOf(reference).field(kind, 'timeoutSeconds'),
        data: { timeoutSeconds, periodSeconds, correction: correctionOfTimeout(kind, probe, container, options) },
        rank: [timeoutSeconds - periodSeconds],
      });
    }
    if (graceSeconds == null || (kind !== 'readinessProbe' && graceSeconds > 0)) continue;
    into.push({
      message: kind === 'readinessProbe' ? 'graceOnReadiness' : 'graceNotPositive',
      path: pathOf(reference).field(kind, 'terminationGracePeriodSeconds'),
      data: { seconds: graceSeconds },
      rank: [0],
    });
  }
}

/**
 * Without a startupProbe, liveness may not kill before the container can be ready; with one it is held back. To be asked early
 * harms nothing as long as liveness is patient.
 */
function judgeStart(reference: ContainerReference, into: Violation<MessageId>[]): void {
  const { container } = reference;
  const { livenessProbe: liveness, readinessProbe: readiness } = container;
  if (liveness == null || readiness == null) return;
  if (!isKilledWhileStarting(container)) return;
  const { readySeconds, budget } = startTimelineOf(container);
  const killSeconds = budget?.atLeastSeconds ?? 0;
  const { initialDelaySeconds, failureThreshold, periodSeconds } = liveness;
  into.push({
    message: 'killedWhileStarting',
    path: pathOf(reference).field('livenessProbe'),
    data: { readySeconds, killSeconds, delaySeconds: initialDelaySeconds ?? 0, failures: failureThreshold - 1, periodSeconds },
    rank: [readySeconds - killSeconds],
    ranked: [pathOf(reference).field('livenessProbe', 'initialDelaySeconds')],
  });
}

/** To kill what was only busy is worse than to notice late what has failed. */
const PATIENCE = { tooLong: 0, tooShort: 1 } as const;

function judgeStartupFailures(reference: ContainerReference, into: Violation<MessageId>[]): void {
  const { startupProbe } = reference.container;
  if (startupProbe == null || !killsAtOnce(startupProbe)) return;
  into.push({
    message: 'oneFailure',
    path: pathOf(reference).field('startupProbe', 'failureThreshold'),
    data: {
      timeoutSeconds: startupProbe.timeoutSeconds,
      effect: 'kills the container while it starts',
      correction: 'raise it until `failureThreshold` × `periodSeconds` holds the longest start',
    },
    rank: [0],
  });
}

function judgeTolerances(reference: ContainerReference, { options }: RuleContext<Options>, into: Violation<MessageId>[]): void {
  const { container } = reference;
  const { livenessProbe: liveness, readinessProbe: readiness }: Container = container;
  if (liveness != null) {
    const livenessSeconds = toleranceSeconds(liveness);
    const readinessSeconds = readiness == null ? 0 : toleranceSeconds(readiness);
    const { failureThreshold, periodSeconds, timeoutSeconds } = liveness;
    if (readiness != null && livenessSeconds < readinessSeconds) {
      const isTwin = asksTheSame(liveness, readiness, container);
      into.push({
        message: 'toleranceTooShort',
        path: pathOf(reference).field('livenessProbe', 'failureThreshold'),
        data: {
          livenessSeconds,
          readinessSeconds,
          failureThreshold,
          periodSeconds,
          correction: correctionOfTolerances(liveness, { readinessSeconds, isTwin }, options),
        },
        rank: [PATIENCE.tooShort, readinessSeconds - livenessSeconds],
      });
    } else if (killsAtOnce(liveness)) {
      into.push({
        message: 'oneFailure',
        path: pathOf(reference).field('livenessProbe', 'failureThreshold'),
        data: { timeoutSeconds, effect: 'restarts the container', correction: correctionOfOneFailure(liveness, options) },
        rank: [PATIENCE.tooShort, 0],
      });
    }
  }
  const { maxLivenessDetectionSeconds, maxReadinessDetectionSeconds } = options;
  if (liveness != null) judgeDetection(liveness, maxLivenessDetectionSeconds, pathOf(reference).field('livenessProbe'), into);
  if (readiness != null) judgeDetection(readiness, maxReadinessDetectionSeconds, pathOf(reference).field('readinessProbe'), into);
}

/** The timeout is left out, so that a more patient one never is a violation; within the period it adds less than that. */
function judgeDetection(probe: Probe, maxSeconds: number, place: FieldPath, into: Violation<MessageId>[]): void {
  const seconds = toleranceSeconds(probe);
  if (maxSeconds === 0 || seconds <= maxSeconds) return;
  const { failureThreshold, periodSeconds } = probe;
  into.push({
    message: 'slowDetection',
    path: place,
    data: {
      ...{ maxSeconds, seconds, failureThreshold, periodSeconds },
      worstSeconds: detectionSeconds(probe),
      what: whatToLower(probe, maxSeconds),
    },
    rank: [PATIENCE.tooLong, seconds - maxSeconds],
    ranked: [place.field('failureThreshold')],
  });
}
