/** `podgrace explain` as text: a block for each object, a line for each thing that happens. */
import type { ExplainOutcome, ExplainSkip, ExplainSummary, Explanation } from '../../../offline/explanation.ts';
import { styled, text, type Text } from '../../output/text.ts';
import { effectLines } from '../explanation/effect-lines.ts';
import { explanationSections, titleOf } from '../explanation/sections.ts';
import { startText } from '../place-text.ts';
import type { Reporter, ReportOptions } from '../reporter.ts';
import { findingLines } from './finding-lines.ts';
import { skippedText, unexplainedLines } from './unjudged-text.ts';

/** How many objects are named where none is explained. */
const MOST_LEFT_OUT = 10;

/** Verbose, it also names objects that have no Pod template, and findings that are only recorded. */
export class ExplainText implements Reporter<undefined, ExplainOutcome, ExplainSummary> {
  readonly #options: ReportOptions;
  #explained = 0;
  /** Whether an object without Pods of its own was explained. */
  #isAnyShown = false;
  /** What was left out before anything was explained: if nothing is, it is all that there is to say. */
  readonly #leftOut: ExplainSkip[] = [];

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  begin(): void {
    // The first object is the first line.
  }

  object(outcome: ExplainOutcome): void {
    const { stdout, stderr, isVerbose } = this.#options;
    switch (outcome.outcome) {
      case 'judged':
        if (this.#explained > 0) stdout.line('');
        this.#explained += 1;
        stdout.lines(explanationLines(outcome.result, isVerbose));
        break;
      case 'skipped':
        this.#skip(outcome.skip);
        break;
      case 'error':
        stderr.lines(outcome.errors.map((error) => `${startText(error)}: ${error.message}`));
    }
  }

  #skip(skip: ExplainSkip): void {
    const { stdout, stderr, isVerbose } = this.#options;
    stderr.lines(unexplainedLines(skip));
    if (skip.unjudged !== undefined) return;
    // Whoever names an object of a cluster asks about it.
    const isShown = isVerbose || (skip.line === null && skip.other !== undefined);
    if (!isShown && this.#explained === 0 && skip.kind !== '' && this.#leftOut.length < MOST_LEFT_OUT) this.#leftOut.push(skip);
    if (!isShown) return;
    stdout.lines(leftOutLines(skip));
    this.#isAnyShown ||= skip.other !== undefined;
  }

  end({ explained, errors }: ExplainSummary): void {
    if (explained > 0 || errors > 0 || this.#isAnyShown) return;
    const { stdout } = this.#options;
    stdout.lines(this.#leftOut.flatMap((skip) => leftOutLines(skip)));
    if (this.#leftOut.length === 0 || this.#leftOut.length === MOST_LEFT_OUT) stdout.line('no object has a Pod template');
  }
}

/** What concerns the Pods of others is explained by these. */
function leftOutLines(skip: ExplainSkip): Text[] {
  const { other } = skip;
  if (other === undefined) return [text`${skippedText(skip)}: ${styled('dim', skip.reason)}`];
  const title = styled('bold', `${skip.kind} ${other.namespace}/${other.name}`);
  return [text`${startText(skip)} ${title}`, ...effectLines(other.effect).map((line) => text`    ${line}`)];
}

function explanationLines(explanation: Explanation, isVerbose: boolean): Text[] {
  return [
    text`${startText(explanation)} ${styled('bold', titleOf(explanation))} (${explanation.subject.workloadClass})`,
    ...explanationSections(explanation).flatMap(({ title, lines, findings = [] }) => [
      text`  ${styled('cyan', title)}`,
      ...lines.map((line) => text`    ${line}`),
      ...findingLines(findings, isVerbose).map((line) => text`  ${line}`),
    ]),
  ];
}
