/** A request on its whole way, as kube-apiserver sends it: to the mutating webhook, patched, to the validating webhook. */
import { applyPatch } from 'rfc6902';
import { cloneJson } from '../core/json.ts';
import type { PatchOperation } from '../core/json-patch.ts';
import type { Policy } from '../core/policy.ts';
import { decideMutation, decideValidation, type Asking, type MutateDecision, type ValidateDecision } from '../admission/decision.ts';
import { readSubmission } from '../admission/submission-reading.ts';
import type { Submission } from '../admission/submission.ts';
import type { SubjectReading } from '../core/subject.ts';

export interface Admission {
  readonly mutate: MutateDecision;
  /** The object with the patch applied, as the API server validates it before it asks the validating webhooks. */
  readonly admitted: unknown;
  /** The decision about the object with the patch applied. */
  readonly validate: ValidateDecision;
}

/**
 * What the cluster would answer: rules judge what the repairs have left. A recorded request of either webhook gives the
 * same verdict, since a mutated Pod has nothing left to repair.
 */
export function admit(submission: Submission, policy: Policy, asking: Asking): Admission {
  let reading: SubjectReading | undefined;
  const read = (): SubjectReading => (reading ??= readSubmission(submission, policy));
  const mutate = decideMutation(submission, policy, asking, read);
  if (mutate.patch.length === 0)
    return { mutate, admitted: submission.object, validate: decideValidation(submission, policy, asking, read) };
  const patched = { ...submission, object: patchedObject(submission.object, mutate.patch) };
  return { mutate, admitted: patched.object, validate: decideValidation(patched, policy, asking) };
}

/**
 * @returns a patched copy
 * @throws {Error} where the patch does not apply: the API server refuses such a request, whatever the failurePolicy
 */
export function patchedObject(object: unknown, patch: readonly PatchOperation[]): unknown {
  const target = cloneJson(object);
  const errors = applyPatch(target, [...patch] as Parameters<typeof applyPatch>[1]);
  const failed = errors.findIndex((error) => error !== null);
  if (failed >= 0) throw new Error(`operation ${failed} of the patch does not apply: ${JSON.stringify(patch[failed])}`);
  return target;
}
