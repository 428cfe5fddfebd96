/** The branches of `if` and `case` in a script that is followed. */
import { eachPath, joined, type Outcome, type Path } from './script-path.ts';
import type { LoopEntry, LoopRunner, Position } from './script-walk-loops.ts';
import type { CaseCommand, Command } from './shell-syntax.ts';
import { caseBodies } from './shell-values.ts';

/** What comes of the branches that may be taken, and of none where there is no `else`. */
export function ifOutcome(
  { branches, otherwise }: Extract<Command, { kind: 'if' }>,
  start: Path,
  position: Position,
  runner: Pick<LoopRunner, 'budget' | 'script'>,
): Outcome {
  const outcomes: Outcome[] = [];
  let undecided: readonly Path[] = [start];
  for (const { condition, body } of branches) {
    const asked = eachPath(undecided, runner.budget, (path) =>
      runner.script(condition, { ...path, succeeded: undefined }, { ...position, isTail: false, isTested: true, isListed: false }),
    );
    outcomes.push({ open: [], left: asked.left });
    const taken = asked.open.filter(({ succeeded }) => succeeded !== false);
    outcomes.push(eachPath(taken, runner.budget, (path) => runner.script(body, path, position)));
    undecided = asked.open.filter(({ succeeded }) => succeeded !== true);
  }
  if (otherwise === undefined)
    return joined(
      outcomes,
      undecided.map((path) => ({ ...path, moment: start.moment })),
    );
  return joined([...outcomes, eachPath(undecided, runner.budget, (path) => runner.script(otherwise, path, position))], []);
}

/**
 * What comes of the bodies that may be taken, and of none where no pattern is sure to match.
 *
 * @param subject the value that is compared; undefined where it is not known
 */
export function caseOutcome(
  command: CaseCommand,
  subject: string | undefined,
  { path, position }: LoopEntry,
  runner: Pick<LoopRunner, 'script'>,
): Outcome {
  const { bodies, isCovered } = caseBodies(command, subject);
  const outcomes = bodies.map((body) => runner.script(body, path, position));
  return joined(outcomes, isCovered ? [] : [path]);
}
