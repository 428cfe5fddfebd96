/** One evaluation: a policy, a subject, and the values that are computed once for all rules. */
import type { Deletion } from './deletion.ts';
import { NO_EXEMPTIONS, RuleExemptions } from './exemption.ts';
import { refusalsOf, withLimitRanges } from './namespace-limits.ts';
import { quotasThatCount } from './quota-scope.ts';
import { PodFacts } from './pod-facts.ts';
import { isObject } from './json.ts';
import type { Pod, PodSpec } from './pod.ts';
import { KnownCommands } from './process/known-commands.ts';
import type { Policy } from './policy.ts';
import type { RuleSetting, RuleSettings } from './rule-settings.ts';
import { RuleContext, type Violation } from './rule.ts';
import type { Subject } from './subject.ts';
import { NOTHING_KNOWN, type LimitRange, type ResourceQuota, type Surroundings } from './surroundings.ts';
import { Work } from './work.ts';

export interface Circumstances {
  /** Milliseconds since 1970, for exemptions that expire. */
  readonly nowMs: number;
  /**
   * Whether there is no time left: what was not judged yet is reported as `errored`.
   *
   * @param steps how much was done so far (`Work`), for a limit that does not depend on the machine
   */
  readonly outOfTime?: (steps: number) => boolean;
  /** What is known of other objects; nothing by default. */
  readonly surroundings?: Surroundings;
  /** Where the Pod is being deleted: the rules about deletions are asked, and no others. */
  readonly deletion?: Deletion;
  /**
   * Whether somebody asks what each repair sets. Then each repair has a copy of the Pod of its own, and what is known of each copy is kept:
   * it costs the webhook too much, and spares `check` most of its evaluations.
   */
  readonly detailed?: boolean;
  /** Where the object is judged more than once, or its templates are: what their commands do, with the same policy and surroundings. */
  readonly known?: KnownCommands | undefined;
}

/** What is known of a Pod as it is before or after a repair. */
interface PodState {
  readonly pod: Pod;
  facts?: PodFacts;
  /** Where they differ from `facts`. */
  factsForRepairs?: PodFacts;
  /** What rules have found, where a repair and a verdict find the same. */
  violations?: Map<RuleSetting, readonly Violation[]>;
}

export class Evaluation {
  readonly policy: Policy;
  /** With what the LimitRanges of its namespace fill in, where they are known. */
  readonly subject: Subject;
  readonly nowMs: number;
  /** The rules for this subject. */
  readonly settings: RuleSettings;
  readonly work: Work;
  readonly surroundings: Surroundings;
  readonly deletion: Deletion | undefined;
  #exemptions: Map<string, RuleExemptions> | undefined;
  #known: KnownCommands | undefined;
  /** Of the Pod that was asked about last. */
  #state: PodState | undefined;
  /** Whether anybody asks again what a rule finds: a Pod that is created is repaired in one request and judged in another. */
  readonly #remembers: boolean;
  /** Of every Pod that was asked about (`detailed`). */
  readonly #states: Map<Pod, PodState> | undefined;

  constructor(
    policy: Policy,
    subject: Subject,
    { nowMs, outOfTime, surroundings = NOTHING_KNOWN, deletion, detailed = false, known }: Circumstances,
  ) {
    this.policy = policy;
    this.subject = subjectWithin(subject, surroundings);
    this.nowMs = nowMs;
    this.surroundings = surroundings;
    this.deletion = deletion;
    this.#known = known;
    this.settings = policy.settingsFor(subject.namespace, subject.workloadClass);
    this.work = new Work(outOfTime);
    this.#states = detailed ? new Map() : undefined;
    this.#remembers = subject.isTemplate || detailed;
  }

  /** Whether each repair has a copy of the Pod of its own. */
  get isDetailed(): boolean {
    return this.#states !== undefined;
  }

