/** The parts of every report in every format. A report is written object by object, so that memory stays flat. */
import type { CheckOutcome } from '../../offline/check.ts';
import type { CheckSummary } from '../../offline/check-tally.ts';
import type { FixOutcome } from '../../offline/fix.ts';
import type { FixSummary } from '../../offline/fix-tally.ts';
import type { ReplayOutcome, ReplaySummary } from '../../offline/replay.ts';
import type { Rule } from '../../core/rule.ts';
import type { ShownOutcome } from '../../offline/shown-object.ts';
import type { ExplainOutcome, ExplainSummary } from '../../offline/explanation.ts';
import type { DryRunOutcome, DryRunSummary } from '../../kube/commands/manifest-dry-run.ts';
import type { StatusReport } from '../../kube/commands/status-report.ts';
import type { TextOutput } from '../output/text-output.ts';

export interface Reporter<Head, Item, Summary> {
  /** Before the first object. */
  begin(head: Head): void;
  object(item: Item): void;
  /** After the last object; not called where the work did not come to its end. */
  end(summary: Summary): void;
}

export interface CheckHead {
  readonly version: string;
  /** The name of the policy; where files have policies of their own, that of the first path. */
  readonly policy: string;
  /** Whether nobody chose the policy. */
  readonly isDefaultPolicy: boolean;
}

export interface FixHead extends CheckHead {
  /** Whether no file is written. */
  readonly isDry: boolean;
}

export interface ReplayHead {
  /** What answers are compared with; undefined where they are not. */
  readonly compared: { readonly here: string; readonly there: string } | undefined;
  /** Whether answers that do not differ are left out. */
  readonly onlyDifferences: boolean;
}

export interface DryRunHead {
  readonly version: string;
  readonly server: string;
  /** That podgrace's own evaluation goes by; null where there is none. */
  readonly policy: string | null;
}

export interface RulesHead {
  /** Whether all is to be said about each rule, and not only what the presets make of it. */
  readonly isDetailed: boolean;
}

/** By the name of the report: what it begins with, what an object of it is, and what it ends with. */
export interface Reports {
  readonly check: Reporter<CheckHead, CheckOutcome, CheckSummary>;
  readonly objects: Reporter<undefined, ShownOutcome, undefined>;
  readonly explain: Reporter<undefined, ExplainOutcome, ExplainSummary>;
  readonly fix: Reporter<FixHead, FixOutcome, FixSummary>;
  readonly replay: Reporter<ReplayHead, ReplayOutcome, ReplaySummary>;
  readonly 'dry-run': Reporter<DryRunHead, DryRunOutcome, DryRunSummary>;
  readonly status: Reporter<undefined, StatusReport, undefined>;
  readonly rules: Reporter<RulesHead, Rule, undefined>;
}

export interface ReportOptions {
  readonly stdout: TextOutput;
  /** For what is wrong with the input, where a format has no place for it. */
  readonly stderr: TextOutput;
  /** Whether to print all about everything. */
  readonly isVerbose: boolean;
  /** Whether to leave out what sums up. */
  readonly isQuiet?: boolean;
}

/** A format makes those reports that it can show. */
export type ReportFormat = {
  readonly [Name in keyof Reports]?: (options: ReportOptions) => Reports[Name];
};
