/**
 * What happens when a Pod is deleted, and when, from the spec alone.
 *
 * The kubelet (`kuberuntime_container.go` killContainer, executePreStopHook) starts the grace period before preStop: hook
 * and application share it. Each container gets its stop signal when its own hook has ended; sidecars wait for all main
 * containers besides. What is still there at the end of the period, at least 2 s after the stop signal, is killed.
 */
import { containersOf, type ContainerReference, type LifecycleHandler, type Maybe, type PodSpec } from './pod.ts';
import { programName, readShellScript, shellScriptOf, type ShellOperator } from './shell.ts';

/** The kubelet's `minimumGracePeriodInSeconds` (kuberuntime_manager.go): what a container has after an overlong hook. */
export const MINIMUM_STOP_SECONDS = 2;

/**
 * How long a hook runs.
 * - `exact`: so long.
 * - `at-least`: about so long, every branch taken, and then commands that take their time, short as a rule.
 * - `unbounded`: it waits for something; only the grace period ends it.
 * - `unknown`: the spec does not tell (an HTTP call, a program of the image).
 */
export interface HookDuration {
  readonly certainty: 'exact' | 'at-least' | 'unbounded' | 'unknown';
  /** Whole seconds; what is known of them where the duration is unbounded, 0 where it is unknown. */
  readonly seconds: number;
}

/** How long a preStop or postStart hook keeps its container waiting. */
export function hookDurationOf(hook: LifecycleHandler): HookDuration {
  if (hook.sleep != null) return exactly(hook.sleep.seconds ?? 0);
  if (hook.exec != null) return commandDuration(hook.exec.command ?? [], 0);
  // The kubelet fails a tcpSocket hook at once ("invalid handler"), whatever it would have connected to.
  if (hook.tcpSocket != null) return exactly(0);
  return UNKNOWN;
}

const UNKNOWN: HookDuration = { certainty: 'unknown', seconds: 0 };
const FOR_EVER: HookDuration = { certainty: 'unbounded', seconds: 0 };
const exactly = (seconds: number): HookDuration => ({ certainty: 'exact', seconds });

/** How many commands may stand inside each other (`timeout 20 sh -c 'exec sleep 5'` are three); what is deeper is not read. */
const MAX_NESTING = 8;

function commandDuration(argv: readonly string[], depth: number): HookDuration {
  if (depth > MAX_NESTING) return UNKNOWN;
  const [program = '', ...args] = argv;
  const name = programName(program);
  if (name === 'sleep') return sleepDuration(args);
  if (name === 'timeout') return timeoutDuration(args, depth);
  const script = shellScriptOf(argv);
  if (script !== undefined) return scriptDuration(script, depth);
  return name === 'exec' || name === 'busybox' ? commandDuration(args, depth + 1) : UNKNOWN;
}

/** Adds up what a script sleeps. The commands of a pipe run at once; those in the background count if it waits for them. */
function scriptDuration(script: string, depth: number): HookDuration {
  const { commands, loops, complex } = readShellScript(script);
  let seconds = 0;
  let certainty: HookDuration['certainty'] = complex ? 'at-least' : 'exact';
  let pipeSeconds = 0;
  let jobSeconds = 0;
  let jobsEndSeconds = 0;
  let jobsCertainty: HookDuration['certainty'] = 'exact';
  let before: ShellOperator = '';
  for (const { words, operator, background } of commands) {
    const own = commandDuration(words, depth + 1);
    if (background) {
      if (own.certainty !== 'exact' && jobsCertainty !== 'unbounded') jobsCertainty = own.certainty;
      jobSeconds += own.seconds;
      jobsEndSeconds = Math.max(jobsEndSeconds, seconds + jobSeconds);
      if (operator === '&') jobSeconds = 0;
      continue;
    }
    if (words[0] === 'wait') {
      if (jobsCertainty === 'unbounded') return { certainty: 'unbounded', seconds };
      if (jobsCertainty !== 'exact') certainty = 'at-least';
      seconds = Math.max(seconds, jobsEndSeconds);
    } else {
      if (own.certainty === 'unbounded') return { certainty: 'unbounded', seconds: seconds + own.seconds };
      // Whether what comes after `||` runs, the spec does not tell.
      if (own.certainty !== 'exact' || before === '||') certainty = 'at-least';
      if (before !== '|') pipeSeconds = 0;
      seconds += Math.max(0, own.seconds - pipeSeconds);
      pipeSeconds = Math.max(pipeSeconds, own.seconds);
    }
    before = operator;
  }
  return { certainty: loops ? 'unbounded' : certainty, seconds };
}

