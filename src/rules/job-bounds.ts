/** A Job ends at some time, even if it hangs or fails. */
import { FieldPath } from '../core/path.ts';
import type { Container, PodSpec } from '../core/pod.ts';
import { imageRepository } from '../core/process/image-knowledge.ts';
import type { JobBounds } from '../core/job-bounds.ts';
import { defineRule, NO_VIOLATIONS, type KnownViolation, type RuleContext } from '../core/rule.ts';
import { shortened } from '../core/shortened.ts';

interface Options {
  readonly deadline: 'scheduled' | 'all';
  readonly maxBackoffLimit: number;
}

type MessageId = 'pilesUp' | 'noDeadline' | 'retriesForEver' | 'neverCompletes';

export default defineRule<Options, MessageId>({
  meta: {
    id: 'job-bounds',
    since: '0.1.0',
    category: 'termination',
    docs: {
      summary: 'A Job has a deadline, and does not retry for ever.',
      harm: 'Without bounds, Kubernetes never ends a Job that hangs, and a Job that cannot succeed goes on making Pods.',
      why: [
        'A Job that hangs runs until somebody looks: nothing in Kubernetes ends it without an `activeDeadlineSeconds`. A CronJob that',
        'may run beside itself (`concurrencyPolicy: Allow`, the default) starts the next one all the same: every hour one more that',
        'hangs, until the quota or the database connections are used up. With a `backoffLimit` in the thousands a Job that cannot',
        'succeed makes Pods for months. A Pod has succeeded when all its main containers have ended: beside a proxy or a log agent that',
        'nobody ends, its Job is never complete, whatever the work in it came to.',
      ].join('\n'),
      firesOn: [
        'a CronJob with `concurrencyPolicy: Allow` and no deadline, in the Job or in its Pods, unless it is suspended',
        'with `deadline: all`, every Job without a deadline, and every CronJob with `concurrencyPolicy: Forbid` or that is suspended',
        'a proxy to a database or a log agent (Cloud SQL and AlloyDB Auth Proxy, Fluent Bit, Filebeat, Promtail) that is a main container beside another one, and that nothing in the Pod is seen to end',
        'a main container beside another one whose command never ends: `tail -f`, `sleep infinity`, a loop without an end',
        'a `backoffLimit` above `maxBackoffLimit` without a deadline, or a `backoffLimitPerIndex` that stands in its place',
      ],
      leavesAlone: [
        'CronJobs with `Replace`: the next run ends the one that hangs',
        'CronJobs with `Forbid`, and suspended ones, which start no Job by themselves, apart from `deadline: all`',
        'how long the deadline is',
        'such a proxy with `--quitquitquit` or `CSQL_PROXY_QUITQUITQUIT`, a log agent with `--once`, one in a shared process namespace or behind a command of its own, and proxies of a service mesh: the application may end them',
        'Pods that are no part of a Job',
      ],
      remediation: [
        'Set `activeDeadlineSeconds` to several times what the Job usually takes: it ends the Job and its Pods, with the reason',
        'DeadlineExceeded, which alerts can see. For a CronJob whose runs must not overlap, set `concurrencyPolicy: Forbid` as well; alone',
        'it means that after a run that hangs there is none any more. What helps the work for as long as it takes is a sidecar: an init container',
        'with `restartPolicy: Always`, which the kubelet ends after the work.',
      ].join('\n'),
      worse:
        'A Job that never completes is compared by its container. Else, from the worst: runs pile up, tries without end, no deadline. Of two limits for tries the higher one is worse.',
      shipped: { baseline: 1, production: 1, strict: 22 },
      references: [
        'https://kubernetes.io/docs/concepts/workloads/controllers/job/#job-termination-and-cleanup',
        'https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/#concurrency-policy',
      ],
    },
    about: 'workload',
    kinds: ['batch/Job', 'batch/CronJob'],
    reads: [
      'spec.activeDeadlineSeconds',
      'spec.backoffLimit',
      'spec.backoffLimitPerIndex',
      'spec.template.spec.activeDeadlineSeconds',
      'spec.concurrencyPolicy',
      'spec.suspend',
      'spec.jobTemplate.spec.activeDeadlineSeconds',
      'spec.jobTemplate.spec.backoffLimit',
      'spec.jobTemplate.spec.backoffLimitPerIndex',
      'spec.jobTemplate.spec.template.spec.activeDeadlineSeconds',
      ...['spec.template.spec', 'spec.jobTemplate.spec.template.spec'].flatMap((place) => [
        ...['name', 'image', 'command', 'args', 'env'].map((field) => `${place}.containers[*].${field}`),
        ...['shareProcessNamespace', 'os', 'nodeSelector', 'affinity.nodeAffinity'].map((field) => `${place}.${field}`),
      ]),
    ],
    writes: [],
    appliesTo: { containers: [], workloads: ['batch'] },
    mutation: 'none',
    presets: {
      baseline: { mode: 'audit', mutation: 'off' },
      production: { mode: 'warn', mutation: 'off' },
      strict: { mode: 'warn', mutation: 'off', options: { deadline: 'all' } },
    },
    messages: {
      pilesUp: {
        text: 'must be set where runs may overlap (concurrencyPolicy Allow): a run that hangs never ends, and each schedule adds one',
        fix: 'set `activeDeadlineSeconds` to several times what a run takes{{orForbid}}',
      },
      noDeadline: {
        text: 'must be set: a Job that hangs never ends by itself',
        fix: 'set `activeDeadlineSeconds` to several times what the Job usually takes',
      },
      neverCompletes: {
        text: 'must be a sidecar, but is a main container: {{helper}} never ends by itself, so the Job never completes',
        fix: 'move it to `initContainers` and set `restartPolicy: Always` there: it then ends with the Pod',
      },
      retriesForEver: {
        text: 'must be at most {{max}} without a deadline, but is {{limit}}: a Job that cannot succeed goes on making Pods',
        fix: 'set `activeDeadlineSeconds`{{orLower}}',
      },
    },
    schema: {
      type: 'object',
      additionalProperties: false,
      properties: {
        deadline: {
          type: 'string',
          enum: ['scheduled', 'all'],
          description:
            'What must have a deadline: CronJobs whose runs may overlap, or every Job and every CronJob but those with `Replace`.',
        },
        maxBackoffLimit: { type: 'integer', minimum: 0, maximum: 2147483647, description: 'The most tries of a Job without a deadline.' },
      },
    },
    defaultOptions: { deadline: 'scheduled', maxBackoffLimit: 100 },
  },

  validate({ spec }, context) {
    const { options, subject } = context;
    const job = subject.workload?.job;
    if (job === undefined) return NO_VIOLATIONS;
    const found = endlessHelpers(spec, context);
    if (job.activeDeadlineSeconds !== undefined || spec.activeDeadlineSeconds != null) return found;
    const violation = faultOf(job, options);
    return violation === undefined ? found : [...found, { ...violation, ranked: [job.path] }];
  },
});

