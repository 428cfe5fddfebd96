/** GitLab code quality: a list, whose entries GitLab tells apart by their fingerprints. */
import { createHash } from 'node:crypto';
import type { CheckOutcome } from '../../../offline/check.ts';
import type { CheckSummary } from '../../../offline/check-tally.ts';
import type { ReportedMode } from '../../../offline/finding.ts';
import { Distinct, fingerprintOf } from '../../../offline/fingerprint.ts';
import type { CheckHead, ReportFormat, Reporter, ReportOptions } from '../reporter.ts';
import { refusalOf, VERSION_RULE } from '../notice.ts';
import { findingsFor, sentenceOf, titleOf } from './findings.ts';
import { RepositoryPaths } from '../../../offline/repository-path.ts';

export const gitlab: ReportFormat = { check: (options) => new CheckCodeQuality(options) };

const SEVERITIES: Readonly<Record<ReportedMode, string>> = {
  enforce: 'major',
  warn: 'minor',
  audit: 'info',
  repair: 'info',
  would: 'info',
};

interface Entry {
  readonly description: string;
  readonly check_name: string;
  readonly fingerprint: string;
  readonly severity: string;
  readonly location: { readonly path: string; readonly lines: { readonly begin: number } };
}

class CheckCodeQuality implements Reporter<CheckHead, CheckOutcome, CheckSummary> {
  readonly #options: ReportOptions;
  readonly #paths = new RepositoryPaths();
  readonly #fingerprints = new Distinct();
  #isFirst = true;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  begin(): void {
    this.#options.stdout.write('[');
  }

  object(outcome: CheckOutcome): void {
    if (outcome.outcome === 'judged') {
      const { result } = outcome;
      const path = this.#paths.of(result.file);
      const refusal = this.#options.isQuiet === true ? undefined : refusalOf(result);
      if (refusal !== undefined) this.#objectEntry(VERSION_RULE, 'minor', refusal, `${titleOf(result)} ${refusal.message}.`);
      for (const finding of findingsFor(result, this.#options.isVerbose)) {
        this.#entry({
          description: `${sentenceOf(result, finding)} To fix it: ${finding.fix}.`,
          check_name: finding.rule,
          fingerprint: this.#fingerprints.of(fingerprintOf(path, result, finding)),
          severity: SEVERITIES[finding.mode],
          location: { path, lines: { begin: finding.place.line } },
        });
      }
    } else if (outcome.outcome === 'error') {
      for (const error of outcome.errors) this.#objectEntry('readable-input', 'critical', error, error.message);
    }
  }

  /** About a file or an object as a whole. */
  #objectEntry(
    check_name: string,
    severity: string,
    { file, line }: { readonly file: string; readonly line: number | null },
    description: string,
  ): void {
    const path = this.#paths.of(file);
    const digest = createHash('sha256').update(JSON.stringify([path, description]));
    this.#entry({
      description,
      check_name,
      fingerprint: this.#fingerprints.of(digest.digest('hex')),
      severity,
      location: { path, lines: { begin: line ?? 1 } },
    });
  }

  end(): void {
    this.#options.stdout.write('\n]\n');
  }

  #entry(entry: Entry): void {
    this.#options.stdout.write(`${this.#isFirst ? '' : ','}\n${JSON.stringify(entry)}`);
    this.#isFirst = false;
  }
}
