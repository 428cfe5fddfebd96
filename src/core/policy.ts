/** The LifecyclePolicy: its form in a file, and the form in which podgrace asks it for settings. */
import type { Catalogue } from './catalogue.ts';
import { compileExemption, type Exemption, type ExemptionDocument } from './exemption.ts';
import { anyNameMatcher, type NameMatcher } from './glob.ts';
import { parseKubernetesVersion, type KubernetesMinor } from './kubernetes-version.ts';
import { PathPattern } from './path.ts';
import type { Mode, PresetName, Rule } from './rule.ts';
import { mergeSetting, type RuleSettingDocument } from './rule-setting.ts';
import { ruleSettingOf, ruleSettingsOf, type RuleSetting, type RuleSettings } from './rule-settings.ts';
import type { Surrounding } from './surroundings.ts';
import { ImageKnowledge } from './process/image-knowledge.ts';
import type { ImageFacts } from './process/images.ts';
import { placesReadBy, type ReadPlaces } from './update-scope.ts';
import { WORKLOAD_CLASSES, WorkloadKinds, type WorkloadClass, type WorkloadKind } from './workload.ts';

export const POLICY_API_VERSION = 'podgrace.dev/v1alpha1';
export const POLICY_KIND = 'LifecyclePolicy';

/** The oldest version that Kubernetes itself still supports; the oldest node counts, not the API server. */
export const DEFAULT_KUBERNETES_VERSION = '1.35';

/** podgrace's own namespace, and those whose Pods a cluster needs before it can heal anything. */
export const DEFAULT_EXCLUDED_NAMESPACES = ['kube-system', 'kube-node-lease', 'podgrace-system'] as const;

/** Nobody plans further ahead than a year: an exemption for longer is a rule that is switched off. */
export const DEFAULT_EXEMPTION_HORIZON_DAYS = 366;

export interface OverrideDocument {
  readonly namespaces?: readonly string[];
  readonly workloadClasses?: readonly WorkloadClass[];
  readonly rules: Readonly<Record<string, RuleSettingDocument>>;
}

export interface PolicyDocument {
  readonly apiVersion: typeof POLICY_API_VERSION;
  readonly kind: typeof POLICY_KIND;
  readonly metadata: { readonly name: string };
  readonly spec: {
    readonly preset: PresetName;
    readonly kubernetesVersion?: string;
    /** What becomes of violations in what a built-in controller creates from a workload that was admitted before. */
    readonly owned?: OwnedMode;
    /** What becomes of an object about which a rule failed, and of a field of a wrong type. */
    readonly errored?: Exclude<Mode, 'off'>;
    readonly excludedNamespaces?: readonly string[];
    readonly workloadKinds?: readonly WorkloadKindDocument[];
    readonly barePods?: BarePodsDocument;
    /** What is known of images of one's own; counts more than what is known of those that everybody uses. */
    readonly images?: readonly ImageDocument[];
    readonly rules?: Readonly<Record<string, RuleSettingDocument>>;
    /** In order; of two that match, the later one counts. */
    readonly overrides?: readonly OverrideDocument[];
    readonly exemptions?: readonly ExemptionDocument[];
    /** How far ahead an exemption may end. */
    readonly exemptionHorizonDays?: number;
  };
}

/** @returns undefined where the policy names a version that is none, or unknown */
export function kubernetesMinorOf({ kubernetesVersion = DEFAULT_KUBERNETES_VERSION }: PolicyDocument['spec']): KubernetesMinor | undefined {
  return parseKubernetesVersion(kubernetesVersion);
}

export type OwnedMode = 'audit' | 'warn' | 'enforce';

/**
 * A kind of the user's that holds a Pod template (Argo's Rollout), or that owns Pods and recreates changed ones. A kind with
 * several templates is named once for each.
 */
export interface WorkloadKindDocument {
  readonly group: string;
  readonly kind: string;
  readonly class: WorkloadClass;
  /** A `PathPattern`: `spec.template`, `spec.workerGroupSpecs[*].template`. Empty for a kind that owns Pods without holding a template. */
  readonly templatePath?: string;
  /** Who creates Pods for such an owner: names of users. Where nobody is named, its Pods are as good as bare. */
  readonly senders?: readonly string[];
}

/** What is known of the images of one repository, or of several. */
export interface ImageDocument extends ImageFacts {
  /** In full, with `*` for any run of characters: `registry.example/base/*`. */
  readonly repository: string;
  readonly tag?: string;
}

/** Pods without a controller, or with one that is not proven. */
export interface BarePodsDocument {
  /** The restart policies with which they are of class `batch`; with any other they are of class `pod`. */
  readonly batchWhen?: readonly ('Never' | 'OnFailure')[];
}

/** What a policy is made of: plain JSON. */
export interface PolicySourceDocument {
  readonly document: PolicyDocument;
  readonly ownNamespace: string | undefined;
}

