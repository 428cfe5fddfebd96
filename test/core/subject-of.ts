/** Reading an object of which a test knows that it is judged. */
import { trustIn, type Origin } from '../../src/admission/submission.ts';
import { readSubject, type Subject, type SubjectOptions, type Trust } from '../../src/core/subject.ts';
import { WorkloadKinds } from '../../src/core/workload.ts';

const KINDS = new WorkloadKinds();

function trustInPodsFrom(origin: Origin): Trust {
  return trustIn({ origin, kind: { group: '', version: 'v1', kind: 'Pod' } }, KINDS);
}

export const FROM_USER = trustInPodsFrom({ from: 'review', username: 'alice' });
export const FROM_CONTROLLER = trustInPodsFrom({ from: 'review', username: 'system:serviceaccount:kube-system:replicaset-controller' });
export const FROM_KUBELET = trustInPodsFrom({ from: 'review', username: 'system:node:worker-1' });
export const FROM_FILE = trustInPodsFrom({ from: 'file' });

/** Where a test says what owns a Pod, and not who sends it. */
export const FROM_USER_OWNED: Trust = { ...FROM_USER, provesOwner: () => true };
export const FROM_FILE_OWNED: Trust = { ...FROM_FILE, provesOwner: () => true };

/** As the webhook reads a request that anybody could have sent. */
export const READING: SubjectOptions = { kinds: KINDS, kubernetesMinor: 36, trust: FROM_USER };

/** @throws {Error} for an object without a template, or a malformed one */
export function subjectOf(object: unknown, options: Partial<SubjectOptions> = {}): Subject {
  const reading = readSubject(object, { ...READING, ...options });
  if (reading.outcome !== 'subject') throw new Error(`nothing to judge: ${JSON.stringify(reading)}`);
  return reading.subject;
}
