/** What the rules of a policy repair in a Pod: one draft, one diff. Pure and synchronous, as the evaluation is that it belongs to. */
import { DraftPlan } from './draft.ts';
import { erroredFinding, findingsOf } from './evaluate.ts';
import type { Evaluation } from './evaluation.ts';
import type { Finding } from './finding.ts';
import { createPatch, type PatchOperation } from './json-patch.ts';
import { oncePer } from './once-per.ts';
import type { Pod } from './pod.ts';
import type { RuleSetting } from './rule-settings.ts';
import { isLowerQos, qosClassOf, type QosClass } from './qos.ts';
import type { Rule } from './rule.ts';
import { mayRepair } from './unreadable.ts';
import { OutOfTimeError } from './work.ts';

/** The repair by one rule. */
export interface Repair {
  readonly rule: string;
  readonly before: Pod;
  readonly after: Pod;
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
  /** The repairs one by one, where the evaluation is detailed; else empty. */
  readonly repairs: readonly Repair[];
}

/** Runs the rules whose mutation is `apply`: one draft, one diff. */
export function mutate(evaluation: Evaluation): Mutation {
  const { applying, applyingDraft } = evaluation.settings;
  const { pod, received } = evaluation.subject;
  return runMutators(evaluation, applying, { plan: applyingDraft, pod, received });
}

/**
 * What the rules whose mutation is `would` would repair, on top of what was applied.
 *
 * @returns a mutation whose patch applies to the repaired Pod
 */
export function suggest(evaluation: Evaluation, { pod }: Pick<Mutation, 'pod'>): Mutation {
  const { suggesting, suggestingDraft } = evaluation.settings;
  return runMutators(evaluation, suggesting, { plan: suggestingDraft, pod, received: pod });
}

/**
 * What one rule would repair, whether or not the policy lets it.
 *
 * @param id of a rule
 * @returns the Pod itself where it repairs nothing
 */
export function repairedBy(id: string, evaluation: Evaluation, pod: Pod): Pod {
  const setting = evaluation.settings.repairing.find(({ rule }) => rule.meta.id === id);
  return setting === undefined ? pod : runMutators(evaluation, [setting], { plan: draftPlanOf(setting.rule), pod, received: pod }).pod;
}

/**
 * What a mutation has repaired: the findings in the Pod as it was that are gone in the repaired one. Each is worded as its rule met it,
 * after the repairs before its own: a grace period that is too short for the drain is shorter still once another rule has set a hook.
 *
 * @param before the Pod that the mutation started from
 */
export function repairedFindings(evaluation: Evaluation, before: Pod, mutation: Mutation): Finding[] {
  if (mutation.rules.length === 0) return [];
  const repairing = evaluation.settings.validating.filter(({ rule }) => mutation.rules.includes(rule.meta.id));
  const left = new Set(findingsOf(repairing, evaluation, mutation.pod).map(({ identity }) => identity));
  const startOf = new Map(mutation.repairs.map((repair) => [repair.rule, repair.before]));
  return repairing.flatMap((setting) => {
    const start = startOf.get(setting.rule.meta.id) ?? before;
    const met = start === before ? [] : findingsOf([setting], evaluation, start);
    const wording = new Map(met.map((finding) => [finding.identity, finding]));
    const found = findingsOf([setting], evaluation, before).filter(({ identity }) => !left.has(identity));
    return found.map((finding) => wording.get(finding.identity) ?? finding);
  });
}

interface Start {
  readonly pod: Pod;
  /** What the patch applies to: the Pod without its defaults. */
  readonly received: unknown;
  readonly plan: DraftPlan;
}

/** A Pod on the way through the repairs. */
interface Repaired {
  readonly pod: Pod;
  /** Of this Pod; undefined as long as no repair that may change it has asked. */
  readonly qosClass: QosClass | undefined;
}

