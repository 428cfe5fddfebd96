/**
 * Who is PID 1 in a container when the stop signal comes, and what happens then.
 *
 * The kernel delivers to PID 1 only signals that it has a handler for. A shell that waits for a command has none for
 * SIGTERM: the signal is lost, and the command never hears of it. So everything depends on which program is PID 1 in the
 * end: with `exec`, and in some shells without it, that is the last command.
 */
import type { Maybe } from '../pod.ts';
import { WordsMemo } from '../words-memo.ts';
import type { Work } from '../work.ts';
import { isRefusedByBusybox } from './busybox.ts';
import { endsByItself, isSoon, joined, type Assumed, type Possibility, type StopVerdict } from './possibility.ts';
import { programName, type Argv } from './argv.ts';
import { mayBeBusybox, ofInit, ofLauncher, type Place, type TracedStart, type Tracing } from './launcher-verdicts.ts';
import { LAUNCHERS } from './launchers.ts';
import { isIdle, isNoProgram, isShort, needsInput, readsInput, secondsUntilEnd } from './program-length.ts';
import {
  BUSYBOX_WITHOUT_HANDLER,
  handlingOf,
  ignoresSignal,
  isWithoutHandler,
  mayHandleSignal,
  PROGRAM_NATURES,
  isRunner,
  type ProgramNature,
} from './programs.ts';
import { withoutMereWaits } from './script-ends.ts';
import { walkScript } from './script-walk.ts';
import { refusesOptions } from './shell-differences.ts';
import { hasBashisms, parseShellAs } from './shell-parser.ts';
import type { Script, ShellDialect } from './shell-syntax.ts';
import { dialectOf, flavoursOf, isMeasured, readShellStart, SH_FLAVOURS, type ShellFlavour } from './shells.ts';
import { MAX_NESTING, MAX_SCRIPT_LENGTH, StepBudget, TooMuch } from './step-budget.ts';

/** The entrypoint of s6-overlay, which refuses to run unless it is PID 1. */
export const S6_INIT = '/init';

export interface ProcessSurroundings {
  /** What `sh` is in the image, as far as that is known; else everything that it may be. */
  readonly sh?: readonly ShellFlavour[] | undefined;
  /** Without `SIG`; `TERM` where nothing else is said. */
  readonly signal?: string | undefined;
  /** Standard input stays open: `stdin` or `tty` of the container. Else the runtime gives it /dev/null, which is at its end. */
  readonly hasInput?: boolean | undefined;
  /** What counts the steps. */
  readonly work?: Work | undefined;
}

/**
 * @param command of the container; without one the image's entrypoint runs, which the spec does not tell
 * @param args appended to the command
 */
export function stopVerdictOf(
  command: Maybe<readonly string[]>,
  args: Maybe<readonly string[]>,
  { sh = SH_FLAVOURS, signal = 'TERM', hasInput = false, work }: ProcessSurroundings = {},
): StopVerdict {
  if (command == null || command.length === 0) return { fate: 'unknown', pidOne: '', cause: 'image' };
  const argv = args == null ? command : [...command, ...args];
  // Nobody can handle it.
  if (signal === 'KILL') return { fate: 'ends', pidOne: programName(argv[0] ?? ''), cause: 'untold' };
  const kind = kindOf(sh, signal, hasInput);
  const known = VERDICTS.get(kind, argv);
  if (known !== undefined) {
    // Counted as if it were read again: how much work an object is does not depend on those before it.
    work?.spend(known.steps);
    return known.verdict;
  }
  const budget = new StepBudget(work);
  const verdict = joined(new Tracer({ sh, signal, hasInput, budget }).program(argv, '', 0));
  if (budget.spent <= MOST_STEPS_REMEMBERED) VERDICTS.set(kind, argv, { verdict, steps: budget.spent });
  return verdict;
}

/** They are counted together then, without a look at the clock between them. */
const MOST_STEPS_REMEMBERED = 128;

/** All Pods of a workload have the same commands: what was read for one Pod is known for the next. */
const VERDICTS = new WordsMemo<{ readonly verdict: StopVerdict; readonly steps: number }>(2048, 512);

/** All that a verdict depends on beside the words. */
function kindOf(sh: readonly ShellFlavour[], signal: string, hasInput: boolean): string {
  // Most containers are of this kind, and it takes no text to be put together.
  if (sh === SH_FLAVOURS && signal === 'TERM' && !hasInput) return '';
  return `${hasInput ? 'input' : ''} ${sh === SH_FLAVOURS ? '' : sh.join()} ${signal}`;
}

class Tracer implements Tracing {
  readonly of: TracedStart;
  #scripts: Map<string, { readonly script: Script; readonly dialect: ShellDialect }> | undefined;

  constructor(of: TracedStart) {
    this.of = of;
  }

  with(changes: Partial<TracedStart>): Tracer {
    return new Tracer({ ...this.of, ...changes });
  }

