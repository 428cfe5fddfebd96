/**
 * What must hold of a rule before anything is generated from it. `npm run generate` refuses what breaks it, with the file and
 * the field to mend; the test of the catalogue asks the same.
 */
import { Ajv } from 'ajv';
import { load } from 'js-yaml';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { VERSION } from '../config/version.ts';
import { NEWEST_MINOR, OLDEST_MINOR } from '../core/kubernetes-version.ts';
import { mergeSetting } from '../core/rule-setting.ts';
import { hasOwnFields } from '../core/rollout.ts';
import { CATEGORIES, MODES, PRESETS, type Rule } from '../core/rule.ts';
import { LADDERS, ladderStart, problemOfId } from './rule-scaffold.ts';

export interface RuleProblem {
  /** From the root of the repository: the rule, its test, its fixtures. */
  readonly file: string;
  /** `meta.docs.summary`; empty where it is about the file as a whole. */
  readonly field: string;
  /** Starts with "must". */
  readonly message: string;
}

type Problem = Omit<RuleProblem, 'file'>;

/**
 * @param id the rule's by the name of its file
 * @param root of the repository
 */
export function problemsOfRule(rule: Rule, id: string, root: URL): RuleProblem[] {
  const inRule = [
    problemsOfTexts(rule, id),
    problemsOfReads(rule),
    problemsOfRepair(rule),
    problemsOfPresets(rule),
    problemsOfOptions(rule),
  ].flat();
  return [...inRule.map((problem) => ({ file: `src/rules/${id}.ts`, ...problem })), ...problemsOfTests(rule, id, root)];
}

/** `src/rules/my-rule.ts: meta.docs.summary must …` */
export function renderProblem({ file, field, message }: RuleProblem): string {
  return `${file}: ${field === '' ? message : `${field} ${message}`}`;
}

function problemsOfTexts({ meta }: Rule, id: string): Problem[] {
  const { docs, messages } = meta;
  const problems: Problem[] = [];
  const demand = (isMet: boolean, field: string, message: string): void => {
    if (!isMet) problems.push({ field: `meta.${field}`, message });
  };
  const idProblem = problemOfId(meta.id);
  demand(idProblem === undefined, 'id', idProblem ?? '');
  demand(meta.id === id, 'id', `must be the name of the file, '${id}', but is '${meta.id}'`);
  demand(/^\d+\.\d+\.\d+$/.test(meta.since), 'since', `must be a version, such as ${VERSION}`);
  demand(meta.since.localeCompare(VERSION, undefined, { numeric: true }) <= 0, 'since', `must be no later version than ${VERSION}`);
  demand(CATEGORIES.includes(meta.category), 'category', `must be one of ${CATEGORIES.join(', ')}, but is '${meta.category}'`);
  demand(/^[A-Z].*\.$/.test(docs.summary), 'docs.summary', 'must be one sentence on one line');
  demand(/^[A-Z`].{1,158}\.$/.test(docs.harm), 'docs.harm', 'must be one sentence of at most 160 characters on one line');
  for (const name of ['why', 'remediation', 'worse'] as const) {
    demand(/^[A-Z][\s\S]*[.:]$/.test(docs[name]), `docs.${name}`, 'must be sentences: a capital letter first, a full stop last');
  }
  demand(docs.references.length > 0, 'docs.references', 'must name at least one source');
  for (const [index, reference] of docs.references.entries()) {
    demand(reference.startsWith('https://'), `docs.references[${index}]`, 'must start with https://');
  }
  demand(Object.keys(messages).length > 0, 'messages', 'must have at least one message');
  for (const [name, { text, fix }] of Object.entries(messages)) {
    demand(/^must [\s\S]*[^.]$/.test(text), `messages.${name}.text`, 'must start with "must" and end without a full stop');
    demand(/^[a-z`][\s\S]*[^.]$/.test(fix), `messages.${name}.fix`, 'must start in lower case and end without a full stop');
  }
  demand((meta.about === 'workload') === (meta.kinds !== undefined), 'kinds', "must be there with about: 'workload', and only then");
  for (const [index, kind] of (meta.kinds ?? []).entries())
    demand(hasOwnFields(kind), `kinds[${index}]`, 'must be a kind of which podgrace reads more than the template, such as apps/Deployment');
  for (const field of fieldsToDo(meta, 'meta')) problems.push({ field, message: 'must be written: it still says TODO' });
  return problems;
}

