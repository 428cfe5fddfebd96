/**
 * The anatomy of a rule: what it says about itself (`meta`), what it finds (`validate`), what it repairs (`mutate`).
 *
 * Both functions are pure and synchronous. `validate` is the truth, whether or not `mutate` ran before. The harness in
 * `test/rules/` proves the laws that every rule keeps (docs/laws.md).
 */
import type { Companion, CompanionContext } from './companion.ts';
import type { Deletion } from './deletion.ts';
import type { KubernetesMinor } from './kubernetes-version.ts';
import { entryOf } from './map-entry.ts';
import type { PodFacts } from './pod-facts.ts';
import type { ContainerKind, ContainerReference, Maybe, Pod } from './pod.ts';
import { PathPattern, type FieldPath } from './path.ts';
import type { Subject } from './subject.ts';
import { INVENTORIES, NOTHING_KNOWN, type Surrounding, type Surroundings } from './surroundings.ts';
import type { WorkloadClass } from './workload.ts';
import { Work } from './work.ts';

/** What the policy does with a rule's findings. */
export const MODES = ['enforce', 'warn', 'audit', 'off'] as const;
export type Mode = (typeof MODES)[number];

/** What the policy does with a rule's repair: do it, say what it would be, or neither. */
export const MUTATIONS = ['apply', 'would', 'off'] as const;
export type MutationMode = (typeof MUTATIONS)[number];

/** The built-in policies, each at least as strict as the one before. */
export const PRESETS = ['baseline', 'production', 'strict'] as const;
export type PresetName = (typeof PRESETS)[number];

/** What rules are sorted by in lists and pages. */
export const CATEGORIES = ['qos', 'probes', 'termination', 'storage', 'eviction', 'configuration'] as const;
export type Category = (typeof CATEGORIES)[number];

/** A JSON Schema of draft 2020-12, as far as a CRD's structural schema can hold it. */
export type JsonSchema = Readonly<Record<string, unknown>>;

/** What a rule says of its options if it has none. */
export const NO_OPTIONS = { schema: { type: 'object', additionalProperties: false, properties: {} }, defaultOptions: {} } as const;

export interface RulePreset<Options> {
  readonly mode: Mode;
  readonly mutation: MutationMode;
  /** What differs from the rule's default options. */
  readonly options?: Partial<Options>;
}

export interface RuleMessage {
  /** Starts with "must", lower case, no full stop; `{{name}}` stands for a value of the violation's data. */
  readonly text: string;
  /** What the author of the manifest can do about it; placeholders as above. */
  readonly fix: string;
  /** What it says may be meant as it is, so it never denies. */
  readonly onlyWarns?: true;
}

/** What becomes of a finding with this message, where nothing excuses it. */
export function modeOfMessage(mode: Exclude<Mode, 'off'>, { onlyWarns }: RuleMessage): Exclude<Mode, 'off'> {
  return onlyWarns === true && mode === 'enforce' ? 'warn' : mode;
}

export interface RuleMeta<Options, MessageId extends string> {
  /** Reads well after "require". */
  readonly id: string;
  /** The version of podgrace that brought the rule. */
  readonly since: string;
  readonly category: Category;
  readonly docs: {
    /** One line: what the rule asks for. */
    readonly summary: string;
    /** One sentence that stands alone: what goes wrong without it. Reports have it below a finding. */
    readonly harm: string;
    /** What happens to users without it, with numbers. */
    readonly why: string;
    /** How to satisfy it, and what the repair does. */
    readonly remediation: string;
    /** Whole sentences: of two findings about one thing, which is worse. An update is denied for what it makes worse. */
    readonly worse: string;
    /** What it finds, each a phrase without a full stop. */
    readonly firesOn?: readonly string[];
    /** What looks alike and is accepted, or is none of its business. */
    readonly leavesAlone?: readonly string[];
    /** In how many of the workloads that real projects ship it finds something, by preset (test/rules/catalogue.shipped.test.ts counts them). */
    readonly shipped?: Readonly<Record<PresetName, number>>;
    readonly references: readonly string[];
  };
  /**
   * What `reads` and the paths of violations start at: the Pod, wherever it stands in a workload, or the workload itself
   * (`context.subject.workload`). A rule about workloads has no repair. The Pod if not given.
   *
   * A rule about deletions is asked about Pods that are deleted (`context.deletion`), and no other rule is. Its places are those of
   * the Pod, and it has no repair.
   */
  readonly about?: 'pod' | 'workload' | 'deletion';
  /** Of a rule about workloads: the kinds that it is asked about, by group and kind: `apps/Deployment`. */
  readonly kinds?: readonly string[];
  /** The kinds of objects without Pods that the rule judges for themselves (`core/companion.ts`): `policy/PodDisruptionBudget`. */
  readonly companions?: readonly string[];
  /** Whether what its findings point at is a credential: reports then quote the key of the field and not its value. */
  readonly findsCredentials?: boolean;
  /** Which other objects the rule asks about, where somebody knows them (`context.surroundings`). */
  readonly needs?: readonly Surrounding[];
  /**
   * Patterns of all places that the rule looks at (`PathPattern`), as it judges and as it repairs. They say which updates
   * are judged (`update-scope.ts`); the harness checks that the rule looks at nothing else.
   */
  readonly reads: readonly string[];
  /**
   * Patterns of the places that `mutate` may change. The draft copies these and shares everything else with the
   * Pod as it was received (docs/adr/0015), so nothing else may be written; the harness checks that nothing is.
   */
  readonly writes: readonly string[];
  readonly appliesTo: { readonly containers: readonly ContainerKind[]; readonly workloads: readonly WorkloadClass[] };
  /** none: there is no `mutate`; safe: nobody relies on what it changes; behaviour-changing: somebody may. */
  readonly mutation: 'none' | 'safe' | 'behaviour-changing';
  /** Rules whose repair this one's builds on; they come before it in the catalogue. */
  readonly after?: readonly string[];
  readonly presets: Readonly<Record<PresetName, RulePreset<Options>>>;
  readonly messages: Readonly<Record<MessageId, RuleMessage>>;
  /** The schema of the options; `additionalProperties: false`, every property described. */
  readonly schema: JsonSchema;
  readonly defaultOptions: Options;
  /**
   * What a schema cannot say: options that do not go together, that a repair needs, or that a version of Kubernetes cannot
   * bear. Asked as a policy is loaded.
   */
  checkOptions?(options: Options, mutation: MutationMode, kubernetesMinor: KubernetesMinor): readonly OptionProblem[];
}

