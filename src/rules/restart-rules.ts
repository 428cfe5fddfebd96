/** A container's own restartPolicy and its rules do not take away what the Pod needs to serve and to stop. */
import { OWN_RESTART_POLICY_SINCE } from '../core/own-restart-policy.ts';
import { pathOf, type ContainerReference } from '../core/pod.ts';
import { defineRule, NO_OPTIONS, NO_VIOLATIONS, type RuleContext, type Violation } from '../core/rule.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';

type MessageId = 'skipsHooks' | 'staysDown' | 'notActedOn';

export default defineRule<object, MessageId>({
  meta: {
    id: 'restart-rules',
    since: '0.1.0',
    category: 'termination',
    docs: {
      summary: 'A container’s own `restartPolicy` and restart rules do not keep the Pod from serving, or from stopping gracefully.',
      harm: '`RestartAllContainers` cuts off the other containers after 2 s without their preStop hook; a container that is never restarted leaves its Pod not ready.',
      why: [
        'The action `RestartAllContainers` (on by default since 1.36) stops the other containers without their preStop hook, and kills',
        'them 2 s after SIGTERM, whatever the grace period is: requests that they work on are cut off. A main container with',
        '`restartPolicy: Never` of its own that has ended stays down while the Pod goes on, not ready: no controller replaces it. Nodes',
        'before 1.35 do not know these fields, and restart what the Pod’s restartPolicy says. Their API server drops the fields before it',
        'asks podgrace, so only the command line tells of them.',
      ].join('\n'),
      firesOn: [
        'a rule with the action `RestartAllContainers` where another main container or sidecar has a preStop hook',
        'a main container of a workload that stays up with `restartPolicy: Never` of its own, no rules, and a port or a readinessProbe',
        'either field on a main container or an init container where the policy’s Kubernetes version is before 1.35',
      ],
      leavesAlone: [
        '`restartPolicy: Always` of init containers, which makes them sidecars',
        'rules that restart only their own container',
        'rules of init containers, whose main containers do not run yet, unless a sidecar before them has a preStop hook',
        'containers of Jobs and CronJobs with a policy of their own',
      ],
      remediation: [
        'Restart only the container that has failed (action `Restart`), or let the others bear that they are cut off. Give what serves no',
        'restartPolicy of its own.',
      ].join('\n'),
      shipped: { baseline: 0, production: 0, strict: 0 },
      worse:
        'Each container is compared with itself. From the worst: it stays down, it skips the hooks of others, its policy is not acted on.',
      references: [
        'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#container-restarts',
        'https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/5532-restart-all-containers-on-container-exits',
        'https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/5307-container-restart-policy',
      ],
    },
    reads: ['containers', 'initContainers'].flatMap((list) => [
      `spec.${list}[*].restartPolicy`,
      `spec.${list}[*].restartPolicyRules`,
      `spec.${list}[*].lifecycle.preStop`,
      `spec.${list}[*].ports`,
      `spec.${list}[*].readinessProbe`,
    ]),
    writes: [],
    appliesTo: { containers: ['main', 'sidecar', 'init'], workloads: WORKLOAD_CLASSES },
    mutation: 'none',
    presets: {
      baseline: { mode: 'warn', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'warn', mutation: 'off' },
    },
    messages: {
      skipsHooks: {
        text: 'must not be RestartAllContainers: it skips the preStop hook of {{hooked}} and kills it 2 s after SIGTERM, whatever the grace period is',
        fix: 'use the action Restart, or exempt the workload in the policy if the hook may be skipped',
      },
      staysDown: {
        text: 'must not be Never for a container that serves: once it has ended it stays down, and the Pod goes on without being ready',
        fix: 'remove it, or add `restartPolicyRules` for the exit codes after which the container has to come back',
      },
      notActedOn: {
        text: 'must not be relied on with Kubernetes 1.{{minor}}: only 1.35 and newer act on it, others restart what the Pod’s restartPolicy says',
        fix: 'remove it, or raise `kubernetesVersion` in the policy if every node is newer',
      },
    },
    ...NO_OPTIONS,
  },

  validate(_pod, context) {
    let hooked: readonly ContainerReference[] | undefined;
    let violations: Violation<MessageId>[] | undefined;
    for (const reference of context.containers()) {
      const { restartPolicy, restartPolicyRules: rules } = reference.container;
      if (restartPolicy == null && rules == null) continue;
      if (rules != null) hooked ??= containersWithHook(context);
      const found = judge(reference, hooked ?? [], context);
      if (found !== undefined) (violations ??= []).push(found);
    }
    return violations ?? NO_VIOLATIONS;
  },
});

function judge(
  reference: ContainerReference,
  hooked: readonly ContainerReference[],
  context: RuleContext<object>,
): Violation<MessageId> | undefined {
  const { container, kind } = reference;
  const { restartPolicy, restartPolicyRules: rules } = container;
  const place = pathOf(reference);
  const { kubernetesMinor: minor, workloadClass } = context.subject;
  if (minor < OWN_RESTART_POLICY_SINCE)
    return kind === 'sidecar'
      ? undefined
      : { message: 'notActedOn', path: place.field('restartPolicy'), data: { minor }, rank: [0], ranked: [place] };
  let index = -1;
  for (const { action } of context.each(rules)) {
    index += 1;
    if (action !== 'RestartAllContainers') continue;
    // The container that fails has ended already; the hooks of the others are skipped.
    const other = hooked.find((candidate) => candidate.container !== container && mayRunBeside(candidate, reference));
    if (other === undefined) return undefined;
    const path = place.field('restartPolicyRules').at(index).field('action');
    return { message: 'skipsHooks', path, data: { hooked: other.container.name }, rank: [1], ranked: [place] };
  }
  const serves = container.readinessProbe != null || (container.ports?.length ?? 0) > 0;
  if (kind !== 'main' || restartPolicy !== 'Never' || workloadClass === 'batch' || !serves || (rules?.length ?? 0) > 0) return undefined;
  return { message: 'staysDown', path: place.field('restartPolicy'), rank: [2], ranked: [place] };
}

/** Beside an init container run only the sidecars that were started before it. */
function mayRunBeside(candidate: ContainerReference, { kind, index }: ContainerReference): boolean {
  return kind !== 'init' || (candidate.kind === 'sidecar' && candidate.index < index);
}

/** The first two, sidecars before others: one of them is another than the one that fails. */
function containersWithHook(context: RuleContext<object>): readonly ContainerReference[] {
  const hooked: ContainerReference[] = [];
  for (const reference of context.containers()) {
    if (reference.container.lifecycle?.preStop == null) continue;
    hooked.push(reference);
    if (hooked.length === 2) break;
  }
  return hooked;
}
