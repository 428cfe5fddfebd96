/** A probe can work, costs little, and asks about its own container alone. */
import { missingProgramOf, otherHostAskedBy, otherHostOf } from '../core/handler.ts';
import { oncePer } from '../core/once-per.ts';
import type { FieldPath } from '../core/path.ts';
import { pathOf, PROBE_KINDS, type ContainerReference, type PodSpec, type Probe, type ProbeKind } from '../core/pod.ts';
import { defineRule, NO_VIOLATIONS, type KnownViolation, type RuleContext, type Violation } from '../core/rule.ts';
import type { AskedHost } from '../core/process/asked-host.ts';
import type { Subject } from '../core/subject.ts';
import { rememberedByText } from '../core/text-memo.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';
import { OPERATING_SYSTEM_FIELDS } from '../core/operating-system.ts';

interface Options {
  /** 0 for no bound. */
  readonly minExecPeriodSeconds: number;
  /** Words of a path, in lower case. */
  readonly dependencyPaths: readonly string[];
}

type MessageId =
  'noShell' | 'alwaysOutlasts' | 'neverEnds' | 'otherHost' | 'otherHostByCommand' | 'tooOften' | 'asksDependencies' | 'notKept';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'probe-handler',
    since: '0.1.0',
    category: 'probes',
    docs: {
      summary: 'A probe can work, costs little, and asks about its own container alone.',
      harm: 'A probe that cannot work, that asks another host or that costs too much says nothing about its container, and can stop it without need.',
      why: [
        'A probe that runs a shell in an image that has none fails each time, and so does one that sleeps for longer than its timeout. A',
        '`host` sends the probe from the node to another machine: the container is judged by what somebody else answers, and the',
        'Pod Security Standards forbid it since 1.34. An exec probe starts a process, with a shell often three, in the container’s own',
        'cgroup: every second, in a hundred Pods of a node, that is a load of its own. A livenessProbe that asks `/ready` or `/db`',
        'restarts the container when its database is away, which no restart brings back.',
      ].join('\n'),
      firesOn: [
        'an exec probe that runs a shell, or a tool such as `cat`, `curl` or `sleep`, in an image that is known to have neither (distroless, pause)',
        'an exec probe that sleeps for longer than its timeout before it can answer, or that leaves such a sleep behind with its output open',
        'an exec probe that never ends by itself: a loop without an end, `tail -f`, `sleep infinity`',
        '`httpGet.host` and `tcpSocket.host`',
        'a livenessProbe whose command asks another host by its name or address and fails without its answer (`curl`, `wget`, `nc`, `pg_isready`, `redis-cli`, `mysqladmin`, `grpc_health_probe` and the like): a warning at most',
        'an exec probe that runs more often than every `minExecPeriodSeconds`',
        'a livenessProbe whose HTTP path has one of the words of `dependencyPaths`: `/health/ready` has `ready`. A name proves nothing, so this is a warning at most',
        '`httpGet.protocol: HTTP2` and `grpc.mode: TLS` in a file: a warning at most, as the feature gates of the API server may be on',
      ],
      leavesAlone: [
        'a loopback `host` of a Pod with `hostNetwork`, or one that its command listens on or announces (`--advertise-address=192.0.2.1`), as the control plane’s own Pods have it',
        'what an image holds that podgrace does not know',
        'exec probes that call a program of the image and what they do in it, and hosts that stand in a variable',
        'paths of readinessProbes and startupProbes',
      ],
      remediation: [
        'Use `httpGet`, `tcpSocket` or `grpc` where the container can answer: they start nothing. Leave `host` out. Give an exec probe a',
        'period of some seconds. Let a livenessProbe ask an endpoint that answers as long as the process works.',
      ].join('\n'),
      worse: [
        'Each probe is compared with itself. From the worst: it fails each time, it asks another host, it runs too often; then the seconds',
        'that its period is too short decide. A path that asks about others never denies.',
      ].join('\n'),
      shipped: { baseline: 0, production: 1, strict: 3 },
      references: [
        'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#http-probes',
        'https://kubernetes.io/docs/concepts/security/pod-security-standards/',
        'https://github.com/GoogleContainerTools/distroless#why-should-i-use-distroless-images',
      ],
    },
    reads: ['containers', 'initContainers']
      .flatMap((list) => [
        ...['image', 'command', 'args', 'env'].map((field) => `spec.${list}[*].${field}`),
        ...PROBE_KINDS.map((kind) => `spec.${list}[*].${kind}`),
      ])
      .concat('spec.hostNetwork', 'spec.hostname', 'spec.subdomain', 'spec.hostAliases', OPERATING_SYSTEM_FIELDS),
    writes: [],
    appliesTo: { containers: ['main', 'sidecar'], workloads: WORKLOAD_CLASSES },
    mutation: 'none',
    presets: {
      baseline: { mode: 'warn', mutation: 'off', options: { minExecPeriodSeconds: 0, dependencyPaths: [] } },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'enforce', mutation: 'off', options: { minExecPeriodSeconds: 5 } },
    },
    messages: {
      noShell: {
        text: 'must run a program that the image has, but {{image}} has no {{program}}: the probe fails each time',
        fix: 'use `httpGet`, `tcpSocket` or `grpc`, or a program of the application',
      },
      alwaysOutlasts: {
        text: 'must answer within the timeout of {{timeoutSeconds}} s, but takes {{seconds}} s or longer: the probe fails each time',
        fix: 'remove the sleep; how often a probe runs is its `periodSeconds`',
      },
      neverEnds: {
        text: 'must end within the timeout of {{timeoutSeconds}} s, but never ends by itself: the probe fails each time',
        fix: 'let the command check once and end; how often a probe runs is its `periodSeconds`',
      },
      otherHost: {
        text: 'must not be set, but is {{host}}: the node asks that host, and not the container',
        fix: 'remove `host`; a name for the request goes into `httpHeaders` as Host',
      },
      otherHostByCommand: {
        text: 'must ask its own container, but {{program}} asks {{host}}: a restart of the container does not repair another host',
        fix: 'ask `localhost`, and leave {{host}} to the readinessProbe if the container cannot serve without it',
        onlyWarns: true,
      },
      tooOften: {
        text: 'must be at least {{minSeconds}} s for an exec probe, but is {{seconds}} s: each run starts a process in the container',
        fix: 'set `periodSeconds: {{minSeconds}}` or higher, or ask with `httpGet`, `tcpSocket` or `grpc`',
      },
      asksDependencies: {
        text: 'must ask about the container alone, but by its name {{path}} asks whether others answer too: a restart does not repair them',
        fix: 'ask an endpoint that answers as long as the process works, and leave {{path}} to the readinessProbe',
        onlyWarns: true,
      },
      notKept: {
        text: 'must not be relied on: the API server drops it before 1.37, and later unless its feature gate {{gate}} is on; the probe then uses {{instead}}',
        fix: 'remove the field and ask a port that answers over {{instead}}, or use an exec probe; if the gate is on, exempt the workload in the policy',
        onlyWarns: true,
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        minExecPeriodSeconds: {
          type: 'integer',
          minimum: 0,
          maximum: 60,
          description: 'The shortest `periodSeconds` of an exec probe; 0 for no bound.',
        },
        dependencyPaths: {
          type: 'array',
          maxItems: 50,
          items: { type: 'string', minLength: 1, maxLength: 50 },
          description: 'Words between the slashes of a path, in lower case, that say that a livenessProbe asks about dependencies.',
        },
      },
    },
    defaultOptions: {
      minExecPeriodSeconds: 2,
      dependencyPaths: ['ready', 'readyz', 'readiness', 'is-ready', 'isready', 'db', 'database', 'dependencies', 'deep'],
    },
  },

  validate({ spec }, context) {
    let violations: Violation<MessageId>[] | undefined;
    for (const reference of context.containers()) {
      for (const kind of PROBE_KINDS) {
        const probe = reference.container[kind];
        if (probe == null) continue;
        const found =
          probe.exec != null
            ? judgeExec(probe, kind, { spec, reference }, context)
            : judgeRequest(probe, { kind, reference }, spec, context);
        if (found !== undefined) (violations ??= []).push(found);
      }
    }
    return violations ?? NO_VIOLATIONS;
  },
});

