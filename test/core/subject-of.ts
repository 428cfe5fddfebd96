/** Reading an object of which a test knows that it is judged. */
import { readSubject, type Subject, type SubjectOptions } from '../../src/core/subject.ts';
import { WorkloadKinds } from '../../src/core/workload.ts';

/** As the webhook reads a request that anybody could have sent. */
export const READING: SubjectOptions = { kinds: new WorkloadKinds(), kubernetesMinor: 36, admitted: true, trustMirrorAnnotation: false };

/** @throws {Error} for an object without a template, or a malformed one */
export function subjectOf(object: unknown, options: Partial<SubjectOptions> = {}): Subject {
  const reading = readSubject(object, { ...READING, ...options });
  if (reading.outcome !== 'subject') throw new Error(`nothing to judge: ${JSON.stringify(reading)}`);
  return reading.subject;
}
