/**
 * The one evaluation behind the webhook, the command line and the audit: a policy and a subject in, findings and a
 * repaired Pod out. Pure and synchronous; the clock and the deadline come in from outside.
 */
import type { Exemption } from './exemption.ts';
import { ERRORED, Finding } from './finding.ts';
import { createPatch, type PatchOperation } from './json-patch.ts';
import { containerAt, SPEC, type Container, type Pod } from './pod.ts';
import type { DraftPlan } from './draft.ts';
import type { Policy, RuleSetting } from './policy.ts';
import { isLowerQos, qosClassOf, type QosClass } from './qos.ts';
import { RuleContext, type Violation } from './rule.ts';
import type { Subject } from './subject.ts';

export interface Circumstances {
  /** Milliseconds since 1970, for exemptions that expire. */
  readonly nowMs: number;
  /** Whether there is no time left: the rules that were not asked yet report `errored`. */
  readonly outOfTime?: () => boolean;
}

const OUT_OF_TIME = new Error('the deadline of the request has passed');

/**
 * What the policy's rules find in a Pod.
 *
 * @param pod what is judged: `subject.pod` as it was received, or as it is after a mutation
 */
export function validate(policy: Policy, subject: Subject, circumstances: Circumstances, pod: Pod = subject.pod): Finding[] {
  const findings: Finding[] = [];
  for (const setting of policy.settingsFor(subject.namespace, subject.workloadClass).validating) {
    if (circumstances.outOfTime?.() === true) {
      findings.push(erroredFinding(setting, OUT_OF_TIME, policy, subject, circumstances));
      continue;
    }
    try {
      const violations = setting.rule.validate(pod, contextOf(setting, subject));
      const found = violations.map((violation) => findingOf(setting, violation, pod, policy, subject, circumstances));
      for (const finding of found) findings.push(finding);
    } catch (error) {
      findings.push(erroredFinding(setting, error, policy, subject, circumstances));
    }
  }
  return findings;
}

/** What an update made worse or brought keeps its mode; what was there before is a warning at most. */
export function excuseWhatWasThere(findings: readonly Finding[], before: readonly Finding[]): Finding[] {
  const gaps = new Map<string, number>();
  for (const finding of before) {
    const key = finding.identity;
    gaps.set(key, Math.max(gaps.get(key) ?? 0, finding.gap ?? 0));
  }
  return findings.map((finding) => {
    const gapBefore = gaps.get(finding.identity);
    const isWorse = gapBefore === undefined || (finding.gap ?? 0) > gapBefore;
    return isWorse || finding.mode !== 'enforce' ? finding : finding.excused('warn', 'not-worse');
  });
}

export interface Mutation {
  /** The repaired Pod: `subject.pod` itself where nothing was repaired. */
  readonly pod: Pod;
  /** From what was received to the repaired Pod, defaults that nobody changed left out. */
  readonly patch: readonly PatchOperation[];
  /** The rules that repaired something, in the order in which they did. */
  readonly rules: readonly string[];
  /** Rules that failed; what they would have repaired is left as it was. */
  readonly errored: readonly Finding[];
}

/** Runs the rules whose mutation is `apply`: one draft, one diff. */
export function mutate(policy: Policy, subject: Subject, circumstances: Circumstances): Mutation {
  const { applying, applyingDraft } = policy.settingsFor(subject.namespace, subject.workloadClass);
  return runMutators(policy, subject, circumstances, applying, applyingDraft, subject.pod);
}

/**
 * What the rules whose mutation is `would` would repair, on top of what was applied.
 *
 * @returns a mutation whose patch applies to the repaired Pod
 */
export function suggest(policy: Policy, subject: Subject, circumstances: Circumstances, applied: Mutation): Mutation {
  const { suggesting, suggestingDraft } = policy.settingsFor(subject.namespace, subject.workloadClass);
  return runMutators(
    policy,
    { ...subject, received: applied.pod as unknown as Subject['received'] },
    circumstances,
    suggesting,
    suggestingDraft,
    applied.pod,
  );
}

/**
 * What a mutation has repaired: the findings in the Pod as it was that are gone in the repaired one.
 *
 * @param before the Pod that the mutation started from
 */
export function repairedFindings(
  policy: Policy,
  subject: Subject,
  circumstances: Circumstances,
  before: Pod,
  mutation: Mutation,
): Finding[] {
  if (mutation.rules.length === 0) return [];
  const left = new Set(validate(policy, subject, circumstances, mutation.pod).map(({ identity }) => identity));
  return validate(policy, subject, circumstances, before).filter(
    (finding) => mutation.rules.includes(finding.rule) && !left.has(finding.identity),
  );
}

