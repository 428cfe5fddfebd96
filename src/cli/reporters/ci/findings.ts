/** What reports for machines hold of a check. */
import type { CheckFinding, CheckResult } from '../../../offline/check.ts';
import { renderedText } from '../place-text.ts';
import { isForSomebody } from '../text/finding-lines.ts';

/** What somebody has to do something about; verbose, what is repaired or only recorded as well. */
export function findingsFor({ findings }: CheckResult, isVerbose: boolean): readonly CheckFinding[] {
  return isVerbose ? findings : findings.filter(isForSomebody);
}

/** `Deployment shop/web`. */
export function titleOf({ kind, namespace, name }: CheckResult): string {
  return `${kind} ${namespace}/${name}`;
}

/** A whole sentence about a finding, without its place in the file; where that is not known, with the place in what was rendered. */
export function sentenceOf(result: CheckResult, { field, message, place: { rendered } }: CheckFinding): string {
  return `${titleOf(result)}: ${field} ${message}${rendered === undefined ? '' : ` (${renderedText(rendered.line)})`}.`;
}
