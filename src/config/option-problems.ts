/** Options of rules that do not go together, in all settings of a policy that can meet in one object. */
import type { Catalogue } from '../core/catalogue.ts';
import { patternsOverlap } from '../core/glob.ts';
import { isObject } from '../core/json.ts';
import { NEWEST_MINOR } from '../core/kubernetes-version.ts';
import { kubernetesMinorOf, type OverrideDocument, type PolicyDocument } from '../core/policy.ts';
import type { OptionProblem } from '../core/rule.ts';
import { mergeSetting, type RuleSettingDocument } from '../core/rule-setting.ts';
import type { DocumentPath } from '../yaml/positions.ts';
import type { FoundProblem } from './policy-problem.ts';

/** A place where a rule is set, and what is set there. */
interface Layer {
  readonly path: DocumentPath;
  readonly setting: RuleSettingDocument;
  /** Undefined for the policy's own `rules`, which are for everything. */
  readonly override: OverrideDocument | undefined;
}

/**
 * Options that do not go together: in the preset as changed by `rules`, in each override on top of that, and in each two and
 * three overrides that can match one object. Where the version is wrong, that is told alone: the newest one bears everything.
 */
export function optionProblems(value: unknown, catalogue: Catalogue, isSound: (path: DocumentPath) => boolean): FoundProblem[] {
  if (!isObject(value)) return [];
  // Of these types as far as `isSound` says so, and looked at no further.
  const spec = value['spec'] as PolicyDocument['spec'];
  if (!isObject(spec) || !isSound(['spec', 'preset'])) return [];
  const minor = (isSound(['spec', 'kubernetesVersion']) ? kubernetesMinorOf(spec) : undefined) ?? NEWEST_MINOR;
  return catalogue.rules.flatMap(({ meta }) => {
    if (meta.checkOptions === undefined || !isSound(['spec', 'rules', meta.id])) return [];
    const ofRules = layerOf(['spec', 'rules', meta.id], spec.rules?.[meta.id], undefined);
    const ofOverrides = (Array.isArray(spec.overrides) ? (spec.overrides as readonly OverrideDocument[]) : []).flatMap(
      (override, index) => {
        const path = ['spec', 'overrides', index, 'rules', meta.id];
        const isRight = isObject(override) && isSound(path) && isSound(['spec', 'overrides', index, 'namespaces']);
        return isRight ? layerOf(path, override.rules[meta.id], override) : [];
      },
    );
    const check: Check = (settings) => {
      const { options, mutation } = mergeSetting(meta, spec.preset, settings);
      return meta.checkOptions?.(options, mutation, minor) ?? [];
    };
    return combinationProblems(check, ofRules, ofOverrides);
  });
}

function layerOf(path: DocumentPath, setting: RuleSettingDocument | undefined, override: OverrideDocument | undefined): Layer[] {
  return isObject(setting) ? [{ path, setting, override }] : [];
}

/** What a rule has against its options, with these settings on top of one another. */
type Check = (settings: readonly RuleSettingDocument[]) => readonly OptionProblem[];

function combinationProblems(check: Check, ofRules: readonly Layer[], ofOverrides: readonly Layer[]): FoundProblem[] {
  const combinations = new Combinations(check, ofRules);
  const alone = combinations.look([], NONE);
  const ofEach = ofOverrides.map((layer) => combinations.look([layer], ofRules.length === 0 ? NONE : alone));
  for (let first = 0; first < ofOverrides.length; first++) {
    for (let second = first + 1; second < ofOverrides.length; second++) {
      const pair = [ofOverrides[first], ofOverrides[second]].filter((layer) => layer !== undefined);
      if (!canMatchTogether(pair)) continue;
      const ofPair = combinations.look(pair, new Set([...(ofEach[first] ?? []), ...(ofEach[second] ?? [])]));
      if (ofOverrides.length > MOST_IN_THREES) continue;
      for (let third = second + 1; third < ofOverrides.length; third++) {
        const three = [...pair, ofOverrides[third]].filter((layer) => layer !== undefined);
        if (canMatchTogether(three)) combinations.look(three, new Set([...ofPair, ...(ofEach[third] ?? [])]));
      }
    }
  }
  return combinations.problems;
}

/** Of 50 overrides for one rule there are 19,600 threes, which take half a second; of more, each two are looked at. */
const MOST_IN_THREES = 50;

/** Problems by their text, told before. */
type Known = ReadonlySet<string>;

const NONE: Known = new Set();

class Combinations {
  readonly problems: FoundProblem[] = [];
  readonly #check: Check;
  readonly #ofRules: readonly Layer[];

  constructor(check: Check, ofRules: readonly Layer[]) {
    this.#check = check;
    this.#ofRules = ofRules;
  }

  /**
   * Tells what is wrong with a combination that was right in each of its parts, at the last of them.
   *
   * @param layers on top of the policy's own `rules`
   * @param known of its parts
   * @returns with what is known now
   */
  look(layers: readonly Layer[], known: Known): Known {
    const last = layers.at(-1) ?? this.#ofRules.at(-1);
    if (last === undefined) return known;
    const found = new Set(known);
    for (const { option, message } of this.#check([...this.#ofRules, ...layers].map(({ setting }) => setting))) {
      const problem = `${option} ${message}`;
      if (!known.has(problem))
        this.problems.push({ path: [...last.path, 'options', ...option.split('.')], message: message + besides(layers) });
      found.add(problem);
    }
    return found;
  }
}

function besides(layers: readonly Layer[]): string {
  if (layers.length < 2) return '';
  const others = layers.slice(0, -1).map(({ path }) => `spec.overrides[${path[2] ?? ''}]`);
  return ` in what matches ${others.join(' and ')} as well`;
}

/** Whether one object can match them all, as far as each two of them tell. */
function canMatchTogether(layers: readonly Layer[]): boolean {
  return layers.every((layer, index) => layers.slice(index + 1).every((other) => overlap(layer.override, other.override)));
}

function overlap(a: OverrideDocument | undefined, b: OverrideDocument | undefined): boolean {
  const classes = a?.workloadClasses;
  const otherClasses = b?.workloadClasses;
  if (classes !== undefined && otherClasses !== undefined && !classes.some((each) => otherClasses.includes(each))) return false;
  const namespaces = a?.namespaces;
  const otherNamespaces = b?.namespaces;
  if (namespaces === undefined || otherNamespaces === undefined) return true;
  return namespaces.some((pattern) => otherNamespaces.some((other) => patternsOverlap(pattern, other)));
}