/** A policy that was read, in the form in which it answers questions; never changes. */
export class Policy {
  readonly name: string;
  readonly kubernetesMinor: KubernetesMinor;
  readonly owned: OwnedMode;
  readonly errored: Exclude<Mode, 'off'>;
  readonly kinds: WorkloadKinds;
  /** What is known of images. */
  readonly images: ImageKnowledge;
  readonly exemptions: readonly Exemption[];
  readonly #exemptionsByRule: ReadonlyMap<string, readonly Exemption[]>;
  readonly #document: PolicyDocument;
  readonly #ownNamespace: string | undefined;
  readonly #catalogue: Catalogue;
  readonly #isExcluded: NameMatcher;
  readonly #overrides: readonly CompiledOverride[];
  readonly #settings = new Map<string, RuleSettings>();
  readonly #companionSettings = new Map<string, readonly RuleSetting[]>();
  #readPlaces: ReadPlaces | undefined;
  #needs: ReadonlySet<Surrounding> | undefined;

  /**
   * @param document a policy in which `config/policy-file.ts` finds nothing wrong
   * @param catalogue the rules that it may name
   * @param ownNamespace of the server, which it leaves alone whatever the document says: it must not keep itself from coming back
   */
  constructor(document: PolicyDocument, catalogue: Catalogue, ownNamespace?: string) {
    const { spec } = document;
    this.#document = document;
    this.#ownNamespace = ownNamespace;
    this.#catalogue = catalogue;
    this.name = document.metadata.name;
    const minor = kubernetesMinorOf(spec);
    if (minor === undefined) throw new RangeError(`unknown Kubernetes version ${spec.kubernetesVersion ?? ''}`);
    this.kubernetesMinor = minor;
    this.owned = spec.owned ?? 'audit';
    this.errored = spec.errored ?? (spec.preset === 'baseline' ? 'warn' : 'enforce');
    this.kinds = new WorkloadKinds((spec.workloadKinds ?? []).map(compileKind), spec.barePods?.batchWhen);
    this.images = spec.images === undefined ? ImageKnowledge.BUILT_IN : new ImageKnowledge(spec.images);
    this.exemptions = (spec.exemptions ?? []).map(compileExemption);
    const excluded = spec.excludedNamespaces ?? DEFAULT_EXCLUDED_NAMESPACES;
    const lastFirst = this.exemptions.toSorted((a, b) => b.expiresMs - a.expiresMs);
    this.#exemptionsByRule = Map.groupBy(lastFirst, ({ document }) => document.rule);
    this.#isExcluded = anyNameMatcher(ownNamespace === undefined ? excluded : [...excluded, ownNamespace]);
    this.#overrides = (spec.overrides ?? []).map((override, index) => ({
      index,
      rules: override.rules,
      inNamespace: override.namespaces === undefined ? () => true : anyNameMatcher(override.namespaces),
      classes: override.workloadClasses,
    }));
  }

  /** What it was made of besides the catalogue, for another thread to make it of. */
  get source(): PolicySourceDocument {
    return { document: this.#document, ownNamespace: this.#ownNamespace };
  }

  /** The same policy with more overrides, which count most. */
  withOverrides(overrides: readonly OverrideDocument[]): Policy {
    const { spec } = this.#document;
    const document = { ...this.#document, spec: { ...spec, overrides: [...(spec.overrides ?? []), ...overrides] } };
    return new Policy(document, this.#catalogue, this.#ownNamespace);
  }

  /** The same policy, which warns of what the rules find wherever it has them off; their other modes stay. */
  withRulesOn(ids: readonly string[]): Policy {
    const { spec } = this.#document;
    const { rules, overrides, preset } = spec;
    const named = this.#catalogue.rules.filter(({ meta }) => ids.includes(meta.id));
    const on = (settings: OverrideDocument['rules'], isOff: (rule: Rule) => boolean): OverrideDocument['rules'] => {
      const warned = named.filter(isOff).map(({ meta: { id } }) => [id, { ...settings[id], mode: 'warn' }] as const);
      return { ...settings, ...Object.fromEntries(warned) };
    };
    const changed = {
      rules: on(rules ?? {}, ({ meta }) => mergeSetting(meta, preset, [rules?.[meta.id]]).mode === 'off'),
      ...(overrides && {
        overrides: overrides.map((override) => ({
          ...override,
          rules: on(override.rules, ({ meta }) => override.rules[meta.id]?.mode === 'off'),
        })),
      }),
    };
    return new Policy({ ...this.#document, spec: { ...spec, ...changed } }, this.#catalogue, this.#ownNamespace);
  }

  /** The same policy for the Pods of another version of Kubernetes. @throws {RangeError} for one that podgrace does not know */
  forKubernetes(kubernetesVersion: string): Policy {
    const document = { ...this.#document, spec: { ...this.#document.spec, kubernetesVersion } };
    return new Policy(document, this.#catalogue, this.#ownNamespace);
  }

  /** All rules that the policy may name, in catalogue order. */
  get rules(): readonly Rule[] {
    return this.#catalogue.rules;
  }

  /** Whether the objects of a namespace are neither judged nor repaired. */
  isExcludedNamespace(namespace: string): boolean {
    return this.#isExcluded(namespace);
  }

  /** The exemptions from a rule, expired ones included; the one that ends last comes first. */
  exemptionsFrom(ruleId: string): readonly Exemption[] {
    return this.#exemptionsByRule.get(ruleId) ?? NO_EXEMPTIONS;
  }

  /** The rules for a subject; made once for each set of overrides and class, of which there are few. */
  settingsFor(namespace: string, workloadClass: WorkloadClass): RuleSettings {
    let matching: readonly CompiledOverride[] = NO_OVERRIDES;
    let key: string = workloadClass;
    if (this.#overrides.length > 0) {
      matching = this.#overrides.filter(
        ({ inNamespace, classes }) => inNamespace(namespace) && (classes === undefined || classes.includes(workloadClass)),
      );
      key = `${workloadClass} ${matching.map(({ index }) => index).join(' ')}`;
    }
    let settings = this.#settings.get(key);
    if (settings === undefined) {
      settings = this.#compileSettings(workloadClass, matching);
      this.#settings.set(key, settings);
    }
    return settings;
  }

  /** Whether some rule denies in a namespace, whatever the class of the workload is. */
  enforcesIn(namespace: string): boolean {
    return WORKLOAD_CLASSES.some((workloadClass) =>
      this.settingsFor(namespace, workloadClass).validating.some(({ mode }) => mode === 'enforce'),
    );
  }

  /**
   * The rules that judge objects of a kind without Pods, in catalogue order. Overrides for classes of workloads are not for them.
   *
   * @param kind as `companionKindOf` has it
   */
  companionSettingsFor(namespace: string, kind: string): readonly RuleSetting[] {
    const matching = this.#overrides.filter(({ inNamespace, classes }) => classes === undefined && inNamespace(namespace));
    const key = `${kind} ${matching.map(({ index }) => index).join(' ')}`;
    let settings = this.#companionSettings.get(key);
    if (settings === undefined) {
      settings = this.#catalogue.rules
        .filter(({ meta }) => meta.companions?.includes(kind) === true)
        .map((rule) => this.#compileSetting(rule, matching))
        .filter(({ mode }) => mode !== 'off');
      this.#companionSettings.set(key, settings);
    }
    return settings;
  }

  /** What the rules read that are switched on anywhere, besides the spec of Pods. */
  get readPlaces(): ReadPlaces {
    this.#readPlaces ??= placesReadBy(this.#catalogue.rules.filter((rule) => this.#isOnSomewhere(rule)));
    return this.#readPlaces;
  }

  /** Which other objects the rules ask about that are switched on anywhere. */
  get needs(): ReadonlySet<Surrounding> {
    this.#needs ??= new Set(this.#catalogue.rules.filter((rule) => this.#isOnSomewhere(rule)).flatMap(({ meta }) => meta.needs ?? []));
    return this.#needs;
  }

  /** The kinds without Pods that rules judge for themselves which are switched on anywhere, as `companionKindOf` has them. */
  get companionKinds(): ReadonlySet<string> {
    return new Set(this.#catalogue.rules.flatMap((rule) => (this.#isOnSomewhere(rule) ? (rule.meta.companions ?? []) : [])));
  }

  /** Whether a rule about deletions is switched on anywhere. */
  get judgesDeletions(): boolean {
    return this.#catalogue.rules.some((rule) => rule.meta.about === 'deletion' && this.#isOnSomewhere(rule));
  }

  #isOnSomewhere({ meta }: Rule): boolean {
    const { preset, rules } = this.#document.spec;
    if (mergeSetting(meta, preset, [rules?.[meta.id]]).mode !== 'off') return true;
    return this.#overrides.some((override) => (override.rules[meta.id]?.mode ?? 'off') !== 'off');
  }

  #compileSettings(workloadClass: WorkloadClass, overrides: readonly CompiledOverride[]): RuleSettings {
    const settings = this.#catalogue.rules
      .filter(({ meta }) => meta.appliesTo.workloads.includes(workloadClass))
      .map((rule) => this.#compileSetting(rule, overrides));
    return ruleSettingsOf(settings, workloadClass);
  }

  #compileSetting(rule: Rule, overrides: readonly CompiledOverride[]): RuleSetting {
    const { id } = rule.meta;
    const { preset, rules } = this.#document.spec;
    return ruleSettingOf(rule, mergeSetting(rule.meta, preset, [rules?.[id], ...overrides.map((override) => override.rules[id])]));
  }
}

const NO_OVERRIDES: readonly never[] = [];
const NO_EXEMPTIONS: readonly never[] = [];

interface CompiledOverride {
  readonly index: number;
  readonly rules: OverrideDocument['rules'];
  readonly inNamespace: NameMatcher;
  readonly classes: readonly WorkloadClass[] | undefined;
}

function compileKind({ group, kind, class: podClass, templatePath, senders }: WorkloadKindDocument): WorkloadKind {
  return { group, kind, podClass, templatePath: templatePath ? new PathPattern(templatePath).steps : [], ...(senders && { senders }) };
}
