/** What reports for machines hold of a check. */
import type { CheckFinding, CheckResult } from '../../../offline/check.ts';
import { isForSomebody } from '../text/finding-lines.ts';

/** What somebody has to do something about; verbose, what is repaired or only recorded as well. */
export function findingsFor({ findings }: CheckResult, isVerbose: boolean): readonly CheckFinding[] {
  return isVerbose ? findings : findings.filter(isForSomebody);
}

/** `Deployment shop/web`. */
export function titleOf({ kind, namespace, name }: CheckResult): string {
  return `${kind} ${namespace}/${name}`;
}

/** A whole sentence about a finding, without its place in the file. */
export function sentenceOf(result: CheckResult, { field, message }: CheckFinding): string {
  return `${titleOf(result)}: ${field} ${message}.`;
}
