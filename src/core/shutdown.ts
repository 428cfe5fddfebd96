/**
 * What happens when a Pod is deleted, and when, from the spec alone.
 *
 * The kubelet (`kuberuntime_container.go` killContainer, executePreStopHook) starts the grace period before preStop: hook
 * and application share it. Each container gets its stop signal when its own hook has ended; sidecars wait for all main
 * containers besides. What is still there at the end of the period, at least 2 s after the stop signal, is killed (K§4).
 */
import { containersOf, type ContainerReference, type LifecycleHandler, type Maybe, type PodSpec } from './pod.ts';
import { programName, readShellScript, shellScriptOf, type ShellCommand } from './shell.ts';

/** The kubelet's `minimumGracePeriodInSeconds` (kuberuntime_manager.go): what a container has after an overlong hook. */
export const MINIMUM_STOP_SECONDS = 2;

/**
 * How long a hook runs.
 * - `exact`: so long.
 * - `at-least`: so long, and then commands that take their time, short as a rule.
 * - `unbounded`: it waits for something; only the grace period ends it.
 * - `unknown`: the spec does not tell (an HTTP call, a program of the image).
 */
export interface HookDuration {
  readonly certainty: 'exact' | 'at-least' | 'unbounded' | 'unknown';
  readonly seconds: number;
}

/** How long a preStop or postStart hook keeps its container waiting. */
export function hookDurationOf(hook: LifecycleHandler): HookDuration {
  if (hook.sleep != null) return exactly(hook.sleep.seconds ?? 0);
  if (hook.exec != null) return commandDuration(hook.exec.command ?? []);
  // The kubelet fails a tcpSocket hook at once ("invalid handler"), whatever it would have connected to.
  if (hook.tcpSocket != null) return exactly(0);
  return UNKNOWN;
}

const UNKNOWN: HookDuration = { certainty: 'unknown', seconds: 0 };
const exactly = (seconds: number): HookDuration => ({ certainty: 'exact', seconds });

function commandDuration(argv: readonly string[]): HookDuration {
  const [program = '', ...args] = argv;
  const name = programName(program);
  if (name === 'sleep') return sleepDuration(args);
  if (name === 'timeout') return timeoutDuration(args);
  const script = shellScriptOf(argv);
  return script === undefined ? UNKNOWN : scriptDuration(script);
}

/** Adds up what a script sleeps; commands in the background and those of a pipe's left side are not waited for. */
function scriptDuration(script: string): HookDuration {
  const { commands, loops, complex } = readShellScript(script);
  let seconds = 0;
  let certainty: HookDuration['certainty'] = complex ? 'at-least' : 'exact';
  for (const command of commands) {
    if (isDetached(command)) continue;
    const duration = commandDuration(command.words[0] === 'exec' ? command.words.slice(1) : command.words);
    if (duration.certainty === 'unbounded') return duration;
    if (duration.certainty !== 'exact') certainty = 'at-least';
    seconds += duration.seconds;
  }
  return loops ? { certainty: 'unbounded', seconds } : { certainty, seconds };
}

function isDetached({ operator }: ShellCommand): boolean {
  return operator === '&' || operator === '|';
}

/** `sleep 5`, `sleep 1m 30s`, `sleep 0.5`, `sleep infinity`. */
function sleepDuration(args: readonly string[]): HookDuration {
  let seconds = 0;
  for (const arg of args) {
    if (arg === 'infinity' || arg === 'inf') return { certainty: 'unbounded', seconds: 0 };
    const duration = secondsOf(arg);
    if (duration === undefined) return UNKNOWN;
    seconds += duration;
  }
  return args.length === 0 ? exactly(0) : exactly(Math.ceil(seconds));
}

/** `timeout 20 …` ends what it runs; the time it allows is taken as used. */
function timeoutDuration(args: readonly string[]): HookDuration {
  const duration = args.find((arg) => !arg.startsWith('-'));
  const seconds = duration === undefined ? undefined : secondsOf(duration);
  return seconds === undefined || seconds === 0 ? UNKNOWN : exactly(Math.ceil(seconds));
}

/** The durations of coreutils and busybox: a number with s, m, h or d. */
function secondsOf(text: string): number | undefined {
  const match = /^(\d+\.?\d*|\.\d+)([smhd]?)$/.exec(text);
  if (match === null) return undefined;
  const unit = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }[match[2] ?? ''] ?? 1;
  return Number(match[1]) * unit;
}

