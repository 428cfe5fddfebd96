/** What a script starts with `&`, and what `wait` waits for. */
import type { Argv } from './argv.ts';
import { isJobNumber, jobNumber, secondsIn, type Leading } from './job-number.ts';
import { PIPED_JOB } from './piped-job.ts';
import { isOverSoon, momentOf, type Moment } from './script-moment.ts';
import { followsOf, type Path } from './script-path.ts';
import type { Statement } from './shell-syntax.ts';
import { withValue } from './shell-values.ts';

/** Stands for the number of the shell itself in `$$`, where that is not PID 1. */
export const OWN_NUMBER = '\0self';

/** Where a job stands. */
interface JobPlace {
  /** There is one for each round. */
  readonly isInLoop: boolean;
  /** It is a pipe, of which more than the last command runs for long. */
  readonly isPiped: boolean;
  /** Whether it leads a group of processes. */
  readonly leading?: Leading;
}

/** The statement in braces that stands alone: to dash and ash, `{ app | tee log; } &` is `app | tee log &`. */
export function ungrouped(statement: Statement): Statement {
  const { first, rest } = statement;
  const [command, more] = first.commands;
  if (command?.kind !== 'group' || more !== undefined || rest.length > 0 || command.redirections.length > 0) return statement;
  const [inner, further] = command.body.lines.flatMap(({ statements }) => statements);
  return inner === undefined || further !== undefined ? statement : inner;
}

/**
 * The path after `… &`.
 *
 * @param moment what the job may run for long; undefined where it is over in a moment
 * @param isCertain false where what it runs is not known
 * @param place of it
 */
export function withJob(path: Path, moment: Moment | undefined, isCertain: boolean, { isInLoop, isPiped, leading }: JobPlace): Path {
  const isBrief = isCertain && !isInLoop && (moment === undefined || isOverSoon(moment));
  const seconds = moment?.seconds ?? 0;
  const variables = withValue(path.variables, '!', isPiped ? PIPED_JOB : jobNumber(isBrief ? seconds : Infinity, leading));
  // What is over soon may have left its number to the next.
  const jobs = path.jobs === undefined || isBrief || isInLoop || moment === undefined ? undefined : path.jobs + 1;
  if (moment === undefined) return { ...path, jobs, variables, succeeded: true };
  return {
    ...path,
    ...(path.moment?.kind === 'jobs' && { moment: { ...path.moment, startsMore: true } }),
    jobs,
    variables,
    hasJobs: path.hasJobs || !isOverSoon(moment) || isInLoop,
    ...(isServer(moment, isCertain) && { runsServer: true }),
    briefJobSeconds: isInLoop ? path.briefJobSeconds : briefSecondsWith(path, moment),
    hasWorked: path.hasWorked || !moment.isIdle,
    succeeded: true,
  };
}

/** How long what is over before long takes in the background, with a further job. */
function briefSecondsWith({ briefJobSeconds }: Path, moment: Moment): number {
  return isOverSoon(moment) ? Math.max(briefJobSeconds, moment.seconds ?? 0) : briefJobSeconds;
}

/** Whether a job is a program that may do something at its stop signal, and runs once. */
function isServer({ rank, isIdle, isRepeated, obstacle, unknown }: Moment, isCertain: boolean): boolean {
  const mayHandle = obstacle === undefined || obstacle === 'subshell' || obstacle === 'pipe';
  return isCertain && rank === 2 && mayHandle && !isIdle && !isRepeated && unknown === undefined;
}

/** Where `wait` stands. */
interface WaitPlace {
  /** It runs again and again. */
  readonly isInLoop: boolean;
  /** Somebody asks whether it succeeds, so that `set -e` does not count. */
  readonly isTested: boolean;
}

/**
 * The path after `wait`, `wait $!`, `wait -n`. Where it waits for the same jobs again, the signal has come before.
 *
 * @param args the words after it; undefined where a value is not known
 * @param place of the builtin
 */
