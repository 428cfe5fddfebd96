/**
 * The one evaluation behind the webhook and the command line: what the rules of a policy find in a Pod, and what of it counts.
 * Pure and synchronous; the clock and the deadline come in from outside. What the rules repair is in `mutation.ts`.
 */
import { messageOf } from './error-message.ts';
import type { Evaluation } from './evaluation.ts';
import type { Exemption } from './exemption.ts';
import { ERRORED, Finding, RULE_FAILED, UNREADABLE, UNREADABLE_REST, type Excuse, type Renamed, type Severity } from './finding.ts';
import type { FieldPath } from './path.ts';
import { containerAt } from './container-place.ts';
import { SPEC, type Container, type Pod } from './pod.ts';
import type { RuleSetting } from './rule-settings.ts';
import { isAskedAbout, modeOfMessage, type Rank, type RuleMessage, type Violation } from './rule.ts';
import type { ShapeProblem } from './shape-problem.ts';
import { unreadableFor } from './unreadable.ts';
import { OutOfTimeError } from './work.ts';
import { groupOf, nameOfKind } from './workload.ts';

/**
 * What the policy's rules find in a Pod.
 *
 * @param pod what is judged: the subject's as it was received, or as it is after a mutation
 */
export function validate(evaluation: Evaluation, pod: Pod = evaluation.subject.pod): Finding[] {
  const { validating, deleting } = evaluation.settings;
  return findingsOf(evaluation.deletion === undefined ? validating : deleting, evaluation, pod);
}

/** What some rules of the policy find in a Pod. */
export function findingsOf(settings: readonly RuleSetting[], evaluation: Evaluation, pod: Pod): Finding[] {
  const findings: Finding[] = [];
  const { apiVersion, kind: kindOnly } = evaluation.subject;
  const kind = nameOfKind({ group: groupOf(apiVersion), kind: kindOnly });
  let outOfTime: OutOfTimeError | undefined;
  for (const setting of settings) {
    if (!isAskedAbout(setting, kind)) continue;
    const unreadable = unreadableFor(setting.rule, evaluation.subject);
    let before = findings.length;
    try {
      for (const problem of unreadable) findings.push(unreadableFinding(setting, problem, evaluation));
      before = findings.length;
      // One for all rules that are left: to write down where an error was made takes as long as a rule.
      if (evaluation.work.isOutOfTime) throw (outOfTime ??= new OutOfTimeError());
      const violations = evaluation.violationsIn(pod, setting);
      for (let index = 0; index < violations.length; index++) {
        const violation = violations[index];
        if (violation === undefined) continue;
        const finding = findingOf(setting, violation, pod, evaluation);
        // What is missing there is missing because it could not be read.
        if (!unreadable.some(({ path }) => finding.path.isWithin(path))) findings.push(finding);
      }
    } catch (error) {
      // What a rule has said before it failed may be half of the truth.
      findings.length = before;
      findings.push(erroredFinding(setting, error, evaluation));
    }
  }
  return findings;
}

/**
 * What an update made worse or brought keeps its mode; what was there before is a warning at most.
 *
 * @param renamed containers that were others before (`renamedContainers`)
 */
export function excuseWhatWasThere(findings: readonly Finding[], before: readonly Finding[], renamed?: Renamed): Finding[] {
  const worst = worstOf(before.filter(findingsThatExcuse(findings, before)).flatMap((finding) => finding.severities()));
  const isWorse = ({ of, rank }: Severity): boolean => {
    const rankBefore = worst.get(of);
    return rankBefore === undefined || isAbove(rank, rankBefore);
  };
  return findings.map((finding) => {
    if (finding.mode !== 'enforce') return finding;
    return finding.severities(renamed).some(isWorse) ? finding : finding.excused('warn', 'not-worse');
  });
}