export interface OptionProblem {
  /** The option, `stateless.min`. */
  readonly option: string;
  /** Starts with "must". */
  readonly message: string;
}

/** The first number that differs decides; one that is missing counts as 0. */
export type Rank = readonly number[];

/** What `validate` reports; the evaluation adds the rule, the mode, and the message's text. */
export type Violation<MessageId extends string = string> = KnownViolation<MessageId> | UnknownViolation<MessageId>;

interface FoundAt<MessageId extends string> {
  readonly message: MessageId;
  /** In the Pod, in the workload (`meta.about`), or in the companion (`meta.companions`). With the element that it goes through (`pathOf`), it says which container or volume it is about. */
  readonly path: FieldPath;
  /** The values for the message's placeholders. */
  readonly data?: Readonly<Record<string, string | number>>;
}

export interface KnownViolation<MessageId extends string = string> extends FoundAt<MessageId> {
  /**
   * How bad it is, comparable across all messages of the rule about one thing. An update is judged by this alone, whatever the
   * message was before: it is denied where a thing is ranked above what it was, and where one is wrong that was right or not there
   * (docs/adr/0033).
   */
  readonly rank: Rank;
  /**
   * The things that the rank is about: the place itself if not given. Messages that stand at different fields of one thing name
   * that thing, and a violation of several things names each.
   */
  readonly ranked?: readonly FieldPath[];
  /**
   * It rests on an object that is known not to be there, such as a budget, which may come right after the one that is judged. Where
   * that can be so, it never denies, and of an object that is being created it is only recorded (docs/adr/0048).
   */
  readonly mayFollow?: true;
  readonly unknown?: never;
}

/** It never denies, so nothing is compared. */
interface UnknownViolation<MessageId extends string> extends FoundAt<MessageId> {
  /**
   * The spec alone does not tell whether the requirement is met. Recorded whatever the mode, and never more than that:
   * what is unknown is said to be unknown.
   */
  readonly unknown: true;
  readonly rank?: never;
  readonly ranked?: never;
  readonly mayFollow?: never;
}

/** What does not come from the object that is judged. */
interface RuleCircumstances {
  /** Counts each element that the rule goes through. */
  readonly work?: Work;
  /** Nothing is known by default. */
  readonly surroundings?: Surroundings;
  /** Of a Pod that is being deleted. */
  readonly deletion?: Deletion | undefined;
}

/** What follows from the Pod as it was when the rule was asked, and which of its containers the rule is asked about. */
interface AskedContainers {
  readonly facts: PodFacts;
  readonly kinds: readonly ContainerKind[];
  /** Where they are not all of those kinds. */
  readonly references?: readonly ContainerReference[];
}

/** What a rule is asked with besides the Pod. */
export class RuleContext<Options> {
  readonly options: Options;
  readonly subject: Subject;
  /** What follows from the Pod as it was when the rule was asked. */
  readonly facts: PodFacts;
  /** What is known of other objects; a rule asks for what `meta.needs` names. */
  readonly surroundings: Surroundings;
  /** Of a Pod that is being deleted; a rule about deletions is asked about no other. */
  readonly deletion: Deletion | undefined;
  readonly #kinds: readonly ContainerKind[];
  readonly #references: readonly ContainerReference[] | undefined;
  readonly #work: Work;

