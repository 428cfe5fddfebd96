/** Annotations of GitHub Actions: workflow commands, one a line, as `@actions/core` writes them. */
import type { CheckOutcome } from '../../../offline/check.ts';
import type { CheckSummary } from '../../../offline/check-tally.ts';
import type { ReportedMode } from '../../../offline/finding.ts';
import type { FieldPlace } from '../../../offline/field-place.ts';
import type { CheckHead, ReportFormat, Reporter, ReportOptions } from '../reporter.ts';
import { refusalOf, VERSION_RULE } from '../notice.ts';
import { findingsFor, sentenceOf, titleOf } from './findings.ts';
import { RepositoryPaths } from '../../../offline/repository-path.ts';
import { deniedText } from '../text/check.ts';
import { counted } from '../text/finding-lines.ts';

export const github: ReportFormat = { check: (options) => new CheckAnnotations(options) };

type Level = 'error' | 'warning' | 'notice';

const LEVELS: Readonly<Record<ReportedMode, Level>> = {
  enforce: 'error',
  warn: 'warning',
  audit: 'notice',
  repair: 'notice',
  would: 'notice',
};

/** What GitHub shows of a level for one step; the rest is in the log alone. */
const SHOWN_OF_LEVEL = 10;

class CheckAnnotations implements Reporter<CheckHead, CheckOutcome, CheckSummary> {
  readonly #options: ReportOptions;
  readonly #paths = new RepositoryPaths();
  readonly #counts: Record<Level, number> = { error: 0, warning: 0, notice: 0 };

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  begin(): void {
    // Each annotation stands alone.
  }

  object(outcome: CheckOutcome): void {
    if (outcome.outcome === 'judged') {
      const refusal = this.#options.isQuiet === true ? undefined : refusalOf(outcome.result);
      if (refusal !== undefined) {
        const { file, line, message } = refusal;
        this.#annotate('warning', VERSION_RULE, { file, line, endLine: line }, `${titleOf(outcome.result)} ${message}.`);
      }
      for (const finding of findingsFor(outcome.result, this.#options.isVerbose)) {
        const { mode, rule, fix, place } = finding;
        const { file } = outcome.result;
        const message = `${sentenceOf(outcome.result, finding)} To fix it: ${fix}.`;
        this.#annotate(LEVELS[mode], rule, { file, ...placeProperties(place) }, message);
      }
    } else if (outcome.outcome === 'error') {
      for (const { file, line, message } of outcome.errors)
        this.#annotate('error', 'cannot be read', { file, ...(line !== null && { line, endLine: line }) }, message);
    }
  }

  end({ objects, denied, errors, known }: CheckSummary): void {
    const hidden = Object.values(this.#counts).some((count) => count > SHOWN_OF_LEVEL);
    const counts = `${counted(objects, 'object')}, ${deniedText(denied, known)}, ${counted(errors, 'error')}`;
    this.#options.stdout.line(
      hidden ? `${counts}. GitHub shows ${SHOWN_OF_LEVEL} annotations of each level; all of them are in this log.` : counts,
    );
  }

  #annotate(level: Level, title: string, { file, ...place }: AnnotationPlace, message: string): void {
    this.#counts[level] += 1;
    const properties: readonly (readonly [string, string | number])[] = [
      ['title', `podgrace: ${title}`],
      ['file', this.#paths.of(file)],
      ...Object.entries(place),
    ];
    const text = properties.map(([key, value]) => `${key}=${escapeProperty(String(value))}`).join(',');
    this.#options.stdout.write(`::${level} ${text}::${escapeData(message)}\n`);
  }
}

interface AnnotationPlace {
  readonly file: string;
  readonly [property: string]: string | number;
}

/** An annotation stands under its last line, so that of a field over several lines it is the first. */
function placeProperties({ line, column, endLine, endColumn }: FieldPlace): Readonly<Record<string, number>> {
  return endLine === line ? { line, endLine, col: column, endColumn } : { line, endLine: line, col: column };
}

/** As `@actions/core` does it (`command.ts`). */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