/**
 * What was wrong before and is less wrong now, or right.
 *
 * @param now what is wrong after the update
 * @param renamed containers that were others before (`renamedContainers`)
 * @returns those of `before` of which each part is better now
 */
export function whatIsBetter(before: readonly Finding[], now: readonly Finding[], renamed?: Renamed): Finding[] {
  const worstNow = worstOf(now.flatMap((finding) => finding.severities(renamed)));
  const isBetter = ({ of, rank }: Severity): boolean => {
    const rankNow = worstNow.get(of);
    return rankNow === undefined || isAbove(rank, rankNow);
  };
  return before.filter((finding) => finding.severities().every(isBetter));
}

/** How bad each thing is at worst. */
function worstOf(severities: readonly Severity[]): ReadonlyMap<string, Rank> {
  const worst = new Map<string, Rank>();
  for (const { of, rank } of severities) {
    const known = worst.get(of);
    if (known === undefined || isAbove(rank, known)) worst.set(of, rank);
  }
  return worst;
}

/**
 * For an object on its way into a cluster: what rests on another object that may come after it denies nothing. While the object
 * is created nobody is told, as the other one may be the next document of the same file.
 */
export function excuseWhatMayFollow(findings: readonly Finding[], isCreated: boolean): readonly Finding[] {
  if (!findings.some(({ mayFollow }) => mayFollow)) return findings;
  return findings.map((finding) => {
    if (!finding.mayFollow || finding.mode === 'audit') return finding;
    if (isCreated) return finding.excused('audit', 'may-follow');
    return finding.mode === 'warn' ? finding : finding.excused('warn', 'may-follow');
  });
}

/**
 * Which findings of the object as it was say what it was like. Not those of a rule that could not read a field there which it
 * can read now: they may come of the field. What could not even be listed excuses nothing. Neither does what the policy allows the
 * object as it was, by an exemption or in a milder mode: an object that leaves the exemption has to keep the rule.
 */
function findingsThatExcuse(findings: readonly Finding[], before: readonly Finding[]): (finding: Finding) => boolean {
  const unreadBefore = before.filter(isUnread);
  if (unreadBefore.length === 0) return isForbidden;
  const unreadNow = new Set(findings.filter(isUnread).map(unreadAs));
  const halfRead = new Set(unreadBefore.filter((finding) => !unreadNow.has(unreadAs(finding))).map(({ rule }) => rule));
  return (finding) => {
    if (!isForbidden(finding)) return false;
    return finding.messageId === UNREADABLE || (finding.messageId !== UNREADABLE_REST && !halfRead.has(finding.rule));
  };
}

/**
 * Whether the policy forbids what was found: where it denies, and where it would deny without an excuse other than an exemption. What
 * there was no time for was not found.
 */
function isForbidden({ mode, excuse, isForWantOfTime }: Finding): boolean {
  if (isForWantOfTime) return false;
  return excuse === undefined ? mode === 'enforce' : excuse !== 'exempt';
}

function isUnread({ messageId }: Finding): boolean {
  return messageId === UNREADABLE || messageId === UNREADABLE_REST;
}

function unreadAs({ identity, message }: Finding): string {
  return `${identity} ${message}`;
}

function isAbove(a: Rank, b: Rank): boolean {
  for (let index = 0; index < a.length || index < b.length; index++) {
    const [left, right] = [a[index] ?? 0, b[index] ?? 0];
    if (left !== right) return left > right;
  }
  return false;
}

function findingOf(
  setting: RuleSetting,
  { message: messageId, path, data, rank, ranked, unknown, mayFollow }: Violation,
  pod: Pod,
  evaluation: Evaluation,
): Finding {
  evaluation.work.spend(1);
  const { meta } = setting.rule;
  const wording = meta.messages[messageId];
  if (wording === undefined) throw new Error(`${meta.id} has no message ${messageId}`);
  const isOfWorkload = meta.about === 'workload';
  const container = isOfWorkload ? undefined : containerAt(path, pod);
  const mode = modeOfMessage(modeOf(setting), wording);
  const verdict = verdictOf(setting, { mode, isUnknown: unknown === true, container }, evaluation);
  const inObject = (place: FieldPath): FieldPath => (isOfWorkload ? place : place.within(evaluation.subject.root));
  return new Finding({
    ...{ rule: meta.id, messageId, path: inObject(path), wording, data, rank },
    ...{ ranked: ranked?.map(inObject), mayFollow, ...verdict },
  });
}