export function afterWait(args: Argv, path: Path, place: WaitPlace): Path {
  const { isInLoop, isTested } = place;
  const seconds = secondsOfWait(args, path);
  const { moment } = path;
  const own: Pick<Moment, 'follows' | 'failsAtSignal'> = {
    ...followsOf(path),
    ...(path.exitsOnError && !isTested && { failsAtSignal: true }),
  };
  const isCounted = (word: string): boolean => /^%\d{1,3}$/.test(word) && path.jobs !== undefined;
  // A shell that has no such job does not wait.
  if (args.length > 0 && args.every((word) => word !== undefined && isCounted(word) && Number(word.slice(1)) > (path.jobs ?? 0)))
    return { ...path, succeeded: false };
  // Which of several a number or a sign stands for, nobody counts; of one that is over soon, a shell may have forgotten.
  if (args.some((word) => word?.startsWith('%') === true && !isCounted(word) && !(path.jobs !== undefined && /^%[%+]?$/.test(word))))
    return { ...path, isOpaque: true, hasUnknownWait: true, succeeded: undefined };
  const after: Path = { ...path, succeeded: undefined };
  if (seconds !== undefined) {
    // The first that has ended is not waited for again.
    const briefJobSeconds = args[0] === '-n' ? 0 : path.briefJobSeconds;
    if (moment?.rank === 2 || seconds === 0) return { ...after, briefJobSeconds };
    return { ...after, briefJobSeconds, moment: { ...momentOf('jobs', path.traps), rank: 1, seconds, isRepeated: isInLoop, ...own } };
  }
  if (!path.hasJobs && !path.isOpaque) return path;
  if (moment?.kind === 'jobs' && moment.rank === 2) {
    return { ...after, moment: { ...moment, waitsAgain: 'certainly', ...(moment.startsMore === true && { follows: true }) } };
  }
  return { ...after, moment: { ...momentOf('jobs', path.traps), ...(isInLoop && { waitsAgain: 'maybe' }), ...own } };
}

/** The path after the only job has been told to end, by its number; undefined where that is not the number of it. */
export function endedJob(path: Path, number: string): Path | undefined {
  // Of a pipe, the others go on, and of a group nobody knows who was told.
  if (!isJobNumber(number) || secondsIn(number) !== Infinity || path.isOpaque) return undefined;
  let { variables } = path;
  for (const [name, value] of path.variables) if (value === number) variables = withValue(variables, name, jobNumber(0));
  return { ...withoutServer(path), variables, hasJobs: false, jobs: 0, succeeded: undefined };
}

/** The path after `disown` of bash: the shell no longer waits for the last job, the jobs that are named, or with `-a` and `-r` for all. */
export function afterDisown(args: Argv, path: Path): Path {
  if (args.some((word) => word?.startsWith('-') === true && word.includes('h'))) return { ...path, succeeded: undefined };
  const isAll = args.some((word) => word === '-a' || word === '-r');
  const variables = withValue(path.variables, '!', args.length === 0 || isAll ? jobNumber(0) : undefined);
  const after: Path = { ...path, variables, succeeded: undefined };
  if (isAll || path.jobs === 1) return { ...withoutServer(after), hasJobs: false, jobs: 0, briefJobSeconds: 0 };
  if (path.jobs === 0) return path;
  // Which of them are left, or whether any is, nobody counts.
  return path.jobs === undefined || args.length > 1
    ? { ...after, jobs: undefined, isOpaque: true, hasUnknownWait: true }
    : { ...after, jobs: undefined };
}

function withoutServer({ runsServer: _, ...path }: Path): Path {
  return path;
}

/** How long `wait` takes, where that is known and not long. */
function secondsOfWait(args: Argv, { hasJobs, isOpaque, briefJobSeconds }: Path): number | undefined {
  if (args.length === 1 && args[0] === '-n' && briefJobSeconds > 0) return briefJobSeconds;
  const jobs = args.map(secondsOfJob);
  const seconds = jobs.length === 0 ? Infinity : jobs.reduce((most, each) => Math.max(most, each));
  if (seconds !== Infinity) return seconds;
  return !hasJobs && !isOpaque && briefJobSeconds > 0 ? briefJobSeconds : undefined;
}

/** Whether a value stands for the number of a process that the script has started: `$!`. */
export function isProcessNumber(value: string): boolean {
  return value === PIPED_JOB || isJobNumber(value);
}

/** Nobody knows the number of a process beforehand, so a shell has no child with one that stands in a script, nor with a name. */
function secondsOfJob(word: string | undefined): number {
  if (word === PIPED_JOB) return Infinity;
  if (word !== undefined && isJobNumber(word)) return secondsIn(word);
  return word === undefined || /^[-%]/.test(word) ? Infinity : 0;
}
