/**
 * The conditions that say of which updates the API server asks podgrace: those that change the spec of Pods or anything else that
 * some rule reads. Made of the list by which podgrace itself decides whether an update is judged (`core/update-scope.ts`), for all rules, as
 * the policy may switch any of them on. Expressions are CEL: https://kubernetes.io/docs/reference/using-api/cel/
 */
import { readFileSync } from 'node:fs';
import { OWNED_KINDS } from '../admission/senders.ts';
import { catalogue } from '../config/catalogue.ts';
import { ANY } from '../core/path.ts';
import { placesReadBy, type Place, type ReadPlaces } from '../core/update-scope.ts';
import { BUILT_IN_KINDS, nameOfKind, type WorkloadKind } from '../core/workload.ts';
import { withCompanionWebhook } from './companion-webhook.ts';
import { ROOT, type Generated } from './generated.ts';

const MANIFEST = 'deploy/base/91-validating-webhook.yaml';
const MANIFESTS = [MANIFEST, 'deploy/chart/templates/validating-webhook.yaml'];

/** Kinds that are submitted in no other version: `extensions` has been gone since Kubernetes 1.22. */
const SUBMITTED_KINDS = BUILT_IN_KINDS.filter(({ group }) => group !== 'extensions');

/** What controllers send of it goes to a webhook of its own. */
const KINDS_BY_WEBHOOK: ReadonlyMap<string, readonly WorkloadKind[]> = new Map([
  ['validate.runbook.podgrace.dev', SUBMITTED_KINDS],
  ['validate-owned.runbook.podgrace.dev', SUBMITTED_KINDS.filter(({ kind }) => OWNED_KINDS.has(kind))],
]);

const CONDITION = 'changes-what-rules-read';
const HEAD = `      - name: ${CONDITION}\n        expression: >-\n`;
const INDENT = ' '.repeat(10);

/** The manifests and the chart with the conditions of today. @throws {Error} where a webhook has lost its condition */
export function webhookManifests(): Generated[] {
  const places = placesReadBy(catalogue.rules);
  return MANIFESTS.map((path) => {
    let content = readFileSync(new URL(path, ROOT), 'utf8');
    for (const [webhook, kinds] of KINDS_BY_WEBHOOK) content = withCondition(content, webhook, updateCondition(kinds, places), path);
    return { path, content: path === MANIFEST ? withCompanionWebhook(content) : content };
  });
}

function withCondition(manifest: string, webhook: string, lines: readonly string[], path: string): string {
  const start = manifest.indexOf(`  - name: ${webhook}\n`);
  const head = manifest.indexOf(HEAD, start);
  if (start < 0 || head < 0) throw new Error(`${path} must have the condition ${CONDITION} of the webhook ${webhook}`);
  const from = head + HEAD.length;
  let to = from;
  while (manifest.startsWith(INDENT, to)) to = manifest.indexOf('\n', to) + 1;
  return manifest.slice(0, from) + lines.map((line) => `${INDENT}${line}\n`).join('') + manifest.slice(to);
}

/** @returns lines of one CEL expression that is true of every update that rules may see */
export function updateCondition(kinds: readonly WorkloadKind[], places: ReadPlaces): string[] {
  const comparisons = kinds.map((kind) => ({ name: kind.kind, lines: comparisonOf(kind, places) }));
  // What most kinds have in common stands last, without their names.
  const byText = [...Map.groupBy(comparisons, ({ lines }) => lines.join('\n')).values()];
  const common = byText.reduce((most, group) => (group.length > most.length ? group : most));
  const ofOthers = byText.flatMap((group) =>
    group === common ? [] : [`${isOneOf(group.map(({ name }) => name))} ?`, ...(group[0]?.lines ?? []), ':'],
  );
  return bracketed(["request.operation != 'UPDATE' ||", ...ofOwnKinds(kinds), ...ofOthers, ...(common[0]?.lines ?? [])]);
}

/**
 * Kinds of the policy's own, where somebody has added a rule for their group: they may have the name of one of these, and no template
 * where that has one, or have it beside the spec. An expression that fails refuses the request, so all but metadata and status is compared
 * as it is. A field that went away took its templates along.
 */
function ofOwnKinds(kinds: readonly WorkloadKind[]): string[] {
  const groups = [...new Set(kinds.map(({ group }) => `'${group}'`))];
  return [
    `!(request.kind.group in [${groups.join(', ')}]) ?`,
    "object.exists(field, !(field in ['metadata', 'status']) &&",
    '(!(field in oldObject) || object[field] != oldObject[field]))',
    ':',
  ];
}

/** What follows the first line is one operand. */
function bracketed([first = '', second = '', ...rest]: readonly string[]): string[] {
  const operand = [`(${second}`, ...rest];
  operand.push(`${operand.pop() ?? ''})`);
  // A colon ends the line before it.
  return [first, ...operand].reduce<string[]>((lines, line) => {
    if (line === ':') lines.push(`${lines.pop() ?? ''} :`);
    else lines.push(line);
    return lines;
  }, []);
}

function isOneOf(names: readonly string[]): string {
  const [first = ''] = names;
  return names.length === 1 ? `request.kind.kind == '${first}'` : `request.kind.kind in [${names.map((name) => `'${name}'`).join(', ')}]`;
}

function comparisonOf(kind: WorkloadKind, { ofPods, ofTemplates, ofWorkloads }: ReadPlaces): string[] {
  const root = kind.templatePath.map((step) => {
    if (step === ANY) throw new Error(`${kind.kind} has several templates`);
    return step;
  });
  const template = root.map((step) => `.${step}`).join('');
  const comparedInTemplate = new Set(ofTemplates.map((place) => [...root, ...place].join('/')));
  const members = [
    `${template}.spec`,
    ...(template === '' ? ofPods.map(memberOfObject) : ofTemplates.map((place) => template + optionalMember(place))),
    ...(ofWorkloads.get(nameOfKind(kind)) ?? []).filter((place) => !comparedInTemplate.has(place.join('/'))).map(memberOfObject),
  ];
  return members.flatMap((member, index) => {
    const end = index === members.length - 1 ? '' : ' ||';
    const line = `object${member} != oldObject${member}${end}`;
    return line.length <= LONGEST_LINE ? [line] : [`object${member} !=`, `oldObject${member}${end}`];
  });
}

const LONGEST_LINE = 100;

/** Every object has metadata, and of these kinds a spec. */
function memberOfObject([first = '', ...rest]: Place): string {
  return `.${first}${optionalMember(rest)}`;
}

/** `.?metadata.?annotations[?'key']`: nothing, and no error, where one of them is not there. */
function optionalMember(place: Place): string {
  return place.map((step) => (/^[A-Za-z_]\w*$/.test(step) ? `.?${step}` : `[?'${step}']`)).join('');
}
