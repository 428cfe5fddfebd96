/** A finding in the text of a report. */
import type { ReportedFinding, ReportedMode } from '../../../offline/finding.ts';
import type { CheckHead } from '../reporter.ts';
import { fieldText } from '../place-text.ts';
import { grouped } from '../../output/grouped.ts';
import { styled, text, type Text } from '../../output/text.ts';

/** What stands before a finding in a text report. */
export const MARKS = { enforce: '✗', warn: '!', audit: '·', repair: '~', would: '?' } as const;
/** The colours of these marks. */
export const STYLES = { enforce: 'red', warn: 'yellow', audit: 'dim', repair: 'cyan', would: 'magenta' } as const;

/** Of what nobody has to do anything about. */
export const REMARKS: Readonly<Record<ReportedMode, string>> = {
  enforce: 'denied',
  warn: 'warned',
  audit: 'recorded only',
  repair: 'repaired at admission',
  would: 'would be repaired, if the policy said `mutation: apply`',
};

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

/** Whether somebody has to do something about it. */
export function isForSomebody({ mode }: ReportedFinding): boolean {
  return mode === 'enforce' || mode === 'warn';
}

function isRepair({ mode }: ReportedFinding): boolean {
  return mode === 'repair' || mode === 'would';
}

function wholeLines(finding: ReportedFinding): Text[] {
  const { rule, mode, message, fix } = finding;
  const isTold = isForSomebody(finding);
  const remark = isTold ? '' : ` (${REMARKS[mode]})`;
  const line = text`  ${styled(STYLES[mode], MARKS[mode])} ${fieldText(finding)}: ${message}${remark} ${styled('dim', `[${rule}]`)}`;
  return isTold ? [line, text`    ${styled('dim', `fix: ${fix}`)}`] : [line];
}

/** @param group findings of one rule and one mode */
function repairLine(group: readonly ReportedFinding[]): Text[] {
  const [first] = group;
  if (first === undefined || (first.mode !== 'repair' && first.mode !== 'would')) return [];
  const { mode, rule } = first;
  const fields = group.map(({ field }) => field).join(', ');
  return [text`  ${styled(STYLES[mode], MARKS[mode])} ${fields}: ${REMARKS[mode]} ${styled('dim', `[${rule}]`)}`];
}

/** `allowed` in green, `denied` in red. */
export function verdictText(isAllowed: boolean): Text {
  return isAllowed ? styled('green', 'allowed') : styled('red', 'denied');
}

/**
 * Which policy a report goes by. Whoever checks by a default, and installs another, is surprised.
 *
 * @param used the names of the policies by which objects were judged
 */
export function policyText(used: ReadonlySet<string>, head: CheckHead | undefined): string {
  const { policy = '', isDefaultPolicy = false } = head ?? {};
  if (used.size > 1) return `policies ${[...used].sort().join(', ')}`;
  return isDefaultPolicy ? `policy ${policy}, the default; to choose another, use --preset or --policy` : `policy ${policy}`;
}

/** `1 object`, `1,000 objects`. */
export function counted(number: number, noun: string): string {
  return `${grouped(number)} ${noun}${number === 1 ? '' : 's'}`;
}