function runMutators(
  policy: Policy,
  subject: Subject,
  circumstances: Circumstances,
  settings: readonly RuleSetting[],
  plan: DraftPlan,
  start: Pod,
): Mutation {
  let pod = start;
  let qosClass: QosClass | undefined;
  const rules: string[] = [];
  const errored: Finding[] = [];
  for (const setting of settings) {
    const exempt = exemptionsFor(setting, policy, subject, circumstances);
    if (exempt.some((exemption) => exemption.matchesContainer(undefined))) continue;
    if (circumstances.outOfTime?.() === true) {
      errored.push(erroredFinding(setting, OUT_OF_TIME, policy, subject, circumstances));
      continue;
    }
    const context = contextOf(setting, subject, exempt);
    const isFirst = pod === start;
    try {
      const violations = countKnown(setting.rule.validate(pod, context));
      if (violations === 0) continue;
      // The first rule with something to repair makes the one draft: a copy of what these rules write, the rest is shared.
      const draft = isFirst ? plan.draftOf(pod) : pod;
      if (setting.mayChangeQos) qosClass ??= qosClassOf(draft.spec, subject.kubernetesMinor);
      setting.rule.mutate?.(draft, context);
      const repairedClass = setting.mayChangeQos ? qosClassOf(draft.spec, subject.kubernetesMinor) : undefined;
      if (repairedClass !== undefined && qosClass !== undefined) refuseLowerQos(repairedClass, qosClass);
      if (countKnown(setting.rule.validate(draft, context)) >= violations) continue;
      pod = draft;
      qosClass = repairedClass ?? qosClass;
      rules.push(setting.rule.meta.id);
    } catch (error) {
      const failure = erroredFinding(setting, error, policy, subject, circumstances);
      if (isFirst) {
        errored.push(failure);
        continue;
      }
      // It has left its marks on the draft: all over again without it.
      const others = settings.filter((other) => other !== setting);
      const again = runMutators(policy, subject, circumstances, others, plan, start);
      return { ...again, errored: [...again.errored, failure] };
    }
  }
  return { pod, patch: pod === start ? [] : createPatch(subject.received, start, pod), rules, errored };
}

/** What a repair could do something about. */
function countKnown(violations: readonly Violation[]): number {
  let count = 0;
  for (const { unknown } of violations) if (unknown !== true) count += 1;
  return count;
}

/** Law 11: whatever a rule injects, the Pod is not evicted or OOM-killed earlier for it, nor another rule's repair undone. */
function refuseLowerQos(after: QosClass, before: QosClass): void {
  if (isLowerQos(after, before)) throw new Error(`the repair would lower the QoS class from ${before} to ${after}`);
}

function contextOf({ rule, options }: RuleSetting, subject: Subject, exempt: readonly Exemption[] = []): RuleContext<unknown> {
  const { containers } = rule.meta.appliesTo;
  if (exempt.length === 0) return new RuleContext(options, subject, containers);
  return new RuleContext(options, subject, containers, (reference) =>
    exempt.some((exemption) => exemption.matchesContainer(reference.container)),
  );
}

function findingOf(
  setting: RuleSetting,
  violation: Violation,
  pod: Pod,
  policy: Policy,
  subject: Subject,
  circumstances: Circumstances,
): Finding {
  const { meta } = setting.rule;
  const { message: messageId, path, data, gap } = violation;
  const wording = meta.messages[messageId];
  if (wording === undefined) throw new Error(`${meta.id} has no message ${messageId}`);
  const finding = new Finding({ rule: meta.id, messageId, mode: modeOf(setting), path: path.within(subject.root), wording, data, gap });
  const judged = violation.unknown === true ? finding.excused('audit', 'unknown') : finding;
  return excuse(judged, containerAt(path, pod), setting, policy, subject, circumstances);
}

/** Exemptions, and what no rule may hold up: Pods of workloads that were admitted before, and static Pods, which run anyway. */
function excuse(
  finding: Finding,
  container: Container | undefined,
  setting: RuleSetting,
  policy: Policy,
  subject: Subject,
  circumstances: Circumstances,
): Finding {
  if (policy.exemptions.length > 0) {
    const exemption = exemptionsFor(setting, policy, subject, circumstances).find((candidate) => candidate.matchesContainer(container));
    if (exemption !== undefined) return exempted(finding, exemption, policy, subject, circumstances);
  }
  if (subject.workloadClass === 'static') return finding.excused('audit', 'static');
  if (!subject.isMadeForAdmitted || SEVERITY[finding.mode] <= SEVERITY[policy.owned]) return finding;
  return finding.excused(policy.owned, 'owned');
}

/** Nobody is told of an exemption but the audit log, until its end is near: who sends the object then has to do something. */
function exempted(finding: Finding, exemption: Exemption, policy: Policy, subject: Subject, { nowMs }: Circumstances): Finding {
  const isRecorded =
    finding.mode === 'audit' || subject.workloadClass === 'static' || (subject.isMadeForAdmitted && policy.owned === 'audit');
  return finding.excused(isRecorded || !exemption.endsSoon(nowMs) ? 'audit' : 'warn', 'exempt', exemption);
}

const SEVERITY = { audit: 0, warn: 1, enforce: 2 } as const;

function erroredFinding(setting: RuleSetting, error: unknown, policy: Policy, subject: Subject, circumstances: Circumstances): Finding {
  const finding = new Finding({
    rule: setting.rule.meta.id,
    messageId: ERRORED,
    mode: policy.errored,
    path: SPEC.within(subject.root),
    wording: {
      text: 'could not be judged: {{reason}}',
      fix: 'report this with the manifest, and exempt the workload from the rule until it is mended',
    },
    data: { reason: error instanceof Error ? error.message : String(error) },
  });
  return excuse(finding, undefined, setting, policy, subject, circumstances);
}

function modeOf({ mode }: RuleSetting): Finding['mode'] {
  if (mode === 'off') throw new Error('a rule that is off was asked');
  return mode;
}

function exemptionsFor({ rule }: RuleSetting, policy: Policy, subject: Subject, { nowMs }: Circumstances): readonly Exemption[] {
  if (policy.exemptions.length === 0) return policy.exemptions;
  return policy.exemptions.filter(
    (exemption) => exemption.document.rule === rule.meta.id && exemption.expiresMs >= nowMs && exemption.matchesSubject(subject),
  );
}
