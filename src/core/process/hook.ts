/**
 * What a lifecycle hook does: how long the container waits for it, and how long it holds back the end of the server.
 *
 * The kubelet runs it inside the grace period and sends the stop signal when it has ended (`executePreStopHook`). A hook that
 * stops the server itself delays only up to there: `nginx -s quit; sleep 15` delays nothing.
 */
import type { LifecycleHandler } from '../pod.ts';
import type { Work } from '../work.ts';
import { runsOfAwk } from './awk.ts';
import { readsForEver } from './endless-input.ts';
import { isAwk } from './program-length.ts';
import { execFormFaultOf } from './exec-form.ts';
import { programName, withoutBusybox, type Argv } from './argv.ts';
import { afterLauncher, behindLaunchers, INIT_OPTIONS, LAUNCHERS, type LauncherOptions } from './launchers.ts';
import { OWN_NUMBER } from './own-number.ts';
import { timeScript } from './script-clock.ts';
import { isOfStrtod, secondsOf } from './seconds.ts';
import { serverStopOf, timingOfOther } from './server-stop.ts';
import { mayDiffer, refusesOptions } from './shell-differences.ts';
import { parseShell, parseShellAs } from './shell-parser.ts';
import { dialectOf, flavoursOf, isMeasured, isShell, readShellStart, SH_FLAVOURS, type ShellFlavour } from './shells.ts';
import { isSwitched, NO_VARIABLES, withValue, type Variables } from './shell-values.ts';
import { MAX_NESTING, MAX_SCRIPT_LENGTH, StepBudget, TooMuch } from './step-budget.ts';
import { readTimeout } from './timeout-command.ts';
import { windowsTiming } from './windows-hook.ts';
import { AT_ONCE, during, eitherTiming, FAILS, FOR_EVER, OPEN, withHeld, type Timing } from './timing.ts';

/**
 * How long something takes.
 * - `exact`: so long.
 * - `at most`: that long at most; less where it takes another way.
 * - `open`: so long, and besides what cannot be added up: an HTTP call, a program of the image, a loop that waits for something.
 * - `endless`: it never ends by itself; only the grace period ends it.
 */
export interface Duration {
  readonly certainty: 'exact' | 'at most' | 'open' | 'endless';
  /** Whole seconds, as far as they are known. */
  readonly seconds: number;
}

export interface HookReading {
  /** How long the hook holds its container. */
  readonly duration: Duration;
  /** How long the server is left alone. */
  readonly delay: Duration;
  /** How long it holds its container at least, in whole seconds. */
  readonly leastSeconds: number;
  /** How long the server is left alone at least. */
  readonly leastDelaySeconds: number;
  /** The hook itself stops the server, before it has ended. */
  readonly stopsServer: boolean;
}

export interface HookSurroundings {
  /** What `sh` is in the image, as far as that is known; else everything that it may be. */
  readonly sh?: readonly ShellFlavour[] | undefined;
  /** The values that the spec gives to the variables of its container; undefined for one that comes from elsewhere. */
  readonly variables?: Variables | undefined;
  /** It is the command of a probe, into which the kubelet puts the values of `$(NAME)`. */
  readonly isProbe?: boolean | undefined;
  /** It runs on a node with Windows. */
  readonly isOnWindows?: boolean | undefined;
  /** The container is known to lack the program or the port. */
  readonly isInVain?: boolean | undefined;
  /** What counts the steps. */
  readonly work?: Work | undefined;
}

/** Whoever starts a hook is outside of the container, where it has no number: `kill $PPID` is `kill 0` (pid_namespaces(7)). */
const NO_PARENT = '0';

/** How long a `preStop` or `postStart` hook takes, and what it does to the server meanwhile. Never throws. */
export function readHook(hook: LifecycleHandler, surroundings: HookSurroundings = {}): HookReading {
  const timing = surroundings.isInVain === true ? FAILS : withHeld(timingOfHook(hook, surroundings));
  const duration = durationOf(timing);
  const { stop, min } = timing;
  const leastSeconds = Math.floor(min);
  const leastDelaySeconds = stop === undefined ? leastSeconds : Math.floor(Math.min(stop.min, min));
  const held = { duration, leastSeconds, leastDelaySeconds };
  if (stop === undefined) return { ...held, delay: duration, stopsServer: false };
  if (!stop.isCertain) return { ...held, delay: { certainty: 'open', seconds: leastDelaySeconds }, stopsServer: false };
  const certainty = stop.min === stop.max ? 'exact' : 'at most';
  return { ...held, delay: { certainty, seconds: Math.ceil(stop.max) }, stopsServer: true };
}

