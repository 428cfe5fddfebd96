/**
 * Who is PID 1 in a container when the stop signal comes, and what happens then.
 *
 * The kernel delivers to PID 1 only signals that it has a handler for. A shell that waits for a command has none for
 * SIGTERM: the signal is lost, and the command never hears of it. So everything depends on which program is PID 1 in the
 * end: with `exec`, and in some shells without it, that is the last command.
 */
import type { Maybe } from '../pod.ts';
import { TextMemo } from '../text-memo.ts';
import type { Work } from '../work.ts';
import { behindInit, isRewriting, rewritten } from './behind-init.ts';
import { isRefusedByBusybox } from './busybox.ts';
import { heldBackBy, splitOf } from './env-command.ts';
import { endsByItself, isSoon, joined, type Assumed, type Possibility, type StopVerdict } from './possibility.ts';
import { programName, type Argv } from './argv.ts';
import { afterLauncher, forks, INIT_OPTIONS, LAUNCHERS, makesPidNamespace, refusesCommand, staysAlone, tellsGroup } from './launchers.ts';
import { isIdle, isNoProgram, isShort, needsInput, readsInput, secondsUntilEnd } from './program-length.ts';
import {
  BUSYBOX_WITHOUT_HANDLER,
  handlingOf,
  ignoresSignal,
  isWithoutHandler,
  mayHandleSignal,
  PROGRAM_NATURES,
  isRunner,
  keepsIgnoring,
  type ProgramNature,
} from './programs.ts';
import type { InitManner } from './script-moment.ts';
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
  const key = keyOf(argv, sh, signal, hasInput);
  const known = key === undefined ? undefined : VERDICTS.get(key);
  if (known !== undefined) {
    // Counted as if it were read again: how much work an object is does not depend on those before it.
    work?.spend(known.steps);
    return known.verdict;
  }
  const budget = new StepBudget(work);
  const verdict = joined(new Tracer({ sh, signal, hasInput, budget }).program(argv, '', 0));
  if (key !== undefined && budget.spent <= MOST_STEPS_REMEMBERED) VERDICTS.set(key, { verdict, steps: budget.spent });
  return verdict;
}

const LONGEST_REMEMBERED = 512;
/** They are counted together then, without a look at the clock between them. */
const MOST_STEPS_REMEMBERED = 128;

/** All Pods of a workload have the same commands: what was read for one Pod is known for the next. */
const VERDICTS = new TextMemo<{ readonly verdict: StopVerdict; readonly steps: number }>(1024, LONGEST_REMEMBERED);

/**
 * All that a verdict depends on, as one text. The length before each word tells `a b` from `a` and `b`.
 *
 * @returns undefined where the text would be too long to be remembered
 */
function keyOf(argv: readonly string[], sh: readonly ShellFlavour[], signal: string, hasInput: boolean): string | undefined {
  let key = `${hasInput ? 'input' : ''} ${sh === SH_FLAVOURS ? '' : sh.join()} ${signal.length} ${signal}`;
  for (const word of argv) {
    if (key.length + word.length > LONGEST_REMEMBERED) return undefined;
    key += ` ${word.length} ${word}`;
  }
  return key;
}

/** What a command is started with. */
interface TracedStart {
  readonly sh: readonly ShellFlavour[];
  readonly signal: string;
  readonly hasInput: boolean;
  readonly budget: StepBudget;
  /** Undefined for PID 1. */
  readonly behind?: InitManner | undefined;
  /** It is started with the stop signal ignored. */
  readonly isDeaf?: boolean;
}

interface NamedCommand {
  readonly argv: Argv;
  /** Of its program, without the folder. */
  readonly name: string;
}

interface StartingCommand {
  readonly argv: Argv;
  /** What it starts. */
  readonly inner: Argv;
}

/** Where a program stands. */
interface Place {
  /** The shell that was assumed to get here; '' where none was run. */
  readonly flavour: ShellFlavour | '';
  /** How many programs stand before it. */
  readonly depth: number;
}

class Tracer {
  readonly #of: TracedStart;
  #scripts: Map<string, { readonly script: Script; readonly dialect: ShellDialect }> | undefined;

  constructor(of: TracedStart) {
    this.#of = of;
  }

