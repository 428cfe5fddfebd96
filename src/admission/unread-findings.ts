/** What is said of an object that could not be read, or was not looked at: it is about no rule, and the policy says what becomes of it. */
import { ERRORED, Finding, UNREADABLE, UNREADABLE_REST } from '../core/finding.ts';
import type { ShapeProblem } from '../core/shape-problem.ts';
import { FieldPath } from '../core/path.ts';
import type { Policy } from '../core/policy.ts';
import { MODES, type Mode } from '../core/rule.ts';
import { isFromKubelet, trustIn, type Submission } from './submission.ts';

/** The rule name of findings about objects that no rule could be asked about. */
export const WELL_FORMED = 'well-formed';

/** Excused like the findings of rules: should the fault be ours, no ReplicaSet may lose its Pods to it, and no kubelet its mirrors. */
export function malformedFindings(
  problems: readonly ShapeProblem[],
  submission: Submission,
  policy: Policy,
  { messageId = UNREADABLE, fix = 'send an object that the API server accepts', mode = policy.errored } = {},
): Finding[] {
  const isOwned = trustIn(submission, policy.kinds).isMadeForAdmitted && isMilder(policy.owned, mode);
  return problems.map(({ path, message, isRest }) => {
    const wording = { text: message, fix };
    const id = isRest === true ? UNREADABLE_REST : messageId;
    const finding = new Finding({ rule: WELL_FORMED, messageId: id, mode, path, wording });
    if (isFromKubelet(submission)) return finding.excused('audit', 'static');
    return isOwned ? finding.excused(policy.owned, 'owned') : finding;
  });
}

function isMilder(mode: Mode, than: Mode): boolean {
  return MODES.indexOf(mode) > MODES.indexOf(than);
}

/**
 * Where the object was not looked at: a rule of the policy might have denied it (docs/adr/0066).
 *
 * @param reason after "could not be judged: "
 */
export function unjudgedFindings(submission: Submission, policy: Policy, reason: string): Finding[] {
  return malformedFindings([{ path: FieldPath.ROOT, message: `could not be judged: ${reason}` }], submission, policy, {
    messageId: ERRORED,
    fix: 'send a smaller object, or send it again',
    mode: policy.enforcesIn(submission.namespace) ? 'enforce' : policy.errored,
  });
}

/** Why an object was not looked at that the time of its request was too short for. */
export const OUT_OF_TIME = 'the deadline of the request has passed';
