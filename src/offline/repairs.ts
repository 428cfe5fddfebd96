/** What the repairs of a policy set in an object as its author wrote it: in a Pod, or in the template that its Pods come out of. */
import { readSubmission } from '../admission/submission-reading.ts';
import type { Submission } from '../admission/submission.ts';
import { placeOfPodTemplate } from '../core/custom-template.ts';
import { mutate, repairedFindings } from '../core/mutation.ts';
import { Evaluation } from '../core/evaluation.ts';
import type { Finding } from '../core/finding.ts';
import type { PatchOperation } from '../core/json-patch.ts';
import type { Policy } from '../core/policy.ts';
import type { ShapeProblem } from '../core/shape-problem.ts';
import type { Subject } from '../core/subject.ts';
import { NOTHING_KNOWN, type Surroundings } from '../core/surroundings.ts';
import { isBuiltIn } from '../core/workload.ts';
import { isOwnKind } from './own-kinds.ts';

export type Repairs =
  | {
      readonly outcome: 'read';
      readonly subject: Subject;
      /** Applies to the object as it was submitted; empty where there is nothing to repair. */
      readonly patch: readonly PatchOperation[];
      /** What the patch repairs. */
      readonly repaired: readonly Finding[];
      /** Rules that failed: what they would have repaired stays. */
      readonly errored: readonly Finding[];
    }
  | { readonly outcome: 'malformed'; readonly problems: readonly ShapeProblem[] }
  /** Nothing in it is repaired, and why. */
  | { readonly outcome: 'skipped'; readonly reason: string };

/**
 * The same repairs that the mutating webhook makes: of a Pod when it is created, of a template in each Pod that comes out of it.
 *
 * @param submission of an object that is to be created
 */
export function repairsOf(submission: Submission, policy: Policy, nowMs: number, surroundings: Surroundings = NOTHING_KNOWN): Repairs {
  if (policy.isExcludedNamespace(submission.namespace)) return skipped('the policy excludes its namespace');
  const reading = readSubmission(submission, policy);
  if (reading.outcome === 'malformed') return reading;
  const { group, kind } = submission.kind;
  if (reading.outcome === 'no-template') {
    const isUnlisted = !isOwnKind(group, kind) && placeOfPodTemplate(submission.object) !== undefined;
    return skipped(isUnlisted ? OF_ANOTHER_KIND : 'it has no Pod template');
  }
  const { subject, others } = reading;
  if (subject.isTemplate && !isBuiltIn({ group, kind })) return skipped(OF_ANOTHER_KIND);
  if ([subject, ...others].some(hasNoImage))
    return skipped(
      'a container has no image: it looks like a part of an object, such as a patch for kustomize; correct the object that it changes',
    );
  const patch: PatchOperation[] = [];
  const repaired: Finding[] = [];
  const errored: Finding[] = [];
  for (const each of [subject, ...others]) {
    const evaluation = new Evaluation(policy, each, { nowMs, surroundings });
    const mutation = mutate(evaluation);
    const { pointer } = each.root;
    for (const operation of mutation.patch) patch.push({ ...operation, path: pointer + operation.path });
    for (const finding of repairedFindings(evaluation, evaluation.subject.pod, mutation)) repaired.push(finding);
    for (const finding of mutation.errored) errored.push(finding);
  }
  return { outcome: 'read', subject, patch, repaired, errored };
}

const OF_ANOTHER_KIND =
  'its kind is not one of Kubernetes’ own, and may not take every field of a Pod template; its Pods are repaired at admission';

function hasNoImage({ received }: Subject): boolean {
  const { containers } = (received['spec'] ?? {}) as { readonly containers?: readonly { readonly image?: unknown }[] };
  return containers?.some(({ image }) => !image) === true;
}

function skipped(reason: string): Repairs {
  return { outcome: 'skipped', reason };
}
