/** What ends a Job that does not succeed: its deadline and its tries, with the API server's defaults. */
import type { ShapeProblem } from './shape-problem.ts';
import { LARGEST_INT32 } from './int32.ts';
import { isObject, type JsonObject } from './json.ts';
import { asObject } from './json-reading.ts';
import { FieldPath } from './path.ts';
import type { Maybe } from './pod.ts';
import { readWorkloadFields } from './shape.ts';
import { Work } from './work.ts';

/** What ends a Job that does not succeed. */
export interface JobBounds {
  /** Where the Job's spec stands in the workload: `spec`, `spec.jobTemplate.spec`. */
  readonly path: FieldPath;
  readonly activeDeadlineSeconds: number | undefined;
  readonly tries: number;
  /** The field that limits them. */
  readonly limit: 'backoffLimit' | 'backoffLimitPerIndex';
  /** Whether neither limit is 0: then another Pod is made for the first one that fails. */
  readonly triesAgain: boolean;
  /** Whether another Pod is made only once the old one has ended, and not yet when it is deleted (`podReplacementPolicy`). */
  readonly awaitsEnd: boolean;
  /** The field that keeps the Job from making any Pod; undefined where none does. */
  readonly heldBackBy: 'parallelism' | 'suspend' | undefined;
  /** Of CronJobs alone: `Allow`, `Forbid`, `Replace`. */
  readonly concurrencyPolicy: string | undefined;
  /** Of CronJobs alone: its schedule starts nothing. */
  readonly isSuspended: boolean;
}

/** Where the Job's spec stands, by group and kind. */
export const JOB_PATHS: ReadonlyMap<string, readonly string[]> = new Map([
  ['batch/Job', ['spec']],
  ['batch/CronJob', ['spec', 'jobTemplate', 'spec']],
]);

/**
 * Mirrors kubernetes `pkg/apis/batch/v1/defaults.go`: six tries; where each index has a limit of its own, that one counts, beside
 * which the API server stores the largest number as the limit of all. Runs may overlap.
 *
 * @param spec of a Job or a CronJob
 * @param path where the Job's spec stands (`JOB_PATHS`)
 * @returns what can be read where fields have the wrong types
 */
export function readJobBounds(
  spec: JsonObject,
  path: readonly string[],
  work?: Work,
): { bounds: JobBounds; problems: readonly ShapeProblem[] } {
  const isScheduled = path.length > 1;
  const { activeDeadlineSeconds, backoffLimit, backoffLimitPerIndex, jobTemplate } = spec;
  const own = isScheduled
    ? { concurrencyPolicy: spec['concurrencyPolicy'], suspend: spec['suspend'], jobTemplate }
    : { activeDeadlineSeconds, backoffLimit, backoffLimitPerIndex };
  const { fields, problems } = readWorkloadFields(own, work);
  const { concurrencyPolicy, suspend } = fields;
  const job = jobSpecOf({ spec: fields }, path);
  const [tries, limit] = triesOf(job);
  const { podReplacementPolicy, podFailurePolicy, parallelism, suspend: isJobSuspended } = jobSpecOf({ spec }, path);
  const bounds: JobBounds = {
    path: FieldPath.from(path),
    activeDeadlineSeconds: (job['activeDeadlineSeconds'] as Maybe<number>) ?? undefined,
    tries,
    limit,
    triesAgain: triesAgainAfterDeletion(job, podFailurePolicy, work),
    awaitsEnd: podReplacementPolicy == null ? isObject(podFailurePolicy) : podReplacementPolicy === 'Failed',
    heldBackBy: isJobSuspended === true ? 'suspend' : parallelism === 0 ? 'parallelism' : undefined,
    concurrencyPolicy: isScheduled ? (concurrencyPolicy as Maybe<string>) || 'Allow' : undefined,
    isSuspended: isScheduled && suspend === true,
  };
  return { bounds, problems };
}

/**
 * Whether another Pod comes after one that was deleted from a lost node: its policy says so, or else the number of tries
 * (`matchPodFailurePolicy`: the first rule that matches decides).
 */
function triesAgainAfterDeletion(
  { backoffLimit, backoffLimitPerIndex }: JsonObject,
  podFailurePolicy: unknown,
  work = Work.UNBOUNDED,
): boolean {
  const isOfDeletion = ({ type, status }: JsonObject): boolean => type === 'DisruptionTarget' && (status ?? 'True') === 'True';
  const matches = ({ onPodConditions }: JsonObject): boolean => findCounted(onPodConditions, isOfDeletion, work) !== undefined;
  const rule = findCounted(asObject(podFailurePolicy)['rules'], matches, work);
  const action = rule?.['action'];
  if (action === 'FailJob' || action === 'FailIndex') return false;
  return action === 'Ignore' || (backoffLimit !== 0 && backoffLimitPerIndex !== 0);
}

/** The first object of a list that is meant. */
function findCounted(list: unknown, isMeant: (object: JsonObject) => boolean, work: Work): JsonObject | undefined {
  if (!Array.isArray(list)) return undefined;
  for (const each of work.each<unknown>(list)) if (isObject(each) && isMeant(each)) return each;
  return undefined;
}

/** `SetDefaults_Job` in `pkg/apis/batch/v1/defaults.go`. */
const DEFAULT_BACKOFF_LIMIT = 6;

type Tries = Readonly<Partial<Record<JobBounds['limit'], Maybe<number>>>>;

/** The limit that counts. By the largest number, `SetDefaults_Job` says that there is no limit but that of each index. */
function triesOf({ backoffLimit, backoffLimitPerIndex }: Tries): [number, JobBounds['limit']] {
  if (backoffLimitPerIndex == null) return [backoffLimit ?? DEFAULT_BACKOFF_LIMIT, 'backoffLimit'];
  if (backoffLimit == null || backoffLimit === LARGEST_INT32) return [backoffLimitPerIndex, 'backoffLimitPerIndex'];
  return [backoffLimit, 'backoffLimit'];
}

function jobSpecOf(object: JsonObject, path: readonly string[]): JsonObject {
  let at: unknown = object;
  for (const step of path) at = isObject(at) ? at[step] : undefined;
  return asObject(at);
}