function judgeExec(
  probe: Probe,
  kind: ProbeKind,
  { spec, reference }: { readonly spec: PodSpec; readonly reference: ContainerReference },
  { options, facts, subject }: RuleContext<Options>,
): Violation<MessageId> | undefined {
  const place = pathOf(reference).field(kind);
  const missing = missingProgramOf(probe, reference.container, facts.images);
  if (missing !== undefined) {
    return { message: 'noShell', path: place.field('exec', 'command'), data: missing, ...rankOf('noShell', place) };
  }
  const { timeoutSeconds, periodSeconds } = probe;
  const { leastSeconds: seconds, duration } = facts.hookOf(probe, reference.container, { isProbe: true });
  if (duration.certainty === 'endless') {
    return { message: 'neverEnds', path: place.field('exec', 'command'), data: { timeoutSeconds }, ...rankOf('neverEnds', place) };
  }
  if (seconds > timeoutSeconds) {
    const data = { timeoutSeconds, seconds };
    return { message: 'alwaysOutlasts', path: place.field('exec', 'command'), data, ...rankOf('alwaysOutlasts', place) };
  }
  const { minExecPeriodSeconds: minSeconds } = options;
  if (periodSeconds >= minSeconds)
    return kind === 'livenessProbe' ? judgeAsked(otherHostAskedBy(probe, spec, reference.container, podNameOf(subject)), place) : undefined;
  const data = { minSeconds, seconds: periodSeconds };
  return { message: 'tooOften', path: place.field('periodSeconds'), data, ...rankOf('tooOften', place, minSeconds - periodSeconds) };
}

