/** When each container begins and is ready, and what ends a start that hangs. */
import { containersOf, type ContainerReference, type PodSpec } from '../../../core/pod.ts';
import type { Subject } from '../../../core/subject.ts';
import type { ContainerStart, PodTimelines } from '../../../core/pod-timelines.ts';
import { durationText, whoIs } from './words.ts';

export function startLines({ start, readySeconds }: Pick<PodTimelines, 'start' | 'readySeconds'>, subject: Starting): string[] {
  const lines = [...initLines(subject), ...start.map(startText)];
  // Of one container that begins at once, its own line says it.
  return start.length < 2
    ? lines
    : [...lines, `the Pod is ${readyText(readySeconds)}; all of these times count from the start of ${whoIs(first(start))}`];
}

/** Of containers that run to their end before the others, in the order in which the kubelet starts them. */
function initLines({ pod: { spec }, hasJobDeadline }: Starting): string[] {
  const before = containersOf(spec).filter(({ kind }) => kind === 'init' || kind === 'sidecar');
  if (!before.some(({ kind }) => kind === 'init')) return [];
  const shown = before
    .slice(0, MOST_NAMED)
    .map((reference) =>
      reference.kind === 'sidecar' ? `${whoIs(reference)} starts and stays` : `${reference.container.name} runs to its end`,
    );
  const more = before.length - shown.length;
  return [
    `first, one after the other: ${shown.join(', ')}${more > 0 ? `, and ${more} more` : ''}${failureText(spec, before)}`,
    `${deadlineText(spec, hasJobDeadline)}; the times below count as if they took no time`,
  ];
}

/** Where an init container has a policy of its own, that of the Pod says nothing of it. */
function failureText({ restartPolicy }: PodSpec, before: readonly ContainerReference[]): string {
  if (before.some(({ kind, container }) => kind === 'init' && container.restartPolicy != null)) return '';
  return restartPolicy === 'Never' ? '; one that fails ends the Pod' : '; one that fails is run again';
}

function deadlineText({ activeDeadlineSeconds: deadline }: PodSpec, hasJobDeadline: boolean): string {
  if (deadline != null) return `activeDeadlineSeconds ends the Pod after ${deadline} s, init containers included`;
  if (hasJobDeadline) return 'activeDeadlineSeconds of the Job ends the Pod, init containers included';
  return 'nothing in the spec ends an init container that hangs';
}

/** So many containers are named in one line. */
const MOST_NAMED = 20;

type Starting = Pick<Subject, 'pod' | 'hasJobDeadline'>;

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
