/** A container that starts slowly has a startupProbe, and no long delay before its first probe. */
import { LARGEST_INT32 } from '../core/int32.ts';
import { cloneJson } from '../core/json.ts';
import { pathOf, type Container, type Probe } from '../core/pod.ts';
import { defineRule, NO_VIOLATIONS, type Violation } from '../core/rule.ts';
import { isPortKnown } from '../core/serving-port.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';

interface Options {
  readonly maxInitialDelaySeconds: number;
}

type MessageId = 'longDelay' | 'longDelayOfSidecar';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'startup-probe',
    since: '0.1.0',
    category: 'probes',
    docs: {
      summary: 'A livenessProbe waits for the start of its container with a startupProbe, and not with a long `initialDelaySeconds`.',
      harm: 'During a fixed delay nothing watches the container, and a start that takes longer than the delay is killed as if the container had hung.',
      why: [
        'A delay is a guess about the slowest start. After a start that took 10 seconds, a container with a delay of 300 goes',
        'unwatched for almost five minutes, again after each restart; and one that needs 310 seconds on a busy node is killed as if it',
        'had hung. A startupProbe watches from the beginning, lets the others begin as soon as the container has started, and gives',
        'a slow start all the time that it was given before.',
      ].join('\n'),
      firesOn: ['a livenessProbe whose `initialDelaySeconds` is above `maxInitialDelaySeconds`, in a container without a startupProbe'],
      leavesAlone: [
        'delays up to the bound',
        'delays of readinessProbes, which kill nothing; `probe-timing` reports a livenessProbe that kills before the end of such a delay, and one that is too patient',
        'delays beside a startupProbe',
      ],
      remediation: [
        'Give the container a `startupProbe` with the handler of the livenessProbe, and remove the delay. The repair does that: the',
        'startupProbe gives up no earlier than the livenessProbe would have killed (`initialDelaySeconds` + (`failureThreshold` - 1) ×',
        '`periodSeconds`), and asks every 10 seconds or more often, unless its timeout is longer. It changes behaviour: readiness waits for the startupProbe as well, and',
        'a container that answers early and hangs during its start is killed earlier. An `exec` handler, which starts a process each time,',
        'and one with an unknown port or another host are left to you. So is a sidecar: the kubelet starts the containers after it only when its',
        'startupProbe has succeeded, and a probe that needs one of them never succeeds. Look at what `mutation: would` reports first.',
      ].join('\n'),
      worse: 'The more seconds the delay is too long, the worse.',
      shipped: { baseline: 0, production: 3, strict: 22 },
      references: [
        'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#define-startup-probes',
        'https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/950-liveness-probe-holdoff',
      ],
    },
    reads: ['containers', 'initContainers'].flatMap((list) => [
      `spec.${list}[*].livenessProbe`,
      `spec.${list}[*].startupProbe`,
      `spec.${list}[*].ports`,
    ]),
    writes: ['containers', 'initContainers'].flatMap((list) => [`spec.${list}[*].livenessProbe`, `spec.${list}[*].startupProbe`]),
    appliesTo: { containers: ['main', 'sidecar'], workloads: WORKLOAD_CLASSES },
    mutation: 'behaviour-changing',
    after: ['readiness-probe'],
    presets: {
      baseline: { mode: 'off', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'enforce', mutation: 'would', options: { maxInitialDelaySeconds: 30 } },
    },
    messages: {
      longDelay: {
        text: 'must be at most {{maxSeconds}} s, but is {{seconds}} s: after each start no probe watches the container for that long',
        fix: 'give it a `startupProbe` with the same handler, `periodSeconds: {{periodSeconds}}` and `failureThreshold: {{failureThreshold}}`, and remove the delay',
      },
      longDelayOfSidecar: {
        text: 'must be at most {{maxSeconds}} s, but is {{seconds}} s: after each start no probe watches the container for that long',
        fix: 'give it a `startupProbe` with `periodSeconds: {{periodSeconds}}` and `failureThreshold: {{failureThreshold}}`, and remove the delay. Later containers start only after it has succeeded, so it must not need them',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        maxInitialDelaySeconds: {
          type: 'integer',
          minimum: 0,
          maximum: 3600,
          description: 'The longest `initialDelaySeconds` of a livenessProbe in a container without a startupProbe.',
        },
      },
    },
    defaultOptions: { maxInitialDelaySeconds: 60 },
  },

  validate(_pod, context) {
    const { maxInitialDelaySeconds: maxSeconds } = context.options;
    let violations: Violation<MessageId>[] | undefined;
    for (const reference of context.containers()) {
      const { livenessProbe, startupProbe } = reference.container;
      if (startupProbe != null || livenessProbe == null) continue;
      const seconds = livenessProbe.initialDelaySeconds ?? 0;
      if (seconds <= maxSeconds) continue;
      violations ??= [];
      violations.push({
        message: reference.kind === 'sidecar' ? 'longDelayOfSidecar' : 'longDelay',
        path: pathOf(reference).field('livenessProbe', 'initialDelaySeconds'),
        data: { maxSeconds, seconds, ...startTimingOf(livenessProbe) },
        rank: [seconds - maxSeconds],
      });
    }
    return violations ?? NO_VIOLATIONS;
  },

  mutate(_draft, context) {
    const { maxInitialDelaySeconds: maxSeconds } = context.options;
    for (const { kind, container } of context.containers()) {
      const { livenessProbe, startupProbe } = container;
      // The kubelet starts no later container before the startupProbe of a sidecar has succeeded: one that asks them never does.
      if (kind === 'sidecar' || startupProbe != null || livenessProbe == null || (livenessProbe.initialDelaySeconds ?? 0) <= maxSeconds)
        continue;
      const handler = soundHandlerOf(livenessProbe, container);
      if (handler === undefined) continue;
      const { timeoutSeconds, terminationGracePeriodSeconds: graceSeconds } = livenessProbe;
      container.startupProbe = {
        ...handler,
        timeoutSeconds,
        successThreshold: 1,
        ...(graceSeconds != null && graceSeconds > 0 && { terminationGracePeriodSeconds: graceSeconds }),
        ...startTimingOf(livenessProbe),
      };
      delete livenessProbe.initialDelaySeconds;
    }
  },
});

