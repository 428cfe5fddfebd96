/**
 * What the API server refuses of a template and a repair would set right. Repairs at admission come too late for it: the Pods get them, and
 * it is the workload that is refused. `fix` makes them in the file.
 */
import type { Submission } from '../admission/submission.ts';
import { Finding } from '../core/finding.ts';
import type { Policy } from '../core/policy.ts';
import type { Surroundings } from '../core/surroundings.ts';
import { patchedObject, type Admission } from './admit.ts';
import type { ReadPlace } from './kustomization.ts';
import { policyOfRules } from './policy-of-rules.ts';
import { refusalsOf, VALID_OBJECT } from './refusals.ts';
import { repairsOf } from './repairs.ts';

interface Judging {
  readonly policy: Policy;
  readonly nowMs: number;
  readonly surroundings: Surroundings;
  /** Where the object was read. */
  readonly place: ReadPlace;
}

const WORDING = {
  text: '{{message}}',
  fix: 'set what the repair of {{rule}} sets (podgrace fix --rules {{rule}}): no policy and no exemption lets this through',
};

/**
 * @param refusals what the API server refuses of the object
 * @returns the same, of which those name the rule that one repair is enough for
 */
export function withRepairsNamed(
  refusals: readonly Finding[],
  submission: Submission,
  admission: Admission,
  { policy, nowMs, surroundings, place }: Judging,
): readonly Finding[] {
  let named = refusals;
  // Few objects are refused, and few of these are repaired.
  for (const rule of refusals.length === 0 ? [] : new Set(admission.validate.repaired.map(({ rule: id }) => id))) {
    const repairs = repairsOf(submission, policyOfRules(policy, [rule]).policy, nowMs, surroundings);
    if (repairs.outcome !== 'read' || repairs.patch.length === 0) continue;
    const admitted = patchedObject(submission.object, repairs.patch);
    const left = refusalsOf(submission, { ...admission, admitted }, policy.kubernetesMinor, place);
    // The words may name another amount now.
    const places = new Set(left.map(({ path }) => path.text));
    named = named.map((refusal) => (places.has(refusal.path.text) ? refusal : ofRule(refusal, rule)));
  }
  return named;
}

function ofRule({ path, message }: Finding, rule: string): Finding {
  return new Finding({ rule: VALID_OBJECT, messageId: 'refused', mode: 'enforce', path, wording: WORDING, data: { message, rule } });
}
