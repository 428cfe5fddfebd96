/** Serving containers hold back SIGTERM until no more traffic comes. */
import type { FieldPath } from '../core/path.ts';
import { pathOf, type Container, type Pod } from '../core/pod.ts';
import { defineRule, NO_VIOLATIONS, type RuleContext, type Violation } from '../core/rule.ts';
import type { Subject } from '../core/subject.ts';
import { mayReceiveTraffic } from '../core/traffic.ts';
import { MINIMUM_STOP_SECONDS } from '../core/shutdown.ts';
import { SERVING_CLASSES } from '../core/workload.ts';
import { OPERATING_SYSTEM_FIELDS } from '../core/operating-system.ts';

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
      harm: 'Without a delay before SIGTERM, an application closes its port while clients are still sent to it: each rollout, drain and scale-down loses requests.',
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
        'runs inside the grace period, and the API server refuses a longer sleep. So grows the `terminationGracePeriodSeconds` of a livenessProbe or',
        'startupProbe of the container, because the hook also runs when a probe kills it. The other main containers of the Pod without',
        'a hook get the same delay, because the application may need them until it ends. podgrace never raises the period above',
        '`maxSeconds`. The rule leaves a grace period of 0 alone: its author wants the fastest end, and the kubelet then cuts',
        'every hook after 1 s. The spec does not show whether a Service sends traffic to the Pods of a DaemonSet, to a Pod on the',
        'network of its node, or to a container that declares no port and has a readinessProbe over the network: unless podgrace',
        'knows a Service that does so, that is recorded, and nothing is changed. Native sidecars never get a delay: all hooks',
        'start together, and a proxy must outlive the application.',
        'A container that declares a port receives traffic. There are two exceptions: all its ports are for metrics, health or',
        'profiling (by their names, by a flag of the command, or because the image is an exporter), or it is a controller that',
        'takes part in a leader election, and no port has a name like that of a service or a webhook. A port without a name counts as one for monitoring where all known Services',
        'that send something there say so by their name or that of their port. A container that declares',
        'no port receives traffic where podgrace knows a Service that selects the Pod and sends to a port which no container',
        'declares: `ports` is information only. It is the container whose probe asks that port, else the only one without ports.',
        'That is repaired and reported, and denied only by `check`, because a Service may come and go, and a label on a running',
        'Pod may be set for one.',
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
      'spec.containers[*].env',
      'spec.containers[*].lifecycle.preStop',
      'spec.terminationGracePeriodSeconds',
      'spec.hostNetwork',
      'spec.containers[*].readinessProbe',
      'spec.containers[*].livenessProbe',
      'spec.containers[*].startupProbe',
      'spec.initContainers[*].ports',
      'spec.initContainers[*].restartPolicy',
      'metadata.labels',
      ...OPERATING_SYSTEM_FIELDS,
    ],
    needs: ['services'],
    writes: [
      'spec.containers[*].lifecycle',
      'spec.containers[*].livenessProbe.terminationGracePeriodSeconds',
      'spec.containers[*].startupProbe.terminationGracePeriodSeconds',
      'spec.terminationGracePeriodSeconds',
    ],
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
        text: 'must delay SIGTERM if a Service sends traffic here, which podgrace cannot see in {{where}}; {{now}}',
        fix: 'set `preStop: {sleep: {seconds: {{delaySeconds}}}}` if one does, and count it into `terminationGracePeriodSeconds`',
      },
      tooShort: {
        text: 'must delay SIGTERM by at least {{minSeconds}} s, but the hook ends after {{seconds}} s',
        fix: 'sleep {{minSeconds}} s or longer (`preStop: {sleep: {seconds: {{minSeconds}}}}` where the hook has nothing else to do, or the image has no program `sleep`), and count it into `terminationGracePeriodSeconds`',
      },
      stopsServer: {
        text: 'must delay the end of the server by at least {{minSeconds}} s, but the hook itself stops it after {{seconds}} s',
        fix: 'sleep {{minSeconds}} s or longer before the command that stops the server',
      },
      unknown: {
        text: 'must delay SIGTERM while the endpoint is taken out of service; how long the hook takes beyond {{seconds}} s is not known',
        fix: 'begin the hook with a sleep if you want this to be checked; an `httpGet` hook cannot sleep, so make its call by `exec`, behind the sleep',
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
    for (const reference of context.containers()) {
      const { container } = reference;
      const traffic = trafficOf(container, pod, context);
      if (traffic === 'none') continue;
      const fault = faultOf(container, context);
      if (fault === undefined) continue;
      const path = pathOf(reference).field('lifecycle', 'preStop');
      (violations ??= []).push(violationOf(fault, traffic, path, context.options));
    }
    return violations ?? NO_VIOLATIONS;
  },

  mutate(draft, context) {
    const { spec } = draft;
    if (spec.terminationGracePeriodSeconds === 0) return;
    const { delaySeconds } = context.options;
    const without = Array.from(context.containers()).filter(({ container }) => container.lifecycle?.preStop == null);
    if (!without.some(({ container }) => isKnown(trafficOf(container, draft, context)))) return;
    // All of them: a helper that ends at once is missed by the one that still serves.
    for (const { container } of without) {
      (container.lifecycle ??= {}).preStop = { sleep: { seconds: delaySeconds } };
      // The hook also runs when a probe kills the container, within the period of that probe (`killContainer`).
      for (const probe of [container.livenessProbe, container.startupProbe]) {
        if (probe?.terminationGracePeriodSeconds == null) continue;
        probe.terminationGracePeriodSeconds = periodWithDelay(probe.terminationGracePeriodSeconds, context.options);
      }
    }
    spec.terminationGracePeriodSeconds = periodWithDelay(spec.terminationGracePeriodSeconds, context.options);
  },
});

