/** Containers that receive traffic say when they can serve. */
import { cloneJson } from '../core/json.ts';
import { pathOf, type Container, type Maybe, type Probe } from '../core/pod.ts';
import { defineRule, NO_VIOLATIONS, type Violation } from '../core/rule.ts';
import { isPortKnown, servingPortOf } from '../core/serving-port.ts';
import { toleranceSeconds } from '../core/startup.ts';
import { declaresOnlyBesideTraffic } from '../core/traffic.ts';
import { SERVING_CLASSES } from '../core/workload.ts';

interface Options {
  /** Where a probe may be derived from; what is not named is allowed. */
  readonly derive: { readonly fromLiveness?: boolean; readonly fromPort?: boolean };
  readonly initialDelaySeconds: number;
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

type MessageId = 'missing' | 'behindService' | 'underivable';

type Handler = Pick<Probe, 'httpGet' | 'tcpSocket' | 'grpc'>;

export default defineRule<Options, MessageId>({
  meta: {
    id: 'readiness-probe',
    since: '0.1.0',
    category: 'probes',
    docs: {
      summary: 'Containers that receive traffic have a readinessProbe.',
      harm: 'Without a readinessProbe, a container gets traffic while it still loads or hangs, and a rollout goes on although the new version does not work.',
      why: [
        'A container without a readinessProbe counts as ready as soon as its process runs. It gets traffic while it is still',
        'loading, keeps it when it hangs, and a rolling update goes on to the next Pod although this one serves nothing: a',
        'broken version replaces a working one to the last replica. Of 710 Pod templates that real projects ship, 54 % lack',
        'the probe on some container.',
      ].join('\n'),
      remediation: [
        'Add a `readinessProbe` that fails while the container cannot serve; `httpGet` on an endpoint of its own is best. If',
        'the policy allows it (`mutation: apply`), podgrace derives one. It takes the handler of the livenessProbe, or else',
        '`tcpSocket` on the port that the container serves on: the one to which a known Service sends traffic, the TCP port of',
        'the startupProbe, a port with a name like that of a service (`http`, `grpc`, …), or the first port that is not named',
        'like one for metrics, health or profiling. The timing fields come from the options. They are shorter if the',
        'livenessProbe requires it: readiness may not wait longer than liveness, and must fail before it. podgrace never copies',
        'an `exec` handler: it starts a process in the container each time, and most say that a process is alive, not that it',
        'serves.',
        'The rule leaves a container alone whose declared ports are all for metrics, health or profiling (by their names, by a',
        'flag of the command, or because the image is an exporter), and a controller that takes part in a leader election,',
        'unless a port has a name like that of a service or a webhook. A port without a name counts as one for monitoring where all known',
        'Services that send something there say so by their name or that of their port. UDP and SCTP ports cannot be probed. A derived probe',
        'changes when a Pod gets traffic. If nothing listens on the declared port, or only on 127.0.0.1, the Pod is never',
        'ready: look at what `mutation: would` reports before you choose `apply`.',
        'A container that declares no port receives traffic where podgrace knows a Service that selects the Pod and sends to a',
        'port which no other container has. That is reported, and denied only by `check`, because a Service may come and go, and',
        'a label on a running Pod may be set for one. A Service with `publishNotReadyAddresses` does not count: it sends traffic whatever',
        'the probe says.',
      ].join('\n'),
      worse: 'A probe that is missing is as bad as it was, whatever ports and other probes come or go.',
      references: [
        'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/',
        'https://kubernetes.io/docs/concepts/workloads/pods/pod-lifecycle/#when-should-you-use-a-readiness-probe',
      ],
    },
    reads: [
      'spec.containers[*].ports',
      'spec.containers[*].readinessProbe',
      'spec.containers[*].livenessProbe',
      'spec.containers[*].startupProbe',
      'spec.containers[*].command',
      'spec.containers[*].args',
      'spec.containers[*].image',
      'spec.initContainers[*].ports',
      'spec.initContainers[*].restartPolicy',
      'metadata.labels',
    ],
    needs: ['services'],
    writes: ['spec.containers[*].readinessProbe'],
    appliesTo: { containers: ['main'], workloads: SERVING_CLASSES },
    mutation: 'behaviour-changing',
    presets: {
      baseline: { mode: 'warn', mutation: 'off' },
      production: { mode: 'enforce', mutation: 'off' },
      strict: { mode: 'enforce', mutation: 'off' },
    },
    messages: {
      missing: {
        text: 'must be set: the container declares port {{port}} and counts as ready as soon as its process runs',
        fix: 'add a `readinessProbe` that fails while the container cannot serve, at least {{handler}}',
      },
      behindService: {
        text: 'must be set: the Service {{service}} sends traffic to port {{port}}, and the container counts as ready as soon as its process runs',
        fix: 'add a `readinessProbe` that fails while the container cannot serve, at least `tcpSocket: {port: {{port}}}`',
      },
      underivable: {
        text: 'must be set: the container declares port {{port}} and counts as ready as soon as its process runs; podgrace cannot derive one, because {{reason}}',
        fix: 'write a `readinessProbe` {{how}}',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        derive: {
          type: 'object',
          additionalProperties: false,
          description: 'Where a missing probe may be derived from.',
          properties: {
            fromLiveness: { type: 'boolean', default: true, description: 'Use the handler of the livenessProbe, unless that is exec.' },
            fromPort: { type: 'boolean', default: true, description: 'Connect to the TCP port that the container serves on.' },
          },
        },
        initialDelaySeconds: {
          type: 'integer',
          minimum: 0,
          maximum: 3600,
          description: 'Delay of a derived probe, never above that of the livenessProbe.',
        },
        periodSeconds: { type: 'integer', minimum: 1, maximum: 300, description: 'Period of a derived probe.' },
        timeoutSeconds: {
          type: 'integer',
          minimum: 1,
          maximum: 300,
          description: 'Timeout of a derived probe, never above its period.',
        },
        failureThreshold: {
          type: 'integer',
          minimum: 1,
          maximum: 100,
          description: 'Failures in a row after which a derived probe takes the container out of service.',
        },
      },
    },
    defaultOptions: {
      derive: { fromLiveness: true, fromPort: true },
      initialDelaySeconds: 0,
      periodSeconds: 5,
      timeoutSeconds: 3,
      failureThreshold: 3,
    },
  },

  validate(_pod, context) {
    let violations: Violation<MessageId>[] | undefined;
    for (const reference of context.containers()) {
      const { container } = reference;
      if (container.readinessProbe != null) continue;
      const traffic = context.facts.trafficOf(context.surroundings.services);
      if (!traffic.receivesTraffic(container)) {
        const target = traffic.targetOf(container, 'TCP');
        if (target === undefined) continue;
        const { service, port } = target;
        const path = pathOf(reference).field('readinessProbe');
        (violations ??= []).push({ message: 'behindService', path, data: { service, port }, rank: [0], mayFollow: true });
        continue;
      }
      const targeted = traffic.targetedPortOf(container);
      const port = targeted ?? servingPortOf(container) ?? container.ports?.[0]?.containerPort ?? 0;
      violations ??= [];
      const where = { path: pathOf(reference).field('readinessProbe') };
      const obstacle = obstacleTo(container, targeted);
      if (obstacle !== undefined) violations.push({ message: 'underivable', ...where, data: { port, ...OBSTACLES[obstacle] }, rank: [0] });
      else violations.push({ message: 'missing', ...where, data: { port, handler: describeHandler(container, targeted) }, rank: [0] });
    }
    return violations ?? NO_VIOLATIONS;
  },

  mutate(_draft, context) {
    const traffic = context.facts.trafficOf(context.surroundings.services);
    for (const { container } of context.containers()) {
      if (container.readinessProbe != null) continue;
      const isServing = traffic.receivesTraffic(container);
      const target = isServing ? traffic.targetedPortOf(container) : traffic.targetOf(container, 'TCP')?.port;
      if (target === undefined && !isServing) continue;
      const probe = derivedProbe(container, context.options, target);
      if (probe !== undefined) container.readinessProbe = probe;
    }
  },
});

/** @returns undefined where no handler is at hand, or no timing fits */
function derivedProbe(container: Container, options: Options, target: number | undefined): Probe | undefined {
  const { derive } = options;
  const handler =
    (derive.fromLiveness === false ? undefined : livenessHandler(container)) ??
    (derive.fromPort === false ? undefined : portHandler(container, target));
  if (handler === undefined || isLivenessTooShort(container.livenessProbe)) return undefined;
  return { ...handler, ...timingBeside(container, options) };
}

/** The handler alone: a `terminationGracePeriodSeconds` of the livenessProbe is forbidden in a readinessProbe. */
function livenessHandler(container: Container): Handler | undefined {
  const { livenessProbe } = container;
  // A port that the container does not declare can only fail (rule declared-probe-port).
  const port = livenessProbe?.httpGet?.port ?? livenessProbe?.tcpSocket?.port;
  if (port !== undefined && !isPortKnown(port, container)) return undefined;
  if (livenessProbe?.httpGet != null) return { httpGet: cloneJson(livenessProbe.httpGet) };
  if (livenessProbe?.tcpSocket != null) return { tcpSocket: cloneJson(livenessProbe.tcpSocket) };
  if (livenessProbe?.grpc != null) return { grpc: cloneJson(livenessProbe.grpc) };
  return undefined;
}

function portHandler(container: Container, target?: number): Handler | undefined {
  const port = target ?? (declaresOnlyBesideTraffic(container) ? undefined : servingPortOf(container));
  return port === undefined ? undefined : { tcpSocket: { port } };
}

/** A livenessProbe that kills after a second leaves no room for a probe that gives up before. */
function isLivenessTooShort(liveness: Maybe<Probe>): boolean {
  return liveness != null && toleranceSeconds(liveness) < 2;
}

/**
 * The options' numbers, kept to what the rule `probe-timing` asks for: readiness gives up before liveness kills, is asked no
 * later than liveness, and ends within its period. A startupProbe holds liveness back, so its delay does not matter then.
 */
function timingBeside(
  { livenessProbe, startupProbe }: Container,
  options: Options,
): Pick<Probe, 'initialDelaySeconds' | 'timeoutSeconds' | 'periodSeconds' | 'successThreshold' | 'failureThreshold'> {
  let { initialDelaySeconds, periodSeconds, failureThreshold } = options;
  if (livenessProbe != null) {
    const longestTolerance = toleranceSeconds(livenessProbe) - 1;
    periodSeconds = Math.min(periodSeconds, longestTolerance);
    failureThreshold = Math.min(failureThreshold, Math.floor(longestTolerance / periodSeconds));
    if (startupProbe == null) initialDelaySeconds = Math.min(initialDelaySeconds, livenessProbe.initialDelaySeconds ?? 0);
  }
  return {
    ...(initialDelaySeconds > 0 && { initialDelaySeconds }),
    timeoutSeconds: Math.min(options.timeoutSeconds, periodSeconds),
    periodSeconds,
    successThreshold: 1,
    failureThreshold,
  };
}

type Obstacle = 'short liveness' | 'monitoring' | 'no TCP';

/** @returns undefined where a probe can be derived */
function obstacleTo(container: Container, targeted: number | undefined): Obstacle | undefined {
  if (isLivenessTooShort(container.livenessProbe)) return 'short liveness';
  if (livenessHandler(container) !== undefined || portHandler(container, targeted) !== undefined) return undefined;
  return declaresOnlyBesideTraffic(container) ? 'monitoring' : 'no TCP';
}

const OBSTACLES: Readonly<Record<Obstacle, { readonly reason: string; readonly how: string }>> = {
  'short liveness': {
    reason: 'the livenessProbe kills after a second, before any readinessProbe could fail',
    how: 'by hand, and let the livenessProbe tolerate more seconds (`failureThreshold` × `periodSeconds`), so that the readinessProbe can give up before it',
  },
  monitoring: {
    reason: 'all declared ports are for monitoring, and the spec does not say on which port it serves',
    how: 'that asks the port on which the container serves',
  },
  'no TCP': {
    reason: 'no declared port is TCP, and there is no livenessProbe that asks over the network',
    how: 'with `exec`, or one that asks a TCP port for health checks, if the container has one',
  },
};

function describeHandler(container: Container, targeted: number | undefined): string {
  if (livenessHandler(container) !== undefined) return 'one with the handler of the livenessProbe and a shorter tolerance';
  return `\`tcpSocket: {port: ${targeted ?? servingPortOf(container) ?? ''}}\``;
}