  /** @param flavour the shell that was assumed on the way here; every `sh` is that one then */
  program(argv: Argv, flavour: ShellFlavour | '', depth: number): readonly Assumed[] {
    const found = this.#program(argv, flavour, depth);
    if (flavour !== 'ash' || !isRefusedByBusybox(argv)) return found;
    return [...found, { ...endsByItself(programName(argv[0] ?? '')), flavour, isBusybox: true }];
  }

  #program(argv: Argv, flavour: ShellFlavour | '', depth: number): readonly Assumed[] {
    const name = programName(argv[0] ?? '');
    const one = (possibility: Possibility): readonly Assumed[] => [{ ...possibility, flavour }];
    if (depth > MAX_NESTING) return one({ fate: 'unknown', pidOne: name, cause: 'unreadable' });
    if (argv[0] === undefined || /[$*?]/.test(name)) return one({ fate: 'unknown', pidOne: '', cause: 'variable' });
    if (name === 'busybox' && argv.length > 1) return this.#busybox(argv, flavour, depth);
    if (!this.#of.hasInput && (readsInput(argv) || (depth === 0 && needsInput(argv)))) return one(endsByItself(name));
    if (isNoProgram(name)) return one(endsByItself(name));
    const seconds = secondsUntilEnd(argv);
    if (isSoon(seconds)) return one(endsByItself(name, seconds));
    if (this.#of.signal === 'TERM' && ignoresSignal(argv)) return one({ fate: 'swallows', pidOne: name, cause: 'ignores' });
    const flavours = flavoursOf(name, isLike(flavour, this.#of.sh) ? [flavour] : this.#of.sh);
    if (flavours !== undefined) {
      const found = flavours.flatMap((assumed) => this.#shell(argv, name, assumed, depth));
      const isExeced = found.every(({ pidOne }) => pidOne === found[0]?.pidOne && pidOne !== name);
      return isMeasured(name) || isExeced ? found : one({ fate: 'unknown', pidOne: name, cause: 'differs' });
    }
    switch (natureOf(name, argv)) {
      case 'init':
        return this.#init(argv, name, flavour, depth);
      case 'forwards':
        return this.#forwarder(argv, name, flavour, depth);
      case 'ends untold':
        return one({ fate: 'ends', pidOne: name, cause: 'untold' });
      case 'differs':
        return one({ fate: 'unknown', pidOne: name, cause: 'differs' });
      case 'runner':
        return one({ fate: 'unknown', pidOne: name, cause: 'runner' });
      case 'file':
        return one({ fate: 'unknown', pidOne: name, cause: 'file' });
      case 'code':
        return one({ fate: 'unknown', pidOne: name, cause: 'handler' });
      case 'application':
        return one({ fate: 'ends', pidOne: name, cause: isShort(argv) ? 'ends by itself' : 'application' });
      case 'ignores':
        return one(withoutHandler(argv, name, this.#of.signal));
      case 'launcher':
        return this.#launcher({ argv, name }, flavour, depth);
    }
  }

  /** Whether a program may be the one of busybox: which shell is assumed, says what the image is. */
  #mayBeBusybox(flavour: ShellFlavour | ''): boolean {
    return flavour === '' ? this.#of.sh.includes('ash') : flavour === 'ash';
  }

  /** `su user -c app` stays and passes the signal on; that of busybox becomes the shell of the user. */
  #forwarder(argv: Argv, name: string, flavour: ShellFlavour | '', depth: number): readonly Assumed[] {
    const forwards: Assumed = { fate: 'ends', pidOne: name, cause: 'forwards', flavour };
    if (name !== 'su' || !this.#mayBeBusybox(flavour)) return [forwards];
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
    if (applet === 'timeout' || applet === 'unshare' || applet === 'env')
      return this.#launcher({ argv: argv.slice(1), name: applet }, flavour, depth, true);
    return this.program(argv.slice(1), flavour, depth + 1);
  }

  /**
   * An init passes the signal on and ends with what it started; that is not PID 1, so the default action ends it unless it has a
   * handler, or ignores the signal.
   */
  #init(argv: Argv, name: string, flavour: ShellFlavour | '', depth: number): readonly Assumed[] {
    const options = INIT_OPTIONS.get(name);
    const inner = options === undefined ? [] : afterLauncher(argv, options);
    const verdict: Possibility =
      name === 'dumb-init'
        ? rewritten(argv, inner, this.#of.signal)
        : { fate: 'ends', pidOne: name, cause: name === 'sudo' ? 'forwards' : 'init' };
    const own = argv.slice(1, argv.length - inner.length);
    if (inner.length === 0 || isRewriting(own, this.#of.signal)) return [{ ...verdict, flavour }];
    // Of what follows the program, tini and catatonit take what looks like an option for one of theirs, unless `--` stands before it.
    const takesAll = (name.startsWith('tini') || name === 'catatonit') && argv[argv.length - inner.length - 1] !== '--';
    if (takesAll && inner.some((word) => word?.startsWith('-') === true)) return [{ ...verdict, flavour }];
    const manner = tellsGroup(name, own) ? 'group' : 'child';
    // dumb-init has a handler for each signal, so that what it starts ignores none.
    const tracer = new Tracer({ ...this.#of, behind: manner, ...(name === 'dumb-init' && { isDeaf: false }) });
    return tracer.program(inner, flavour, depth + 1).map((possibility) => behindInit(verdict, possibility));
  }

  /** `timeout` of coreutils tells its group and waits for its command, with `--foreground` that alone, and with `-k` not for long. */
  #forwarding(argv: Argv, name: string, inner: Argv, { flavour, depth }: Place): readonly Assumed[] {
    const forwards: Possibility = { fate: 'ends', pidOne: name, cause: 'forwards' };
    const own = argv.slice(1, argv.length - inner.length);
    const has = (options: RegExp): boolean => own.some((word) => word !== undefined && options.test(word));
    const killed = secondsUntilEnd(['sleep', killDelayOf(own)]);
    if (killed !== undefined && killed > 0 && killed <= DEFAULT_GRACE_SECONDS) return [{ ...forwards, flavour }];
    const tracer = new Tracer({ ...this.#of, behind: has(/^(?:-[pv]*f|--foreground$)/) ? 'child' : 'group' });
    return tracer.program(inner, flavour, depth + 1).map((possibility) => behindInit(forwards, possibility));
  }

  #launcher({ argv, name }: NamedCommand, flavour: ShellFlavour | '', depth: number, isBusybox = false): readonly Assumed[] {
    const one = (possibility: Possibility): readonly Assumed[] => [{ ...possibility, flavour }];
    const launcher = LAUNCHERS.get(name);
    if (launcher === undefined) return [];
    const split = name === 'env' ? splitOf(argv) : undefined;
    const inner = afterLauncher(split ?? argv, launcher);
    // Without anything to start, such a program ends at once.
    if (inner.length === 0) return one(staysAlone(argv) ? { fate: 'ends', pidOne: name, cause: 'application' } : endsByItself(name));
    if (!isBusybox && flavour !== 'ash' && refusesCommand(argv)) {
      const ofBusybox = this.#mayBeBusybox(flavour) ? this.program(inner, 'ash', depth + 1) : [];
      return [...one(endsByItself(name)), ...ofBusybox.map((possibility) => ({ ...possibility, isBusybox: true as const }))];
    }
    const heldBack = name === 'env' ? heldBackBy(argv.slice(1, argv.length - inner.length), this.#of.signal) : undefined;
    if (heldBack === 'blocked' || (heldBack === 'ignored' && this.#of.behind !== undefined && keepsIgnoring(inner)))
      return one({ fate: 'swallows', pidOne: programName(inner[0] ?? ''), cause: 'ignores' });
    const { isDeaf: wasDeaf = false } = this.#of;
    const isDeaf = heldBack === 'ignored' || (wasDeaf && heldBack !== 'default');
    if (isDeaf !== wasDeaf) return new Tracer({ ...this.#of, isDeaf }).program(inner, flavour, depth + 1);
    if (forks(name, argv, inner)) {
      const ignores = name === 'unshare' && this.#of.behind !== undefined && this.#of.signal === 'TERM';
      if (ignores) return this.#unshareBehindInit({ argv, inner }, flavour, depth, isBusybox);
      return one({ fate: 'swallows', pidOne: name, cause: 'launcher', obstacle: 'no handler' });
    }
    if (launcher.shell !== undefined) {
      // Without `--`, it only says or sets something.
      return argv.includes('--') ? this.program([launcher.shell, ...inner], flavour, depth + 1) : one(endsByItself(name));
    }
    const own = argv.slice(1, argv.length - inner.length);
    const doesNotFork = name === 'flock' && own.some((word) => word !== undefined && /^(?:-[a-zA-Z]*F|--no-fork$)/.test(word));
    if (launcher.manner === 'becomes' || doesNotFork) return this.program(inner, flavour, depth + 1);
    if (launcher.manner === 'forwards') {
      // That of coreutils stays and passes the signal on; that of busybox becomes the command, and leaves the watching to a child.
      const forwarding = this.#forwarding(argv, name, inner, { flavour, depth });
      if (!isBusybox && !this.#mayBeBusybox(flavour)) return forwarding;
      const becoming = this.program(inner, flavour, depth + 1).map((possibility) => ({ ...possibility, isBusybox: true as const }));
      return isBusybox ? becoming : [...becoming, ...forwarding];
    }
    if (launcher.manner === 'waits') return one({ fate: 'swallows', pidOne: name, cause: 'launcher', obstacle: 'no handler' });
    const waits = own.some((word) => word !== undefined && /^(?:-[cf]*w|--wait$)/.test(word));
    return one(waits ? { fate: 'swallows', pidOne: name, cause: 'launcher', obstacle: 'no handler' } : endsByItself(name));
  }

  /** `unshare --fork` of util-linux ignores SIGTERM while it waits for what it has started (sys-utils/unshare.c); that of busybox does not. */
  #unshareBehindInit({ argv, inner }: StartingCommand, flavour: ShellFlavour | '', depth: number, isBusybox: boolean): readonly Assumed[] {
    const ofBusybox: Assumed = { fate: 'ends', pidOne: 'unshare', cause: 'untold', flavour, isBusybox: true };
    if (isBusybox) return [ofBusybox];
    if (this.#of.behind === 'child') return [{ fate: 'swallows', pidOne: 'unshare', cause: 'ignores', flavour }, ofBusybox];
    if (!makesPidNamespace(argv, inner)) return [...this.program(inner, flavour, depth + 1), ofBusybox];
    // What it has started hears of the signal too, and is PID 1 of its namespace.
    const told = new Tracer({ ...this.#of, behind: undefined }).program(inner, flavour, depth + 1);
    const swallowed = told.map((possibility) =>
      possibility.fate === 'swallows' ? { ...possibility, cause: 'ignores' as const } : possibility,
    );
    return [...swallowed, ofBusybox];
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
      const readsNothing = start.file === undefined && !start.takesScript && !this.#of.hasInput;
      return [assumed(readsNothing ? endsByItself(name) : { fate: 'unknown', pidOne: name, cause: 'file' })];
    }
    const found: Assumed[] = [];
    try {
      const script = this.#read(start.script, flavour);
      const possibilities = walkScript(script, {
        flavour,
        program: name,
        behind: this.#of.behind,
        signal: this.#of.signal,
        parameters: start.parameters,
        exitsOnError: start.exitsOnError,
        isInteractive: start.isInteractive,
        hasInput: this.#of.hasInput,
        isDeaf: this.#of.isDeaf,
        budget: this.#of.budget,
        become: (inner, isDeaf) => {
          const tracer = isDeaf === (this.#of.isDeaf ?? false) ? this : new Tracer({ ...this.#of, isDeaf });
          const further = tracer.program(inner, flavour, depth + 1);
          for (const possibility of further) found.push(possibility);
          return [];
        },
      });
      return [...found, ...possibilities.map(assumed)];
    } catch (error) {
      if (!(error instanceof TooMuch)) throw error;
      return [assumed({ fate: 'unknown', pidOne: name, cause: 'unreadable' })];
    }
  }
}

/** `terminationGracePeriodSeconds` where nobody sets it. */
const DEFAULT_GRACE_SECONDS = 30;

/** `timeout -k 5`: after how long it sends SIGKILL. */
function killDelayOf(own: Argv): string {
  const index = own.findIndex((word) => word !== undefined && /^(?:-[pvf]*k|--kill-after)/.test(word));
  const attached = /^(?:-[pvf]*k|--kill-after=?)(.*)$/.exec(own[index] ?? '')?.[1] ?? '';
  return attached === '' ? (own[index + 1] ?? '') : attached;
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
