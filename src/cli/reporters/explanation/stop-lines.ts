/** What happens to each container when its Pod is deleted, in order of time. */
import type { ContainerStop, StopTimeline } from '../../../core/pod-timelines.ts';
import { fateText } from './fate-text.ts';
import { durationText, whoIs } from './words.ts';

interface Happening {
  readonly seconds: number;
  readonly what: string;
}

export function stopLines(stop: StopTimeline): string[] {
  const sidecars = stop.containers.filter(({ reference }) => reference.kind === 'sidecar');
  const others = stop.containers.filter(({ reference }) => reference.kind !== 'sidecar');
  // Of what happens at the same time, sidecars come after the containers that they serve, and the first one is the last to stop.
  const inOrderOfStop = [...others, ...sidecars.toReversed()];
  const happenings: Happening[] = [
    { seconds: 0, what: 'the Pod leaves the endpoints of its Services; connections still arrive until every node has heard of it' },
    ...inOrderOfStop.flatMap((container) => stopOf(container, stop)),
  ];
  const inOrder = happenings.toSorted((a, b) => a.seconds - b.seconds);
  return inOrder.map(({ seconds, what }) => `${`${seconds} s`.padStart(6)}  ${what}`);
}

function stopOf(container: ContainerStop, { isPidOneElsewhere, graceSeconds }: StopTimeline): Happening[] {
  const { reference, hook, stopSignalSeconds, killSeconds, verdict } = container;
  const who = whoIs(reference);
  const happenings: Happening[] = [];
  if (hook !== undefined)
    happenings.push({ seconds: 0, what: `the preStop hook of ${who} begins and takes ${durationText(hook.duration)}` });
  const fate = isPidOneElsewhere ? 'it is not PID 1, so it ends unless it handles the signal' : fateText(verdict);
  if (stopSignalSeconds === undefined)
    happenings.push({
      seconds: 0,
      what: `${who} gets its stop signal when ${hook === undefined ? 'the containers that it serves have' : 'the hook has'} ended: ${fate}`,
    });
  else happenings.push({ seconds: stopSignalSeconds, what: `${who} gets its stop signal: ${fate}` });
  const isCertain = !isPidOneElsewhere && verdict.fate === 'swallows';
  happenings.push({
    seconds: Math.max(killSeconds, graceSeconds),
    what: `${who} is killed${isCertain ? '' : ' if it is still there'}`,
  });
  return happenings;
}