  #stateOf(pod: Pod): PodState {
    if (this.#state?.pod !== pod) {
      this.#state = this.#states?.get(pod) ?? { pod };
      this.#states?.set(pod, this.#state);
    }
    return this.#state;
  }

  /** What follows from a Pod. */
  factsOf(pod: Pod): PodFacts {
    const state = this.#stateOf(pod);
    if (state.facts === undefined) {
      const images = this.policy.images.with(this.surroundings.images);
      state.facts = new PodFacts(pod, this.work, images, (this.#known ??= new KnownCommands(images)));
    }
    return state.facts;
  }

  /**
   * What follows from a Pod for repairs, which are the same whatever registries say: image configurations do not count (docs/adr/0055,
   * 0062).
   */
  #factsForRepairsOf(pod: Pod): PodFacts {
    if (!this.surroundings.images.isKnown) return this.factsOf(pod);
    return (this.#stateOf(pod).factsForRepairs ??= new PodFacts(pod, this.work, this.policy.images));
  }

  /** A repair has changed a Pod: what was known of it is not true any more. */
  forget(pod: Pod): void {
    this.#states?.delete(pod);
    if (this.#state?.pod === pod) this.#state = undefined;
  }

  /** What a rule finds in a Pod. */
  violationsIn(pod: Pod, setting: RuleSetting): readonly Violation[] {
    const known = this.#remembers ? this.#stateOf(pod).violations?.get(setting) : undefined;
    if (known !== undefined) return known;
    const violations = setting.rule.validate(pod, this.#contextFor(setting, pod));
    if (this.isDetailed && this.#mayRepairAllOf(setting)) this.#remember(pod, setting, violations);
    return violations;
  }

  /** What a rule finds that it may repair: not what is exempt. */
  repairableIn(pod: Pod, setting: RuleSetting): readonly Violation[] {
    const isRemembered = this.#remembers && this.#mayRepairAllOf(setting);
    const known = isRemembered ? this.#stateOf(pod).violations?.get(setting) : undefined;
    if (known !== undefined) return known;
    const violations = setting.rule.validate(pod, this.repairContextFor(setting, pod));
    if (isRemembered) this.#remember(pod, setting, violations);
    return violations;
  }

  /** Whether a repair is asked about the same as a verdict. */
  #mayRepairAllOf({ id }: RuleSetting): boolean {
    return !this.surroundings.images.isKnown && this.exemptionsFrom(id).isEmpty;
  }

  #remember(pod: Pod, setting: RuleSetting, violations: readonly Violation[]): void {
    const state = this.#stateOf(pod);
    state.violations ??= new Map();
    state.violations.set(setting, violations);
  }

  /** What the known LimitRanges and quotas of the namespace refuse about a Pod: what a repair may not add to. */
  refusalsOf({ spec }: Pod): ReadonlySet<string> {
    const { limitRanges, resourceQuotas } = this.surroundings;
    const ranges = limitRanges.isKnown ? limitRanges.value : NO_RANGES;
    const quotas = resourceQuotas.isKnown ? quotasThatCount(spec, resourceQuotas.value, this.subject.kubernetesMinor) : NO_QUOTAS;
    return ranges.length === 0 && quotas.length === 0 ? NO_REFUSALS : refusalsOf(spec, ranges, quotas, this.work);
  }

  /** @param before what was refused before a repair */
  addsRefusals(pod: Pod, before: ReadonlySet<string>): boolean {
    for (const refusal of this.refusalsOf(pod)) if (!before.has(refusal)) return true;
    return false;
  }

  exemptionsFrom(ruleId: string): RuleExemptions {
    const ofRule = this.policy.exemptionsFrom(ruleId);
    if (ofRule.length === 0) return NO_EXEMPTIONS;
    this.#exemptions ??= new Map();
    let exemptions = this.#exemptions.get(ruleId);
    if (exemptions === undefined) {
      // Not counted: asked of each rule once, bounded by the policy, and what tells of a failure has to know it even without time.
      const isInForce = ({ expiresMs }: (typeof ofRule)[number]): boolean => expiresMs >= this.nowMs;
      const inForce = ofRule.filter((exemption) => isInForce(exemption) && exemption.matchesSubject(this.subject));
      exemptions = inForce.length === 0 ? NO_EXEMPTIONS : new RuleExemptions(inForce);
      this.#exemptions.set(ruleId, exemptions);
    }
    return exemptions;
  }

  /** For a rule that judges: every container counts, exempt or not. */
  #contextFor({ options, containers }: RuleSetting, pod: Pod): RuleContext<unknown> {
    const facts = this.factsOf(pod);
    return new RuleContext(options, this.subject, { facts, kinds: containers }, this);
  }

  /** For a rule that repairs: what is exempt stays as it is. */
  repairContextFor({ id, options, containers }: RuleSetting, pod: Pod): RuleContext<unknown> {
    const facts = this.#factsForRepairsOf(pod);
    const all = facts.containersOf(containers);
    const exemptions = this.exemptionsFrom(id);
    const references = exemptions.isEmpty ? all : all.filter(({ container }) => exemptions.find(container, this.work) === undefined);
    return new RuleContext(options, this.subject, { facts, kinds: containers, references }, this);
  }
}

const NO_RANGES: readonly LimitRange[] = [];
const NO_QUOTAS: readonly ResourceQuota[] = [];
const NO_REFUSALS: ReadonlySet<string> = new Set();

type Filling = Pick<Surroundings, 'limitRanges' | 'runtimeClasses'>;

/** The subject as its Pods will be in a namespace: LimitRanger and the plugin of RuntimeClasses are asked before the webhooks. */
export function subjectWithin(subject: Subject, { limitRanges, runtimeClasses }: Filling): Subject {
  return withOverhead(withDefaultsOf(subject, limitRanges), runtimeClasses);
}

/** Mirrors kubernetes `plugin/pkg/admission/runtimeclass/admission.go`, `setOverhead`. */
function withOverhead(subject: Subject, runtimeClasses: Surroundings['runtimeClasses']): Subject {
  const { pod } = subject;
  const { runtimeClassName, overhead } = pod.spec;
  if (!runtimeClassName || overhead != null || !runtimeClasses.isKnown) return subject;
  const ofClass = runtimeClasses.value.objects.find(({ name }) => name === runtimeClassName)?.overhead;
  return ofClass === undefined ? subject : { ...subject, pod: { ...pod, spec: { ...pod.spec, overhead: ofClass } } };
}

function withDefaultsOf(subject: Subject, limitRanges: Surroundings['limitRanges']): Subject {
  if (!limitRanges.isKnown || limitRanges.value.length === 0) return subject;
  const { kubernetesMinor: minor, received } = subject;
  const spec = isObject(received['spec']) ? received['spec'] : {};
  const sentResources = isObject(spec['resources']) ? (spec['resources'] as PodSpec['resources']) : undefined;
  const pod = withLimitRanges(subject.pod, limitRanges.value, { sentResources, minor });
  return pod === subject.pod ? subject : { ...subject, pod };
}
