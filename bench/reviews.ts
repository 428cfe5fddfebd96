/** The bodies that the bench sends: a Pod of 3 KB as its CREATE review has it, before and after podgrace's repair. */
import { admit, patchedObject } from '../src/offline/admit.ts';
import { decideMutation } from '../src/admission/decision.ts';
import { decodeReview } from '../src/admission/review.ts';
import { presetPolicy } from '../src/config/presets.ts';
import { readFileSync } from 'node:fs';

interface Review {
  readonly request: { readonly object: unknown };
}

const recorded = JSON.parse(
  readFileSync(new URL('../samples/reviews/create-pod-of-replicaset-checkout.json', import.meta.url), 'utf8'),
) as Review;
const policy = presetPolicy('production');
const asking = { nowMs: Date.now() };
const request = decodeReview(recorded);
const { patch } = decideMutation(request, policy, asking);
if (patch.length === 0) throw new Error('the recorded Pod must have something to repair');
const repaired: Review = { ...recorded, request: { ...recorded.request, object: patchedObject(recorded.request.object, patch) } };
const answer = admit(decodeReview(repaired), policy, asking);
if (!answer.validate.allowed || answer.mutate.patch.length > 0) throw new Error('the repaired Pod must be allowed as it is');

export const reviews = { repairable: JSON.stringify(recorded), clean: JSON.stringify(repaired) };
