/** Timing fields of probes that nobody chose have the organisation's values, not the API server's. */
import { PROBE_DEFAULTS } from '../core/defaults.ts';
import { pathOf, PROBE_KINDS, type ContainerReference, type Probe, type ProbeKind } from '../core/pod.ts';
import { defineRule, NO_VIOLATIONS, type RuleContext, type Violation } from '../core/rule.ts';
import { WORKLOAD_CLASSES } from '../core/workload.ts';

interface Timing {
  readonly timeoutSeconds?: number;
  readonly periodSeconds?: number;
  readonly failureThreshold?: number;
}
type TimingField = keyof Timing;

/** What is not named keeps the API server's default. */
type Options = Readonly<Partial<Record<ProbeKind, Timing>>>;

type MessageId = 'timeout' | 'period' | 'failureThreshold';

const MESSAGE_OF: Readonly<Record<TimingField, MessageId>> = {
  timeoutSeconds: 'timeout',
  periodSeconds: 'period',
  failureThreshold: 'failureThreshold',
};

const TIMEOUT_SCHEMA = {
  type: 'integer',
  minimum: PROBE_DEFAULTS.timeoutSeconds,
  maximum: 300,
  description: 'Seconds that the probe may take, never above its period.',
};

/**
 * Bounds under which a default can only make a livenessProbe and a startupProbe more patient and a readinessProbe quicker:
 * nothing is killed sooner for it, and liveness goes on to tolerate more than readiness where it did.
 */
const PATIENT_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    timeoutSeconds: TIMEOUT_SCHEMA,
    periodSeconds: {
      type: 'integer',
      minimum: PROBE_DEFAULTS.periodSeconds,
      maximum: 300,
      description: 'Seconds between two probes; a shorter period than the API server’s would kill sooner.',
    },
    failureThreshold: {
      type: 'integer',
      minimum: PROBE_DEFAULTS.failureThreshold,
      maximum: 100,
      description: 'Failures in a row after which the container is killed; fewer than the API server’s would kill sooner.',
    },
  },
};
const QUICK_SCHEMA = {
  type: 'object',
  additionalProperties: false,
  properties: {
    timeoutSeconds: TIMEOUT_SCHEMA,
    periodSeconds: {
      type: 'integer',
      minimum: 1,
      maximum: PROBE_DEFAULTS.periodSeconds,
      description: 'Seconds between two probes, never below a timeout that was chosen.',
    },
    failureThreshold: {
      type: 'integer',
      minimum: 1,
      maximum: PROBE_DEFAULTS.failureThreshold,
      description: 'Failures in a row after which the container gets no traffic.',
    },
  },
};

