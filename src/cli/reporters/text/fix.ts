/** `podgrace fix` as text. */
import type { FixOutcome, FixResult } from '../../../offline/fix.ts';
import type { FixSummary } from '../../../offline/fix-tally.ts';
import { styled, text } from '../../output/text.ts';
import type { FixHead, Reporter, ReportOptions } from '../reporter.ts';
import { errorLine } from './check.ts';
import { counted, policyText } from './finding-lines.ts';
import { unfixedText } from './unjudged-text.ts';

/** Verbose, it also prints the objects that are not looked at. */
export class FixText implements Reporter<FixHead, FixOutcome, FixSummary> {
  readonly #options: ReportOptions;
  readonly #policies = new Set<string>();
  #head: FixHead | undefined;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  begin(head: FixHead): void {
    this.#head = head;
  }

  object(outcome: FixOutcome): void {
    const { stdout, stderr, isVerbose } = this.#options;
    if (outcome.outcome === 'judged') this.#result(outcome.result);
    else if (outcome.outcome === 'error') stderr.lines(outcome.errors.map(errorLine));
    else {
      const { file, line, kind, reason, unjudged } = outcome.skip;
      const what = kind === '' ? file : `${file}:${line} ${kind}`;
      if (unjudged !== undefined) stderr.line(text`${what}: ${unfixedText(unjudged, file)}`);
      else if (isVerbose) stdout.line(text`${what}: ${styled('dim', `not changed: ${reason}`)}`);
    }
  }

  end({ objects, repaired, refused, errors, files, writtenFiles, denied, onRequest }: FixSummary): void {
    const { isDry = false } = this.#head ?? {};
    const parts = [
      `${counted(objects, 'object')} in ${counted(files, 'file')}: ${repaired} ${isDry ? 'would be repaired' : 'repaired'}, ${refused} left to you`,
      ...(isDry ? [] : [`${counted(writtenFiles, 'file')} written`]),
      ...(errors > 0 ? [counted(errors, 'error')] : []),
    ];
    this.#options.stdout.line(`${parts.join('; ')} (${policyText(this.#policies, this.#head)})`);
    if (denied > 0)
      this.#options.stdout.line(`${counted(denied, 'object')} would still be denied: podgrace check says why, and what to do`);
    if (onRequest.length > 0) this.#options.stdout.line(`repairs that are made only if you ask for them: --rules ${onRequest.join(',')}`);
  }

  #result({ policy, file, line, kind, namespace, name, findings, refused }: FixResult): void {
    this.#policies.add(policy);
    const title = styled('bold', `${kind} ${namespace}/${name}`);
    const verdict = refused === null ? (this.#head?.isDry === true ? 'would be repaired' : 'repaired') : styled('red', 'not changed');
    const byRule = Map.groupBy(findings, ({ rule }) => rule);
    this.#options.stdout.lines([
      text`${file}:${line} ${title}: ${verdict}`,
      ...(refused === null ? [] : [text`  ${styled('red', '✗')} line ${refused.line}: ${refused.reason}`]),
      ...[...byRule].map(
        ([rule, ofRule]) => text`  ${styled('cyan', '~')} ${ofRule.map(({ field }) => field).join(', ')} ${styled('dim', `[${rule}]`)}`,
      ),
    ]);
  }
}
