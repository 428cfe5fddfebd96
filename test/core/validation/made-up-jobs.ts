/** Jobs and CronJobs of which the API server wants something else, and what an API server 1.36.3 says of them. */
import type { JsonObject } from '../../../src/core/json.ts';
import { web, workload, type MadeUpWorkload } from './made-up-workloads.ts';

const jobSpec = (fields: object, pod: object): object => ({ template: { spec: web({}, pod) }, ...fields });
const job = (fields: object, pod: object = { restartPolicy: 'Never' }): JsonObject => workload('batch/v1', 'Job', jobSpec(fields, pod));
const cronJob = (fields: object, jobFields: object = {}, pod: object = { restartPolicy: 'Never' }): JsonObject =>
  workload('batch/v1', 'CronJob', { schedule: '0 0 * * *', jobTemplate: { spec: jobSpec(jobFields, pod) }, ...fields });

export const MADE_UP_JOBS: readonly MadeUpWorkload[] = [
  {
    name: 'a Job that always restarts',
    object: job({}, { restartPolicy: 'Always' }),
    invalid: ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
  },
  {
    name: 'a Job without a restart policy',
    object: job({}, {}),
    invalid: ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
  },
  {
    name: 'a Job of an unknown restart policy',
    object: job({}, { restartPolicy: 'Sometimes' }),
    invalid: [
      'spec.template.spec.restartPolicy: Unsupported value: "Sometimes": supported values: "Always", "OnFailure", "Never"',
      'spec.template.spec.restartPolicy: Unsupported value: "Sometimes": supported values: "OnFailure", "Never"',
    ],
  },
  {
    name: 'a Job below 0',
    object: job({ parallelism: -1, completions: -1, backoffLimit: -1, activeDeadlineSeconds: -1, ttlSecondsAfterFinished: -1 }),
    invalid: [
      'spec.parallelism: Invalid value: -1: must be greater than or equal to 0',
      'spec.completions: Invalid value: -1: must be greater than or equal to 0',
      'spec.activeDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0',
      'spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0',
      'spec.ttlSecondsAfterFinished: Invalid value: -1: must be greater than or equal to 0',
    ],
  },
  { name: 'an Indexed Job without completions', object: job({ completionMode: 'Indexed' }), invalid: [] },
  {
    name: 'an unknown mode',
    object: job({ completionMode: 'indexed' }),
    invalid: ['spec.completionMode: Unsupported value: "indexed": supported values: "NonIndexed", "Indexed"'],
  },
  {
    name: 'failed indexes without a limit',
    object: job({ completionMode: 'Indexed', completions: 2, maxFailedIndexes: 3 }),
    invalid: [
      'spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified',
      'spec.maxFailedIndexes: Invalid value: 3: must be less than or equal to completions',
    ],
  },
  {
    name: 'failed indexes of no index',
    object: job({ backoffLimitPerIndex: 1, maxFailedIndexes: 1 }),
    invalid: [
      'spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode',
      'spec.maxFailedIndexes: Invalid value: 1: requires indexed completion mode',
    ],
  },
  {
    name: 'too many at once',
    object: job({ completionMode: 'Indexed', completions: 200000, parallelism: 100001 }),
    invalid: ['spec.parallelism: Invalid value: 100001: must be less than or equal to 100000 when completion mode is Indexed'],
  },
  {
    name: 'a failure policy that restarts',
    object: job(
      { podFailurePolicy: { rules: [{ action: 'FailJob', onExitCodes: { operator: 'In', values: [1] } }] } },
      { restartPolicy: 'OnFailure' },
    ),
    invalid: ['spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified'],
  },
  {
    name: 'a CronJob that always restarts',
    object: cronJob({}, {}, { restartPolicy: 'Always' }),
    invalid: ['spec.jobTemplate.spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"'],
  },
  {
    name: 'a CronJob below 0',
    object: cronJob({ startingDeadlineSeconds: -1, successfulJobsHistoryLimit: -1, failedJobsHistoryLimit: -1 }, { parallelism: -1 }),
    invalid: [
      'spec.startingDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0',
      'spec.jobTemplate.spec.parallelism: Invalid value: -1: must be greater than or equal to 0',
      'spec.successfulJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
      'spec.failedJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0',
    ],
  },
  {
    name: 'an unknown concurrency',
    object: cronJob({ concurrencyPolicy: 'Never' }),
    invalid: ['spec.concurrencyPolicy: Unsupported value: "Never": supported values: "Allow", "Forbid", "Replace"'],
  },
  {
    name: 'an unknown time zone',
    object: cronJob({ timeZone: '../etc' }),
    invalid: ['spec.timeZone: Invalid value: "../etc": unknown time zone ../etc'],
  },
  {
    name: 'an empty time zone',
    object: cronJob({ timeZone: '' }),
    invalid: ['spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string'],
  },
];
