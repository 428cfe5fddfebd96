/** The programs that a script starts: which of them its shell waits for, and which it becomes. */
import { isRefusedByBusybox } from './busybox.ts';
import { programName, withoutBusybox, type Argv } from './argv.ts';
import { withEndlessInput } from './endless-input.ts';
import { refusesCommand } from './launchers.ts';
import { isHarmless, isIdle, isShort, needsInput, neverEnds, readsInput } from './program-length.ts';
import { isWithoutHandler } from './programs.ts';
import type { PathEnds, EndingShell } from './script-ends.ts';
import { foregroundOf, ignoresByItself, isOverSoon, momentOf, type Moment } from './script-moment.ts';
import { only, waited, withWaitOfProgram, type Outcome, type Path } from './script-path.ts';
import { programOfExec } from './script-walk-builtins.ts';
import type { Position } from './script-walk-loops.ts';
import type { SimpleCommand } from './shell-syntax.ts';
import { isShell } from './shells.ts';
import { waitsForEver } from './waiting-loop.ts';
import { waitsWithoutEnd } from './waiting-program.ts';

export class WalkPrograms {
  readonly #shell: EndingShell;
  readonly #ends: PathEnds;
  readonly #isChild: boolean;

  /** @param isChild a child of the shell that is PID 1 starts them */
  constructor(shell: EndingShell, ends: PathEnds, isChild: boolean) {
    this.#shell = shell;
    this.#ends = ends;
    this.#isChild = isChild;
  }

  run(words: Argv, path: Path, position: Position): Outcome {
    const { flavour } = this.#shell;
    const argv = position.hasEndlessInput ? withEndlessInput(words) : words;
    const isRefused = flavour === 'ash' && isRefusedByBusybox(argv);
    if (withoutBusybox(argv) !== argv && isRefusedByBusybox(withoutBusybox(argv))) return only({ ...path, succeeded: false });
    if (flavour !== 'ash' && refusesCommand(argv)) return only({ ...path, succeeded: false });
    const outcome = this.#started(argv, path, position);
    return isRefused ? { ...outcome, open: [...outcome.open, { ...path, isBusybox: true, succeeded: false }] } : outcome;
  }

  /** @param argv what the program takes */
  #started(argv: Argv, path: Path, position: Position): Outcome {
    const moment = this.#momentOf(argv, path, position);
    if (this.#mayBecome(path, position)) return this.#becoming(argv, moment, path);
    // Nothing comes after it.
    if (moment !== undefined && !this.#isChild && neverEnds(argv)) {
      this.#ends.settle(waited(path, moment), position.isInLoop);
      return { open: [], left: [] };
    }
    if (moment?.rank === 2) this.#settleWait(path);
    const after = { ...waited(path, moment), succeeded: undefined };
    return only(this.#isWait(argv, position) ? withWaitOfProgram(after) : after);
  }

  /** `sh -c 'until …; do sleep 1; done' && exec app`, `wait-on tcp:db:5432 && exec app` */
  #isWait(argv: Argv, { isInLoop }: Position): boolean {
    if (isInLoop) return false;
    if (!isShell(argv)) return waitsWithoutEnd(argv);
    for (const word of argv) if (word !== undefined) this.#shell.budget.spendOnText(word);
    return waitsForEver(argv);
  }

  /** The moment that the shell lives in while the program runs; undefined where it is over soon. */
  #momentOf(argv: Argv, path: Path, position: Position): Moment | undefined {
    if (this.#isShort(argv, position)) return undefined;
    const moment = foregroundOf(argv, path.traps, position.isInLoop);
    return position.isTested ? { ...moment, isAsked: position.isListed ? 'list' : 'condition' } : moment;
  }

  /** Whether the shell may become the program without `exec`: as its last command, where no trap is to run behind it. */
  #mayBecome({ traps }: Path, { isTail }: Position): boolean {
    const { flavour } = this.#shell;
    return isTail && !this.#isChild && flavour !== 'dash' && !traps.hasAction && !(traps.exit && flavour !== 'ash');
  }

  /** The shell becomes its last command. */
  #becoming(argv: Argv, moment: Moment | undefined, path: Path): Outcome {
    if (moment?.rank === 2) this.#settleWait(path);
    // After `trap - TERM`, some versions become the command and others do not.
    if (path.traps.isReset) this.#ends.settle(waited(path, moment), false);
    // A moment of cleaning up at the end is not what the container is there for.
    if (moment === undefined || (path.moment !== undefined && path.moment.rank > moment.rank)) this.#ends.settle(path, false);
    else {
      this.#settleBefore(argv, path);
      this.#ends.becomes(argv, path, this.#shell.flavour === 'ash' && ignoresByItself(this.#shell));
    }
    return { open: [], left: [] };
  }

  /** How long what it waits for in the background takes, nobody knows: the container may live there, and not in what comes behind. */
  #settleWait(path: Path): void {
    if (path.moment?.kind === 'jobs' && path.moment.rank === 2 && !this.#isChild) this.#ends.settle(path, false);
  }

  /**
   * A program without a handler may not be reached: the shell still waits for one before it, of which nobody knows how long it takes. To be
   * there to be entered stays what the container is for.
   */
  #settleBefore(argv: Argv, path: Path): void {
    const { moment, traps } = path;
    if (moment?.kind !== 'foreground' || moment.isAsked === 'condition' || isOverSoon(moment) || this.#isChild || !isWithoutHandler(argv))
      return;
    const isIdleAfter = isIdle(argv);
    // With a trap the shell would end there. But where it leads to a server, the container lives in that.
    if (!isIdleAfter && (traps.hasAction || traps.exit)) return;
    this.#ends.settle(isIdleAfter ? { ...path, hasWorked: false, moment: { ...moment, isIdle: true } } : path, false);
  }

  /** Whether a command is over after a while: by its name, or because its input is at its end. */
  #isShort(argv: Argv, { isFed }: Position): boolean {
    if (isShort(argv)) return true;
    if (this.#shell.hasInput) return false;
    if (isFed) return readsInput(argv) && programName(argv[0] ?? '') === 'cat';
    return readsInput(argv) || needsInput(argv) || (isShell(argv) && withoutBusybox(argv).length === 1);
  }

  exec(argv: Argv, path: Path, position: Position): Outcome {
    const words = programOfExec(argv);
    const { hasEndlessInput } = position;
    // Without a command, exec only redirects.
    if (words.length === 0) return only({ ...path, succeeded: true, hasEndlessInput });
    const inner = hasEndlessInput ? withEndlessInput(words) : words;
    // What it reads from a here-document, or from a pipe, is not followed.
    if (position.isFed && (isShell(inner) || readsInput(inner))) {
      this.#ends.settle({ ...path, moment: momentOf('busy', path.traps), isOpaque: true }, false);
      return { open: [], left: [] };
    }
    if (this.#isShort(inner, position)) this.#ends.becomesBrief(path);
    else {
      if (path.moment?.kind === 'jobs') this.#ends.settle(path, false);
      this.#settleBefore(inner, path);
      this.#ends.becomes(inner, path);
    }
    return { open: [], left: [] };
  }
}

/** What a loop does again and again is work, if it leaves anything behind. */
export function withWork(argv: Argv, { redirections }: SimpleCommand, path: Path, { isInLoop }: Position): Path {
  const works = isInLoop && (!isHarmless(argv) || redirections.some(({ operator }) => operator.startsWith('>')));
  return works && !path.hasWorked && !isIdle(argv) ? { ...path, hasWorked: true } : path;
}
