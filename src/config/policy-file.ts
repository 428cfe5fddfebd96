/** Reads a LifecyclePolicy, and reports all its problems at once, each with its path and line. */
import type { ErrorObject } from 'ajv';
import type { Catalogue } from '../core/catalogue.ts';
import { similarWord } from '../core/similar-word.ts';
import { expiryOf } from '../core/exemption.ts';
import { equalJson, isObject } from '../core/json.ts';
import { NEWEST_MINOR, OLDEST_MINOR, parseKubernetesVersion, type KubernetesMinor } from '../core/kubernetes-version.ts';
import { patternsOverlap } from '../core/glob.ts';
import { DEFAULT_EXEMPTION_HORIZON_DAYS, kubernetesMinorOf, Policy, type OverrideDocument, type PolicyDocument } from '../core/policy.ts';
import type { PresetName, Rule } from '../core/rule.ts';
import { mergeSetting, type RuleSettingDocument } from '../core/rule-setting.ts';
import { FieldPath } from '../core/path.ts';
import { parseDocument, splitDocuments, UnreadableDocumentError } from '../yaml/kubernetes-yaml.ts';
import { lineOfPath, type DocumentPath } from '../yaml/positions.ts';
import { policyValidator } from './policy-validator.ts';

export interface PolicyProblem {
  /** `spec.rules.pre-stop-delay.mode`; empty for the file as a whole. */
  readonly path: string;
  /** In the file, from 1. */
  readonly line: number;
  /** Starts with "must", as the messages of rules do. */
  readonly message: string;
}

/** A policy that was refused. Its message lists every problem, one a line. */
export class PolicyError extends Error {
  override readonly name = 'PolicyError';
  readonly problems: readonly PolicyProblem[];

  /** @param source the file's name */
  constructor(source: string, problems: readonly PolicyProblem[]) {
    super(problems.map(({ path, line, message }) => `${source}:${line}: ${path === '' ? '' : `${path} `}${message}`).join('\n'));
    this.problems = problems;
  }
}

const DAY_MS = 86_400_000;

/**
 * @param text YAML or JSON as kubectl reads it, one document
 * @param source what messages call it
 * @param nowMs milliseconds since 1970, for exemptions that would last too long
 * @param ownNamespace of the server; left alone, whatever the text says
 * @throws {PolicyError}
 */
export function readPolicy(text: string, source: string, catalogue: Catalogue, nowMs: number, ownNamespace?: string): Policy {
  const document = parseOnly(text, source);
  const value = spellOutOff(document.value);
  const shapeProblems = schemaProblems(value, catalogue);
  const contents = isObject(value) ? contentProblems(value, nowMs) : [];
  const found = [
    // What is said of the content says it better.
    ...shapeProblems.filter(({ path }) => !contents.some((content) => equalJson(content.path, path))),
    ...contents,
    ...optionProblems(value, catalogue, (path) => isSound(path, shapeProblems)),
  ];
  if (found.length > 0) {
    const problems = found.map(({ path, message }) => ({ path: FieldPath.from(path).text, line: document.lineOf(path), message }));
    throw new PolicyError(
      source,
      problems.toSorted((a, b) => a.line - b.line),
    );
  }
  return new Policy(value as PolicyDocument, catalogue, ownNamespace);
}

interface ParsedDocument {
  readonly value: unknown;
  readonly lineOf: (path: DocumentPath) => number;
}

function parseOnly(text: string, source: string): ParsedDocument {
  const documents = splitDocuments(text);
  const [document] = documents;
  if (document === undefined) throw new PolicyError(source, [{ path: '', line: 1, message: 'must hold a LifecyclePolicy, but is empty' }]);
  if (documents.length > 1) {
    const line = documents[1]?.line ?? 1;
    throw new PolicyError(source, [{ path: '', line, message: `must hold one document, but holds ${documents.length}` }]);
  }
  try {
    const value = parseDocument(document);
    return { value, lineOf: (path) => document.line - 1 + lineOfPath(document.text, path) };
  } catch (error) {
    if (!(error instanceof UnreadableDocumentError)) throw error;
    throw new PolicyError(source, [{ path: '', line: error.line, message: error.reason }]);
  }
}