/** The fields, at any depth, that still hold a text of the scaffold. */
function fieldsToDo(value: unknown, field: string): string[] {
  if (typeof value === 'string') return value.includes('TODO') ? [field] : [];
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, member]) =>
    fieldsToDo(member, Array.isArray(value) ? `${field}[${key}]` : `${field}.${key}`),
  );
}

const OF_CONTAINERS = 'spec.containers[*]';

function problemsOfReads({ meta: { reads, appliesTo } }: Rule): Problem[] {
  if (reads.length === 0) return [{ field: 'meta.reads', message: 'must name what the rule looks at' }];
  const repeated = new Set(reads.filter((place, index) => reads.indexOf(place) < index));
  const problems = [...repeated].map((place) => ({
    field: 'meta.reads',
    message: `must name each place once, but '${place}' stands there twice`,
  }));
  // A sidecar is an init container: a rule about both kinds looks at both lists.
  if (!appliesTo.containers.some((kind) => kind === 'sidecar' || kind === 'init')) return problems;
  const ofInitContainers = [...new Set(reads)]
    .filter((place) => place.startsWith(OF_CONTAINERS))
    .map((place) => place.replace(OF_CONTAINERS, 'spec.initContainers[*]'))
    .filter((place) => !reads.includes(place))
    .map((place) => ({ field: 'meta.reads', message: `must also have '${place}', as the rule applies to init containers or sidecars` }));
  return [...problems, ...ofInitContainers];
}

function problemsOfRepair(rule: Rule): Problem[] {
  const { meta } = rule;
  const problems: Problem[] = [];
  if (rule.mutate === undefined) {
    if (meta.mutation !== 'none') problems.push({ field: 'meta.mutation', message: "must be 'none', as the rule has no mutate()" });
    if (meta.writes.length > 0) problems.push({ field: 'meta.writes', message: 'must be empty, as the rule has no mutate()' });
    for (const preset of PRESETS) {
      if (meta.presets[preset].mutation !== 'off')
        problems.push({ field: `meta.presets.${preset}.mutation`, message: "must be 'off', as the rule has no mutate()" });
    }
  } else {
    if (meta.mutation === 'none') problems.push({ field: 'meta.mutation', message: "must not be 'none', as the rule has mutate()" });
    if (meta.about === 'workload' || meta.about === 'deletion')
      problems.push({ field: 'meta.about', message: "must be 'pod', as the rule has mutate(): only Pods are repaired" });
    if (meta.writes.length === 0) problems.push({ field: 'meta.writes', message: 'must name what mutate() changes' });
  }
  return problems;
}

/** baseline, production, strict: none is milder than the one before. */
function problemsOfPresets({ meta }: Rule): Problem[] {
  // `MODES` begins with the strictest.
  const mildness = PRESETS.map((preset) => MODES.indexOf(meta.presets[preset].mode));
  return PRESETS.flatMap((preset, index) => {
    const before = PRESETS[index - 1];
    if (before === undefined || (mildness[index] ?? 0) <= (mildness[index - 1] ?? 0)) return [];
    const { mode } = meta.presets[preset];
    return [
      {
        field: `meta.presets.${preset}.mode`,
        message: `must be as strict as ${before}'s '${meta.presets[before].mode}', but is '${mode}'`,
      },
    ];
  });
}

