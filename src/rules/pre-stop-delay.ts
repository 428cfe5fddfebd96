/** Serving containers hold back SIGTERM until no more traffic comes. */
import { pathOf, type Container, type Pod } from '../core/pod.ts';
import { defineRule, NO_VIOLATIONS, type RuleContext, type Violation } from '../core/rule.ts';
import { receivesTraffic, serviceTargetOf } from '../core/traffic.ts';
import { SERVING_CLASSES } from '../core/workload.ts';

interface Options {
  /** What is injected. */
  readonly delaySeconds: number;
  /** The shortest delay that is accepted where a hook's length is known. */
  readonly minSeconds: number;
  /** The longest grace period that is set. */
  readonly maxSeconds: number;
}

type MessageId = 'missing' | 'unknownTraffic' | 'tooShort' | 'stopsServer' | 'unknown';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'pre-stop-delay',
    since: '0.1.0',
    category: 'termination',
    docs: {
      summary: 'Containers that receive traffic delay SIGTERM until their endpoint is gone everywhere.',
      why: [
        'When a Pod is deleted, two things start at once and nobody orders them: its endpoint is taken out of the',
        'EndpointSlices and from there out of every kube-proxy, ingress and mesh, and the kubelet stops the container. An',
        'application that ends at SIGTERM closes its port while clients are still being sent to it: each rollout, drain',
        'and scale-down loses requests. Kubernetes will not order the two (kubernetes#106476); a fixed delay before',
        'SIGTERM is the accepted mitigation.',
      ].join('\n'),
      remediation: [
        'Give the container a `preStop` hook with the native `sleep` action, which needs nothing in the image. The rule accepts',
        'a hook of your own if it leaves the server alone for long enough: `nginx -s quit; sleep 15` delays nothing, because',
        'the server closes its port first; `sleep 15; nginx -s quit` delays 15 s. How long an HTTP call or a program of the',
        'image takes is not known, and the finding is recorded as unknown.',
        'If a container has no hook, podgrace adds `preStop: {sleep: {seconds: delaySeconds}}` and raises',
        '`terminationGracePeriodSeconds` by the same number in the same patch, so that the application keeps its time: the hook',
        'runs inside the grace period, and the API server refuses a longer sleep. The other main containers of the Pod without',
        'a hook get the same delay, because the application may need them until it ends. podgrace never raises the period above',
        '`maxSeconds`. The rule leaves a grace period of 0 alone: its author wants the fastest end, and the kubelet then cuts',
        'every hook after 1 s. The spec does not show whether a Service sends traffic to the Pods of a DaemonSet, or to a Pod',
        'on the network of its node: that is recorded, and nothing is changed. Native sidecars never get a delay: all hooks',
        'start together, and a proxy must outlive the application.',
        'A container that declares a port receives traffic. There are two exceptions: all its ports are for metrics, health or',
        'profiling (by their names, by a flag of the command, or because the image is an exporter), or it is a controller that',
        'takes part in a leader election, and no port has a name like that of a service or a webhook. A container that declares',
        'no port receives traffic where podgrace knows a Service that selects the Pod and sends to a port which no other',
        'container has: `ports` is information only. That is repaired and reported, and denied only by `check`, because a',
        'Service may come and go, and a label on a running Pod may be set for one.',
      ].join('\n'),
      worse: 'No hook is worse than one that is too short, and of two that are too short the shorter one is worse.',
      references: [
        'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#pod-termination',
        'https://github.com/kubernetes/enhancements/tree/master/keps/sig-node/3960-pod-lifecycle-sleep-action',
        'https://github.com/kubernetes/kubernetes/issues/106476',
      ],
    },
    reads: [
      'spec.containers[*].ports',
      'spec.containers[*].command',
      'spec.containers[*].args',
      'spec.containers[*].image',
      'spec.containers[*].lifecycle.preStop',
      'spec.terminationGracePeriodSeconds',
      'spec.hostNetwork',
      'spec.initContainers[*].ports',
      'metadata.labels',
    ],
    needs: ['services'],
    writes: ['spec.containers[*].lifecycle', 'spec.terminationGracePeriodSeconds'],
    appliesTo: { containers: ['main'], workloads: SERVING_CLASSES },
    mutation: 'safe',
    presets: {
      baseline: { mode: 'warn', mutation: 'apply' },
      production: { mode: 'enforce', mutation: 'apply' },
      strict: { mode: 'enforce', mutation: 'apply' },
    },
    messages: {
      missing: {
        text: 'must delay SIGTERM while the endpoint is taken out of service, but there is no preStop hook',
        fix: 'add `preStop: {sleep: {seconds: {{delaySeconds}}}}` and count it into `terminationGracePeriodSeconds`',
      },
      unknownTraffic: {
        text: 'must delay SIGTERM if a Service sends traffic here, which does not show in {{where}}; there is no preStop hook',
        fix: 'add `preStop: {sleep: {seconds: {{delaySeconds}}}}` if one does, and count it into `terminationGracePeriodSeconds`',
      },
      tooShort: {
        text: 'must delay SIGTERM by at least {{minSeconds}} s, but the hook ends after {{seconds}} s',
        fix: 'sleep {{minSeconds}} s or longer, and count it into `terminationGracePeriodSeconds`',
      },
      stopsServer: {
        text: 'must delay the end of the server by at least {{minSeconds}} s, but the hook itself stops it after {{seconds}} s',
        fix: 'sleep {{minSeconds}} s or longer before the command that stops the server',
      },
      unknown: {
        text: 'must delay SIGTERM while the endpoint is taken out of service; how long the hook takes beyond {{seconds}} s is not known',
        fix: 'begin the hook with a sleep if you want this to be checked',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        delaySeconds: { type: 'integer', minimum: 1, maximum: 600, description: 'Seconds of the sleep that is injected.' },
        minSeconds: {
          type: 'integer',
          minimum: 0,
          maximum: 600,
          description: 'The shortest delay that is accepted in a hook whose length is known.',
        },
        maxSeconds: {
          type: 'integer',
          minimum: 1,
          maximum: 604800,
          description: 'The longest grace period that is set; a longer one stays as it is.',
        },
      },
    },
    defaultOptions: { delaySeconds: 10, minSeconds: 5, maxSeconds: 600 },
    checkOptions: ({ delaySeconds, maxSeconds }) =>
      delaySeconds > maxSeconds ? [{ option: 'delaySeconds', message: `must be at most \`maxSeconds\`, ${maxSeconds}` }] : [],
  },

  validate(pod, context) {
    if (pod.spec.terminationGracePeriodSeconds === 0) return NO_VIOLATIONS;
    let violations: Violation<MessageId>[] | undefined;
    const { delaySeconds, minSeconds } = context.options;
    const where = placeWithoutServices(pod, context);
    for (const reference of context.containers()) {
      const { container } = reference;
      const preStop = container.lifecycle?.preStop;
      const isServing = receivesTraffic(container);
      const isTarget = !isServing && where === undefined && isServiceTarget(container, pod, context);
      if (!isServing && !isTarget) continue;
      const mayFollow = isTarget && ({ mayFollow: true } as const);
      if (preStop == null) {
        const path = pathOf(reference).field('lifecycle', 'preStop');
        if (where === undefined) (violations ??= []).push({ message: 'missing', path, data: { delaySeconds }, rank: [1], ...mayFollow });
        else (violations ??= []).push({ message: 'unknownTraffic', path, data: { where, delaySeconds }, unknown: true });
        continue;
      }
      const { delay, stopsServer } = context.facts.hookOf(preStop, reference.container);
      const { certainty, seconds } = delay;
      if (certainty === 'endless' || seconds >= minSeconds) continue;
      const path = pathOf(reference).field('lifecycle', 'preStop');
      if (certainty === 'open') (violations ??= []).push({ message: 'unknown', path, data: { seconds }, unknown: true });
      else
        (violations ??= []).push({
          message: stopsServer ? 'stopsServer' : 'tooShort',
          path,
          data: { minSeconds, seconds },
          rank: [0, minSeconds - seconds],
          ...mayFollow,
        });
    }
    return violations ?? NO_VIOLATIONS;
  },

  mutate(draft, context) {
    const { spec } = draft;
    if (spec.terminationGracePeriodSeconds === 0 || placeWithoutServices(draft, context) !== undefined) return;
    const { delaySeconds, maxSeconds } = context.options;
    const without = Array.from(context.containers()).filter(({ container }) => container.lifecycle?.preStop == null);
    if (!without.some(({ container }) => receivesTraffic(container) || isServiceTarget(container, draft, context))) return;
    // All of them: a helper that ends at once is missed by the one that still serves.
    for (const { container } of without) (container.lifecycle ??= {}).preStop = { sleep: { seconds: delaySeconds } };
    const { terminationGracePeriodSeconds: seconds } = spec;
    spec.terminationGracePeriodSeconds = Math.max(seconds, Math.min(seconds + delaySeconds, maxSeconds));
  },
});

function isServiceTarget(container: Container, pod: Pod, { surroundings }: RuleContext<Options>): boolean {
  return serviceTargetOf(container, pod, surroundings.services) !== undefined;
}

/** Agents declare ports that are asked on each node, and seldom through a Service: that does not show in the Pod. */
function placeWithoutServices({ spec }: Pod, { subject }: RuleContext<Options>): string | undefined {
  if (subject.workloadClass === 'daemon') return 'the Pods of a DaemonSet';
  return spec.hostNetwork === true ? 'a Pod on the network of its node' : undefined;
}
