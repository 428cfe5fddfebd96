/** A container has a livenessProbe where a restart helps: it serves, and something restarts it. */
import { OWN_RESTART_POLICY_SINCE } from '../core/own-restart-policy.ts';
import { pathOf, type Container, type PodSpec } from '../core/pod.ts';
import { defineRule, NO_VIOLATIONS, type Violation } from '../core/rule.ts';
import { servingPortOf } from '../core/serving-port.ts';
import type { Subject } from '../core/subject.ts';
import { groupOf, isBuiltIn, WORKLOAD_CLASSES } from '../core/workload.ts';

interface Options {
  /** Whether a container that declares a port must have one. */
  readonly required: boolean;
}

type MessageId = 'missing' | 'neverRestarted';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'liveness-probe',
    since: '0.1.0',
    category: 'probes',
    docs: {
      summary:
        'A container has a livenessProbe only where something restarts it; with `required`, every container that declares a port has one.',
      harm: 'Without a livenessProbe, nothing restarts a process that hangs while its port is still open.',
      why: [
        'A process that hangs, with its port still open, stays there until somebody looks: nothing else in Kubernetes restarts it. A',
        'livenessProbe does, but a wrong one kills healthy containers under load, so most policies leave it to the author. Where',
        'nothing restarts what it kills (a bare Pod with `restartPolicy: Never`), a failed livenessProbe is the end of the work.',
      ].join('\n'),
      firesOn: [
        'a livenessProbe in a bare Pod with `restartPolicy: Never`, or in a container with that policy of its own and no `restartPolicyRules` (since 1.35)',
        'with `required: true`, a main container of a workload that stays up, with a declared port and no livenessProbe',
      ],
      leavesAlone: [
        'Jobs, CronJobs and their Pods: a Job makes a new Pod for the one that was killed',
        'Pods that name a controller, which decides what comes after them',
        'init containers and sidecars, containers without a port, and what nothing restarts: a livenessProbe would only end it',
      ],
      remediation: [
        'Ask an endpoint of the container itself that needs no database and no other service, and be patient: a `failureThreshold` ×',
        '`periodSeconds` above the longest pause (garbage collection, a throttled second) that is normal. podgrace never makes one up.',
      ].join('\n'),
      worse: 'A livenessProbe after which nothing starts the container again is worse than none.',
      shipped: { baseline: 0, production: 0, strict: 171 },
      references: [
        'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/',
        'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#when-should-you-use-a-liveness-probe',
      ],
    },
    reads: [
      'spec.containers[*].livenessProbe',
      'spec.containers[*].startupProbe',
      'spec.containers[*].ports',
      'spec.containers[*].restartPolicy',
      'spec.containers[*].restartPolicyRules',
      'spec.restartPolicy',
      'metadata.ownerReferences',
    ],
    writes: [],
    appliesTo: { containers: ['main'], workloads: WORKLOAD_CLASSES },
    mutation: 'none',
    presets: {
      baseline: { mode: 'warn', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'warn', mutation: 'off', options: { required: true } },
    },
    messages: {
      missing: {
        text: 'must be set: the container declares port {{port}}, and nothing restarts it when it hangs',
        fix: 'add a `livenessProbe` that asks the container alone, and is more patient than the readinessProbe',
      },
      neverRestarted: {
        text: 'must not be set with the restartPolicy Never: it kills the container, and nothing starts it again',
        fix: 'remove the livenessProbe, or set `restartPolicy: Always`',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        required: { type: 'boolean', description: 'Whether a container that declares a port must have a livenessProbe.' },
      },
    },
    defaultOptions: { required: false },
  },

  validate({ spec }, context) {
    const { subject, options } = context;
    const isAsked = options.required && isServing(subject);
    let violations: Violation<MessageId>[] | undefined;
    for (const reference of context.containers()) {
      const { container } = reference;
      if (container.livenessProbe == null) {
        const port = isAsked ? (servingPortOf(container) ?? container.ports?.[0]?.containerPort) : undefined;
        // A probe would be the end of it.
        if (port === undefined || isNeverRestarted(container, spec, subject)) continue;
        violations ??= [];
        violations.push({ message: 'missing', path: pathOf(reference).field('livenessProbe'), data: { port }, rank: [0] });
      } else if (isNeverRestarted(container, spec, subject)) {
        violations ??= [];
        violations.push({ message: 'neverRestarted', path: pathOf(reference).field('livenessProbe'), rank: [1] });
      }
    }
    return violations ?? NO_VIOLATIONS;
  },
});

function isServing({ workloadClass }: Subject): boolean {
  return workloadClass !== 'batch';
}

/** A Job makes a new Pod, and other controllers decide for themselves: only a bare Pod, or a container's own word, is certain. */
function isNeverRestarted(
  { restartPolicy: own, restartPolicyRules: rules }: Container,
  { restartPolicy }: PodSpec,
  subject: Subject,
): boolean {
  if (own != null && subject.kubernetesMinor >= OWN_RESTART_POLICY_SINCE)
    return own === 'Never' && (rules == null || rules.length === 0) && isServing(subject);
  return restartPolicy === 'Never' && subject.kind === 'Pod' && !mayHaveController(subject);
}

/** Built-in controllers prove what they own as they send it; of others, such as a workflow engine, nobody can tell. */
function mayHaveController({ owner, isOwnerProven }: Subject): boolean {
  return owner !== undefined && (isOwnerProven || !isBuiltIn({ group: groupOf(owner.apiVersion), kind: owner.kind }));
}