function podNameOf({ isTemplate, isNameGenerated, name }: Subject): string | undefined {
  return isTemplate || isNameGenerated ? undefined : name;
}

function judgeAsked(asked: AskedHost | undefined, place: FieldPath): Violation<MessageId> | undefined {
  if (asked === undefined) return undefined;
  return {
    message: 'otherHostByCommand',
    path: place.field('exec', 'command'),
    data: { ...asked },
    ...rankOf('otherHostByCommand', place),
  };
}

interface PlacedProbe {
  readonly kind: ProbeKind;
  readonly reference: ContainerReference;
}

/** What an API server drops without a word is still there in a file alone. */
function judgeKept({ httpGet, grpc }: Probe, { kind, reference }: PlacedProbe): Violation<MessageId> | undefined {
  const place = pathOf(reference).field(kind);
  if (httpGet?.protocol === 'HTTP2') {
    const data = { gate: 'H2CContainerProbe', instead: 'HTTP/1.1' };
    return { message: 'notKept', path: place.field('httpGet', 'protocol'), data, ...rankOf('notKept', place) };
  }
  if (grpc?.mode !== 'TLS') return undefined;
  const data = { gate: 'GRPCContainerProbeTLS', instead: 'plain text' };
  return { message: 'notKept', path: place.field('grpc', 'mode'), data, ...rankOf('notKept', place) };
}

function judgeRequest(
  probe: Probe,
  { kind, reference }: PlacedProbe,
  spec: PodSpec,
  { options, subject }: RuleContext<Options>,
): Violation<MessageId> | undefined {
  const { httpGet, tcpSocket } = probe;
  const dropped = subject.provenance.isOnlyWritten ? judgeKept(probe, { kind, reference }) : undefined;
  const action = httpGet ?? tcpSocket;
  if (action == null) return dropped;
  const handler = httpGet == null ? 'tcpSocket' : 'httpGet';
  const host = otherHostOf(action, spec, reference.container);
  if (host !== undefined) {
    const place = pathOf(reference).field(kind);
    return { message: 'otherHost', path: place.field(handler, 'host'), data: { host }, ...rankOf('otherHost', place) };
  }
  if (dropped !== undefined) return dropped;
  const path = httpGet?.path;
  if (kind !== 'livenessProbe' || path == null || options.dependencyPaths.length === 0) return undefined;
  if (!dependencyNamedBy(options)(path)) return undefined;
  const place = pathOf(reference).field(kind);
  return { message: 'asksDependencies', path: place.field('httpGet', 'path'), data: { path }, ...rankOf('asksDependencies', place) };
}

/** How bad each is for a probe: what fails each time is worst. */
const BADNESS: Readonly<Record<MessageId, number>> = {
  tooOften: 0,
  asksDependencies: 1,
  otherHostByCommand: 1,
  notKept: 1,
  otherHost: 2,
  alwaysOutlasts: 3,
  neverEnds: 3,
  noShell: 3,
};

function rankOf(message: MessageId, probe: FieldPath, missingSeconds = 0): Pick<KnownViolation, 'rank' | 'ranked'> {
  return { rank: [BADNESS[message], missingSeconds], ranked: [probe] };
}

/** All Pods of a workload have the same probes. */
const dependencyNamedBy = oncePer(({ dependencyPaths }: Options) =>
  rememberedByText(256, 128, (path) => namesDependency(path, dependencyPaths)),
);

/** Whether one of the words between slashes is in the list; what comes after `?` does not count. */
function namesDependency(path: string, words: readonly string[]): boolean {
  const [location = ''] = path.split(/[?#]/, 1);
  return location
    .toLowerCase()
    .split('/')
    .some((word) => words.includes(word));
}
