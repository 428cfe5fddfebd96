/** What comes of a launcher or an init that is PID 1, or that an init has started, when the stop signal comes. */
import { programName, type Argv } from './argv.ts';
import { behindInit, isRewriting, rewritten } from './behind-init.ts';
import { heldBackBy, splitOf } from './env-command.ts';
import {
  afterLauncher,
  forks,
  INIT_OPTIONS,
  LAUNCHERS,
  makesPidNamespace,
  refusesCommand,
  staysAlone,
  tellsGroup,
  type Launcher,
} from './launchers.ts';
import { endsByItself, type Assumed, type Possibility } from './possibility.ts';
import { secondsUntilEnd } from './program-length.ts';
import { keepsIgnoring } from './programs.ts';
import type { InitManner } from './script-moment.ts';
import type { ShellFlavour } from './shells.ts';
import type { StepBudget } from './step-budget.ts';

/** What a command is started with. */
export interface TracedStart {
  readonly sh: readonly ShellFlavour[];
  readonly signal: string;
  readonly hasInput: boolean;
  readonly budget: StepBudget;
  /** Undefined for PID 1. */
  readonly behind?: InitManner | undefined;
  /** It is started with the stop signal ignored. */
  readonly isDeaf?: boolean;
}

/** Where a program stands. */
export interface Place {
  /** The shell that was assumed to get here; '' where none was run. */
  readonly flavour: ShellFlavour | '';
  /** How many programs stand before it. */
  readonly depth: number;
}

/** Traces what a launcher or an init starts. */
export interface Tracing {
  readonly of: TracedStart;
  program(argv: Argv, flavour: ShellFlavour | '', depth: number): readonly Assumed[];
  /** The same for what is started in another way. */
  with(changes: Partial<TracedStart>): Tracing;
}

/** Whether a program may be the one of busybox: which shell is assumed, says what the image is. */
export function mayBeBusybox(flavour: ShellFlavour | '', { sh }: Pick<TracedStart, 'sh'>): boolean {
  return flavour === '' ? sh.includes('ash') : flavour === 'ash';
}

/**
 * An init passes the signal on and ends with what it started; that is not PID 1, so the default action ends it unless it has a
 * handler, or ignores the signal.
 */
export function ofInit(argv: Argv, { flavour, depth }: Place, tracing: Tracing): readonly Assumed[] {
  const name = programName(argv[0] ?? '');
  const { signal } = tracing.of;
  const options = INIT_OPTIONS.get(name);
  const inner = options === undefined ? [] : afterLauncher(argv, options);
  const verdict: Possibility =
    name === 'dumb-init' ? rewritten(argv, inner, signal) : { fate: 'ends', pidOne: name, cause: name === 'sudo' ? 'forwards' : 'init' };
  const own = argv.slice(1, argv.length - inner.length);
  if (inner.length === 0 || isRewriting(own, signal)) return [{ ...verdict, flavour }];
  // Of what follows the program, tini and catatonit take what looks like an option for one of theirs, unless `--` stands before it.
  const takesAll = (name.startsWith('tini') || name === 'catatonit') && argv[argv.length - inner.length - 1] !== '--';
  if (takesAll && inner.some((word) => word?.startsWith('-') === true)) return [{ ...verdict, flavour }];
  const behind = tellsGroup(name, own) ? 'group' : 'child';
  // dumb-init has a handler for each signal, so that what it starts ignores none.
  const told = tracing.with({ behind, ...(name === 'dumb-init' && { isDeaf: false }) });
  return told.program(inner, flavour, depth + 1).map((possibility) => behindInit(verdict, possibility));
}

/** A launcher where it is called. */
interface LauncherCall {
  readonly name: string;
  readonly launcher: Launcher;
  readonly argv: Argv;
  /** What it starts. */
  readonly inner: Argv;
  /** Its own words: between its name and what it starts. */
  readonly own: Argv;
  /** It certainly is that of busybox. */
  readonly isBusybox: boolean;
  readonly place: Place;
}

/** @param isBusybox whether it certainly is that of busybox */
export function ofLauncher(argv: Argv, place: Place, tracing: Tracing, isBusybox = false): readonly Assumed[] {
  const name = programName(argv[0] ?? '');
  const { flavour, depth } = place;
  const launcher = LAUNCHERS.get(name);
  if (launcher === undefined) return [];
  const split = name === 'env' ? splitOf(argv) : undefined;
  const inner = afterLauncher(split ?? argv, launcher);
  // Without anything to start, such a program ends at once.
  if (inner.length === 0)
    return [{ ...(staysAlone(argv) ? ({ fate: 'ends', pidOne: name, cause: 'application' } as const) : endsByItself(name)), flavour }];
  if (!isBusybox && flavour !== 'ash' && refusesCommand(argv)) {
    const ofBusybox = mayBeBusybox(flavour, tracing.of) ? tracing.program(inner, 'ash', depth + 1) : [];
    return [{ ...endsByItself(name), flavour }, ...ofBusybox.map(asBusybox)];
  }
  const call = { name, launcher, argv, inner, own: argv.slice(1, argv.length - inner.length), isBusybox, place };
  return (name === 'env' ? heldBack(call, tracing) : undefined) ?? ofManner(call, tracing);
}