/** Proxies and log agents that end at a signal alone; what ends one over HTTP has to be switched on (`--quitquitquit` of the Cloud SQL Auth Proxy). */
const ENDLESS_HELPERS =
  /(?:^|\/)(?:cloudsql-docker\/gce-proxy|cloud-sql-connectors\/cloud-sql-proxy|alloydb-connectors\/alloydb-auth-proxy|fluent-bit|filebeat|promtail)$/;

function endlessHelpers(
  { containers, shareProcessNamespace }: PodSpec,
  context: RuleContext<Options>,
): readonly KnownViolation<MessageId>[] {
  // In a shared process namespace the application can send the signal.
  if (containers.length < 2 || shareProcessNamespace === true) return NO_VIOLATIONS;
  const found: KnownViolation<MessageId>[] = [];
  let index = -1;
  for (const container of context.each(containers)) {
    index += 1;
    const helper = endlessHelperIn(container, context);
    if (helper === undefined) continue;
    const { name } = container;
    const path = FieldPath.of('spec', 'containers').at(index, { name }).within(context.subject.root);
    found.push({ message: 'neverCompletes', path, data: { helper }, rank: [0], ranked: [path] });
  }
  return found.length === containers.length ? NO_VIOLATIONS : found;
}

/** @returns what never ends, as a message says it */
function endlessHelperIn(container: Container, context: RuleContext<Options>): string | undefined {
  if (isEndlessHelper(container)) return imageRepository(container.image);
  const { command, args } = container;
  if (command == null || command.length === 0) return undefined;
  const words = [...command, ...(args ?? [])];
  const { duration, stopsServer } = context.facts.hookOf({ exec: { command: words } }, container, { isProbe: true });
  if (duration.certainty !== 'endless' || stopsServer) return undefined;
  return words.some((word) => MAY_STOP.test(context.read(word))) ? undefined : `its command \`${shortened(words.join(' '))}\``;
}

/** What stops a script, or the command that it waits for, at a moment that nobody can tell: a signal, a trap for errors, a text that is run. */
const MAY_STOP = /(?<![\w-])(?:p?kill|killall|skill|eval|ERR)(?![\w-])/;

function isEndlessHelper({ image, command, args, env }: Pick<Container, 'image' | 'command' | 'args' | 'env'>): boolean {
  if (!ENDLESS_HELPERS.test(imageRepository(image))) return false;
  const words = [...(command ?? []), ...(args ?? []), ...(env ?? []).map(({ name }) => name)];
  const isItself = command == null || command.length === 0 || OWN_PROGRAM.test(command[0] ?? '');
  return isItself && !words.some((word) => ENDS.test(word));
}

/**
 * What lets such a program be ended over HTTP (`--quitquitquit`, `CSQL_PROXY_QUITQUITQUIT`), a file that may say so (`--config-file`), or what
 * ends it where its files do (`filebeat --once`, `exit_on_eof` of Fluent Bit).
 */
const ENDS = /quitquitquit|^--config-file(?:=|$)|^--?once(?:=|$)|exit_on_eof/i;

/** The programs of these images; behind another one, such as a shell or `timeout`, they may end. */
const OWN_PROGRAM = /(?:^|\/)(?:cloud[-_]sql[-_]proxy|alloydb-auth-proxy|fluent-bit|filebeat|promtail)$/;

function faultOf(
  { path, tries, limit, concurrencyPolicy, isSuspended }: JobBounds,
  { deadline, maxBackoffLimit }: Options,
): KnownViolation<MessageId> | undefined {
  if (concurrencyPolicy === 'Replace') return undefined;
  // Only what leaves nothing to find is advised.
  const needsDeadline = deadline === 'all';
  if (concurrencyPolicy === 'Allow' && !isSuspended) {
    const data = { orForbid: needsDeadline || tries > maxBackoffLimit ? '' : ', or `concurrencyPolicy: Forbid`' };
    return { message: 'pilesUp', path: path.field('activeDeadlineSeconds'), data, rank: [2] };
  }
  if (tries > maxBackoffLimit) {
    const data = { max: maxBackoffLimit, limit: tries, orLower: needsDeadline ? '' : `, or lower \`${limit}\`` };
    return { message: 'retriesForEver', path: path.field(limit), data, rank: [1, tries] };
  }
  return needsDeadline ? { message: 'noDeadline', path: path.field('activeDeadlineSeconds'), rank: [0] } : undefined;
}