/** `off` without quotes is false in the YAML of Kubernetes; where only a mode can stand it is as clear as in quotes. */
function spellOutOff(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(spellOutOff);
  if (!isObject(value)) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, member]) => [
      key,
      member === false && (key === 'mode' || key === 'mutation') ? 'off' : spellOutOff(member),
    ]),
  );
}

interface Found {
  readonly path: DocumentPath;
  readonly message: string;
}

function schemaProblems(value: unknown, catalogue: Catalogue): Found[] {
  const validate = policyValidator(catalogue);
  if (validate(value)) return [];
  const errors = validate.errors ?? [];
  return errors.filter((error) => !isSaidBetter(error, errors)).map((error) => ({ path: pathOf(error), message: messageOf(error) }));
}

/** `anyOf` of `required` reports each branch and then itself; a value of the wrong type is none of an `enum`, either. */
function isSaidBetter({ schemaPath, keyword, instancePath }: ErrorObject, errors: readonly ErrorObject[]): boolean {
  if (/\/anyOf\/\d+\//.test(schemaPath)) return true;
  return keyword === 'type' && errors.some((other) => other.keyword === 'enum' && other.instancePath === instancePath);
}

/** Whether the schema has nothing against what stands at a path, nor above or below it. */
function isSound(path: DocumentPath, problems: readonly Found[]): boolean {
  return !problems.some((problem) => {
    const shorter = Math.min(path.length, problem.path.length);
    return equalJson(path.slice(0, shorter), problem.path.slice(0, shorter));
  });
}

function pathOf({ instancePath, keyword, params }: ErrorObject): DocumentPath {
  const parts = instancePath
    .split('/')
    .slice(1)
    .map((part) => part.replaceAll('~1', '/').replaceAll('~0', '~'))
    .map((part) => (/^\d+$/.test(part) ? Number(part) : part));
  if (keyword === 'additionalProperties') return [...parts, String(params['additionalProperty'])];
  return keyword === 'required' ? [...parts, String(params['missingProperty'])] : parts;
}

const TYPE_NAMES: Readonly<Record<string, string>> = {
  string: 'a string',
  integer: 'an integer',
  number: 'a number',
  boolean: 'true or false',
  array: 'a list',
  object: 'an object',
};

function messageOf({ keyword, params, data, parentSchema, message, instancePath }: ErrorObject): string {
  const { limit, type } = params as { limit?: number; type?: string };
  switch (keyword) {
    case 'required':
      return 'must be set';
    case 'additionalProperties': {
      const known = Object.keys((parentSchema?.['properties'] as object | undefined) ?? {});
      const what = instancePath.endsWith('/rules') ? 'rule' : 'field';
      const meant = similarWord(String(params['additionalProperty']), known);
      return `must not be set: there is no such ${what}; ${meant === undefined ? `known are ${known.join(', ')}` : `did you mean ${meant}?`}`;
    }
    case 'enum': {
      const allowed = params['allowedValues'] as unknown[];
      if (allowed.length > 1) return `must be one of ${allowed.join(', ')}, but is ${show(data)}`;
      const reason = instancePath.endsWith('/mutation') ? ': the rule has no repair' : '';
      return `must be ${String(allowed[0])}, but is ${show(data)}${reason}`;
    }
    case 'type': {
      const hint = type === 'string' && (typeof data === 'number' || typeof data === 'boolean') ? '; put it into quotes' : '';
      return `must be ${TYPE_NAMES[type ?? ''] ?? type ?? ''}, but is ${show(data)}${hint}`;
    }
    case 'anyOf':
      return `must name at least one of ${(parentSchema?.['anyOf'] as { required: string[] }[]).flatMap(({ required }) => required).join(', ')}`;
    case 'pattern':
      return `must match ${String(params['pattern'])}, but is ${show(data)}; ${String(parentSchema?.['description'])}`.replace(/\.$/, '');
    case 'minimum':
      return `must be at least ${limit ?? ''}, but is ${show(data)}`;
    case 'maximum':
      return `must be at most ${limit ?? ''}, but is ${show(data)}`;
    case 'maxLength':
      return `must have at most ${limit ?? ''} characters, but is ${show(data)}`;
    case 'maxItems':
      return `must have at most ${limit ?? ''} elements, but has ${Array.isArray(data) ? data.length : 'more'}`;
    case 'minItems':
    case 'minLength':
      return 'must not be empty';
    default:
      return `${message ?? `must satisfy ${keyword}`}, but is ${show(data)}`;
  }
}

function show(value: unknown): string {
  const text = value === undefined ? 'missing' : JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}

/** What a schema cannot say. Runs on documents of any shape: the schema's own problems come besides. */
function contentProblems({ spec }: Partial<PolicyDocument>, nowMs: number): Found[] {
  const problems: Found[] = [];
  if (!isObject(spec)) return problems;
  const version: unknown = spec['kubernetesVersion'];
  if (typeof version === 'string' && parseKubernetesVersion(version) === undefined) {
    problems.push({
      path: ['spec', 'kubernetesVersion'],
      message: `must be between 1.${OLDEST_MINOR} and 1.${NEWEST_MINOR}, but is ${show(version)}`,
    });
  }
  const exemptions: unknown = spec['exemptions'];
  const horizonDays: unknown = spec['exemptionHorizonDays'] ?? DEFAULT_EXEMPTION_HORIZON_DAYS;
  for (const [index, exemption] of (Array.isArray(exemptions) ? exemptions : []).entries()) {
    const expires: unknown = isObject(exemption) ? exemption['expires'] : undefined;
    if (typeof expires !== 'string') continue;
    const path = ['spec', 'exemptions', index, 'expires'];
    const expiresMs = expiryOf(expires);
    if (Number.isNaN(expiresMs))
      problems.push({ path, message: `must be a date such as 2027-01-31 or an RFC 3339 time, but is ${show(expires)}` });
    else if (typeof horizonDays === 'number' && expiresMs > nowMs + horizonDays * DAY_MS)
      problems.push({ path, message: `must be at most ${horizonDays} days ahead (spec.exemptionHorizonDays), but is ${show(expires)}` });
  }
  return problems;
}

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
function optionProblems(value: unknown, catalogue: Catalogue, isSound: (path: DocumentPath) => boolean): Found[] {
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
    return combinationProblems(meta, spec.preset, minor, ofRules, ofOverrides);
  });
}