export default defineRule<Options, MessageId>({
  meta: {
    id: 'probe-defaults',
    since: '0.1.0',
    category: 'probes',
    docs: {
      summary: 'Timing fields of probes that nobody chose have the organisation’s values.',
      harm: 'Under load, a healthy container often needs longer than the default timeout of 1 s: it is restarted, or gets no traffic.',
      why: [
        'A probe that names only its handler gets a timeout of 1 s, a period of 10 s and 3 failures. One second is too short',
        'for a container that is throttled (a process that has used up its CPU quota waits for the rest of each 100 ms), that',
        'collects garbage, or that loads a page from a cold cache. Under load, a healthy application then fails three probes in',
        'a row and is restarted; its load moves to the other replicas, and they fail as well.',
      ].join('\n'),
      remediation: [
        'Set `timeoutSeconds` in every probe. podgrace sets the policy’s values if a field has the API server’s default and',
        'nothing shows that somebody chose it. A last-applied annotation or a server-side apply that names the field shows',
        'that. It is on the object that was applied: a Pod that a controller makes has none, so there 1 s counts as not chosen.',
        'A timeout never gets longer than the period. Period and failures are one decision (their product is how long a failure',
        'is tolerated), so podgrace sets them only if both were left alone. Policies can make liveness and startup probes more',
        'patient and readiness probes quicker, not the other way round: no default kills a container sooner.',
      ].join('\n'),
      worse: 'Each field of each probe is compared with itself: somebody chose its value, or nobody did.',
      references: [
        'https://kubernetes.io/docs/tasks/configure-pod-container/configure-liveness-readiness-startup-probes/#configure-probes',
        'https://kubernetes.io/docs/concepts/configuration/liveness-readiness-startup-probes/',
      ],
    },
    reads: ['containers', 'initContainers'].flatMap((list) => PROBE_KINDS.map((kind) => `spec.${list}[*].${kind}`)),
    writes: ['containers', 'initContainers'].flatMap((list) => PROBE_KINDS.map((kind) => `spec.${list}[*].${kind}`)),
    appliesTo: { containers: ['main', 'sidecar'], workloads: WORKLOAD_CLASSES },
    mutation: 'safe',
    after: ['readiness-probe', 'startup-probe'],
    presets: {
      baseline: { mode: 'audit', mutation: 'off' },
      production: { mode: 'warn', mutation: 'apply' },
      strict: { mode: 'enforce', mutation: 'apply' },
    },
    messages: {
      timeout: {
        text: 'must be {{wanted}} s where nobody chose it, but is the API server’s default of {{value}} s, which fails applications that are only throttled',
        fix: 'set `timeoutSeconds: {{wanted}}`, or the number that the application needs',
      },
      period: {
        text: 'must be {{wanted}} s where nobody chose it, but is the API server’s default of {{value}} s',
        fix: 'set `periodSeconds: {{wanted}}`, or the number that the application needs',
      },
      failureThreshold: {
        text: 'must be {{wanted}} where nobody chose it, but is the API server’s default of {{value}}',
        fix: 'set `failureThreshold: {{wanted}}`, or the number that the application needs',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        livenessProbe: { ...PATIENT_SCHEMA, description: 'For livenessProbes; a field that is not named keeps the API server’s default.' },
        readinessProbe: { ...QUICK_SCHEMA, description: 'For readinessProbes; a field that is not named keeps the API server’s default.' },
        startupProbe: { ...PATIENT_SCHEMA, description: 'For startupProbes; a field that is not named keeps the API server’s default.' },
      },
    },
    defaultOptions: {
      livenessProbe: { timeoutSeconds: 5 },
      readinessProbe: { timeoutSeconds: 3 },
      startupProbe: { timeoutSeconds: 3 },
    },
  },

  validate(_pod, context) {
    let violations: Violation<MessageId>[] | undefined;
    for (const reference of context.containers()) {
      for (const kind of PROBE_KINDS) {
        const probe = reference.container[kind];
        const changes = probe == null ? undefined : changesTo(probe, kind, reference, context);
        if (probe == null || changes === undefined) continue;
        violations ??= [];
        for (const [field, wanted] of changes) {
          violations.push({
            message: MESSAGE_OF[field],
            path: pathOf(reference).field(kind, field),
            data: { wanted, value: probe[field] },
            rank: [0],
          });
        }
      }
    }
    return violations ?? NO_VIOLATIONS;
  },

  mutate(_draft, context) {
    for (const reference of context.containers()) {
      for (const kind of PROBE_KINDS) {
        const probe = reference.container[kind];
        if (probe == null) continue;
        for (const [field, wanted] of changesTo(probe, kind, reference, context) ?? []) probe[field] = wanted;
      }
    }
  },
});

/** What the probe's fields become; undefined, and nothing allocated, where they stay. */
function changesTo(
  probe: Probe,
  kind: ProbeKind,
  reference: ContainerReference,
  context: RuleContext<Options>,
): (readonly [TimingField, number])[] | undefined {
  const wanted = context.options[kind];
  if (wanted === undefined) return undefined;
  let changes: (readonly [TimingField, number])[] | undefined;
  let { periodSeconds } = probe;
  const asksForTolerance = wanted.periodSeconds !== undefined || wanted.failureThreshold !== undefined;
  if (asksForTolerance && isNobodys('periodSeconds', kind, reference, context) && isNobodys('failureThreshold', kind, reference, context)) {
    periodSeconds = periodFor(probe, wanted);
    if (periodSeconds !== probe.periodSeconds) (changes ??= []).push(['periodSeconds', periodSeconds]);
    const failureThreshold = wanted.failureThreshold ?? probe.failureThreshold;
    if (failureThreshold !== probe.failureThreshold) (changes ??= []).push(['failureThreshold', failureThreshold]);
  }
  const timeoutSeconds = Math.min(wanted.timeoutSeconds ?? probe.timeoutSeconds, periodSeconds);
  if (timeoutSeconds > probe.timeoutSeconds && isNobodys('timeoutSeconds', kind, reference, context)) {
    (changes ??= []).push(['timeoutSeconds', timeoutSeconds]);
  }
  return changes;
}

/** A timeout that is there fits into the new period, if it fitted into the old one. */
function periodFor(probe: Probe, wanted: Timing): number {
  const period = wanted.periodSeconds ?? probe.periodSeconds;
  return Math.max(period, Math.min(probe.timeoutSeconds, probe.periodSeconds));
}

/** Whether the API server filled in a field of the probe. */
function isNobodys(field: TimingField, kind: ProbeKind, reference: ContainerReference, { subject }: RuleContext<Options>): boolean {
  if (reference.container[kind]?.[field] !== PROBE_DEFAULTS[field]) return false;
  return !subject.provenance.wasSent(pathOf(reference).field(kind, field));
}
