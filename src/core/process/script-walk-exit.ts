/** What a shell does at its end, and at a command that fails, where a trap for that is set: the action may become a program, or take long. */
import { isOverSoon } from './script-moment.ts';
import type { Outcome, Path } from './script-path.ts';
import { parseShellAs } from './shell-parser.ts';
import type { Script } from './shell-syntax.ts';
import { dialectOf, type ShellFlavour } from './shells.ts';
import { CHILD, type Position } from './script-walk-loops.ts';
import type { StepBudget } from './step-budget.ts';

/** Follows the action of a trap. */
export interface ActionRunner {
  readonly budget: StepBudget;
  readonly flavour: ShellFlavour;
  script(script: Script, path: Path, position: Position): Outcome;
}

/** The traps of one shell for its end and for what fails. In the action of one there is no other. */
export class WalkActions {
  readonly #runner: ActionRunner;
  #isInside = false;

  constructor(runner: ActionRunner) {
    this.#runner = runner;
  }

  /** Where paths stand that have come to the end of the shell. Where something ran for long before that, the signal came then. */
  atExit(paths: readonly Path[]): readonly Path[] {
    return this.#follow(paths, (path) => {
      const { exitAction, ...others } = path.traps;
      if (exitAction === undefined || (path.moment !== undefined && !isOverSoon(path.moment))) return [path];
      // It runs once.
      return behindAction(exitAction, { ...path, traps: { ...others, exit: false } }, this.#runner);
    });
  }

  /** Where paths stand behind a command that has failed: bash and busybox ash have a trap for that (bash(1), trap). */
  atError(paths: readonly Path[]): readonly Path[] {
    return this.#follow(paths, (path) => {
      const { errorAction } = path.traps;
      return errorAction === undefined ? [path] : behindAction(errorAction, path, this.#runner);
    });
  }

  #follow(paths: readonly Path[], follow: (path: Path) => readonly Path[]): readonly Path[] {
    if (this.#isInside) return paths;
    this.#isInside = true;
    const after = paths.flatMap(follow);
    this.#isInside = false;
    return after;
  }
}

function behindAction(action: string, path: Path, runner: ActionRunner): readonly Path[] {
  runner.budget.spendOnText(action);
  const read = parseShellAs(action, dialectOf(runner.flavour));
  if (read.problem !== undefined) return [{ ...path, isOpaque: true }];
  const { open, left } = runner.script(read, path, CHILD);
  return [...open, ...left];
}
