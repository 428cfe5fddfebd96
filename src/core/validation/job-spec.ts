/**
 * What the API server does not accept of the spec of a Job or a CronJob, beside that of its Pods. Mirrors kubernetes
 * `pkg/apis/batch/validation` (validateJobSpec, validateCronJobSpec), read at 1.36.3. Policies of failure and success are left out.
 */
import { isObject, type JsonObject } from '../json.ts';
import { asNumber, asObject, asText } from '../json-reading.ts';
import type { FieldPath } from '../path.ts';
import { problemOfSchedule } from './cron-schedule.ts';
import { invalid, negative, required, unsupportedWord, type InvalidPlace } from './invalid-place.ts';

const COUNTS = [
  ...['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished', 'backoffLimitPerIndex'],
  'maxFailedIndexes',
] as const;
/** Of an Indexed Job (`maxParallelismForIndexedJob`). */
const MOST_PARALLEL = 100_000;

/** Before what is wrong with the Pods. */
export function invalidJobBeforePods(spec: JsonObject, path: FieldPath): InvalidPlace[] {
  const { completionMode: mode, maxFailedIndexes, backoffLimitPerIndex } = spec;
  return [
    ...COUNTS.flatMap((count) => negative(path.field(count), spec[count])),
    ...(maxFailedIndexes != null && backoffLimitPerIndex == null
      ? [required(path.field('backoffLimitPerIndex'), 'when maxFailedIndexes is specified', [path.field('maxFailedIndexes')])]
      : []),
    ...unsupportedWord(path.field('completionMode'), mode, ['NonIndexed', 'Indexed']),
    ...(mode === 'Indexed' ? invalidIndexes(spec, path) : []),
    ...(mode === 'NonIndexed' ? unindexed(spec, path) : []),
  ];
}

function invalidIndexes({ completions, parallelism, maxFailedIndexes }: JsonObject, path: FieldPath): InvalidPlace[] {
  const mode = path.field('completionMode');
  const most = `must be less than or equal to ${MOST_PARALLEL} when completion mode is Indexed`;
  const fails = path.field('maxFailedIndexes');
  return [
    ...(completions == null ? [required(path.field('completions'), 'when completion mode is Indexed', [mode])] : []),
    ...(asNumber(parallelism) > MOST_PARALLEL ? [invalid(path.field('parallelism'), parallelism, most, [mode])] : []),
    ...(completions != null && asNumber(maxFailedIndexes) > asNumber(completions)
      ? [invalid(fails, maxFailedIndexes, 'must be less than or equal to completions', [path.field('completions')])]
      : []),
  ];
}

function unindexed(spec: JsonObject, path: FieldPath): InvalidPlace[] {
  return ['backoffLimitPerIndex', 'maxFailedIndexes'].flatMap((field) =>
    spec[field] == null
      ? []
      : [invalid(path.field(field), spec[field], 'requires indexed completion mode', [path.field('completionMode')])],
  );
}

/** After what is wrong with the Pods: they end. */
export function invalidJobAfterPods({ template, podFailurePolicy }: JsonObject, path: FieldPath): InvalidPlace[] {
  const restartPolicy = asText(asObject(asObject(template)['spec'])['restartPolicy']);
  const field = path.field('template', 'spec', 'restartPolicy');
  if (restartPolicy === '' || restartPolicy === 'Always') return [required(field, 'valid values: "OnFailure", "Never"')];
  if (restartPolicy !== 'OnFailure' && restartPolicy !== 'Never') return unsupportedWord(field, restartPolicy, ['OnFailure', 'Never']);
  if (!isObject(podFailurePolicy) || restartPolicy === 'Never') return [];
  const detail = 'only "Never" is supported when podFailurePolicy is specified';
  return [invalid(field, restartPolicy, detail, [path.field('podFailurePolicy')])];
}

/** Before what is wrong with its Jobs. */
export function invalidCronJobBeforeJobs(spec: JsonObject, path: FieldPath): InvalidPlace[] {
  const { startingDeadlineSeconds, concurrencyPolicy } = spec;
  return [
    ...invalidSchedule(asText(spec['schedule']), path.field('schedule')),
    ...negative(path.field('startingDeadlineSeconds'), startingDeadlineSeconds),
    ...invalidTimeZone(spec['timeZone'], path.field('timeZone')),
    ...unsupportedWord(path.field('concurrencyPolicy'), concurrencyPolicy, ['Allow', 'Forbid', 'Replace']),
  ];
}

/** After what is wrong with its Jobs. */
export function invalidCronJobAfterJobs(spec: JsonObject, path: FieldPath): InvalidPlace[] {
  return ['successfulJobsHistoryLimit', 'failedJobsHistoryLimit'].flatMap((field) => negative(path.field(field), spec[field]));
}

function invalidSchedule(schedule: string, path: FieldPath): InvalidPlace[] {
  if (schedule === '') return [required(path)];
  // A CronJob that has a zone in its schedule may keep it.
  if (schedule.includes('TZ')) return [];
  const problem = problemOfSchedule(schedule);
  return problem === undefined ? [] : [invalid(path, schedule, problem)];
}

/** Which zones there are is up to the API server. */
function invalidTimeZone(zone: unknown, path: FieldPath): InvalidPlace[] {
  if (typeof zone !== 'string') return [];
  if (zone === '') return [invalid(path, zone, 'timeZone must be nil or non-empty string')];
  const isWrong = zone.split('/').some((part) => part === '.' || part === '..' || !/^[A-Za-z0-9_][-+A-Za-z0-9_]*$/.test(part));
  return isWrong ? [invalid(path, zone, `unknown time zone ${zone}`)] : [];
}
