/** Law 12: what a repair has taken away of what the author gave, or of what the runtime would have given. */
import { equalJson } from '../../src/core/json.ts';
import { mediumOf, memoryBoundOf, memoryVolumesOf, sizeLimitOf, volumesByName } from '../../src/core/empty-dir.ts';
import { LEAST_PLAUSIBLE_BYTES, LEAST_REPAIRED_BYTES } from '../../src/core/plausible-amount.ts';
import { containersOf, PROBE_KINDS, type Container, type Pod, type PodSpec, type Probe } from '../../src/core/pod.ts';
import { addQuantities, compareQuantities, maxQuantity, type Quantity } from '../../src/core/quantity.ts';
import { positiveAmountOf } from '../../src/core/resources.ts';
import { toleranceSeconds } from '../../src/core/startup.ts';
import type { Subject } from '../../src/core/subject.ts';
import { volumeUsesOf } from '../../src/core/volume-use.ts';

/** The longest grace period that a repair sets with the rules' default options. */
const LONGEST_PERIOD_SECONDS = 600;

type Pair<T> = readonly [before: T, after: T];

/**
 * @param least memory limit that a repair may make of a smaller request
 * @returns in words; empty where nothing was taken away
 */
export function takenAway(subject: Subject, after: Pod, least = LEAST_REPAIRED_BYTES): string[] {
  const before = subject.pod;
  const taken: string[] = [];
  const afterByName = new Map(containersOf(after.spec).map(({ container }) => [container.name, container]));
  for (const { container } of containersOf(before.spec)) {
    const repaired = afterByName.get(container.name);
    if (repaired === undefined) taken.push(`container ${container.name}`);
    else
      taken.push(
        ...takenFromContainer([container, repaired], [before.spec, after.spec], least).map((what) => `${container.name}: ${what}`),
      );
  }
  takenFromVolumes(before.spec, after.spec, taken);
  takenFromTime(subject, after.spec, taken);
  return taken;
}

/** @param specs of the Pods before and after */
function takenFromContainer([before, after]: Pair<Container>, specs: Pair<PodSpec>, least: Quantity): string[] {
  const into: string[] = [];
  for (const part of ['requests', 'limits'] as const) {
    for (const resource of Object.keys(before.resources?.[part] ?? {})) {
      const given = positiveAmountOf(before.resources?.[part], resource);
      const left = positiveAmountOf(after.resources?.[part], resource);
      if (given !== undefined && (left === undefined || compareQuantities(left, given) < 0)) into.push(`${part} of ${resource}`);
    }
  }
  const made =
    positiveAmountOf(before.resources?.limits, 'memory') === undefined ? positiveAmountOf(after.resources?.limits, 'memory') : undefined;
  if (made !== undefined) {
    const request = positiveAmountOf(before.resources?.requests, 'memory');
    const volumes = memoryVolumesOf(volumesByName(specs[0].volumes ?? []), before);
    const own = maxQuantity(request ?? least, least);
    if (compareQuantities(made, volumes === undefined ? own : addQuantities(volumes, least)) < 0)
      into.push('a memory limit below the need');
  }
  for (const kind of PROBE_KINDS) {
    const taken = takenFromProbe(before[kind] ?? undefined, after[kind] ?? undefined, kind === 'readinessProbe');
    if (taken !== undefined) into.push(`${kind}${taken}`);
  }
  if (!equalJson(before.securityContext ?? {}, after.securityContext ?? {})) into.push('securityContext');
  if (before.lifecycle?.preStop == null && after.lifecycle?.preStop?.sleep != null) {
    const seconds = after.lifecycle.preStop.sleep.seconds ?? 0;
    const [given, period] = specs.map(({ terminationGracePeriodSeconds }) => terminationGracePeriodSeconds) as [number, number];
    if (period - seconds < given && period < LONGEST_PERIOD_SECONDS) into.push('time after its hook');
    for (const kind of ['livenessProbe', 'startupProbe'] as const) {
      const [own, left] = [before, after].map((container) => container[kind]?.terminationGracePeriodSeconds ?? undefined);
      if (own !== undefined && left !== undefined && left - seconds < own && left < LONGEST_PERIOD_SECONDS)
        into.push(`${kind}: time after its hook`);
    }
  }
  return into;
}

/** A probe that kills is not made less patient, and none gets a shorter timeout. */
function takenFromProbe(before: Probe | undefined, after: Probe | undefined, isReadiness: boolean): string | undefined {
  if (before === undefined) return undefined;
  if (after === undefined) return '';
  if (after.timeoutSeconds < before.timeoutSeconds) return ': timeout';
  return !isReadiness && toleranceSeconds(after) < toleranceSeconds(before) ? ': patience' : undefined;
}

function takenFromVolumes(before: PodSpec, after: PodSpec, into: string[]): void {
  const uses = volumeUsesOf(after);
  const afterByName = new Map((after.volumes ?? []).map((volume) => [volume.name, volume]));
  for (const { name, emptyDir } of before.volumes ?? []) {
    if (emptyDir == null) continue;
    const repaired = afterByName.get(name)?.emptyDir;
    const [given, left] = [sizeLimitOf(emptyDir), repaired == null ? undefined : sizeLimitOf(repaired)];
    if (given !== undefined && (left === undefined || compareQuantities(left, given) !== 0)) into.push(`volume ${name}: its size`);
    if (given !== undefined || left === undefined) continue;
    const use = uses.get(name);
    const least = use !== undefined && mediumOf(emptyDir) === 'memory' ? memoryBoundOf(after, use) : LEAST_PLAUSIBLE_BYTES;
    if (least === undefined || compareQuantities(left, least) < 0) into.push(`volume ${name}: room that it had`);
  }
}

function takenFromTime({ pod, provenance }: Subject, after: PodSpec, into: string[]): void {
  if (after.terminationGracePeriodSeconds < pod.spec.terminationGracePeriodSeconds) into.push('grace period');
  if (pod.spec.shareProcessNamespace === true && after.shareProcessNamespace !== true) into.push('the shared process namespace');
  const tolerations = pod.spec.tolerations ?? [];
  for (const [index, toleration] of tolerations.entries()) {
    if (provenance.originOfToleration(tolerations, index) === 'user' && !equalJson(toleration, after.tolerations?.[index]))
      into.push(`toleration ${index}`);
  }
}
