/** Lists of `&&` and `||` in a script that is followed. */
import { eachPath, only, type Outcome, type Path } from './script-path.ts';
import type { Position } from './script-walk-loops.ts';
import { literalOf, type Pipeline, type Statement } from './shell-syntax.ts';
import type { ShellFlavour } from './shells.ts';
import type { StepBudget } from './step-budget.ts';

/** Follows what stands in a list. */
export interface ListRunner {
  readonly budget: StepBudget;
  readonly flavour: ShellFlavour;
  pipeline(pipeline: Pipeline, path: Path, position: Position): Outcome;
}

export function listOutcome({ first, rest }: Statement, path: Path, position: Position, runner: ListRunner): Outcome {
  const { budget, flavour } = runner;
  // Before 5.1, bash became a single command and no list.
  const isTailAt = (index: number): boolean => position.isTail && index === rest.length && !(flavour === 'old bash' && rest.length > 0);
  const isTested = position.isTested || rest.length > 0;
  const isListed = position.isListed || (isTested && !position.isTested);
  let { open, left } = runner.pipeline(first, path, { ...position, isTail: isTailAt(0), isTested, isListed });
  let isSourced = sourcesFile(first);
  for (const [index, { operator, pipeline }] of rest.entries()) {
    const goesOn = operator === '&&';
    // `. settings && app`, `. settings || exit`: where it fails, the application is what is behind it, and no file.
    const failed = (before: Path): Path => (isSourced && !path.isOpaque ? { ...before, isOpaque: false } : before);
    const outcome = eachPath(open, budget, (before) => {
      if (before.succeeded === !goesOn) return only(before);
      const isTested = position.isTested || index < rest.length - 1;
      const from: Path = { ...(goesOn ? before : failed(before)), succeeded: undefined };
      const after = runner.pipeline(pipeline, from, { ...position, isTail: isTailAt(index + 1), isTested, isListed });
      if (before.succeeded === goesOn) return after;
      // The way on which it is not run has what came before it behind it.
      const skipped: Path = { ...(goesOn ? failed(before) : before), moment: path.moment, succeeded: !goesOn };
      return { open: [...after.open, skipped], left: after.left };
    });
    isSourced ||= sourcesFile(pipeline);
    open = outcome.open;
    left = [...left, ...outcome.left];
  }
  return { open, left };
}

/** `. /etc/profile`, `source settings` */
function sourcesFile({ commands: [command, more] }: Pipeline): boolean {
  const [word] = command?.kind === 'simple' && more === undefined ? command.words : [];
  return word !== undefined && /^(?:\.|source)$/.test(literalOf(word) ?? '');
}
