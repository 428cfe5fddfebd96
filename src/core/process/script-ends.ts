/** The ends of the ways through a script: what is the case there when the stop signal comes. */
import { endsByItself, type Assumed, type Possibility } from './possibility.ts';
import type { Argv } from './argv.ts';
import { keepsIgnoring } from './programs.ts';
import { atSignal, causeOfUnknown, foregroundOf, isOverSoon, momentOf, type Moment, type SignalledShell } from './script-moment.ts';
import { waited, withWaitOfProgram, type Outcome, type Path } from './script-path.ts';

export interface EndingShell extends SignalledShell {
  /**
   * What happens when the shell becomes a program.
   *
   * @param isDeaf the program starts with the stop signal ignored
   * @param waitsAs of the possibilities: the shell, where it loses the signal while it waits before that
   */
  become(argv: Argv, isDeaf: boolean, waitsAs: string | undefined): readonly Possibility[];
}

export interface WalkOptions extends EndingShell {
  /** `$0`, `$1`, …; undefined where a value is not known. */
  readonly parameters: Argv;
  /** The shell was started with `-e`. */
  readonly exitsOnError: boolean;
  /** The shell was started with `-u`. */
  readonly endsAtUnset: boolean;
}

export interface EndOfPath extends Possibility {
  readonly isBusybox?: true;
  /** The path ends soon after it has waited in a loop. */
  readonly isWait?: true;
}

/** A wait is what a script is there for only where no way of it goes on to something else: `until …; done; migrate && exec app`. */
export function withoutMereWaits(ends: readonly (Assumed & EndOfPath)[]): readonly Assumed[] {
  const goesOn = ends.some(({ isWait, cause }) => isWait !== true && cause !== 'ends by itself');
  const kept = goesOn ? ends.filter(({ isWait }) => isWait !== true) : ends;
  return kept.map(({ isWait: _, ...end }) => end);
}

/** What the shell waits for while a child of it runs. */
export interface ChildRun {
  /** What it may run for long; undefined where it is over soon. */
  readonly moment: Moment | undefined;
  /** It may wait in a loop for something, for nobody knows how long, before it comes to its end. */
  readonly mayWait: boolean;
}

/**
 * The path after the shell has waited for a child.
 *
 * @param changes what is to be said of it besides
 */
export function afterChild(path: Path, { moment, mayWait }: ChildRun, changes: Partial<Moment> = {}): Path {
  const after = waited(path, moment && { ...moment, obstacle: moment.obstacle ?? 'subshell', ...changes });
  return mayWait ? withWaitOfProgram(after) : after;
}

export class PathEnds {
  readonly possibilities: EndOfPath[] = [];
  readonly #shell: EndingShell;
  readonly #isChild: boolean;
  /** For a child: what it may run for long. */
  readonly #moments: Moment[] = [];
  #hasWaited = false;
  #hasBecome = false;

  /** @param isChild a child of the shell that is PID 1: whatever it becomes, the shell waits for it */
  constructor(shell: EndingShell, isChild: boolean) {
    this.#shell = shell;
    this.#isChild = isChild;
  }

  /** Whether a child becomes a program on some way: its status is that of the program. */
  get hasBecome(): boolean {
    return this.#hasBecome;
  }

  /**
   * A path is at its end, with the shell as PID 1.
   *
   * @param loops whether the path goes on for ever in a loop
   * @param mayLeave whether that loop waits for something, and may be left then in a way that ends the shell
   */
  settle(path: Path, loops: boolean, mayLeave = false): void {
    const moment = loops ? (path.moment ?? momentOf('busy', path.traps)) : longMomentOf(path);
    if (this.#isChild) {
      if (moment !== undefined) this.#moments.push(moment);
      this.#hasWaited ||= mayLeave || path.wait !== undefined;
    } else this.#settleAsShell(path, moment, loops);
  }

  #settleAsShell(path: Path, moment: Moment | undefined, loops: boolean): void {
    const { program: pidOne } = this.#shell;
    if (moment === undefined) {
      this.#add(path.isOpaque ? { fate: 'unknown', pidOne, cause: causeOfUnknown(path) } : endsByItself(pidOne), path);
      return;
    }
    const isIdle = moment.isIdle && !path.hasWorked;
    // Where the loop is not gone through, it has asked all the same.
    const isWait = !loops && (moment === path.wait || (moment.isAsked !== undefined && moment.isRepeated));
    const obstacle = loops ? 'loop' : moment.obstacle;
    for (const possibility of atSignal(moment, { ...path, loops }, this.#shell)) {
      if (possibility.cause === 'ends by itself') this.#add(possibility, path);
      else {
        const waitsAs = this.#waitsAs(path);
        const more = { ...(isIdle && { isIdle }), ...(obstacle !== undefined && { obstacle }), ...(waitsAs !== undefined && { waitsAs }) };
        this.#add({ ...possibility, ...more, ...(isWait && { isWait }) }, path);
      }
    }
  }

  /** The shell, where it loses the signal as long as it waits for something in a loop that the path has left behind. */
  #waitsAs(path: Path): string | undefined {
    if (path.wait === undefined || this.#isChild) return undefined;
    // The action of a trap may change what the loop asks for.
    const { stop } = path.wait.traps;
    if (path.waitsForProgram !== true && stop !== undefined && stop !== 'ignored') return undefined;
    const possibilities = atSignal(path.wait, { ...path, loops: true }, this.#shell);
    return possibilities.every(({ fate }) => fate === 'swallows' || fate === 'waits') ? this.#shell.program : undefined;
  }

  /**
   * The shell becomes a program.
   *
   * @param keepsOwn the program ignores what the shell ignored by itself: an interactive ash forgets to take that back, unless by `exec`
   */
  becomes(argv: Argv, path: Path, keepsOwn = false): void {
    const { traps } = path;
    const { behind, program: pidOne } = this.#shell;
    if (this.#isChild) {
      this.#hasBecome = true;
      this.#moments.push(foregroundOf(argv, traps));
    }
    // What the shell ignored, the program ignores, unless it has a handler.
    else if (behind !== undefined && (traps.stop === 'ignored' || (traps.stop === undefined && keepsOwn)) && keepsIgnoring(argv))
      this.possibilities.push({ fate: 'swallows', pidOne, cause: traps.stop === 'ignored' ? 'trap goes on' : 'ignores' });
    else for (const possibility of this.#shell.become(argv, traps.stop === 'ignored', this.#waitsAs(path))) this.#add(possibility, path);
  }

  /** The shell becomes a program that is over soon. */
  becomesBrief(path: Path): void {
    this.#hasBecome = true;
    this.settle(path, false);
  }

  #add(possibility: EndOfPath, { isBusybox }: Path): void {
    this.possibilities.push({ ...possibility, ...(isBusybox && { isBusybox }) });
  }

  /** What a child does, over all its ways. */
  asChild({ open, left }: Outcome): ChildRun {
    let moment: Moment | undefined;
    let mayWait = this.#hasWaited;
    for (const path of [...open, ...left]) if (path.wait !== undefined) mayWait = true;
    for (const each of [...this.#moments, ...[...open, ...left].map(longMomentOf)]) {
      if (each !== undefined && (moment === undefined || each.rank > moment.rank)) moment = each;
    }
    // A `sleep` that is a part of the shell is one of the child, which the signal does not reach.
    return { moment: moment && { ...moment, isSleep: false }, mayWait };
  }
}

/** Where nothing else takes long, what a path waited for in a loop is what the shell is there for. */
function longMomentOf({ moment, wait }: Path): Moment | undefined {
  return moment === undefined || isOverSoon(moment) ? (wait ?? moment) : moment;
}