function problemsOfOptions({ meta }: Rule): Problem[] {
  const isRight = new Ajv({ allErrors: true }).compile(meta.schema);
  const problems: Problem[] = [];
  const properties = (meta.schema['properties'] ?? {}) as Record<string, { readonly description?: string } | undefined>;
  for (const [option, schema] of Object.entries(properties)) {
    if ((schema?.description ?? '') === '')
      problems.push({ field: `meta.schema.properties.${option}.description`, message: 'must say what the option means' });
  }
  for (const option of Object.keys(meta.defaultOptions as object)) {
    if (properties[option] === undefined)
      problems.push({ field: `meta.defaultOptions.${option}`, message: 'must be a property of meta.schema' });
  }
  for (const preset of PRESETS) {
    const { options, mutation } = meta.presets[preset];
    const field = options === undefined ? 'meta.defaultOptions' : `meta.presets.${preset}.options`;
    const merged = mergeSetting(meta, preset).options;
    if (!isRight(merged)) {
      for (const { instancePath, message = '' } of isRight.errors ?? [])
        problems.push({ field: `${field}${instancePath.replaceAll('/', '.')}`, message });
      continue;
    }
    for (const minor of [OLDEST_MINOR, NEWEST_MINOR]) {
      for (const { option, message } of meta.checkOptions?.(merged, mutation, minor) ?? [])
        problems.push({ field: `${field}.${option}`, message: `${message} (preset ${preset}, Kubernetes 1.${minor})` });
    }
  }
  return problems;
}

/** Fixtures and the test that reads them: what they say, the laws prove (test/rules/laws.ts). */
function problemsOfTests(rule: Rule, id: string, root: URL): RuleProblem[] {
  const problems: RuleProblem[] = [];
  const folder = `test/rules/${id}/`;
  const url = new URL(folder, root);
  const fixtures = existsSync(url) ? readdirSync(url).filter((name) => name.endsWith('.yaml')) : [];
  const demand = (isMet: boolean, file: string, message: string): void => {
    if (!isMet) problems.push({ file, field: '', message });
  };
  const has = (expectation: string): boolean => fixtures.some((name) => name.startsWith(`${expectation}.`));
  demand(has('accepted'), folder, 'must hold an accepted.<case>.yaml');
  if (rule.mutate !== undefined) demand(has('repaired'), folder, 'must hold a repaired.<case>.yaml, as the rule has mutate()');
  else demand(has('reported'), folder, 'must hold a reported.<case>.yaml');
  const provoked = new Set(fixtures.flatMap((name) => messagesIn(readFileSync(new URL(name, url), 'utf8'))));
  for (const message of Object.keys(rule.meta.messages)) {
    demand(provoked.has(message), folder, `must hold a case with the finding '${message}' of meta.messages`);
  }
  const test = `test/rules/${id}.test.ts`;
  const text = existsSync(new URL(test, root)) ? readFileSync(new URL(test, root), 'utf8') : '';
  const isProved = text.includes(`from '../../src/rules/${id}.ts'`) && /^testRule\(rule\);$/m.test(text);
  demand(isProved, test, `must import the rule from '../../src/rules/${id}.ts' and call testRule(rule)`);
  // A deletion is no update.
  if (rule.meta.about === 'deletion') return problems;
  const steps = stepsOf(id, root);
  if (steps === undefined) demand(false, LADDERS, `must have the steps of ${id}, from right to worst`);
  else demand(!steps.includes('TODO'), LADDERS, `must have the steps of ${id}, from right to worst: they still say TODO`);
  return problems;
}

/** @returns the text of the steps that the tests of updates read, undefined where the rule has none */
function stepsOf(id: string, root: URL): string | undefined {
  const url = new URL(LADDERS, root);
  const [, behind] = existsSync(url) ? readFileSync(url, 'utf8').split(ladderStart(id)) : [];
  // The next entry begins, or the list ends.
  return behind?.split(/\],\n(?= {2}[^\s\]]|\};)/, 1)[0];
}

function messagesIn(fixture: string): string[] {
  const { findings = [] } = (load(fixture) ?? {}) as { findings?: readonly { readonly message?: string }[] };
  return findings.flatMap(({ message }) => message ?? []);
}
