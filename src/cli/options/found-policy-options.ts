/** Which policy a file is checked by: the one that was chosen, else the one that is found, else the default; with the rules that were chosen. */
import { InvalidArgumentError, Option, type Command } from 'commander';
import { dirname, join } from 'node:path';
import { catalogue } from '../../config/catalogue.ts';
import { POLICY_FILE, PolicySearch } from '../../config/found-policy.ts';
import { optionProblems } from '../../config/option-problems.ts';
import { UnreadableFileError } from '../../config/policy-source.ts';
import { presetPolicy } from '../../config/presets.ts';
import { NEWEST_MINOR, OLDEST_MINOR } from '../../core/kubernetes-version.ts';
import { oncePer } from '../../core/once-per.ts';
import { FieldPath } from '../../core/path.ts';
import type { Policy } from '../../core/policy.ts';
import { isFolder } from '../../offline/input/files.ts';
import { VALID_OBJECT } from '../../offline/refusals.ts';
import { UsageError } from '../exit-code.ts';
import { asSentence, listOf } from './option-values.ts';
import { suggesting } from './suggested-values.ts';
import { unknownRule } from './unknown-rule.ts';
import { DEFAULT_PRESET, isDefaultPolicy, loadPolicy, type PolicyOptions } from './policy-options.ts';

export interface FoundPolicyOptions extends PolicyOptions {
  /** False with `--no-config`. */
  readonly config: boolean;
  readonly rule?: readonly string[];
  readonly withoutRule?: readonly string[];
  /** One of `TARGET_VERSIONS`. */
  readonly targetVersion?: string;
}

/** `--no-config`, for commands that go by the policy of each file's folder. */
export function addConfigOption(command: Command): void {
  command.addOption(new Option('--no-config', 'do not look for podgrace.yaml, from the folder of each file upwards'));
}

const TARGET_VERSIONS = Array.from({ length: NEWEST_MINOR - OLDEST_MINOR + 1 }, (_, index) => `1.${OLDEST_MINOR + index}`);

/** `--target-version`, for commands that say what a cluster of a version does. @param purpose what it is the version for */
export function addTargetVersionOption(command: Command, purpose: string): void {
  command.addOption(
    new Option('--target-version <version>', `the Kubernetes version to ${purpose} for, whatever the policy says`).choices(TARGET_VERSIONS),
  );
}

export function addFoundPolicyOptions(command: Command): void {
  addConfigOption(command);
  addTargetVersionOption(command, 'judge');
  command
    .addOption(
      ruleOption(
        '--rule <id>',
        'judge by this rule alone, and warn of what it finds where the policy has it off; may be given several times, or with commas',
      ),
    )
    .addOption(ruleOption('--without-rule <id>', 'leave out this rule; may be given several times, or with commas'));
}

function ruleOption(flags: string, description: string): Option {
  return suggesting(new Option(flags, description).argParser(listOf(refuseUnknownRule)), findingIds);
}

/** Of every rule, in the order of the alphabet. */
export function ruleIds(): string[] {
  return catalogue.rules.map(({ meta }) => meta.id).toSorted();
}

/** What findings may be of: the rules, and what the API server itself refuses. */
function findingIds(): string[] {
  return [...ruleIds(), VALID_OBJECT].toSorted();
}

function refuseUnknownRule(id: string): void {
  // An empty one is refused as every empty option is.
  if (id !== '' && catalogue.get(id) === undefined && id !== VALID_OBJECT)
    throw new InvalidArgumentError(asSentence(unknownRule(id, findingIds())));
}

export interface ChosenPolicy {
  readonly policy: Policy;
  /** The file that it stands in, where one was found. */
  readonly file: string | undefined;
  /** Whether nobody chose it. */
  readonly isDefault: boolean;
}

/** @returns the policy for a file, by its name; @throws {UsageError | PolicyError} as it does itself */
export async function policiesFor(options: FoundPolicyOptions, nowMs: number): Promise<(file: string) => ChosenPolicy> {
  const selected = selecting(options);
  if (!isDefaultPolicy(options)) {
    const policy = selected(await loadPolicy(options));
    return () => ({ policy, file: options.policy, isDefault: false });
  }
  const fallback: ChosenPolicy = { policy: selected(presetPolicy(DEFAULT_PRESET)), file: undefined, isDefault: true };
  if (!options.config) return () => fallback;
  const search = new PolicySearch(nowMs);
  return (file) => {
    try {
      const found = search.in(dirname(file));
      return found === undefined ? fallback : { policy: selected(found.policy), file: found.file, isDefault: false };
    } catch (error) {
      if (error instanceof UnreadableFileError) throw new UsageError(error.message, { cause: error });
      throw error;
    }
  };
}

/** A file by which the policy of a path is found: the path itself, and for a folder any file in it. */
export function fileIn(path: string): string {
  return isFolder(path) ? join(path, POLICY_FILE) : path;
}

export type SelectedRules = Pick<FoundPolicyOptions, 'rule' | 'withoutRule'>;

/** Whether `--rule` and `--without-rule` leave a rule among those that judge. */
export function isRuleAsked(id: string, { rule, withoutRule = [] }: SelectedRules): boolean {
  return rule?.includes(id) !== false && !withoutRule.includes(id);
}

/**
 * A policy for `--target-version`, with the rules that `--rule` and `--without-rule` leave; made once for each policy. Who names a rule
 * asks what it finds: a rule that found nothing because it is off would look like one that is kept.
 *
 * @throws {UsageError} where they leave none; the function, where the policy is wrong for that version
 */
function selecting(options: FoundPolicyOptions): (policy: Policy) => Policy {
  const { rule, withoutRule = [], targetVersion } = options;
  if (rule?.every((id) => withoutRule.includes(id)) === true) throw new UsageError('--rule and --without-rule leave no rule to judge by');
  const off = catalogue.rules.map(({ meta }) => meta.id).filter((id) => !isRuleAsked(id, options));
  const overrides = off.length === 0 ? [] : [{ rules: Object.fromEntries(off.map((id) => [id, { mode: 'off' }] as const)) }];
  return oncePer((policy) => {
    const targeted = targetVersion === undefined ? policy : policyFor(targetVersion, policy);
    const asked = rule === undefined ? targeted : targeted.withRulesOn(rule);
    return overrides.length === 0 ? asked : asked.withOverrides(overrides);
  });
}

/** @throws {UsageError} where an option of the policy is right for its own version of Kubernetes, and wrong for the target */
function policyFor(targetVersion: string, policy: Policy): Policy {
  const targeted = policy.forKubernetes(targetVersion);
  const problems = optionProblems(targeted.source.document, catalogue, () => true);
  if (problems.length === 0) return targeted;
  const texts = problems.map(({ path, message }) => `${FieldPath.from(path).text} ${message}`);
  throw new UsageError(`--target-version ${targetVersion}: in the policy ${policy.name}, ${texts.join('; ')}`);
}
