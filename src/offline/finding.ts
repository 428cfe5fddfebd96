/** A finding as `check` and `replay` report it, whatever the format. */
import type { Finding } from '../core/finding.ts';

/**
 * What becomes of a finding: the policy's mode, or `repair` for what podgrace repairs at admission, or `would` for what it
 * would repair if the policy let it.
 */
export const REPORTED_MODES = ['enforce', 'warn', 'audit', 'repair', 'would'] as const;
export type ReportedMode = (typeof REPORTED_MODES)[number];

export interface ReportedFinding {
  readonly rule: string;
  readonly mode: ReportedMode;
  readonly message: string;
  readonly field: string;
  /** Null where the finding is about no single container. */
  readonly container: string | null;
  readonly fix: string;
}

/**
 * The part of a finding that reports show.
 *
 * @param mode instead of the one that the policy gives the rule
 */
export function reported(finding: Finding, mode: ReportedMode = finding.mode): ReportedFinding {
  const { rule, message, field, container, fix } = finding;
  return { rule, mode, message, field, container: container ?? null, fix };
}

/** What an exemption covers is nobody's business until its end is near: then it is a warning. */
export function isReported({ excuse, mode }: Finding): boolean {
  return excuse !== 'exempt' || mode === 'warn';
}

/** What denies first, what was repaired last; within a mode in the order of the catalogue. */
export function bySeverity<F extends ReportedFinding>(findings: readonly F[]): F[] {
  return findings.toSorted((a, b) => REPORTED_MODES.indexOf(a.mode) - REPORTED_MODES.indexOf(b.mode));
}