/** `sleep 5`, `sleep 1m 30s`, `sleep 0.5`, `sleep infinity`. */
function sleepDuration(args: readonly string[]): HookDuration {
  let seconds = 0;
  for (const arg of args) {
    if (arg === 'infinity' || arg === 'inf') return FOR_EVER;
    const duration = secondsOf(arg);
    if (duration === undefined) return UNKNOWN;
    seconds += duration;
  }
  return exactly(Math.ceil(seconds));
}

/**
 * `timeout 20 …` ends what it runs; unless that is known to take less, the time that it allows is taken as used, and so is
 * the one before SIGKILL (`-k 5`). `timeout 0` allows any time. `-t 20` is busybox before 1.30.
 */
function timeoutDuration(args: readonly string[], depth: number): HookDuration {
  let at = 0;
  let limit: number | undefined;
  let killAfter = 0;
  for (; at < args.length; at++) {
    const option = args[at] ?? '';
    if (!option.startsWith('-')) break;
    const [, name, attached] = /^(-[skt]|--signal|--kill-after)=?(.*)$/s.exec(option) ?? [];
    if (name === undefined) continue;
    if (attached === '') at += 1;
    const value = secondsOf(attached || (args[at] ?? ''));
    if (name === '-t') limit = value;
    else if (name === '-k' || name === '--kill-after') killAfter = value ?? 0;
  }
  if (limit === undefined) {
    limit = secondsOf(args[at] ?? '');
    at += 1;
  }
  if (limit === undefined) return UNKNOWN;
  const inner = commandDuration(args.slice(at), depth + 1);
  if (limit === 0) return inner;
  if (inner.certainty === 'exact') return exactly(Math.min(inner.seconds, Math.ceil(limit)));
  return exactly(Math.ceil(limit + killAfter));
}

/** Nobody waits longer than that: 68 years, as far as 32 bits go. */
const MAX_SECONDS = 2 ** 31 - 1;

/** The durations of coreutils and busybox: a number with s, m, h or d. */
function secondsOf(text: string): number | undefined {
  const match = /^(\d+(?:\.\d*)?|\.\d+)([smhd]?)$/.exec(text);
  if (match === null) return undefined;
  const unit = { '': 1, s: 1, m: 60, h: 3600, d: 86_400 }[match[2] ?? ''] ?? 1;
  return Math.min(Number(match[1]) * unit, MAX_SECONDS);
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
 * When each container gets its stop signal and when it would be killed, in seconds after the deletion; in the order in which
 * the containers start. A sidecar waits for all main containers and for the sidecars after it (`kuberuntime_termination_order.go`),
 * which are taken to end as soon as they are told to.
 *
 * @param drainSeconds how long main containers take to end after the signal; decides when sidecars get theirs
 * @returns empty for a grace period of 0: such a Pod is deleted at once
 */
export function shutdownTimeline(spec: PodSpec, drainSeconds: number): ContainerShutdown[] {
  const graceSeconds = spec.terminationGracePeriodSeconds;
  if (graceSeconds <= 0) return [];
  const running = containersOf(spec).filter(({ kind }) => kind !== 'init');
  let turnSeconds: number | undefined = 0;
  for (const reference of running) {
    if (reference.kind !== 'main') continue;
    const end = hookEnd(reference, graceSeconds);
    turnSeconds = later(turnSeconds, end === undefined ? undefined : Math.min(end + drainSeconds, graceSeconds));
  }
  const timeline: ContainerShutdown[] = [];
  for (const reference of running.toReversed()) {
    let stopSignalSeconds = hookEnd(reference, graceSeconds);
    if (reference.kind === 'sidecar') stopSignalSeconds = turnSeconds = later(turnSeconds, stopSignalSeconds);
    const killSeconds = Math.max(graceSeconds, (stopSignalSeconds ?? graceSeconds) + MINIMUM_STOP_SECONDS);
    timeline.push({ reference, stopSignalSeconds, killSeconds });
  }
  return timeline.reverse();
}

function later(a: number | undefined, b: number | undefined): number | undefined {
  return a === undefined || b === undefined ? undefined : Math.max(a, b);
}

/** When a container's hook ends: at the latest with the grace period. */
function hookEnd({ container }: ContainerReference, graceSeconds: number): number | undefined {
  const preStop = container.lifecycle?.preStop;
  if (preStop == null) return 0;
  const { certainty, seconds } = hookDurationOf(preStop);
  if (certainty === 'exact') return Math.min(seconds, graceSeconds);
  return certainty === 'unbounded' ? graceSeconds : undefined;
}
