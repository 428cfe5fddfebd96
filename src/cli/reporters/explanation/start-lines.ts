/** When each container begins and is ready, and what ends a start that hangs. */
import type { ContainerReference } from '../../../core/pod.ts';
import type { ContainerStart, PodTimelines } from '../../../core/pod-timelines.ts';
import { durationText, whoIs } from './words.ts';

export function startLines({ start, readySeconds }: PodTimelines): string[] {
  const lines = start.map(startText);
  // Of one container that begins at once, its own line says it.
  return start.length < 2
    ? lines
    : [...lines, `the Pod is ${readyText(readySeconds)}; all of these times count from the start of ${whoIs(first(start))}`];
}

function first(start: readonly ContainerStart[]): ContainerReference {
  const [one] = start;
  if (one === undefined) throw new Error('a Pod without containers');
  return one.reference;
}

/** All times count from the start of the first container. */
function startText({ reference, beginSeconds, hook, readySeconds, firstLivenessSeconds, budget, graceSeconds }: ContainerStart): string {
  const who = whoIs(reference);
  if (!Number.isFinite(beginSeconds)) return `${who} never begins: it waits for the postStart hook of a container before it`;
  const parts = [
    `${who} ${beginSeconds === 0 ? '' : `begins ${afterText(beginSeconds)} and `}is ${readyText(beginSeconds + readySeconds)}`,
  ];
  if (hook !== undefined) parts.push(`its postStart hook takes ${durationText(hook.duration)}`);
  if (firstLivenessSeconds !== undefined && Number.isFinite(firstLivenessSeconds))
    parts.push(`its livenessProbe is asked from ${beginSeconds + firstLivenessSeconds} s on`);
  if (budget === undefined || !Number.isFinite(budget.atLeastSeconds)) return `${parts.join(', ')}; nothing ends a start that hangs`;
  const { atLeastSeconds, atMostSeconds, probe } = budget;
  const [from, to] = [beginSeconds + atLeastSeconds, beginSeconds + atMostSeconds];
  const stopped = `its ${probe} stops it after ${from === to ? from : `${from} to ${to}`} s if it does not answer`;
  return `${parts.join(', ')}; ${stopped}, with a grace period of ${graceSeconds} s`;
}

function afterText(seconds: number): string {
  return `after ${seconds} s`;
}

function readyText(seconds: number): string {
  return Number.isFinite(seconds) ? `ready ${afterText(seconds)}` : 'never ready';
}
