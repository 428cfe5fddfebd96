/** What the requests and limits of a Pod make of it: its QoS class, and who is killed first when memory runs out. */
import type { PodTimelines } from '../../../core/pod-timelines.ts';
import { isHiddenByEmptyResources, type QosObstacle } from '../../../core/qos.ts';
import { hasPodLevelResources } from '../../../core/resources.ts';
import type { Subject } from '../../../core/subject.ts';
import { counted } from '../text/finding-lines.ts';

/** The QoS class, and why it is no better one. */
export function qosText({ qosClass, obstacles }: PodTimelines, { pod: { spec }, kubernetesMinor }: Subject): string {
  if (qosClass === 'Guaranteed') {
    const who = hasPodLevelResources(spec) ? 'the Pod as a whole' : 'each container';
    return `Guaranteed: ${who} has requests equal to limits, for cpu and memory.`;
  }
  if (isHiddenByEmptyResources(spec, kubernetesMinor))
    return 'BestEffort: spec.resources is empty, and up to Kubernetes 1.36 nothing else counts then.';
  if (qosClass === 'BestEffort') return 'BestEffort: no container has a request or a limit of cpu or memory.';
  const [first, ...more] = obstacles;
  if (first === undefined) return qosClass;
  const others = more.length === 0 ? '' : ` (and ${counted(more.length, 'more reason')})`;
  return `${qosClass}, not Guaranteed: ${obstacleText(first)}${others}.`;
}

function obstacleText({ reference, resource, request, limit }: QosObstacle): string {
  const who = reference === undefined ? 'the Pod' : reference.container.name;
  const has = [request === undefined ? 'no request' : `a request of ${request}`, limit === undefined ? 'no limit' : `a limit of ${limit}`];
  return `${who} has ${has.join(' and ')} of ${resource}`;
}

/** The `oom_score_adj` of each container: the kernel kills the highest first. */
export function memoryText({ memory }: PodTimelines): string {
  const scores = memory.map(({ reference, oomScoreAdj }) => `${reference.container.name} ${oomScoreAdj}`);
  return `oom_score_adj ${scores.join(', ')} (1000 is killed first, -997 last)`;
}