/** A copy of the handler, where no other rule finds anything in it: an exec handler, another host, an unknown port are left to the author. */
function soundHandlerOf(
  { httpGet, tcpSocket, grpc }: Probe,
  container: Container,
): Pick<Probe, 'httpGet' | 'tcpSocket' | 'grpc'> | undefined {
  if (grpc != null) return { grpc: cloneJson(grpc) };
  const action = httpGet ?? tcpSocket;
  if (action == null || (action.host != null && action.host !== '') || !isPortKnown(action.port, container)) return undefined;
  return httpGet != null ? { httpGet: cloneJson(httpGet) } : { tcpSocket: cloneJson(tcpSocket) };
}

/**
 * How often a startupProbe asks, and how many failures it bears, so that it kills no earlier than the livenessProbe would have:
 * after `initialDelaySeconds` + (`failureThreshold` - 1) × `periodSeconds` at the earliest.
 */
function startTimingOf(liveness: Probe): Pick<Probe, 'periodSeconds' | 'failureThreshold'> {
  const periodSeconds = Math.max(Math.min(liveness.periodSeconds, LONGEST_PERIOD_SECONDS), liveness.timeoutSeconds);
  const budgetSeconds = (liveness.initialDelaySeconds ?? 0) + (liveness.failureThreshold - 1) * liveness.periodSeconds;
  return { periodSeconds, failureThreshold: Math.min(Math.ceil(budgetSeconds / periodSeconds) + 1, MOST_FAILURES) };
}

/** `failureThreshold` is an int32: the API server cannot read a Pod with more. */
const MOST_FAILURES = LARGEST_INT32;

/** The API server's default: what has started waits no longer than that for its first readinessProbe. */
const LONGEST_PERIOD_SECONDS = 10;
