/** What becomes of a Pod whose node is silent, and who makes another one. */
import type { NodeLostTimeline } from '../../../core/eviction.ts';
import { waitsForItsNode, type PodTimelines } from '../../../core/pod-timelines.ts';
import type { JobBounds } from '../../../core/job-bounds.ts';
import type { Subject } from '../../../core/subject.ts';
import { groupOf, type WorkloadClass } from '../../../core/workload.ts';

export function nodeLostText({ nodeLost }: PodTimelines, subject: Subject): string {
  const succession = successionOf(subject, nodeLost);
  if (succession === 'suspended') return SUSPENDED;
  const { noticedSeconds, deletedSeconds } = nodeLost;
  const noticed = `the node is tainted after ${noticedSeconds} s of silence`;
  if (waitsForItsNode(nodeLost)) return `${noticed}; the Pod tolerates that without end, and waits for its node`;
  const deleted = succession === 'jobOver' ? 'after at most' : 'after';
  return `${noticed}; the Pod is deleted ${deleted} ${deletedSeconds} s${SUCCESSIONS[succession]}`;
}

/** The time of its deadline begins anew when it is resumed (`pkg/controller/job/job_controller.go`, `syncJob`). */
const SUSPENDED =
  'the Job is suspended and has no Pod that could be lost; activeDeadlineSeconds count from the time at which the Job is resumed';

/** Whether somebody makes another Pod as soon as one of a lost node is deleted. */
export function isReplacedAtOnce({ nodeLost }: PodTimelines, subject: Subject): boolean {
  return AT_ONCE.has(successionOf(subject, nodeLost));
}

/** Who makes another Pod, and when. */
type Succession =
  | 'controller'
  | 'stateful'
  | 'noReplicas'
  | 'job'
  | 'jobInTime'
  | 'owningJob'
  | 'jobAfterEnd'
  | 'jobOver'
  | 'lastTry'
  | 'noParallelism'
  | 'suspended'
  | 'nobody'
  | 'unknown';

const AT_ONCE: ReadonlySet<Succession> = new Set(['controller', 'job', 'jobInTime', 'owningJob']);

/** What ends a Pod that stays Terminating because its node is silent (`pkg/controller/podgc/gc_controller.go`). */
const WHEN_BACK = 'when the node is back, its Node object is deleted';
const WHEN_OUT_OF_SERVICE = 'it gets the taint node.kubernetes.io/out-of-service';

const SUCCESSIONS: Readonly<Record<Exclude<Succession, 'suspended'>, string>> = {
  controller: ', and its controller makes another one at once',
  stateful: `, but stays Terminating: its StatefulSet makes another one only ${WHEN_BACK}, ${WHEN_OUT_OF_SERVICE}, or somebody deletes the Pod by force`,
  noReplicas: ', and its controller makes no other one while replicas is 0',
  job: ', and its Job makes another one within its backoffLimit',
  jobInTime: ', and its Job makes another one within its backoffLimit, if its activeDeadlineSeconds have not passed by then',
  owningJob: ', and its Job makes another one within its backoffLimit, unless it has the podReplacementPolicy Failed',
  jobAfterEnd: `, but stays Terminating: with the podReplacementPolicy Failed, its Job makes another one only ${WHEN_BACK}, or ${WHEN_OUT_OF_SERVICE}`,
  jobOver: ', when the activeDeadlineSeconds of its Job have passed, and the Job makes no other one',
  lastTry: ', and its Job makes no other one: its limit of tries or its podFailurePolicy forbids it',
  noParallelism: ', and its Job makes no other one while its parallelism is 0',
  nobody: ', and no controller makes another one',
  unknown: '',
};

function successionOf(subject: Subject, nodeLost: NodeLostTimeline): Succession {
  // Nobody has proven the owner that the Pod names, or knows what an owner of that kind does.
  if (subject.workloadClass === 'pod' && subject.owner !== undefined) return 'unknown';
  if (subject.workload?.replicas === 0) return 'noReplicas';
  return subject.workloadClass === 'batch' ? successionOfBatch(subject, nodeLost) : (OF_CLASSES[subject.workloadClass] ?? 'unknown');
}

const OF_CLASSES: Partial<Readonly<Record<WorkloadClass, Succession>>> = { service: 'controller', stateful: 'stateful', pod: 'nobody' };

/**
 * A Job counts a Pod that is deleted as failed, unless it waits for the end of its Pods. The wait before another try has passed by then:
 * it begins when the Pod is not ready any more (kubernetes 1.36.3 `pkg/controller/job`: `isPodFailed`, `manageJob`, `getFinishedTime`).
 */
function successionOfBatch({ kind, workload, owner, isOwnerProven }: Subject, { deletedSeconds }: NodeLostTimeline): Succession {
  if (workload?.job !== undefined) return successionOfJob(workload.job, deletedSeconds);
  if (kind !== 'Pod') return 'unknown';
  if (owner === undefined) return 'nobody';
  return isOwnerProven && owner.kind === 'Job' && groupOf(owner.apiVersion) === 'batch' ? 'owningJob' : 'unknown';
}

function successionOfJob({ activeDeadlineSeconds, heldBackBy, triesAgain, awaitsEnd }: JobBounds, deletedSeconds: number): Succession {
  if (heldBackBy === 'suspend') return 'suspended';
  if (activeDeadlineSeconds !== undefined && activeDeadlineSeconds <= deletedSeconds) return 'jobOver';
  if (heldBackBy === 'parallelism') return 'noParallelism';
  if (!triesAgain) return 'lastTry';
  if (awaitsEnd) return 'jobAfterEnd';
  return activeDeadlineSeconds === undefined ? 'job' : 'jobInTime';
}
