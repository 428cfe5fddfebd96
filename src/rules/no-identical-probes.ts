/** A failure that takes a container out of service does not kill it at the same moment. */
import { asksTheSame } from '../core/handler.ts';
import { pathOf } from '../core/pod.ts';
import { defineRule, NO_OPTIONS, NO_VIOLATIONS, type Violation } from '../core/rule.ts';
import { toleranceSeconds } from '../core/startup.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';

type MessageId = 'identical' | 'identicalAndSlow';

export default defineRule<object, MessageId>({
  meta: {
    id: 'no-identical-probes',
    since: '0.1.0',
    category: 'probes',
    docs: {
      summary: 'A livenessProbe that asks the same as the readinessProbe tolerates failure for longer.',
      harm: 'If readiness and liveness fail at the same time, the container is killed although it only needs time without traffic.',
      why: [
        'A readinessProbe takes a container out of service, so that it can recover; a livenessProbe kills it. If both ask the same',
        'and give up after the same time, the container is killed as soon as it gets its rest. A database that is away',
        'for 40 seconds, or a wave of load, then restarts every replica at once: caches are cold, connections are made anew, and a',
        'short disturbance becomes an outage.',
      ].join('\n'),
      firesOn: [
        'a livenessProbe and a readinessProbe of one container with the same handler (ports by name are resolved; path, scheme, host, headers, gRPC service count) and the same `failureThreshold` × `periodSeconds`',
      ],
      leavesAlone: [
        'twins of which the livenessProbe tolerates failure for longer',
        'a livenessProbe that gives up before the readinessProbe: `probe-timing` reports it',
        'the same path on another port, or another path',
        'a different `initialDelaySeconds`, `timeoutSeconds` or `successThreshold` makes no difference',
      ],
      remediation: [
        'Give the livenessProbe an endpoint of its own that only says that the process works, and asks nobody else. Or let it tolerate',
        'failure for several times as long: a higher `failureThreshold`. Where that were more than 10 minutes, the readinessProbe has to give up',
        'sooner: requests to what has failed are lost until then.',
      ].join('\n'),
      worse: 'Two probes that ask the same are as bad as they were, however long both tolerate failure.',
      shipped: { baseline: 0, production: 101, strict: 101 },
      references: [
        'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/',
        'https://github.com/zegl/kube-score/blob/master/README_PROBES.md',
      ],
    },
    reads: ['containers', 'initContainers'].flatMap((list) => [
      `spec.${list}[*].livenessProbe`,
      `spec.${list}[*].readinessProbe`,
      `spec.${list}[*].ports`,
    ]),
    writes: [],
    appliesTo: { containers: ['main', 'sidecar'], workloads: WORKLOAD_CLASSES },
    mutation: 'none',
    presets: {
      baseline: { mode: 'off', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'enforce', mutation: 'off' },
    },
    messages: {
      identical: {
        text: 'must be more patient than the readinessProbe, which asks the same, but both give up after {{seconds}} s: the container is killed as soon as it is no longer ready',
        fix: 'set `failureThreshold: {{threshold}}` or higher, or ask an endpoint that only tells that the process works',
      },
      identicalAndSlow: {
        text: 'must be more patient than the readinessProbe, which asks the same, but both give up after {{seconds}} s: the container is killed as soon as it is no longer ready',
        fix: 'let the readinessProbe give up after {{halfSeconds}} s or sooner (lower its `failureThreshold` or `periodSeconds`), or ask an endpoint that only tells that the process works',
      },
    },
    ...NO_OPTIONS,
  },

  validate(_pod, context) {
    let violations: Violation<MessageId>[] | undefined;
    for (const reference of context.containers()) {
      const { container } = reference;
      const { livenessProbe: liveness, readinessProbe: readiness } = container;
      if (liveness == null || readiness == null) continue;
      const seconds = toleranceSeconds(liveness);
      if (seconds !== toleranceSeconds(readiness) || !asksTheSame(liveness, readiness, container)) continue;
      violations ??= [];
      const place = pathOf(reference).field('livenessProbe');
      violations.push(
        seconds * PATIENCE > MOST_PATIENT_SECONDS
          ? { message: 'identicalAndSlow', path: place, data: { seconds, halfSeconds: Math.floor(seconds / PATIENCE) }, rank: [0] }
          : { message: 'identical', path: place, data: { seconds, threshold: liveness.failureThreshold * PATIENCE }, rank: [0] },
      );
    }
    return violations ?? NO_VIOLATIONS;
  },
});

/** Twice as long: the time to recover is as long as the one until nobody asks any more. */
const PATIENCE = 2;

/** `maxLivenessDetectionSeconds` of `probe-timing`, where a policy says nothing else: above it a failure goes on for too long. */
const MOST_PATIENT_SECONDS = 600;
