/** A finding as `check` and `replay` print it, in text and in JSON. */
import type { Finding } from '../../core/evaluate.ts';
import type { Paint } from '../terminal.ts';

/**
 * What becomes of a finding: the policy's mode, or `repair` for what podgrace repairs at admission, or `would` for what it
 * would repair if the policy let it.
 */
export const PRINTED_MODES = ['enforce', 'warn', 'audit', 'repair', 'would'] as const;
export type PrintedMode = (typeof PRINTED_MODES)[number];

export interface PrintedFinding {
  readonly rule: string;
  readonly mode: PrintedMode;
  readonly message: string;
  readonly field: string;
  /** Null where the finding is about no single container. */
  readonly container: string | null;
  readonly fix: string;
}

export function printed(finding: Finding, mode: PrintedMode = finding.mode): PrintedFinding {
  const { rule, message, field, container, fix } = finding;
  return { rule, mode, message, field, container: container ?? null, fix };
}

/** What an exemption covers is nobody's business until its end is near: then it is a warning. */
export function isReported({ excuse, mode }: Finding): boolean {
  return excuse !== 'exempt' || mode === 'warn';
}

/** What denies first, what was repaired last; within a mode in the order of the catalogue. */
export function bySeverity(findings: readonly PrintedFinding[]): PrintedFinding[] {
  return findings.toSorted((a, b) => PRINTED_MODES.indexOf(a.mode) - PRINTED_MODES.indexOf(b.mode));
}

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
 * @param verbose says all about all of them
 */
export function findingLines(findings: readonly PrintedFinding[], paint: Paint, verbose: boolean): string[] {
  if (verbose) return findings.flatMap((finding) => wholeLines(finding, paint));
  const shown = findings.filter(({ mode }) => mode !== 'audit');
  const repairs = Map.groupBy(shown.filter(isRepair), ({ mode, rule }) => `${mode} ${rule}`);
  return [
    ...shown.filter((finding) => !isRepair(finding)).flatMap((finding) => wholeLines(finding, paint)),
    ...[...repairs.values()].flatMap((group) => repairLine(group, paint)),
  ];
}

function isRepair({ mode }: PrintedFinding): boolean {
  return mode === 'repair' || mode === 'would';
}

function wholeLines({ rule, mode, message, field, container, fix }: PrintedFinding, paint: Paint): string[] {
  const where = container === null ? field : `${field} (container ${container})`;
  const isForSomebody = mode === 'enforce' || mode === 'warn';
  const remark = isForSomebody ? '' : ` (${REMARKS[mode]})`;
  const line = `  ${paint(STYLES[mode], MARKS[mode])} ${where}: ${message}${remark} ${paint('dim', `[${rule}]`)}`;
  return isForSomebody ? [line, `    ${paint('dim', `fix: ${fix}`)}`] : [line];
}

/** @param group findings of one rule and one mode */
function repairLine(group: readonly PrintedFinding[], paint: Paint): string[] {
  const [first] = group;
  if (first === undefined || (first.mode !== 'repair' && first.mode !== 'would')) return [];
  const fields = group.map(({ field }) => field).join(', ');
  return [`  ${paint(STYLES[first.mode], MARKS[first.mode])} ${fields}: ${REMARKS[first.mode]} ${paint('dim', `[${first.rule}]`)}`];
}

/** `1 object`, `1,000 objects`. */
export function counted(number: number, noun: string): string {
  return `${number.toLocaleString('en')} ${noun}${number === 1 ? '' : 's'}`;
}
