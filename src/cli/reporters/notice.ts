/** What commands say beside results: what looks like a workload and is passed over, and what a cluster refuses whatever rules find. */
import type { CheckOutcome, CheckResult } from '../../offline/check.ts';
import type { ExplainSkip } from '../../offline/explanation.ts';
import type { Outcome } from '../../offline/outcome.ts';
import { hintAboutVersion } from '../../offline/own-kinds.ts';
import { startText } from './place-text.ts';
import { uncheckedText, unexplainedText } from './text/unjudged-text.ts';

export interface Notice extends Pick<CheckResult, 'file' | 'line' | 'renderedLine'> {
  /** Empty for what is no Kubernetes object: a chart, a template. */
  readonly kind: string;
  /** Behind the kind, or the file: `is judged, but a cluster refuses it, because …`. */
  readonly message: string;
}

/** The name that reports have in place of a rule's, where a notice is about an object that was judged. */
export const VERSION_RULE = 'served-version';

/** Of an object that was judged: that no cluster takes its version. */
export function refusalOf({ file, line, renderedLine, apiVersion, kind }: CheckResult): Notice | undefined {
  const message = hintAboutVersion(apiVersion, kind);
  return message === undefined ? undefined : { file, line, ...(renderedLine !== undefined && { renderedLine }), kind, message };
}

/**
 * What `check` says of an object besides its findings: that it is not judged although it looks like a workload, or that no cluster
 * takes its version.
 */
export function noticeOf(outcome: CheckOutcome): Notice | undefined {
  if (outcome.outcome === 'judged') return refusalOf(outcome.result);
  return outcome.outcome === 'error' ? undefined : noticeOfSkip(outcome.skip, uncheckedText);
}

/** Of `explain`, whatever it prints of objects. */
export function unexplainedNoticeOf<Failure>(outcome: Outcome<unknown, ExplainSkip, Failure>): NoticeOfSkip<ExplainSkip> | undefined {
  return outcome.outcome === 'skipped' ? noticeOfSkip(outcome.skip, unexplainedText) : undefined;
}

/** An object of a cluster has no line. */
type NoticeOfSkip<Skipped extends ExplainSkip> = Omit<Notice, 'line'> & Pick<Skipped, 'line'>;

function noticeOfSkip<Skipped extends ExplainSkip>(skip: Skipped, textOf: typeof uncheckedText): NoticeOfSkip<Skipped> | undefined {
  const { file, line, renderedLine, kind, unjudged } = skip;
  if (unjudged === undefined) return undefined;
  return { file, line, ...(renderedLine !== undefined && { renderedLine }), kind, message: textOf(unjudged, file) };
}

/** On one line, with its place. */
export function noticeText(notice: Notice): string {
  const { file, kind, message } = notice;
  return `${kind === '' ? file : `${startText(notice)} ${kind}`}: ${message}`;
}
