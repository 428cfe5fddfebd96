/** How the timing of the probes of a container is corrected, in the words of a finding. */
import type { Container, Probe, ProbeKind } from './pod.ts';
import { isKilledWhileStarting, toleranceSeconds } from './startup.ts';

/** How long a failure may last until a probe that fails has its effect. */
export interface DetectionBounds {
  /** 0 for no bound. */
  readonly maxReadinessDetectionSeconds: number;
  readonly maxLivenessDetectionSeconds: number;
}

/**
 * What kills gets no shorter timeout: a slow answer would become a restart. A longer period of the readinessProbe is no advice where
 * the container would be killed before it is out of service, or stay in service for too long.
 */
export function correctionOfTimeout(kind: ProbeKind, probe: Probe, container: Container, options: DetectionBounds): string {
  const { livenessProbe: liveness, startupProbe } = container;
  const { timeoutSeconds, periodSeconds, failureThreshold } = probe;
  const raise = `raise \`periodSeconds\` to ${timeoutSeconds}`;
  const raisedSeconds = failureThreshold * timeoutSeconds;
  if (kind !== 'readinessProbe') {
    const { maxLivenessDetectionSeconds: maxSeconds } = options;
    const isTooLong = kind === 'livenessProbe' && maxSeconds > 0 && raisedSeconds > maxSeconds && timeoutSeconds <= maxSeconds;
    return isTooLong ? `${raise}, and set \`failureThreshold: ${Math.floor(maxSeconds / timeoutSeconds)}\`` : raise;
  }
  const lower = `lower \`timeoutSeconds\` to ${periodSeconds}`;
  const { maxReadinessDetectionSeconds: maxSeconds } = options;
  if (maxSeconds > 0 && raisedSeconds > maxSeconds) return lower;
  // That of the livenessProbe grows, too, where its own timeout is above its period.
  if (liveness != null && raisedSeconds > liveness.failureThreshold * Math.max(liveness.periodSeconds, liveness.timeoutSeconds))
    return lower;
  // Several successes in a row take longer with a longer period.
  const isKilled = isKilledWhileStarting({
    startupProbe,
    livenessProbe: liveness,
    readinessProbe: { ...probe, periodSeconds: timeoutSeconds },
  });
  return isKilled && !isKilledWhileStarting(container) ? lower : `${raise}, or ${lower}`;
}

/**
 * The shortest timeout that outlasts most pauses of an application. Manifests that choose one failure on purpose wait 10 s for the answer
 * (the probe for leader election of `kubernetes-csi/livenessprobe`).
 */
const PATIENT_TIMEOUT_SECONDS = 5;

/** Whether one slow answer is enough for the kubelet to kill the container. */
export function killsAtOnce({ failureThreshold, timeoutSeconds }: Probe): boolean {
  return failureThreshold === 1 && timeoutSeconds < PATIENT_TIMEOUT_SECONDS;
}

/** More attempts, unless a failure would go on for too long; then a more patient one. */
export function correctionOfOneFailure({ periodSeconds }: Probe, { maxLivenessDetectionSeconds: maxSeconds }: DetectionBounds): string {
  const most = maxSeconds === 0 ? USUAL_FAILURES : Math.min(USUAL_FAILURES, Math.floor(maxSeconds / periodSeconds));
  return most < 2 ? `raise \`timeoutSeconds\` to ${PATIENT_TIMEOUT_SECONDS}` : `set \`failureThreshold: ${most}\``;
}

/** The default of `failureThreshold`. */
const USUAL_FAILURES = 3;

interface Readiness {
  readonly readinessSeconds: number;
  /** Whether both ask the same. */
  readonly isTwin: boolean;
}

/** A readinessProbe that gives up later than either bound allows is no measure for the livenessProbe: it has to give up sooner. */
export function correctionOfTolerances(liveness: Probe, { readinessSeconds, isTwin }: Readiness, options: DetectionBounds): string {
  // Two that ask the same and give up together are what `no-identical-probes` reports.
  const leastGap = isTwin ? 1 : 0;
  const mostSeconds = Math.min(
    options.maxReadinessDetectionSeconds || Number.POSITIVE_INFINITY,
    (options.maxLivenessDetectionSeconds || Number.POSITIVE_INFINITY) - leastGap,
  );
  const wantedSeconds = Math.min(readinessSeconds, Math.max(1, mostSeconds));
  const neededSeconds = wantedSeconds + leastGap;
  const corrections = [
    ...(wantedSeconds < readinessSeconds ? [`the readinessProbe give up after ${wantedSeconds} s or sooner`] : []),
    ...(toleranceSeconds(liveness) < neededSeconds
      ? [`the livenessProbe tolerate ${neededSeconds} s (${correctionOfTolerance(liveness, neededSeconds)})`]
      : []),
  ];
  return corrections.join(', and let ');
}

/** A period that is shorter than the timeout has to grow in any case, and may be all that is needed. */
function correctionOfTolerance({ timeoutSeconds, periodSeconds, failureThreshold }: Probe, neededSeconds: number): string {
  const period = Math.max(periodSeconds, timeoutSeconds);
  const threshold = Math.ceil(neededSeconds / period);
  const corrections = [
    ...(period > periodSeconds ? [`raise \`periodSeconds\` to ${period}`] : []),
    ...(threshold > failureThreshold ? [`set \`failureThreshold: ${threshold}\` or higher`] : []),
  ];
  return corrections.join(', and ');
}

/** One failure is the fewest, and no timeout may be longer than its period. */
export function whatToLower({ failureThreshold, timeoutSeconds }: Probe, maxSeconds: number): string {
  if (failureThreshold > 1) return '`periodSeconds` or `failureThreshold`';
  return timeoutSeconds > maxSeconds ? '`periodSeconds` and `timeoutSeconds`' : '`periodSeconds`';
}
