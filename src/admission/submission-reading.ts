/** How the object of a request is read: as what, and in what time. */
import { companionKindOf } from '../core/companion.ts';
import type { Circumstances } from '../core/evaluation.ts';
import type { Policy } from '../core/policy.ts';
import { readSubject, typeOf, type SubjectOptions, type SubjectReading } from '../core/subject.ts';
import { OutOfTimeError, Work } from '../core/work.ts';
import { groupOf } from '../core/workload.ts';
import { apiVersionOf, trustIn, type Submission } from './submission.ts';

/** What a request is about, as the rules of the policy see it: its Pod, or the templates of its Pods. */
export function readSubmission(submission: Submission, policy: Policy): SubjectReading {
  return readSubject(submission.object, subjectOptions(submission, policy));
}

/** By what the request says that its object is; else by the object's own word. */
export function companionKindIn({ kind: { group, version, kind }, object }: Submission): string | undefined {
  if (kind !== '' && version !== '') return companionKindOf(group, kind);
  const own = typeOf(object);
  return companionKindOf(groupOf(own.apiVersion), own.kind);
}

/** As what an object is read: the request says its kind, and who sends it. */
export function subjectOptions(submission: Submission, policy: Policy): SubjectOptions {
  const { version, kind } = submission.kind;
  return {
    kinds: policy.kinds,
    kubernetesMinor: policy.kubernetesMinor,
    trust: trustIn(submission, policy.kinds),
    namespace: submission.namespace === '' ? undefined : submission.namespace,
    type: kind === '' || version === '' ? undefined : { apiVersion: apiVersionOf(submission.kind), kind },
  };
}

/**
 * Without `inTime`, whose `answer` would be a closure made for every ordinary review.
 *
 * @returns undefined where the time has passed before the object was read whole
 */
export function readInTime(
  object: unknown,
  options: SubjectOptions,
  { outOfTime }: Pick<Circumstances, 'outOfTime'>,
): SubjectReading | undefined {
  try {
    return readSubject(object, options, new Work(outOfTime));
  } catch (error) {
    if (error instanceof OutOfTimeError) return undefined;
    throw error;
  }
}

/** @returns undefined where the time has passed before the answer was there */
export function inTime<T>({ outOfTime }: Pick<Circumstances, 'outOfTime'>, answer: (work: Work) => T): T | undefined {
  try {
    return answer(new Work(outOfTime));
  } catch (error) {
    if (error instanceof OutOfTimeError) return undefined;
    throw error;
  }
}

/**
 * So much of an update is compared with what was there even if the time has passed. An object of 1.5 MB, the most that etcd stores, with
 * 20,000 variables takes 40,000 steps, and the largest body that is parsed 300,000. 100,000 take 10 ms in lists, and half as many keys of
 * one map 24 ms (Node 24.21).
 */
export const MOST_COMPARED_WITHOUT_TIME = 100_000;

/**
 * As `inTime`, for what is little work beside reading the object, and makes an answer milder.
 *
 * @returns undefined where the time has passed, and there is more to compare than `MOST_COMPARED_WITHOUT_TIME`
 */
export function comparedInTime<T>({ outOfTime }: Pick<Circumstances, 'outOfTime'>, answer: (work: Work) => T): T | undefined {
  if (outOfTime === undefined) return answer(Work.UNBOUNDED);
  return inTime({ outOfTime: (steps) => steps > MOST_COMPARED_WITHOUT_TIME && outOfTime(steps) }, answer);
}
