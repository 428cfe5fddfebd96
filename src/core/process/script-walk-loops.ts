/** Loops of a script that is followed: each is gone through once. */
import { eachPath, inLoop, joined, roundOf, type Outcome, type Path } from './script-path.ts';
import type { BuiltinPlace } from './script-walk-builtins.ts';
import type { Loop, Script } from './shell-syntax.ts';
import type { StepBudget } from './step-budget.ts';

/** Where a command stands. */
export interface Position extends BuiltinPlace {
  /** The command may be the last of all, so that the shell may become it. */
  readonly isTail: boolean;
  /** Somebody asks whether it succeeds, so that `set -e` does not count. */
  readonly isTested: boolean;
}

/** Where the commands of a loop stand. */
export function inLoopOf(position: Position): Position {
  return { ...position, isTail: false, isInLoop: true, loops: position.loops + 1 };
}

/** Follows what stands in a loop. */
export interface LoopRunner {
  readonly budget: StepBudget;
  script(script: Script, path: Path, position: Position): Outcome;
  /** A path on which the loop goes round for ever. */
  stays(path: Path): void;
}

/**
 * `while` and `until`
 *
 * @param position of its commands
 */
export function loopOutcome({ kind, condition, body }: Loop, start: Path, position: Position, runner: LoopRunner): Outcome {
  const asked = roundOf(runner.script(condition, { ...start, succeeded: undefined }, { ...position, isTested: true }));
  const goesOn = kind === 'while';
  const taken = asked.again.filter(({ succeeded }) => succeeded !== !goesOn);
  const past = asked.again.filter(({ succeeded }) => succeeded !== goesOn);
  const once = roundOf(eachPath(taken, runner.budget, (path) => inLoop(runner.script(body, path, position), path)));
  const behind: Path[] = [...past, ...once.behind, ...asked.behind];
  // Where the condition always holds, the loop is where the container lives.
  const isForEver = taken.length === asked.again.length && taken.every(({ succeeded }) => succeeded === goesOn);
  for (const path of once.again) {
    if (isForEver) runner.stays(path);
    else behind.push(path);
  }
  return behindLoop(behind, [...asked.rest, ...once.rest]);
}

/**
 * A loop that ends by itself.
 *
 * @param position of its commands
 * @param further the paths on which it is not gone through
 */
export function onceOutcome(body: Script, path: Path, position: Position, further: readonly Path[], runner: LoopRunner): Outcome {
  const { again, behind, rest } = roundOf(inLoop(runner.script(body, path, position), path));
  return behindLoop([...again, ...behind, ...further], rest);
}

/** What goes on behind a loop, and what leaves its function. */
function behindLoop(paths: readonly Path[], left: readonly Path[]): Outcome {
  return joined(
    [{ open: [], left }],
    paths.map((path) => ({ ...path, succeeded: undefined })),
  );
}
