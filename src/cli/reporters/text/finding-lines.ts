/** A finding in the text of a report. */
import type { ReportedFinding } from '../../../offline/finding.ts';
import { styled, text, type Text } from '../../output/text.ts';

const MARKS = { enforce: '✗', warn: '!', audit: '·', repair: '~', would: '?' } as const;
const STYLES = { enforce: 'red', warn: 'yellow', audit: 'dim', repair: 'cyan', would: 'magenta' } as const;

/** Of what nobody has to do anything about. */
const REMARKS = {
  audit: 'recorded only',
  repair: 'repaired at admission',
  would: 'would be repaired, if the policy said `mutation: apply`',
} as const;

/**
 * What somebody has to do something about takes two lines: what and where, and what to do. Of repairs, one line says which
 * fields a rule takes care of; findings that are only recorded are left out.
 *
 * @param isVerbose says all about all of them
 */
export function findingLines(findings: readonly ReportedFinding[], isVerbose: boolean): Text[] {
  if (isVerbose) return findings.flatMap(wholeLines);
  const shown = findings.filter(({ mode }) => mode !== 'audit');
  const repairs = Map.groupBy(shown.filter(isRepair), ({ mode, rule }) => `${mode} ${rule}`);
  return [...shown.filter((finding) => !isRepair(finding)).flatMap(wholeLines), ...[...repairs.values()].flatMap(repairLine)];
}

function isRepair({ mode }: ReportedFinding): boolean {
  return mode === 'repair' || mode === 'would';
}

function wholeLines({ rule, mode, message, field, container, fix }: ReportedFinding): Text[] {
  const where = container === null ? field : `${field} (container ${container})`;
  const isForSomebody = mode === 'enforce' || mode === 'warn';
  const remark = isForSomebody ? '' : ` (${REMARKS[mode]})`;
  const line = text`  ${styled(STYLES[mode], MARKS[mode])} ${where}: ${message}${remark} ${styled('dim', `[${rule}]`)}`;
  return isForSomebody ? [line, text`    ${styled('dim', `fix: ${fix}`)}`] : [line];
}

/** @param group findings of one rule and one mode */
function repairLine(group: readonly ReportedFinding[]): Text[] {
  const [first] = group;
  if (first === undefined || (first.mode !== 'repair' && first.mode !== 'would')) return [];
  const { mode, rule } = first;
  const fields = group.map(({ field }) => field).join(', ');
  return [text`  ${styled(STYLES[mode], MARKS[mode])} ${fields}: ${REMARKS[mode]} ${styled('dim', `[${rule}]`)}`];
}

export function verdictText(isAllowed: boolean): Text {
  return isAllowed ? styled('green', 'allowed') : styled('red', 'denied');
}

/** `1 object`, `1,000 objects`. */
export function counted(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