/** What was sent may take all of the time, so a rule that had none denies where it would have denied (docs/adr/0066). */
export function erroredFinding(setting: RuleSetting, error: unknown, evaluation: Evaluation): Finding {
  const { policy, subject } = evaluation;
  const isForWantOfTime = error instanceof OutOfTimeError;
  const mode = isForWantOfTime && modeOf(setting) === 'enforce' ? 'enforce' : policy.errored;
  const verdict = verdictOf(setting, { mode }, evaluation);
  const data = { reason: messageOf(error) };
  return new Finding({
    rule: setting.rule.meta.id,
    messageId: ERRORED,
    path: SPEC.within(subject.root),
    wording: RULE_FAILED,
    data,
    isForWantOfTime,
    ...verdict,
  });
}

const UNREAD: RuleMessage = {
  text: 'could not be judged: {{problem}}',
  fix: 'write what the API server accepts: until then nobody knows whether the rule is kept',
};

/** An exemption of one container does not cover it: the field may matter to others. */
function unreadableFinding(setting: RuleSetting, { path, message, isRest }: ShapeProblem, evaluation: Evaluation): Finding {
  evaluation.work.spend(1);
  const verdict = verdictOf(setting, { mode: modeOf(setting) }, evaluation);
  const messageId = isRest === true ? UNREADABLE_REST : UNREADABLE;
  return new Finding({ rule: setting.rule.meta.id, messageId, path, wording: UNREAD, data: { problem: message }, ...verdict });
}

interface Found {
  /** What the setting of the rule, and its message, say of it. */
  readonly mode: Finding['mode'];
  readonly isUnknown?: boolean;
  /** The container that it is about. */
  readonly container?: Container | undefined;
}

interface Verdict {
  readonly mode: Finding['mode'];
  readonly excuse?: Excuse;
  readonly exemption?: Exemption;
}

/**
 * What becomes of a finding. Exempt is exempt; and there is what no rule may hold up: static Pods, which run anyway, what is not
 * known, and Pods of workloads that were admitted before.
 */
function verdictOf({ rule }: RuleSetting, { mode, isUnknown = false, container }: Found, evaluation: Evaluation): Verdict {
  const { policy, subject } = evaluation;
  const isStatic = subject.workloadClass === 'static';
  const exemption = evaluation.exemptionsFrom(rule.meta.id).find(container, evaluation.work);
  if (exemption !== undefined) {
    // Nobody is told of an exemption but the audit log, until its end is near: who sends the object then has to do something.
    const isRecorded = mode === 'audit' || isUnknown || isStatic || (subject.isMadeForAdmitted && policy.owned === 'audit');
    return { mode: isRecorded || !exemption.endsSoon(evaluation.nowMs) ? 'audit' : 'warn', excuse: 'exempt', exemption };
  }
  if (isStatic) return { mode: 'audit', excuse: 'static' };
  if (isUnknown) return { mode: 'audit', excuse: 'unknown' };
  if (!subject.isMadeForAdmitted || SEVERITY[mode] <= SEVERITY[policy.owned]) return { mode };
  return { mode: policy.owned, excuse: 'owned' };
}

const SEVERITY = { audit: 0, warn: 1, enforce: 2 } as const;

function modeOf({ mode }: RuleSetting): Finding['mode'] {
  if (mode === 'off') throw new Error('a rule that is off was asked');
  return mode;
}