export interface ShutdownAssumptions {
  /** How long the application works on after SIGTERM. */
  readonly drainSeconds: number;
  /** How long sidecars take after the last main container has ended. */
  readonly sidecarSeconds: number;
  /** What is kept free before SIGKILL. */
  readonly marginSeconds: number;
}

export interface ShutdownNeed {
  /** The grace period with which nothing is killed early. */
  readonly neededSeconds: number;
  readonly preStopSeconds: number;
  /** The container whose hook is the longest, if one has a hook that takes time. */
  readonly longest: ContainerReference | undefined;
  readonly sidecarSeconds: number;
  /** Containers with a hook that only the grace period ends. */
  readonly unbounded: readonly ContainerReference[];
}

/**
 * How long a grace period the Pod needs: hooks run at once, so the longest counts; then the applications drain; then the
 * sidecars, which get their signal only after all main containers have ended (KEP-753).
 */
export function shutdownNeedOf(spec: PodSpec, { drainSeconds, sidecarSeconds, marginSeconds }: ShutdownAssumptions): ShutdownNeed {
  let preStopSeconds = 0;
  let longest: ContainerReference | undefined;
  let tailSeconds = 0;
  const unbounded: ContainerReference[] = [];
  for (const reference of containersOf(spec)) {
    if (reference.kind !== 'main' && reference.kind !== 'sidecar') continue;
    if (reference.kind === 'sidecar') tailSeconds = sidecarSeconds;
    const preStop: Maybe<LifecycleHandler> = reference.container.lifecycle?.preStop;
    if (preStop == null) continue;
    const { certainty, seconds } = hookDurationOf(preStop);
    if (certainty === 'unbounded') unbounded.push(reference);
    if (seconds > preStopSeconds) {
      preStopSeconds = seconds;
      longest = reference;
    }
  }
  const neededSeconds = preStopSeconds + drainSeconds + tailSeconds + marginSeconds;
  return { neededSeconds, preStopSeconds, longest, sidecarSeconds: tailSeconds, unbounded };
}

export interface ContainerShutdown {
  readonly reference: ContainerReference;
  /** Seconds after the deletion; undefined where the hook's end, or that of the main containers, is not known. */
  readonly stopSignalSeconds: number | undefined;
  /** When the container is killed if it is still there. */
  readonly killSeconds: number;
}

/**
 * When each container gets its stop signal and when it would be killed, in seconds after the deletion.
 *
 * @param drainSeconds how long main containers take to end after the signal; decides when sidecars get theirs
 */
export function shutdownTimeline(spec: PodSpec, drainSeconds: number): ContainerShutdown[] {
  const graceSeconds = spec.terminationGracePeriodSeconds;
  if (graceSeconds <= 0) return [];
  const running = containersOf(spec).filter(({ kind }) => kind !== 'init');
  const mains = running.filter(({ kind }) => kind === 'main').map((reference) => hookEnd(reference, graceSeconds));
  const mainsEnd = mains.reduce<number | undefined>(
    (latest, end) => (latest === undefined || end === undefined ? undefined : Math.max(latest, Math.min(end + drainSeconds, graceSeconds))),
    0,
  );
  return running.map((reference) => {
    const ownEnd = hookEnd(reference, graceSeconds);
    const stopSignalSeconds =
      reference.kind !== 'sidecar' ? ownEnd : ownEnd === undefined || mainsEnd === undefined ? undefined : Math.max(ownEnd, mainsEnd);
    return {
      reference,
      stopSignalSeconds,
      killSeconds: Math.max(graceSeconds, (stopSignalSeconds ?? graceSeconds) + MINIMUM_STOP_SECONDS),
    };
  });
}

/** When a container's hook ends: at the latest with the grace period. */
function hookEnd({ container }: ContainerReference, graceSeconds: number): number | undefined {
  const preStop = container.lifecycle?.preStop;
  if (preStop == null) return 0;
  const { certainty, seconds } = hookDurationOf(preStop);
  if (certainty === 'exact') return Math.min(seconds, graceSeconds);
  return certainty === 'unbounded' ? graceSeconds : undefined;
}
