/** What `check` says beside findings: what looks like a workload and is passed over, and what a cluster refuses whatever rules find. */
import type { CheckOutcome, CheckResult } from '../../offline/check.ts';
import { hintAboutVersion } from '../../offline/own-kinds.ts';
import { startText } from './place-text.ts';
import { uncheckedText } from './text/unjudged-text.ts';

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

export function noticeOf(outcome: CheckOutcome): Notice | undefined {
  if (outcome.outcome === 'judged') return refusalOf(outcome.result);
  if (outcome.outcome === 'error' || outcome.skip.unjudged === undefined) return undefined;
  const { file, line, renderedLine, kind, unjudged } = outcome.skip;
  return { file, line, ...(renderedLine !== undefined && { renderedLine }), kind, message: uncheckedText(unjudged, file) };
}

/** On one line, with its place. */
export function noticeText(notice: Notice): string {
  const { file, kind, message } = notice;
  return `${kind === '' ? file : `${startText(notice)} ${kind}`}: ${message}`;
}
