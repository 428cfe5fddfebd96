/** What becomes of a Pod whose node is silent, and who makes another one. */
import { waitsForItsNode, type PodTimelines } from '../../../core/pod-timelines.ts';
import type { Subject } from '../../../core/subject.ts';
import type { WorkloadClass } from '../../../core/workload.ts';

export function nodeLostText({ nodeLost }: PodTimelines, { workloadClass }: Subject): string {
  const { noticedSeconds, deletedSeconds } = nodeLost;
  const noticed = `the node is tainted after ${noticedSeconds} s of silence`;
  if (waitsForItsNode(nodeLost)) return `${noticed}; the Pod tolerates that without end, and waits for its node`;
  return `${noticed}; the Pod is deleted after ${deletedSeconds} s${SUCCESSORS[workloadClass] ?? ''}`;
}

/** Whether somebody makes another Pod as soon as one of a lost node is deleted. */
export function isReplacedAtOnce(workloadClass: WorkloadClass): boolean {
  return workloadClass === 'service' || workloadClass === 'batch';
}

/** Who makes another Pod, and when. */
const SUCCESSORS: Partial<Readonly<Record<WorkloadClass, string>>> = {
  service: ', and its controller makes another one at once',
  stateful:
    ', but stays Terminating: its StatefulSet makes another one only when the node is back, its Node object is deleted, it gets the taint node.kubernetes.io/out-of-service, or somebody deletes the Pod by force',
  batch: ', and its Job makes another one within its backoffLimit',
  pod: ', and no controller makes another one',
};
