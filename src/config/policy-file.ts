/** Reads a LifecyclePolicy, and reports all its problems at once, each with its path and line. */
import type { Catalogue } from '../core/catalogue.ts';
import { EXEMPTABLE_KINDS, expiryOf } from '../core/exemption.ts';
import { equalJson, isObject, type JsonObject } from '../core/json.ts';
import { asObjects, asText } from '../core/json-reading.ts';
import { NEWEST_MINOR, OLDEST_MINOR, parseKubernetesVersion } from '../core/kubernetes-version.ts';
import { FieldPath } from '../core/path.ts';
import { DEFAULT_EXEMPTION_HORIZON_DAYS, Policy, type PolicyDocument } from '../core/policy.ts';
import { similarWord } from '../core/similar-word.ts';
import { parseDocument, splitDocuments, UnreadableDocumentError } from '../yaml/kubernetes-yaml.ts';
import { lineOfPath, type DocumentPath } from '../yaml/positions.ts';
import { optionProblems } from './option-problems.ts';
import { PolicyError, quoted, type FoundProblem, type PolicyProblem } from './policy-problem.ts';
import { repeatedFields } from './repeated-fields.ts';
import { schemaProblems } from './schema-problems.ts';

const DAY_MS = 86_400_000;

/** What a policy is read for. */
export interface PolicyReading {
  readonly catalogue: Catalogue;
  /** Milliseconds since 1970, for exemptions that would last too long. */
  readonly nowMs: number;
  /** Of the server; left alone, whatever the text says. */
  readonly ownNamespace?: string | undefined;
}

/**
 * @param text YAML or JSON as kubectl reads it, one document
 * @param source what messages call it
 * @throws {PolicyError}
 */
export function readPolicy(text: string, source: string, { catalogue, nowMs, ownNamespace }: PolicyReading): Policy {
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
  const problems = [
    ...document.repeated,
    ...found.map(({ path, message }) => ({ path: FieldPath.from(path).text, line: document.lineOf(path), message })),
  ];
  if (problems.length > 0)
    throw new PolicyError(
      source,
      problems.toSorted((a, b) => a.line - b.line),
    );
  return new Policy(value as PolicyDocument, catalogue, ownNamespace);
}

interface ParsedDocument {
  readonly value: unknown;
  readonly repeated: readonly PolicyProblem[];
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
    return { value, repeated: repeatedFields(document), lineOf: (path) => document.line - 1 + lineOfPath(document.text, path) };
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

/** Whether the schema has nothing against what stands at a path, nor above or below it. */
function isSound(path: DocumentPath, problems: readonly FoundProblem[]): boolean {
  return !problems.some((problem) => {
    const shorter = Math.min(path.length, problem.path.length);
    return equalJson(path.slice(0, shorter), problem.path.slice(0, shorter));
  });
}

/** What a schema cannot say. Runs on documents of any shape: the schema's own problems come besides. */
function contentProblems({ spec }: Partial<PolicyDocument>, nowMs: number): FoundProblem[] {
  const problems: FoundProblem[] = [];
  if (!isObject(spec)) return problems;
  const version: unknown = spec['kubernetesVersion'];
  if (typeof version === 'string' && parseKubernetesVersion(version) === undefined) {
    problems.push({
      path: ['spec', 'kubernetesVersion'],
      message: `must be between 1.${OLDEST_MINOR} and 1.${NEWEST_MINOR}, but is ${quoted(version)}`,
    });
  }
  const exemptions: unknown = spec['exemptions'];
  const horizonDays: unknown = spec['exemptionHorizonDays'] ?? DEFAULT_EXEMPTION_HORIZON_DAYS;
  for (const [index, exemption] of (Array.isArray(exemptions) ? exemptions : []).entries()) {
    if (!isObject(exemption)) continue;
    const place = ['spec', 'exemptions', index];
    for (const problem of scopeProblems(exemption, place, spec)) problems.push(problem);
    const { expires } = exemption;
    if (typeof expires !== 'string') continue;
    const path = [...place, 'expires'];
    if (Number.isNaN(expiryOf(expires)))
      problems.push({ path, message: `must be a date such as 2027-01-31 or an RFC 3339 time, but is ${quoted(expires)}` });
    // A day is as many days ahead as its beginning, which `Date.parse` gives.
    else if (typeof horizonDays === 'number' && Date.parse(expires) > nowMs + horizonDays * DAY_MS)
      problems.push({
        path,
        message: `must be at most ${daysOf(horizonDays)} ahead (spec.exemptionHorizonDays), but is ${quoted(expires)}`,
      });
  }
  return problems;
}

/** What would be accepted and excuse nobody: a kind that nobody has Pods of, and a reason that says nothing. */
function scopeProblems({ reason, workload }: JsonObject, place: DocumentPath, spec: JsonObject): FoundProblem[] {
  const problems: FoundProblem[] = [];
  if (typeof reason === 'string' && reason !== '' && reason.trim() === '')
    problems.push({ path: [...place, 'reason'], message: 'must say why, but is blank' });
  const kind = isObject(workload) ? workload['kind'] : undefined;
  if (typeof kind !== 'string' || kind === '') return problems;
  const known = [...EXEMPTABLE_KINDS, ...asObjects(spec['workloadKinds']).map((own) => asText(own['kind']))];
  if (known.includes(kind)) return problems;
  const inOtherCase = known.find((other) => other.toLowerCase() === kind.toLowerCase());
  const meant = inOtherCase ?? similarWord(kind, known);
  const hint = meant === undefined ? 'add it to spec.workloadKinds, or leave it out' : `did you mean ${meant}?`;
  problems.push({ path: [...place, 'workload', 'kind'], message: `must be a kind that podgrace judges, but is ${quoted(kind)}; ${hint}` });
  return problems;
}

function daysOf(count: number): string {
  return count === 1 ? '1 day' : `${count} days`;
}
