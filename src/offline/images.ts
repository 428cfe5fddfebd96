/** Which images the Pods of manifests start. */
import { readSubmission } from '../admission/submission-reading.ts';
import type { Policy } from '../core/policy.ts';
import { imagesOf } from '../core/pod-images.ts';
import type { Surroundings } from '../core/surroundings.ts';
import { creationOf } from './creation.ts';

/** Asks for the configurations of images, by their names in Pods. */
export type ReadImages = (names: ReadonlySet<string>) => Promise<Surroundings['images']>;

/**
 * Adds the images that the Pods of an object start (`imagesOf`), where a rule of the policy asks about them.
 *
 * @param object what a document holds, of any kind
 * @param namespace for an object that names none
 */
export function addImages(
  names: Set<string>,
  object: unknown,
  { policy, namespace }: { readonly policy: Policy; readonly namespace: string },
): void {
  if (!policy.needs.has('images')) return;
  const submission = creationOf(object, namespace);
  if (typeof submission === 'string') return;
  const reading = readSubmission(submission, policy);
  if (reading.outcome !== 'subject') return;
  for (const { pod } of [reading.subject, ...reading.others]) for (const name of imagesOf(pod)) names.add(name);
}