  /** @param flavour the shell that was assumed on the way here; every `sh` is that one then */
  program(argv: Argv, flavour: ShellFlavour | '', depth: number): readonly Assumed[] {
    const found = this.#program(argv, flavour, depth);
    if (flavour !== 'ash' || !isRefusedByBusybox(argv)) return found;
    return [...found, { ...endsByItself(programName(argv[0] ?? '')), flavour, isBusybox: true }];
  }

  #program(argv: Argv, flavour: ShellFlavour | '', depth: number): readonly Assumed[] {
    this.of.budget.countWords(argv);
    const name = programName(argv[0] ?? '');
    if (depth > MAX_NESTING) return [{ fate: 'unknown', pidOne: name, cause: 'unreadable', flavour }];
    if (argv[0] === undefined || /[$*?]/.test(name)) return [{ fate: 'unknown', pidOne: '', cause: 'variable', flavour }];
    if (name === 'busybox' && argv.length > 1) return this.#busybox(argv, flavour, depth);
    const ending = this.#endsByItself(argv, depth);
    if (ending !== undefined) return [{ ...ending, flavour }];
    if (this.of.signal === 'TERM' && ignoresSignal(argv)) return [{ fate: 'swallows', pidOne: name, cause: 'ignores', flavour }];
    const flavours = flavoursOf(name, isLike(flavour, this.of.sh) ? [flavour] : this.of.sh);
    return flavours === undefined ? this.#byNature(argv, flavour, depth) : this.#oneOfShells(argv, flavours, { flavour, depth });
  }

  /** What has ended before anybody stops it, for lack of input or by its own words. */
  #endsByItself(argv: Argv, depth: number): Possibility | undefined {
    const name = programName(argv[0] ?? '');
    if (!this.of.hasInput && (readsInput(argv) || (depth === 0 && needsInput(argv)))) return endsByItself(name);
    if (isNoProgram(name)) return endsByItself(name);
    const seconds = secondsUntilEnd(argv);
    return isSoon(seconds) ? endsByItself(name, seconds) : undefined;
  }

  #oneOfShells(argv: Argv, flavours: readonly ShellFlavour[], { flavour, depth }: Place): readonly Assumed[] {
    const name = programName(argv[0] ?? '');
    const found = flavours.flatMap((assumed) => this.#shell(argv, name, assumed, depth));
    const isExeced = found.every(({ pidOne }) => pidOne === found[0]?.pidOne && pidOne !== name);
    if (isMeasured(name)) return found;
    // Of those, mksh ends while it waits for what it asks in a loop, and ksh does not.
    const waits = found.some(({ waitsAs }) => waitsAs === name);
    return isExeced && !waits ? found : [{ fate: 'unknown', pidOne: name, cause: 'differs', flavour }];
  }

  #byNature(argv: Argv, flavour: ShellFlavour | '', depth: number): readonly Assumed[] {
    const name = programName(argv[0] ?? '');
    const one = (possibility: Omit<Possibility, 'pidOne'>): readonly Assumed[] => [{ ...possibility, pidOne: name, flavour }];
    const nature = natureOf(name, argv);
    switch (nature) {
      case 'init':
        return ofInit(argv, { flavour, depth }, this);
      case 'launcher':
        return ofLauncher(argv, { flavour, depth }, this);
      case 'forwards':
        return this.#forwarder(argv, name, flavour, depth);
      case 'ends untold':
        return one({ fate: 'ends', cause: 'untold' });
      case 'differs':
      case 'runner':
      case 'file':
        return one({ fate: 'unknown', cause: nature });
      case 'code':
        return one({ fate: 'unknown', cause: 'handler' });
      case 'application':
        return one({ fate: 'ends', cause: isShort(argv) ? 'ends by itself' : 'application' });
      case 'ignores':
        return [{ ...withoutHandler(argv, name, this.of.signal), flavour }];
    }
  }

  /** `su user -c app` stays and passes the signal on; that of busybox becomes the shell of the user. */
  #forwarder(argv: Argv, name: string, flavour: ShellFlavour | '', depth: number): readonly Assumed[] {
    const forwards: Assumed = { fate: 'ends', pidOne: name, cause: 'forwards', flavour };
    if (name !== 'su' || !mayBeBusybox(flavour, this.of)) return [forwards];
    return [forwards, ...this.#suOfBusybox(argv, depth).map((possibility) => ({ ...possibility, flavour, isBusybox: true as const }))];
  }

  #suOfBusybox(argv: Argv, depth: number): readonly Assumed[] {
    const at = argv.findIndex((word) => word !== undefined && /^-[a-z]*c$/.test(word));
    return at < 0 ? [{ ...endsByItself('su'), flavour: '' }] : this.program(['sh', '-c', argv[at + 1]], 'ash', depth + 1);
  }

  /** `busybox sh`, `busybox sleep`: the word after it names the program, and its shell is ash. */
  #busybox(argv: Argv, flavour: ShellFlavour | '', depth: number): readonly Assumed[] {
    const [, applet] = argv;
    if (applet === 'sh' || applet === 'ash') return this.#shell(argv.slice(1), applet, 'ash', depth);
    if (isRefusedByBusybox(argv.slice(1))) return [{ ...endsByItself(applet ?? ''), flavour }];
    // Its init tells what it has started, and ends.
    if (applet === 'init') return [{ fate: 'ends', pidOne: applet, cause: 'init', flavour }];
    if (BUSYBOX_WITHOUT_HANDLER.has(applet ?? '')) {
      return [{ fate: 'swallows', pidOne: applet ?? '', cause: 'no handler', obstacle: 'no handler', flavour }];
    }
    if (applet === 'su') return this.#suOfBusybox(argv.slice(1), depth).map((possibility) => ({ ...possibility, flavour }));
    if (applet === 'timeout' || applet === 'unshare' || applet === 'env') return ofLauncher(argv.slice(1), { flavour, depth }, this, true);
    return this.program(argv.slice(1), flavour, depth + 1);
  }

  /** Reads a script once for all shells that read it alike. */
  #read(text: string, flavour: ShellFlavour): Script {
    if (text.length > MAX_SCRIPT_LENGTH) throw new TooMuch('the script is too long to be followed');
    const dialect = hasBashisms(text) ? dialectOf(flavour) : 'bash';
    const known = this.#scripts?.get(text);
    if (known?.dialect === dialect) return known.script;
    const script = parseShellAs(text, dialect);
    this.#scripts ??= new Map();
    this.#scripts.set(text, { script, dialect });
    return script;
  }

  #shell(argv: Argv, name: string, flavour: ShellFlavour, depth: number): readonly Assumed[] {
    const start = readShellStart(argv.slice(1));
    const assumed = (possibility: Possibility): Assumed => ({ ...possibility, flavour });
    // `["sh", "-c app"]`: no shell has an option that is a blank.
    const hasBlank = start.script === undefined && argv.some((word) => word !== undefined && /^-[a-zA-Z]*c\s/.test(word));
    if (hasBlank || refusesOptions(flavour, start.options)) return [assumed(endsByItself(name))];
    if (start.script === undefined) {
      const readsNothing = start.file === undefined && !start.takesScript && !this.of.hasInput;
      return [assumed(readsNothing ? endsByItself(name) : { fate: 'unknown', pidOne: name, cause: 'file' })];
    }
    const found: Assumed[] = [];
    try {
      const script = this.#read(start.script, flavour);
      const possibilities = walkScript(script, {
        flavour,
        program: name,
        behind: this.of.behind,
        signal: this.of.signal,
        parameters: start.parameters,
        exitsOnError: start.exitsOnError,
        endsAtUnset: start.endsAtUnset,
        isInteractive: start.isInteractive,
        hasInput: this.of.hasInput,
        isDeaf: this.of.isDeaf,
        budget: this.of.budget,
        become: (inner, isDeaf, waitsAs) => {
          const tracer = isDeaf === (this.of.isDeaf ?? false) ? this : this.with({ isDeaf });
          const further = tracer.program(inner, flavour, depth + 1);
          for (const possibility of further) found.push(waitsAs === undefined ? possibility : { waitsAs, ...possibility });
          return [];
        },
      });
      return withoutMereWaits([...found, ...possibilities.map((possibility) => ({ ...possibility, flavour }))]);
    } catch (error) {
      if (!(error instanceof TooMuch)) throw error;
      return [assumed({ fate: 'unknown', pidOne: name, cause: 'unreadable' })];
    }
  }
}

