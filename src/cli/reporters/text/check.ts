/** `podgrace check` as text. */
import type { CheckError, CheckOutcome, CheckResult } from '../../../offline/check.ts';
import { isDeniedForKnownAlone, type CheckSummary } from '../../../offline/check-tally.ts';
import type { Skip } from '../../../offline/skip.ts';
import { styled, text } from '../../output/text.ts';
import type { CheckHead, Reporter, ReportOptions } from '../reporter.ts';
import { startText } from '../place-text.ts';
import { checkFindingLines } from './check-finding-lines.ts';
import { counted, policyText, verdictText } from './finding-lines.ts';
import { RuleCounts } from './rule-counts.ts';

/** Verbose, it also prints objects without findings or not judged, findings that are only recorded, and all of repairs. */
export class CheckText implements Reporter<CheckHead, CheckOutcome, CheckSummary> {
  readonly #options: ReportOptions;
  readonly #counts = new RuleCounts();
  readonly #policies = new Set<string>();
  #head: CheckHead | undefined;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  begin(head: CheckHead): void {
    this.#head = head;
  }

  object(outcome: CheckOutcome): void {
    switch (outcome.outcome) {
      case 'judged':
        this.#result(outcome.result);
        break;
      case 'skipped':
        this.#skip(outcome.skip);
        break;
      case 'error':
        this.#options.stderr.lines(outcome.errors.map(errorLine));
    }
  }

  end(summary: CheckSummary): void {
    if (this.#options.isQuiet !== true) this.#sumUp(summary);
  }

  #sumUp({ objects, skipped, allowed, denied, errors, findings, known }: CheckSummary): void {
    const parts = [
      `${counted(objects, 'object')}: ${allowed} allowed, ${deniedText(denied, known)}, ${skipped} not judged`,
      `findings: ${findings.enforce} enforced, ${findings.warn} warned, ${findings.repair} repaired at admission, ${findings.audit} recorded${known === undefined ? '' : `, ${known.findings} known`}`,
      ...(errors > 0 ? [counted(errors, 'error')] : []),
    ];
    this.#options.stdout.lines(this.#counts.lines);
    this.#options.stdout.line(`${parts.join('; ')} (${policyText(this.#policies, this.#head)})`);
  }

  #result(result: CheckResult): void {
    const { kind, namespace, name, workload, qosClass, allowed, findings } = result;
    const { stdout, isVerbose } = this.#options;
    this.#policies.add(result.policy);
    for (const finding of findings) this.#counts.count(finding);
    const shown = checkFindingLines(result, isVerbose);
    if (shown.length === 0 && !isVerbose) return;
    const title = styled('bold', `${kind} ${namespace}/${name}`);
    const classes = workload === undefined || qosClass === undefined ? '' : ` (${workload}, ${qosClass})`;
    const remark = isDeniedForKnownAlone(result) ? FOR_KNOWN_ALONE : '';
    stdout.lines([text`${startText(result)} ${title}${classes}: ${verdictText(allowed)}${remark}`, ...shown]);
  }

  #skip(skip: Skip): void {
    const { file, kind, reason, unjudged } = skip;
    const { stdout, isVerbose } = this.#options;
    const what = kind === '' ? file : `${startText(skip)} ${kind}`;
    if (unjudged === undefined && isVerbose) stdout.line(text`${what}: ${styled('dim', `not judged: ${reason}`)}`);
  }
}

/** Why an object is denied of which no finding is printed. */
export const FOR_KNOWN_ALONE = ' for known findings alone';

/** `2 denied`, and how many of them for nothing that is new. */
export function deniedText(denied: number, known: CheckSummary['known']): string {
  return known === undefined || known.denied === 0 ? `${denied} denied` : `${denied} denied (${known.denied}${FOR_KNOWN_ALONE})`;
}

/** What is wrong with an input, at its place. */
export function errorLine({ file, line, message }: CheckError): string {
  return `${file}${line === null ? '' : `:${line}`}: ${message}`;
}