/** The kubelet gives 2 s after a hook in any case, so a period of 1 s is one of 2 s. */
function periodWithDelay(givenSeconds: number, { delaySeconds, maxSeconds }: Options): number {
  return Math.max(givenSeconds, Math.min(Math.max(givenSeconds, MINIMUM_STOP_SECONDS) + delaySeconds, maxSeconds));
}

/** Whether clients are sent to a container: by the ports that it declares, by a known Service, or by what the Pod does not show. */
type Traffic = 'none' | 'by its ports' | 'by a Service' | { readonly doesNotShowIn: string };

function trafficOf(container: Container, pod: Pod, { subject, facts, surroundings }: RuleContext<Options>): Traffic {
  const sent = facts.trafficOf(surroundings.services);
  const isServing = sent.receivesTraffic(container);
  const place = placeWithoutServices(pod, subject);
  if (isServing && place === undefined) return 'by its ports';
  const isTarget = isServing ? sent.isBehindService(container) : sent.targetOf(container) !== undefined;
  if (isTarget) return 'by a Service';
  if (isServing) return { doesNotShowIn: place ?? '' };
  return place === undefined && mayReceiveTraffic(container) ? { doesNotShowIn: 'a container that declares no port' } : 'none';
}

function isKnown(traffic: Traffic): boolean {
  return traffic === 'by its ports' || traffic === 'by a Service';
}

/** Agents declare ports that are asked on each node, and seldom through a Service: that does not show in the Pod. */
function placeWithoutServices({ spec }: Pod, { workloadClass }: Subject): string | undefined {
  if (workloadClass === 'daemon') return 'the Pods of a DaemonSet';
  return spec.hostNetwork === true ? 'a Pod on the network of its node' : undefined;
}

/** What is wrong with a hook. */
interface Fault {
  readonly message: 'missing' | 'tooShort' | 'stopsServer' | 'unknown';
  /** For how long it delays SIGTERM, as far as that is known. */
  readonly seconds: number;
}

/** @returns undefined where the hook delays SIGTERM for long enough */
function faultOf(container: Container, { options: { minSeconds }, facts }: RuleContext<Options>): Fault | undefined {
  const preStop = container.lifecycle?.preStop;
  if (preStop == null) return { message: 'missing', seconds: 0 };
  const { delay, leastDelaySeconds, stopsServer } = facts.hookOf(preStop, container);
  const { certainty, seconds } = delay;
  if (certainty === 'endless' || leastDelaySeconds >= minSeconds || (certainty === 'exact' && seconds >= minSeconds)) return undefined;
  // A shorter way may be the one that it takes.
  if (certainty === 'open' || seconds >= minSeconds) return { message: 'unknown', seconds: leastDelaySeconds };
  return { message: stopsServer ? 'stopsServer' : 'tooShort', seconds };
}

function violationOf(
  { message, seconds }: Fault,
  traffic: Exclude<Traffic, 'none'>,
  path: FieldPath,
  { delaySeconds, minSeconds }: Options,
): Violation<MessageId> {
  if (message === 'unknown') return { message, path, data: { seconds }, unknown: true };
  if (typeof traffic === 'object') {
    const data = { where: traffic.doesNotShowIn, delaySeconds, now: NOW[message](seconds) };
    return { message: 'unknownTraffic', path, data, unknown: true };
  }
  const mayFollow = traffic === 'by a Service' && ({ mayFollow: true } as const);
  if (message === 'missing') return { message, path, data: { delaySeconds }, rank: [1], ...mayFollow };
  return { message, path, data: { minSeconds, seconds }, rank: [0, minSeconds - seconds], ...mayFollow };
}

/** What the hook does where nobody knows whether that is enough. */
const NOW = {
  missing: () => 'there is no preStop hook',
  tooShort: (seconds: number) => `the hook ends after ${seconds} s`,
  stopsServer: (seconds: number) => `the hook itself stops the server after ${seconds} s`,
} as const;
