/** A Job ends at some time, even if it hangs or fails. */
import type { JobBounds } from '../core/rollout.ts';
import { defineRule, NO_VIOLATIONS, type KnownViolation } from '../core/rule.ts';

interface Options {
  readonly deadline: 'scheduled' | 'all';
  readonly maxBackoffLimit: number;
}

type MessageId = 'pilesUp' | 'noDeadline' | 'retriesForEver';

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
        'succeed makes Pods for months.',
      ].join('\n'),
      firesOn: [
        'a CronJob with `concurrencyPolicy: Allow` and no deadline, in the Job or in its Pods, unless it is suspended',
        'with `deadline: all`, every Job without a deadline, and every CronJob with `concurrencyPolicy: Forbid` or that is suspended',
        'a `backoffLimit` above `maxBackoffLimit` without a deadline, or a `backoffLimitPerIndex` that stands in its place',
      ],
      leavesAlone: [
        'CronJobs with `Replace`: the next run ends the one that hangs',
        'CronJobs with `Forbid`, and suspended ones, which start no Job by themselves, apart from `deadline: all`',
        'how long the deadline is',
        'Pods that are no part of a Job',
      ],
      remediation: [
        'Set `activeDeadlineSeconds` to several times what the Job usually takes: it ends the Job and its Pods, with the reason',
        'DeadlineExceeded, which alerts can see. For a CronJob whose runs must not overlap, set `concurrencyPolicy: Forbid` as well; alone',
        'it means that after a run that hangs there is none any more.',
      ].join('\n'),
      worse: 'From the worst: runs pile up, tries without end, no deadline. Of two limits for tries the higher one is worse.',
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

  validate({ spec }, { options, subject }) {
    const job = subject.workload?.job;
    if (job === undefined || job.activeDeadlineSeconds !== undefined || spec.activeDeadlineSeconds != null) return NO_VIOLATIONS;
    const violation = faultOf(job, options);
    return violation === undefined ? NO_VIOLATIONS : [{ ...violation, ranked: [job.path] }];
  },
});

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