function timingOfHook(hook: LifecycleHandler, surroundings: HookSurroundings): Timing {
  if (hook.sleep != null) return during(hook.sleep.seconds ?? 0);
  if (hook.exec != null) {
    const command = hook.exec.command ?? [];
    if (surroundings.isOnWindows === true) return command.length === 0 ? FAILS : windowsTiming(command);
    const timer = new Timer(surroundings);
    try {
      return timer.command(command, 0);
    } catch (error) {
      if (!(error instanceof TooMuch)) throw error;
      return OPEN;
    }
  }
  // The kubelet fails a tcpSocket hook at once ("invalid handler"), whatever it would have connected to.
  return hook.tcpSocket != null ? FAILS : OPEN;
}

function durationOf({ min, max, isOpen, isEndless }: Timing): Duration {
  if (isEndless) return { certainty: 'endless', seconds: Math.ceil(max) };
  if (isOpen) return { certainty: 'open', seconds: Math.ceil(max) };
  return { certainty: min === max ? 'exact' : 'at most', seconds: Math.ceil(max) };
}

class Timer {
  readonly #budget: StepBudget;

  readonly #sh: readonly ShellFlavour[];
  readonly #variables: Variables;
  readonly #isProbe: boolean;

  constructor({ work, variables = NO_VARIABLES, isProbe = false, sh = SH_FLAVOURS }: HookSurroundings) {
    this.#budget = new StepBudget(work);
    this.#sh = sh;
    this.#variables = variables;
    this.#isProbe = isProbe;
  }

  /** A command in exec form: no shell looks at its words. */
  command(argv: readonly string[], depth: number): Timing {
    if (execFormFaultOf(argv, this.#isProbe)?.failsAtOnce === true) return FAILS;
    return this.#program(withPlainSignal(argv), depth);
  }

  #program(argv: Argv, depth: number): Timing {
    const [first, ...args] = argv;
    if (first === undefined || depth > MAX_NESTING) return OPEN;
    this.#budget.spend();
    if (isShell(argv)) return this.#shell(argv, depth);
    const name = programName(first);
    if (name === 'busybox') return args.length === 0 ? AT_ONCE : this.#applet(args, depth + 1);
    if (name === 'timeout') return this.#timeout(args, depth, false);
    if (name === 'usleep') return this.#usleep(args);
    const known = TIMINGS.get(name)?.(args) ?? serverStopOf(name, args);
    if (known !== undefined) return known;
    const options = optionsOfStarter(name);
    if (options === undefined) return timingByInput(argv);
    const inner = afterLauncher(argv, options);
    return inner.length === 0 ? AT_ONCE : this.#program(inner, depth + 1);
  }

  /** `usleep 500000`, in microseconds: busybox has it, and the images of other shells lack it (busybox 1.35; Debian 12 has none). */
  #usleep(args: Argv): Timing {
    const timing = usleepTiming(args);
    return this.#sh.every((flavour) => flavour === 'ash') ? timing : eitherTiming(FAILS, timing);
  }

