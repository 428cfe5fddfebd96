/** What goes wrong at the stop signal of a container, why, and on what it depends, in the words of a finding. */
import { staysBehindInit } from './behind-init.ts';
import { quotedDecider, type Cause, type DependsOn, type Obstacle, type StopVerdict } from './possibility.ts';
import { isBehindInit, type Problem } from './stop-problem.ts';

/**
 * What is wrong with a program that the image starts; reads after "start it as PID 1, ".
 *
 * @param killSeconds from the stop signal to SIGKILL
 */
export function problemOfImage(problem: Problem, killSeconds: number): string {
  if (problem === 'lateTrap') return 'and its trap runs only when the command in the foreground has ended';
  if (problem === 'untold') return 'and it ends at once: what it runs is killed without getting the signal';
  return `and ${OUTLASTS[problem]}: the container runs until SIGKILL after ${killSeconds} s`;
}

/** Why a program runs until SIGKILL. */
const OUTLASTS: Readonly<Record<Exclude<Problem, 'lateTrap' | 'untold'>, string>> = {
  shell: 'it swallows SIGTERM',
  shellStays: 'it swallows SIGTERM',
  ignoresSignals: 'it has no handler for SIGTERM',
  dropsSignal: 'it drops SIGTERM',
  ignoresByItself: 'it ignores SIGTERM',
  trapGoesOn: 'its trap does not end the script',
  longTrap: 'what its trap runs is not over before SIGKILL',
};

/** Why `exec` does not help; reads after "because". */
export const OBSTACLES: Readonly<Record<Exclude<Obstacle, 'no handler'>, string>> = {
  loop: 'the script goes on in a loop',
  pipe: 'the command is part of a pipe',
  subshell: 'the command runs in a subshell',
  background: 'the command runs in the background',
};

/** What the end depends on; reads after "depends on". */
const CONDITIONS: Readonly<Record<DependsOn | 'unshare', string>> = {
  shell: 'which shell `sh` is in the image: dash stays PID 1, bash and busybox become the last command',
  'shell version': 'the version of bash: from 5.1 on it becomes the last command of a list',
  branch: 'the way that the script takes',
  program: 'which `timeout` it is: the one of coreutils passes SIGTERM on, the one of busybox becomes the command',
  unshare: 'which `unshare` it is: the one of util-linux ignores SIGTERM while it waits, the one of busybox does not',
  sleep: 'whether `sleep` is a part of the shell, as in busybox from 1.36 on, so that the signal interrupts it',
  'stop signal': 'whether the API server keeps `lifecycle.stopSignal`, which most drop as its feature gate is off by default',
};

/**
 * On what it depends that a container ends (reads after "depends on"), and what helps in any case: `exec` alone where nothing but the
 * shell is in the way.
 *
 * @param stop with the fate `depends`
 */
export function conditionOf(stop: StopVerdict): { readonly condition: string; readonly correction: string } {
  const { on = 'branch', obstacle } = stop;
  if (on === 'program' && stop.cause === 'ignores') return { condition: CONDITIONS.unshare, correction: 'take out `--fork` of unshare' };
  const condition = CONDITIONS[on];
  if (on === 'sleep') return { condition, correction: 'start `sleep` with `&` and wait for it with `wait`, which the trap interrupts' };
  if (isBehindInit(stop) || (on === 'branch' && staysBehindInit(stop.cause)))
    return { condition, correction: 'let every way of the script end at SIGTERM' };
  const init = 'run an init such as tini as PID 1';
  if (on === 'stop signal') return { condition, correction: `let the program end at SIGTERM, too, or ${init}` };
  const helpsExec = obstacle === undefined && on !== 'program';
  return { condition, correction: helpsExec ? 'write `exec` before the command that keeps running' : init };
}

/** The same of a script that waits before it starts its server: whether its Pod is stopped meanwhile, nobody knows beforehand. */
export const WHILE_WAITING = {
  condition: 'the moment: while the script waits, the shell is PID 1 and loses the signal, and only after that the server is told',
  // A shell that waits for a program runs its trap only after that.
  correction:
    "let an init such as tini start what waits, or, where the script itself loops, set `trap 'exit 143' TERM` before the loop and start the server with `exec`",
};

/**
 * Why nothing is known; reads after "it is not known whether it does: ".
 *
 * @param stop with the fate `unknown`
 */
export function unknownReasonOf(stop: StopVerdict): string {
  if (stop.reason !== undefined) return `the entrypoint of the image is not in the spec, and ${stop.reason}`;
  const program = quotedDecider(stop);
  return UNKNOWN_REASONS[stop.cause]?.(program) ?? `what ${program} does at SIGTERM is not known`;
}

const UNKNOWN_REASONS: Readonly<Partial<Record<Cause, (program: string) => string>>> = {
  image: () => 'the entrypoint of the image is not in the spec',
  file: (program) => `${program} runs a script that is not in the spec`,
  variable: () => 'the name of the program is in a variable',
  runner: (program) => `${program} starts the server in a shell of its own, which may not pass SIGTERM on`,
  differs: (program) => `what ${program} does differs between images`,
  handler: (program) => `what the code that ${program} runs does at SIGTERM cannot be followed`,
  unreadable: () => 'the script is too large or cannot be read',
};