  constructor(
    options: Options,
    subject: Subject,
    { facts, kinds, references }: AskedContainers,
    { work = Work.UNBOUNDED, surroundings = NOTHING_KNOWN, deletion }: RuleCircumstances = {},
  ) {
    this.options = options;
    this.subject = subject;
    this.facts = facts;
    this.surroundings = surroundings;
    this.deletion = deletion;
    this.#kinds = kinds;
    this.#references = references;
    this.#work = work;
  }

  /**
   * The containers that the rule is for (`meta.appliesTo`), in start order. A repair gets those that no exemption covers, and
   * as they were before it began.
   */
  containers(): Iterable<ContainerReference> {
    return this.#work.each(this.#references ?? this.facts.containersOf(this.#kinds));
  }

  /** Any other list that the rule goes through: its length is counted as work, and a long one ends with the time that there is. */
  each<T>(list: Maybe<readonly T[]>): Iterable<T> {
    return list == null ? NO_VIOLATIONS : this.#work.each(list);
  }

  /** For what counts its work itself. */
  get work(): Work {
    return this.#work;
  }

  /** A text that the rule reads letter by letter: its length is counted as work. */
  read(text: string): string {
    this.#work.spendOnText(text);
    return text;
  }
}

export interface RuleDefinition<Options, MessageId extends string> {
  readonly meta: RuleMeta<Options, MessageId>;
  /** @param pod with defaults; never changed */
  readonly validate: (pod: Pod, context: RuleContext<Options>) => readonly Violation<MessageId>[];
  /**
   * Repairs what `validate` finds as far as that is safe, by editing the draft's spec in place, under `meta.writes` alone;
   * called only where there is something to repair. A repair that leaves as many violations as there were changes nothing.
   * The draft's metadata are those of the Pod as it was received, and stay as they are.
   */
  readonly mutate?: ((draft: Pod, context: RuleContext<Options>) => void) | undefined;
  /** Judges an object of one of `meta.companions`. */
  readonly validateCompanion?:
    ((companion: Companion, context: CompanionContext<Options>) => readonly KnownViolation<MessageId>[]) | undefined;
}

/** A rule whose option and message types are known to itself only. */
export interface Rule extends RuleDefinition<unknown, string> {
  /** `meta.reads` and `meta.writes`. */
  readonly reads: readonly PathPattern[];
  readonly writes: readonly PathPattern[];
}

/**
 * What is read of a Pod before any rule is asked: which containers there are and of which kind, and what makes the Pod's
 * workload class. Rules
 * do not name it in `meta.reads`.
 */
export const READ_FOR_EVERY_RULE: readonly PathPattern[] = [
  'spec.containers[*].name',
  'spec.initContainers[*].name',
  'spec.initContainers[*].restartPolicy',
  'spec.ephemeralContainers[*].name',
  'spec.restartPolicy',
  'metadata.ownerReferences',
].map((text) => new PathPattern(text));

/**
 * A rule about workloads is asked about the kinds that it names, any other rule about every kind.
 *
 * @param kind as `nameOfKind` has it
 */
export function isAskedAbout({ kinds }: { readonly kinds?: readonly string[] | undefined }, kind: string): boolean {
  return kinds === undefined || kinds.includes(kind);
}

/** Whether the rule asks for objects that Pods name, which no server knows (docs/adr/0049). */
export function asksForInventories({ meta }: Rule): boolean {
  return INVENTORIES.some((inventory) => meta.needs?.includes(inventory) === true);
}

/** The value of most validations; shared, so that a clean Pod costs no allocation. */
export const NO_VIOLATIONS: readonly never[] = Object.freeze([]);

/**
 * Checks a rule's definition against its own option and message types and hides them.
 *
 * @throws {TypeError} where `meta.reads` or `meta.writes` hold what is no pattern
 */
export function defineRule<Options, MessageId extends string>(rule: RuleDefinition<Options, MessageId>): Rule {
  const { meta, validate, mutate, validateCompanion } = rule as RuleDefinition<unknown, string>;
  const [reads, writes] = [meta.reads.map(patternOf), meta.writes.map(patternOf)];
  // In one place, and with all members: so that all rules have one shape for V8, which asks each of them for each Pod.
  return { meta, reads, writes, validate, mutate, validateCompanion };
}

/** Many rules name the same places. */
const PATTERNS = new Map<string, PathPattern>();

function patternOf(text: string): PathPattern {
  return entryOf(PATTERNS, text, () => new PathPattern(text));
}

/** Fills `{{name}}` from the data. */
export function renderMessage(template: string, data: Violation['data']): string {
  if (!template.includes('{{')) return template;
  return template.replace(/\{\{(\w+)\}\}/g, (placeholder, name: string) => String(data?.[name] ?? placeholder));
}
