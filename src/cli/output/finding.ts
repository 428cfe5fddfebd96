/** A finding as `check` and `replay` print it, in text and in JSON. */
import type { Finding } from '../../core/evaluate.ts';

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

/** What denies first, what was repaired last; within a mode in the order of the catalogue. */
export function bySeverity(findings: readonly PrintedFinding[]): PrintedFinding[] {
  return findings.toSorted((a, b) => PRINTED_MODES.indexOf(a.mode) - PRINTED_MODES.indexOf(b.mode));
}

const MARKS = { enforce: '✗', warn: '!', audit: '·', repair: '~', would: '?' } as const;
const STYLES = { enforce: 'red', warn: 'yellow', audit: 'dim', repair: 'cyan', would: 'magenta' } as const;
const SUFFIXES = {
  enforce: '',
  warn: '',
  audit: ' (recorded only)',
  repair: ' (repaired at admission)',
  would: ' (would be repaired)',
} as const;

type Paint = (style: 'red' | 'yellow' | 'dim' | 'cyan' | 'magenta' | 'green' | 'bold', text: string) => string;

/** Two lines: what and where, and what to do; the second only where there is something to do. */
export function findingLines({ rule, mode, message, field, container, fix }: PrintedFinding, paint: Paint): string[] {
  const where = container === null ? field : `${field} (container ${container})`;
  const lines = [`  ${paint(STYLES[mode], MARKS[mode])} ${where}: ${message}${SUFFIXES[mode]} ${paint('dim', `[${rule}]`)}`];
  if (mode === 'enforce' || mode === 'warn') lines.push(`    ${paint('dim', `fix: ${fix}`)}`);
  return lines;
}

export type { Paint };
