/** `podgrace explain --parsed` and `--defaulted` as text: YAML documents, with who set what its author did not set. */
import type { ShownOutcome } from '../../../offline/shown-object.ts';
import { styled } from '../../output/text.ts';
import { startText } from '../place-text.ts';
import type { Reporter, ReportOptions } from '../reporter.ts';
import { annotatedYaml } from './annotated-yaml.ts';
import { unexplainedLines } from './unjudged-text.ts';
import { errorLine } from './check.ts';

export class ObjectsText implements Reporter<undefined, ShownOutcome, undefined> {
  readonly #options: ReportOptions;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  begin(): void {
    // Each document begins with its own line.
  }

  object(outcome: ShownOutcome): void {
    const { stdout, stderr } = this.#options;
    if (outcome.outcome === 'error') stderr.lines(outcome.errors.map(errorLine));
    // What is printed is read by programs: what is left out is said beside it.
    if (outcome.outcome === 'skipped') stderr.lines(unexplainedLines(outcome.skip));
    if (outcome.outcome !== 'judged') return;
    const { object, provenance } = outcome.result;
    const remarkOf = (pointer: string): string | undefined => {
      const origin = provenance?.get(pointer);
      return origin === 'user' ? undefined : origin;
    };
    stdout.line('---');
    stdout.line(styled('dim', `# ${startText(outcome.result)}`));
    stdout.lines(annotatedYaml(object, remarkOf));
  }

  end(): void {
    // There is nothing to sum up.
  }
}