function runMutators(evaluation: Evaluation, settings: readonly RuleSetting[], start: Start): Mutation {
  let current: Repaired = { pod: start.pod, qosClass: undefined };
  const repairs: Repair[] = [];
  const rules: string[] = [];
  const errored: Finding[] = [];
  for (const setting of settings) {
    if (evaluation.exemptionsFrom(setting.id).coversWholePod || !mayRepair(setting.rule, evaluation.subject)) continue;
    if (evaluation.work.isOutOfTime) {
      errored.push(erroredFinding(setting, new OutOfTimeError(), evaluation));
      continue;
    }
    const { isDetailed } = evaluation;
    const hasOwnDraft = isDetailed || current.pod === start.pod;
    let failure: Finding | undefined;
    let draft = current.pod;
    try {
      const violations = countKnown(setting, current.pod, evaluation);
      if (violations === 0) continue;
      // The first rule with something to repair makes the one draft: a copy of what these rules write, the rest is shared.
      if (hasOwnDraft) draft = (isDetailed ? draftPlanOf(setting.rule) : start.plan).draftOf(current.pod);
      const repaired = repairDraft(setting, { pod: draft, qosClass: current.qosClass }, violations, evaluation);
      if (repaired !== undefined) {
        if (isDetailed) repairs.push({ rule: setting.id, before: current.pod, after: repaired.pod });
        current = repaired;
        rules.push(setting.id);
        continue;
      }
    } catch (error) {
      evaluation.forget(draft);
      failure = erroredFinding(setting, error, evaluation);
    }
    // It has failed, or not helped. A draft of its own goes with it; on a shared one it has left marks: all over again without it.
    if (hasOwnDraft) {
      if (failure !== undefined) errored.push(failure);
      continue;
    }
    const others = settings.filter((other) => other !== setting);
    const again = runMutators(evaluation, others, start);
    return failure === undefined ? again : new MadeMutation(start, { ...again, errored: again.errored.concat(failure) });
  }
  return new MadeMutation(start, { pod: current.pod, rules, errored, repairs });
}

/** What one rule writes. */
const draftPlanOf = oncePer((rule: Rule) => new DraftPlan(rule.writes));

/**
 * Edits the draft in place.
 *
 * @param violations how many there are before
 * @returns undefined where it has not helped, or the API server would refuse the Pod for it; the draft is of no use then
 * @throws {Error} whatever the rule throws, and for a QoS class that the repair lowers; the same goes for the draft
 */
function repairDraft(setting: RuleSetting, draft: Repaired, violations: number, evaluation: Evaluation): Repaired | undefined {
  const { pod } = draft;
  const { kubernetesMinor } = evaluation.subject;
  const refusals = setting.mayChangeQos ? evaluation.refusalsOf(pod) : undefined;
  const qosBefore = setting.mayChangeQos ? (draft.qosClass ?? qosClassOf(pod.spec, kubernetesMinor)) : draft.qosClass;
  setting.rule.mutate?.(pod, evaluation.repairContextFor(setting, pod));
  evaluation.forget(pod);
  const qosClass = setting.mayChangeQos ? qosClassOf(pod.spec, kubernetesMinor) : qosBefore;
  if (qosClass !== undefined && qosBefore !== undefined) refuseLowerQos(qosClass, qosBefore);
  // What the plugins of the API server refuse afterwards would cost the whole Pod.
  if (refusals !== undefined && evaluation.addsRefusals(pod, refusals)) return undefined;
  return countKnown(setting, pod, evaluation) < violations ? { pod, qosClass } : undefined;
}

/** Most callers want the Pod and no patch, which takes comparing all of it. */
class MadeMutation implements Mutation {
  readonly pod: Pod;
  readonly rules: readonly string[];
  readonly errored: readonly Finding[];
  readonly repairs: readonly Repair[];
  readonly #start: Start;
  #patch: readonly PatchOperation[] | undefined;

  constructor(start: Start, { pod, rules, errored, repairs }: Omit<Mutation, 'patch'>) {
    this.#start = start;
    this.pod = pod;
    this.rules = rules;
    this.errored = errored;
    this.repairs = repairs;
  }

  get patch(): readonly PatchOperation[] {
    const { received, pod } = this.#start;
    return (this.#patch ??= this.pod === pod ? [] : createPatch(received, pod, this.pod));
  }
}

/** What a repair could do something about. */
function countKnown(setting: RuleSetting, pod: Pod, evaluation: Evaluation): number {
  let count = 0;
  for (const { unknown } of evaluation.repairableIn(pod, setting)) if (unknown !== true) count += 1;
  return count;
}

/** Law 11: whatever a rule injects, the Pod is not evicted or OOM-killed earlier for it, nor another rule's repair undone. */
function refuseLowerQos(after: QosClass, before: QosClass): void {
  if (isLowerQos(after, before)) throw new Error(`the repair would lower the QoS class from ${before} to ${after}`);
}