/** PID 1 without a handler for SIGTERM, which may have one for another stop signal. */
function withoutHandler(argv: Argv, pidOne: string, signal: string): Possibility {
  const handling = handlingOf(argv, signal);
  if (handling === 'ends') return { fate: 'ends', pidOne, cause: 'application' };
  if (handling === 'own') return { fate: 'unknown', pidOne, cause: 'handler' };
  return { fate: 'swallows', pidOne, cause: 'no handler', obstacle: 'no handler', ...(isIdle(argv) && { isIdle: true }) };
}

function isLike(flavour: ShellFlavour | '', sh: readonly ShellFlavour[]): flavour is ShellFlavour {
  return flavour !== '' && sh.includes(flavour);
}

type Nature = ProgramNature | 'file' | 'application' | 'launcher' | 'code';

function natureOf(name: string, argv: Argv): Nature {
  if (isWithoutHandler(argv)) return 'ignores';
  if (mayHandleSignal(argv)) return 'code';
  const known = PROGRAM_NATURES.get(name);
  if (known !== undefined) return known;
  if (isRunner(argv)) return 'runner';
  if (LAUNCHERS.has(name)) return 'launcher';
  // s6-overlay calls it so, and little else does: elsewhere it is /sbin/init.
  if (argv[0] === S6_INIT) return 'init';
  if (name === 'init') return 'differs';
  return name.endsWith('.sh') || name.endsWith('.bash') ? 'file' : 'application';
}
