/** The findings of one object as `podgrace check` prints them: the place, the line itself, why, and what to set. */
import { catalogue } from '../../../config/catalogue.ts';
import type { CheckFinding, CheckResult } from '../../../offline/check.ts';
import type { Proposal } from '../../../offline/proposal.ts';
import { printFlowYaml, printYaml } from '../../../yaml/print-yaml.ts';
import { styled, text, type Text } from '../../output/text.ts';
import { fieldText, placeText } from '../place-text.ts';
import { quotedPlace } from '../quoted-place.ts';
import { isForSomebody, MARKS, REMARKS, STYLES } from './finding-lines.ts';
import { quotedLine } from './quoted-line.ts';

const QUOTE_INDENT = 6;

/**
 * Of what somebody has to do something about, everything. Of repairs, one line says which fields a rule takes care of, and
 * what it sets; findings that are only recorded are left out.
 *
 * @param isVerbose says everything of all of them
 */
export function checkFindingLines(result: CheckResult, isVerbose: boolean): Text[] {
  const { findings, proposals } = result;
  const shown = isVerbose ? findings : findings.filter(({ mode }) => mode !== 'audit');
  const told = new Map<string, string>();
  const groups = [...Map.groupBy(shown, ({ mode, rule }) => `${mode} ${rule}`).values()];
  return groups.flatMap((group) => {
    const [first] = group;
    if (first === undefined) return [];
    const proposed = proposals.of(first.rule);
    return isVerbose || isForSomebody(first) ? wholeLines(result, group, proposed, told) : [repairLine(first, group, proposed)];
  });
}

/**
 * @param group findings of one rule and one mode
 * @param told what repairs would set, as it is printed for the object, and of which rule; takes in those of this one
 */
function wholeLines(
  { file, findings }: CheckResult,
  group: readonly CheckFinding[],
  proposed: readonly Proposal[],
  told: Map<string, string>,
): Text[] {
  const lines = group.flatMap((finding, index) => {
    const { rule, mode, message, fix } = finding;
    const remark = isForSomebody(finding) ? '' : ` (${REMARKS[mode]})`;
    const place = styled('bold', placeText(file, finding.place));
    const head = text`  ${styled(STYLES[mode], MARKS[mode])} ${place} ${fieldText(finding)}: ${message}${remark} ${styled('dim', `[${rule}]`)}`;
    const harm = index === 0 && isForSomebody(finding) ? catalogue.get(rule)?.meta.docs.harm : undefined;
    return [
      head,
      ...quotedLine(quotedPlace(finding, findings), STYLES[mode], QUOTE_INDENT),
      ...(harm === undefined ? [] : [text`    ${styled('dim', `why: ${harm}`)}`]),
      ...(isForSomebody(finding) ? [text`    ${styled('dim', `fix: ${fix}`)}`] : []),
    ];
  });
  const rule = group[0]?.rule ?? '';
  return [...lines, ...proposed.flatMap((proposal) => proposalLines(proposal, rule, told))];
}

/** To paste, as it is; once where rules would set the same. */
function proposalLines({ at, fields }: Proposal, rule: string, told: Map<string, string>): Text[] {
  const head = `the repair would set in ${at.text === '' ? 'the object' : at.text}:`;
  const yaml = printYaml(fields);
  const whole = [head, ...yaml].join('\n');
  const other = told.get(whole);
  if (other !== undefined && other !== rule) return [text`    ${styled('dim', `the repair would set the same as that of ${other} above`)}`];
  told.set(whole, rule);
  return [text`    ${styled('dim', head)}`, ...yaml.map((line) => text`      ${styled('green', line)}`)];
}

function repairLine(first: CheckFinding, group: readonly CheckFinding[], proposed: readonly Proposal[]): Text {
  const { mode, rule } = first;
  const fields = group.map(({ field }) => field).join(', ');
  const sets = proposed.map((proposal) => printFlowYaml(proposal.fields)).join(', ');
  const set = sets === '' || sets.length > MAX_SET_LENGTH ? '' : `, which sets ${sets}`;
  return text`  ${styled(STYLES[mode], MARKS[mode])} ${fields}: ${REMARKS[mode]}${set} ${styled('dim', `[${rule}]`)}`;
}

/** What is longer is no line any more; `--verbose` prints it as YAML. */
const MAX_SET_LENGTH = 120;
