/** Pipes of a script that is followed. */
import { withEndlessInput, writesForEver } from './endless-input.ts';
import { afterChild, type ChildRun } from './script-ends.ts';
import type { Moment } from './script-moment.ts';
import { inChild, only, type Outcome, type Path } from './script-path.ts';
import type { Position } from './script-walk-loops.ts';
import { inputIsEndless } from './script-walk-redirections.ts';
import type { Command, SimpleCommand, Word } from './shell-syntax.ts';
import type { StepBudget } from './step-budget.ts';

/** Follows what stands in a pipe. */
export interface PipeRunner {
  readonly budget: StepBudget;
  /** The words that a word becomes; undefined for each that is not known. */
  expand(word: Word, path: Path): (string | undefined)[];
  /** What a command does in a child of the shell. */
  child(command: Command, path: Path, position: Position): ChildRun;
}

/** A command that is over at once. */
export const NOTHING: Command = {
  kind: 'simple',
  assignments: [],
  words: [{ parts: [{ kind: 'text', text: ':', isQuoted: false }] }],
  redirections: [],
};

/** `a | b`: the shell waits for all of them. */
export function pipeOutcome(commands: readonly Command[], path: Path, position: Position, runner: PipeRunner): Outcome {
  let moment: Moment | undefined;
  let mayWait = false;
  let hasEndlessInput = inputIsEndless([], path, position);
  for (const [index, command] of commands.entries()) {
    const isRead = index < commands.length - 1;
    const writes = command.kind === 'simple' && writesOn(command, path, { ...position, hasEndlessInput }, runner);
    const isFed = position.isFed || index > 0;
    const place = { ...position, isTail: false, isFed, hasEndlessInput };
    hasEndlessInput = writes;
    if (isRead && writes) continue;
    const own = runner.child(command, inChild(path), place);
    if (own.moment !== undefined && (moment === undefined || own.moment.rank > moment.rank)) moment = own.moment;
    mayWait ||= own.mayWait;
  }
  return only({ ...afterChild(path, { moment, mayWait }, { obstacle: 'pipe', isIdle: false }), succeeded: undefined });
}

/** Whether a command writes for ever into the pipe. */
function writesOn({ words, redirections }: SimpleCommand, path: Path, position: Position, runner: PipeRunner): boolean {
  const { budget } = runner;
  budget.spend();
  budget.spendOnWords(words);
  budget.spendOnList(redirections);
  const argv = words.flatMap((word) => runner.expand(word, path));
  return writesForEver(inputIsEndless(redirections, path, position) ? withEndlessInput(argv) : argv);
}