function layerOf(path: DocumentPath, setting: RuleSettingDocument | undefined, override: OverrideDocument | undefined): Layer[] {
  return isObject(setting) ? [{ path, setting, override }] : [];
}

function combinationProblems(
  meta: Rule['meta'],
  preset: PresetName,
  minor: KubernetesMinor,
  ofRules: readonly Layer[],
  ofOverrides: readonly Layer[],
): Found[] {
  const problems: Found[] = [];
  /** @returns what is wrong with a combination that was right in each of its parts, told at the last of them */
  const check = (layers: readonly Layer[], known: ReadonlySet<string>): ReadonlySet<string> => {
    const last = layers.at(-1) ?? ofRules.at(-1);
    if (last === undefined) return known;
    const { options, mutation } = mergeSetting(
      meta,
      preset,
      [...ofRules, ...layers].map(({ setting }) => setting),
    );
    const found = new Set(known);
    for (const { option, message } of meta.checkOptions?.(options, mutation, minor) ?? []) {
      const problem = `${option} ${message}`;
      if (!known.has(problem)) problems.push({ path: [...last.path, 'options', ...option.split('.')], message: message + besides(layers) });
      found.add(problem);
    }
    return found;
  };
  const alone = check([], new Set());
  const ofEach = ofOverrides.map((layer) => check([layer], ofRules.length === 0 ? new Set() : alone));
  for (let first = 0; first < ofOverrides.length; first++) {
    for (let second = first + 1; second < ofOverrides.length; second++) {
      const pair = [ofOverrides[first], ofOverrides[second]].filter((layer) => layer !== undefined);
      if (!canMatchTogether(pair)) continue;
      const ofPair = check(pair, new Set([...(ofEach[first] ?? []), ...(ofEach[second] ?? [])]));
      if (ofOverrides.length > MOST_IN_THREES) continue;
      for (let third = second + 1; third < ofOverrides.length; third++) {
        const three = [...pair, ofOverrides[third]].filter((layer) => layer !== undefined);
        if (canMatchTogether(three)) check(three, new Set([...ofPair, ...(ofEach[third] ?? [])]));
      }
    }
  }
  return problems;
}

/** Of 50 overrides for one rule there are 19,600 threes, which take half a second; of more, each two are looked at. */
const MOST_IN_THREES = 50;

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
