/** What the time of a script gains by what its shell starts: programs, subshells, substitutions, pipes and jobs in the background. */
import { either, mergedOf, NO_WAY, withJobsSignalled, type Clock, type Ways } from './script-ways.ts';
import type { Timing } from './timing.ts';

/** A child of the shell waits for none of its jobs. */
export const NO_JOBS = { jobsEnd: 0, jobsLeast: 0, firstJobEnd: Number.POSITIVE_INFINITY, hasSignalled: false, areJobsOpen: false };

/** The ways after a program. @param mayEndJobs whether it may send a signal to what runs in the background */
export function afterProgram(clock: Clock, { min, max, isOpen, stop, held, succeeded }: Timing, mayEndJobs: boolean): Clock {
  const { outputs } = clock;
  const before = mayEndJobs && (stop !== undefined || isOpen) ? withJobsSignalled(clock) : clock;
  const after: Clock = {
    ...before,
    min: clock.min + min,
    max: clock.max + max,
    isOpen: clock.isOpen || isOpen,
    stop:
      clock.stop ??
      (stop && { min: Math.max(0, clock.min) + stop.min, max: clock.max + stop.max, isCertain: stop.isCertain && !clock.isOpen }),
    succeeded,
  };
  if (held === undefined || !(outputs.out || outputs.error)) return after;
  return {
    ...after,
    holdersEnd: Math.max(clock.holdersEnd, clock.max + held.max),
    holdersLeast: Math.max(before.holdersLeast, clock.min + held.min),
    areHoldersOpen: clock.areHoldersOpen || held.isOpen,
  };
}

/** What a child of the shell has done is over with it, but for the time that it took. @param ways of the child */
export function afterChild(ways: Ways, clock: Clock): Ways {
  const ended = mergedOf(ways);
  const { variables, parameters, exitsOnError, endsAtUnset, lacksStart, constants, functions, outputs, hasTraps, jobsEnd, areJobsOpen } =
    clock;
  const { jobsLeast, firstJobEnd, hasSignalled } = either(ended, ways.stuck)?.hasSignalled === true ? withJobsSignalled(clock) : clock;
  const jobs = { jobsEnd, jobsLeast, firstJobEnd, hasSignalled, areJobsOpen };
  const own = { variables, parameters, exitsOnError, endsAtUnset, lacksStart, constants, functions, outputs, hasTraps, ...jobs };
  return { ...NO_WAY, on: ended && { ...ended, ...own, levels: clock.levels }, stuck: ways.stuck && { ...ways.stuck, ...own } };
}

/** Whoever takes the output of `$(…)` waits for all that holds it open; what holds only the errors open, nobody there waits for. */
export function afterSubstitution(before: Clock, after: Clock | undefined): Clock {
  if (after === undefined) return before;
  const holdersEnd = Math.max(before.holdersEnd, after.holdersEnd);
  const holdersLeast = Math.max(before.holdersLeast, after.holdersLeast);
  const isOpen = after.isOpen || after.areHoldersOpen;
  return { ...after, max: Math.max(after.max, after.holdersEnd), isOpen, holdersEnd, holdersLeast };
}

/**
 * The clock while a job runs in the background.
 *
 * @param job the clock at the end of the job
 */
export function afterJob(
  clock: Clock,
  job: Clock,
  { isOpen, isHeldOpen, mayLeave }: { readonly isOpen: boolean; readonly isHeldOpen: boolean; readonly mayLeave: boolean },
): Clock {
  return {
    ...clock,
    succeeded: true,
    stop: clock.stop ?? (job.stop && { ...job.stop, isCertain: false }),
    jobsEnd: Math.max(clock.jobsEnd, job.max),
    jobsLeast: Math.max(job.jobsLeast, job.min),
    firstJobEnd: Math.min(job.firstJobEnd, job.min),
    areJobsOpen: clock.areJobsOpen || isOpen,
    shellSignalledAt: job.shellSignalledAt,
    holdersEnd: Math.max(job.holdersEnd, isHeldOpen ? job.max : 0),
    holdersLeast: Math.max(job.holdersLeast, job.hasSignalled ? 0 : clock.holdersLeast, isHeldOpen && !mayLeave ? job.min : 0),
    areHoldersOpen: job.areHoldersOpen || (isHeldOpen && isOpen),
  };
}

/** The commands of a pipe run at once, and a pipe takes as long as the longest of them. */
export function besideEachOther(longest: Clock, own: Clock): Clock {
  return {
    ...longest,
    min: Math.max(longest.min, own.min),
    max: Math.max(longest.max, own.max),
    isOpen: longest.isOpen || own.isOpen,
    holdersEnd: Math.max(longest.holdersEnd, own.holdersEnd),
    holdersLeast: Math.max(longest.holdersLeast, own.holdersLeast),
    areHoldersOpen: longest.areHoldersOpen || own.areHoldersOpen,
    shellSignalledAt: longest.shellSignalledAt ?? own.shellSignalledAt,
    stop: longest.stop ?? own.stop,
  };
}
