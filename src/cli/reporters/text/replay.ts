/** `podgrace replay` as text, review by review. */
import { equalJson } from '../../../core/json.ts';
import type { Difference } from '../../../offline/compare.ts';
import type { ReplayOutcome, ReplayResult, ReplaySummary } from '../../../offline/replay.ts';
import { styled, text, type Text } from '../../output/text.ts';
import type { ReplayHead, Reporter, ReportOptions } from '../reporter.ts';
import { counted, findingLines, verdictText } from './finding-lines.ts';

export class ReplayText implements Reporter<ReplayHead, ReplayOutcome, ReplaySummary> {
  readonly #options: ReportOptions;
  readonly #kindsTold = new Set<string>();
  #onlyDifferences = false;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  begin({ compared, onlyDifferences }: ReplayHead): void {
    this.#onlyDifferences = onlyDifferences;
    if (compared === undefined) return;
    const { here, there } = compared;
    this.#options.stdout.line(text`lines with ${styled('red', '-')} are decided ${here}, lines with ${styled('green', '+')} ${there}`);
  }

  object(outcome: ReplayOutcome): void {
    if (outcome.outcome === 'judged') {
      this.#result(outcome.result);
      if (outcome.hint !== undefined) this.#tellOfKind(outcome.result, outcome.hint);
    }
    if (outcome.outcome === 'error') this.#options.stderr.lines(outcome.errors.map(({ source, message }) => `${source}: ${message}`));
  }

  end({ reviews, allowed, denied, warned, mutated, errors, differing, skipped }: ReplaySummary): void {
    const parts = [
      `${counted(reviews, 'review')}: ${allowed} allowed, ${denied} denied, ${warned} with warnings, ${mutated} patched`,
      ...(errors > 0 ? [counted(errors, 'error')] : []),
      ...(differing === null ? [] : [`${differing} answered differently`]),
    ];
    const notJudged = skipped.map(({ reason, requests }) => `${counted(requests, 'request')} of the audit log not judged: ${reason}`);
    this.#options.stdout.lines([parts.join('; '), ...notJudged]);
  }

  /** Once for each kind: a log may hold thousands of its objects. */
  #tellOfKind({ source, kind }: ReplayResult, hint: string): void {
    if (this.#kindsTold.has(kind)) return;
    this.#kindsTold.add(kind);
    this.#options.stderr.line(text`${source}: ${kind} ${hint}`);
  }

  #result(result: ReplayResult): void {
    const { validate, mutate, differences = [] } = result;
    const { stdout, isVerbose } = this.#options;
    if (this.#onlyDifferences && differences.length === 0) return;
    const answer =
      this.#onlyDifferences && !isVerbose
        ? []
        : [
            ...findingLines([...validate.findings, ...mutate.findings], isVerbose),
            ...mutate.patch.map((operation) => text`    ${styled('cyan', JSON.stringify(operation))}`),
          ];
    stdout.lines([headOf(result), ...answer, ...differences.flatMap(differenceLines)]);
  }
}

function headOf({ source, operation, kind, namespace, name, validate, mutate }: ReplayResult): Text {
  const patched = mutate.patched ? text`, ${styled('cyan', `patched (${counted(mutate.patch.length, 'operation')})`)}` : '';
  const target = [namespace, name].filter((part) => part !== '').join('/');
  return text`${source} ${operation} ${styled('bold', `${kind} ${target}`.trimEnd())}: ${verdictText(validate.allowed)}${patched}`;
}

/** Of lists, what only one of the two has: `-` here, `+` there; of anything else, both. */
function differenceLines({ of, here, there }: Difference): Text[] {
  const title = text`  ${styled('magenta', `${of} differs:`)}`;
  const [ours, theirs] = Array.isArray(here) && Array.isArray(there) ? [without(here, there), without(there, here)] : [[here], [there]];
  if (ours.length === 0 && theirs.length === 0) return [text`${title} the order only`];
  return [
    title,
    ...ours.flatMap((value) => linesOf('- ', value).map((line) => text`    ${styled('red', line)}`)),
    ...theirs.flatMap((value) => linesOf('+ ', value).map((line) => text`    ${styled('green', line)}`)),
  ];
}

/** A denial has several lines. */
function linesOf(mark: string, value: unknown): string[] {
  return textOf(value)
    .split('\n')
    .map((line, index) => `${index === 0 ? mark : ' '.repeat(mark.length)}${line}`);
}

function without(list: readonly unknown[], other: readonly unknown[]): unknown[] {
  const rest = [...other];
  return list.filter((value) => {
    const at = rest.findIndex((each) => equalJson(each, value));
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}