  /** `busybox timeout 5 …` */
  #applet([name, ...args]: Argv, depth: number): Timing {
    if (name === 'usleep') return usleepTiming(args);
    return name === 'timeout' ? this.#timeout(args, depth, true) : this.#program([name, ...args], depth);
  }

  #shell(argv: Argv, depth: number): Timing {
    const { script, file, parameters, options, takesScript, exitsOnError, endsAtUnset } = readShellStart(withoutBusybox(argv).slice(1));
    // Nobody writes anything into the input of a hook; a script may do so, with a pipe or a file: `echo sleep 10 | sh`.
    const readsInput = script === undefined && file === undefined && !takesScript && parameters.length === 0;
    if (readsInput && depth === 0) return AT_ONCE;
    if (script === undefined || script.length > MAX_SCRIPT_LENGTH || script.includes(OWN_NUMBER)) return OPEN;
    if (isSwitched(options, 'n', 'noexec') === true && !options.some(isLongOption)) return AT_ONCE;
    this.#budget.spendOnText(script);
    const name = programName(argv[0] ?? '');
    // bash refuses SIG where it is started as `sh` (its POSIX mode).
    const mayRefuseSig = name === 'dash' || (name === 'sh' && this.#sh.some((flavour) => flavour !== 'ash'));
    const timingOf = (flavour?: ShellFlavour): Timing => {
      if (flavour !== undefined && refusesOptions(flavour, options)) return FAILS;
      return timeScript(flavour === undefined ? parseShell(script) : parseShellAs(script, dialectOf(flavour)), {
        parameters,
        // What a script or `env` has started may have got other values.
        variables: depth === 0 ? withValue(this.#variables, 'PPID', NO_PARENT) : NO_VARIABLES,
        exitsOnError,
        endsAtUnset,
        lacksStart: depth > 0,
        hasPipefail: options.includes('pipefail'),
        flavour,
        budget: this.#budget,
        time: (inner) => this.#program(mayRefuseSig ? inner : withPlainSignal(inner), depth + 1),
      });
    };
    const flavours = refusesOptions('dash', options) || mayDiffer(script) ? measuredFlavoursOf(name, this.#sh) : [];
    return flavours.length === 0 ? timingOf() : flavours.map(timingOf).reduce(eitherTiming);
  }

  /**
   * `timeout 20 …` ends what it runs, and fails then; what is not known to take less may use all of the time, and that before
   * SIGKILL (`-k 5`) too. `timeout 0` allows any time.
   *
   * @param isBusybox whether it certainly is that of busybox
   */
  #timeout(args: Argv, depth: number, isBusybox: boolean): Timing {
    const { limit, killAfter, command, isOfOldBusybox, isOfCoreutils } = readTimeout(args);
    const timing = limit === undefined ? OPEN : this.#within(limit, killAfter, command, depth);
    // busybox before 1.30 alone has `-t 20`. It knows no long options and two short ones, and fails at once (measured with 1.35).
    if (isOfOldBusybox || (isOfCoreutils && !isBusybox && this.#sh.includes('ash'))) return eitherTiming(FAILS, timing);
    return isOfCoreutils && isBusybox ? FAILS : timing;
  }

  #within(limit: number, killAfter: number, argv: Argv, depth: number): Timing {
    const inner = this.#program(argv, depth + 1);
    const timing = within(limit, killAfter, inner);
    const started = behindLaunchers(argv);
    if (timing === inner || !isShell(started)) return timing;
    const script = readShellStart(withoutBusybox(started).slice(1)).script ?? '';
    // A trap may have it go on.
    if (/\btrap\b/.test(script)) return { ...timing, max: limit + killAfter, isOpen: true };
    // busybox tells the shell alone, and what that has started last keeps the output open.
    const isLeft = inner.isEndless || inner.isOpen || inner.max > limit;
    if (!isLeft || !this.#sh.includes('ash')) return timing;
    const { held = { min: 0, max: 0, isOpen: false } } = timing;
    const longest = longestSleepIn(script);
    // Nobody knows how long anything else takes that the shell has started.
    const isOpen = held.isOpen || inner.isOpen || (inner.isEndless && longest === 0) || /\bsleep\s+["']?[^\s"'\d.]/.test(script);
    return { ...timing, held: { ...held, max: Math.max(held.max, limit + longest), isOpen } };
  }
}

/** How long programs take of which the words tell it; undefined where they do not. */
const TIMINGS: ReadonlyMap<string, (args: Argv) => Timing | undefined> = new Map([
  ['sleep', sleepTiming],
  ['tail', tailTiming],
  ['true', () => ({ ...AT_ONCE, succeeded: true })],
  ['false', () => ({ ...AT_ONCE, succeeded: false })],
]);

/** The options of what does nothing but to start a command: an init, or what becomes the command. */
function optionsOfStarter(name: string): LauncherOptions | undefined {
  const launcher = LAUNCHERS.get(name);
  // How long one waits that waits first, nobody knows.
  const becomes = launcher?.manner === 'becomes' && launcher.shell === undefined && launcher.separated !== true;
  return becomes ? launcher : INIT_OPTIONS.get(name);
}

/** How long a program takes that may read for ever, or of which nothing but its words is known. */
function timingByInput(argv: Argv): Timing {
  const [first = '', ...args] = argv;
  const name = programName(first);
  // The words of `tee` are what it writes.
  if (name !== 'tee' && readsForEver(argv)) return FOR_EVER;
  return isAwk(name) && runsOfAwk(args).commands.length > 0 ? OPEN : timingOfOther(argv);
}

/** bash takes its long options with one dash, too: `bash -norc`. */
function isLongOption(word: string | undefined): boolean {
  return word !== undefined && /^-(?:norc|noprofile|noediting|login|posix|debugger|verbose|restricted)$/.test(word);
}

/** The longest of the sleeps that a script names. */
function longestSleepIn(script: string): number {
  let longest = 0;
  for (const [, seconds = ''] of script.matchAll(/\bsleep\s+["']?([\d.]+[smhd]?)/g)) longest = Math.max(longest, secondsOf(seconds) ?? 0);
  return longest;
}

/** What `timeout` makes of a command that ends when it is told to: it ends it at the limit, and kills it so much later. */
function within(limit: number, killAfter: number, inner: Timing): Timing {
  if (limit === 0) return inner;
  const held = inner.held && { ...inner.held, min: 0 };
  const stop =
    inner.stop === undefined || inner.stop.min > limit
      ? undefined
      : { min: inner.stop.min, max: Math.min(inner.stop.max, limit), isCertain: inner.stop.isCertain && inner.stop.max <= limit };
  if (inner.isEndless || inner.min > limit) return { ...during(limit), stop, held, succeeded: false };
  if (!inner.isOpen && inner.max <= limit) return inner;
  return {
    min: inner.min,
    max: inner.isOpen ? limit + killAfter : limit,
    isOpen: false,
    isEndless: false,
    stop,
    held,
    succeeded: undefined,
  };
}

/** The shells that differ about a script; none for one that nobody measured. */
function measuredFlavoursOf(shell: string, sh: readonly ShellFlavour[]): readonly ShellFlavour[] {
  const flavours = isMeasured(shell) ? (flavoursOf(shell, sh) ?? ['ash' as const]) : [];
  // Of the hooks that bash before 5.1 runs, it makes nothing else.
  return flavours.filter((flavour) => flavour !== 'old bash');
}

/** `kill -SIGTERM 1` as `kill -TERM 1`, which it is to all but dash and a bash that is `sh`. */
function withPlainSignal(argv: Argv): Argv {
  if (programName(argv[0] ?? '') !== 'kill') return argv;
  return argv.map((word, index) => (index === 0 ? word : word?.replace(/^(-?)SIG(?=[A-Z])/, '$1')));
}

/** `sleep 5`, `sleep 1m 30s`, `sleep 0.5`, `sleep infinity`; without a number, or with a word that is none, it fails at once. */
function sleepTiming(args: Argv): Timing {
  let seconds = 0;
  let isOpen = false;
  let isEndless = false;
  if (args.length === 0) return FAILS;
  const end = args.indexOf('--');
  // busybox takes it for a duration; to coreutils it ends the options, wherever it stands, and a second one is a duration.
  if (end >= 0 && !args.includes('--', end + 1)) return eitherTiming(FAILS, sleepTiming(args.filter((_, at) => at !== end)));
  for (const arg of args) {
    if (arg !== undefined && /^inf(?:inity)?$/i.test(arg)) isEndless = true;
    else if (arg === undefined) isOpen = true;
    else {
      const own = secondsOf(arg);
      // `$(NAME)` of a probe gets its value.
      if (own === undefined && !arg.includes('$') && !isOfStrtod(arg)) return FAILS;
      if (own === undefined) isOpen = true;
      seconds += own ?? 0;
    }
  }
  if (isEndless) return FOR_EVER;
  // What is not known may be no number, at which it fails.
  return isOpen ? { ...OPEN, max: seconds } : during(seconds);
}

function usleepTiming([microseconds = '', more]: Argv): Timing {
  return more === undefined && /^\d{1,12}$/.test(microseconds) ? during(Number(microseconds) / 1e6) : OPEN;
}

/** `tail -f file` follows for ever; `tail --pid=1 -f file` until the process is gone. */
function tailTiming(args: Argv): Timing {
  const follows = args.some((word) => word !== undefined && /^-[a-zA-Z]*[fF]|^--follow/.test(word));
  const isOpen = args.some((word) => word === undefined || word.startsWith('--pid'));
  return isOpen ? OPEN : follows ? FOR_EVER : AT_ONCE;
}