/** `env --ignore-signal=TERM app`, `env --block-signal=TERM app` */
function heldBack(call: LauncherCall, tracing: Tracing): readonly Assumed[] | undefined {
  const { inner, own, place } = call;
  const { behind, signal } = tracing.of;
  const held = heldBackBy(own, signal);
  if (held === 'blocked' || (held === 'ignored' && behind !== undefined && keepsIgnoring(inner)))
    return [{ fate: 'swallows', pidOne: programName(inner[0] ?? ''), cause: 'ignores', flavour: place.flavour }];
  // What starts with the signal ignored, or no longer so.
  const { isDeaf: wasDeaf = false } = tracing.of;
  const isDeaf = held === 'ignored' || (wasDeaf && held !== 'default');
  return isDeaf === wasDeaf ? undefined : tracing.with({ isDeaf }).program(inner, place.flavour, place.depth + 1);
}

function ofManner(call: LauncherCall, tracing: Tracing): readonly Assumed[] {
  const { name, launcher, argv, inner, own, place } = call;
  const { flavour, depth } = place;
  const waits: Assumed = { fate: 'swallows', pidOne: name, cause: 'launcher', obstacle: 'no handler', flavour };
  const has = (option: RegExp): boolean => own.some((word) => word !== undefined && option.test(word));
  if (forks(name, argv, inner)) {
    const ignores = name === 'unshare' && tracing.of.behind !== undefined && tracing.of.signal === 'TERM';
    return ignores ? unshareBehindInit(call, tracing) : [waits];
  }
  if (launcher.shell !== undefined) {
    // Without `--`, it only says or sets something.
    return argv.includes('--') ? tracing.program([launcher.shell, ...inner], flavour, depth + 1) : [{ ...endsByItself(name), flavour }];
  }
  const doesNotFork = name === 'flock' && has(/^(?:-[a-zA-Z]*F|--no-fork$)/);
  switch (doesNotFork ? 'becomes' : launcher.manner) {
    case 'becomes': {
      const started = tracing.program(inner, flavour, depth + 1);
      // Behind an init the script has the default action, and ends.
      const loses = tracing.of.behind === undefined && launcher.isEndless?.(own) === true;
      return loses ? started.map((possibility) => ({ waitsAs: name, ...possibility })) : started;
    }
    case 'forwards':
      return forwardingOrBecoming(call, tracing);
    case 'waits':
      return [waits];
    case 'leaves':
      return [has(/^(?:-[cf]*w|--wait$)/) ? waits : { ...endsByItself(name), flavour }];
  }
}

/** `timeout` of coreutils stays and passes the signal on; that of busybox becomes the command, and leaves the watching to a child. */
function forwardingOrBecoming(call: LauncherCall, tracing: Tracing): readonly Assumed[] {
  const { inner, isBusybox, place } = call;
  if (!isBusybox && !mayBeBusybox(place.flavour, tracing.of)) return forwarding(call, tracing);
  const becoming = tracing.program(inner, place.flavour, place.depth + 1).map(asBusybox);
  return isBusybox ? becoming : [...becoming, ...forwarding(call, tracing)];
}

/** `timeout` of coreutils tells its group and waits for its command, with `--foreground` that alone, and with `-k` not for long. */
function forwarding({ name, inner, own, place: { flavour, depth } }: LauncherCall, tracing: Tracing): readonly Assumed[] {
  const forwards: Possibility = { fate: 'ends', pidOne: name, cause: 'forwards' };
  const isOfChild = own.some((word) => word !== undefined && /^(?:-[pv]*f|--foreground$)/.test(word));
  const killed = secondsUntilEnd(['sleep', killDelayOf(own)]);
  if (killed !== undefined && killed > 0 && killed <= DEFAULT_GRACE_SECONDS) return [{ ...forwards, flavour }];
  const told = tracing.with({ behind: isOfChild ? 'child' : 'group' });
  return told.program(inner, flavour, depth + 1).map((possibility) => behindInit(forwards, possibility));
}

/** `unshare --fork` of util-linux ignores SIGTERM while it waits for what it has started (sys-utils/unshare.c); that of busybox does not. */
function unshareBehindInit({ argv, inner, isBusybox, place }: LauncherCall, tracing: Tracing): readonly Assumed[] {
  const { flavour, depth } = place;
  const ofBusybox: Assumed = { fate: 'ends', pidOne: 'unshare', cause: 'untold', flavour, isBusybox: true };
  if (isBusybox) return [ofBusybox];
  if (tracing.of.behind === 'child') return [{ fate: 'swallows', pidOne: 'unshare', cause: 'ignores', flavour }, ofBusybox];
  if (!makesPidNamespace(argv, inner)) return [...tracing.program(inner, flavour, depth + 1), ofBusybox];
  // What it has started hears of the signal too, and is PID 1 of its namespace.
  const told = tracing.with({ behind: undefined }).program(inner, flavour, depth + 1);
  const swallowed = told.map((possibility) =>
    possibility.fate === 'swallows' ? { ...possibility, cause: 'ignores' as const } : possibility,
  );
  return [...swallowed, ofBusybox];
}

function asBusybox(possibility: Assumed): Assumed {
  return { ...possibility, isBusybox: true };
}

/** `terminationGracePeriodSeconds` where nobody sets it. */
const DEFAULT_GRACE_SECONDS = 30;

/** `timeout -k 5`: after how long it sends SIGKILL. */
function killDelayOf(own: Argv): string {
  const index = own.findIndex((word) => word !== undefined && /^(?:-[pvf]*k|--kill-after)/.test(word));
  const attached = /^(?:-[pvf]*k|--kill-after=?)(.*)$/.exec(own[index] ?? '')?.[1] ?? '';
  return attached === '' ? (own[index + 1] ?? '') : attached;
}
