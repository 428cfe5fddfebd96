/** `--baseline` and `--update-baseline`: what is known is not reported again. */
import type { Command } from 'commander';
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { ReplacedFile } from '../../files/replaced-file.ts';
import { readNamedFile } from '../../files/small-file.ts';
import { codeOf, reasonOf } from '../../files/system-error.ts';
import { Baseline, BaselineError, NewBaseline } from '../../offline/baseline.ts';
import type { CheckFinding, CheckOutcome } from '../../offline/check.ts';
import { MAX_TEXT_BYTES } from '../../offline/input/file-text.ts';
import { RepositoryPaths } from '../../offline/repository-path.ts';
import { UsageError } from '../exit-code.ts';
import { counted } from '../reporters/text/finding-lines.ts';
import { isRuleAsked, type SelectedRules } from './found-policy-options.ts';
import type { TextOutput } from '../output/text-output.ts';

export interface BaselineOptions {
  readonly baseline?: string;
  readonly updateBaseline?: boolean;
}

export function addBaselineOptions(command: Command): void {
  command
    .option('--baseline <file>', 'leave out the findings that the file lists')
    .option('--update-baseline', 'write the findings of this run to the file of --baseline');
}

export class KnownFindings {
  readonly #file: string | undefined;
  readonly #known: Baseline;
  readonly #next: NewBaseline | undefined;
  readonly #paths = new RepositoryPaths();
  #count = 0;

  private constructor(file: string | undefined, known: Baseline, isUpdated: boolean) {
    this.#file = file;
    this.#known = known;
    this.#next = isUpdated ? new NewBaseline() : undefined;
  }

  /** @throws {UsageError} */
  static async open(options: BaselineOptions & SelectedRules): Promise<KnownFindings> {
    const { baseline, updateBaseline = false } = options;
    const isAsked = (id: string): boolean => isRuleAsked(id, options);
    if (baseline === undefined) {
      if (updateBaseline) throw new UsageError('--update-baseline: --baseline must name the file');
      return new KnownFindings(undefined, new Baseline(undefined, isAsked), false);
    }
    return new KnownFindings(baseline, await readBaseline(baseline, updateBaseline, isAsked), updateBaseline);
  }

  /** Whether the file is to be written. */
  get isUpdated(): boolean {
    return this.#next !== undefined;
  }

  /** An outcome without what is known, or, for an update, without what will be known. */
  without(outcome: CheckOutcome): CheckOutcome {
    if (this.#file === undefined || outcome.outcome === 'error') return outcome;
    const path = this.#paths.of(outcome.outcome === 'judged' ? outcome.result.file : outcome.skip.file);
    this.#known.see(path);
    if (outcome.outcome !== 'judged') return outcome;
    const { result } = outcome;
    const isKnown = (finding: CheckFinding): boolean => {
      if (finding.mode !== 'enforce' && finding.mode !== 'warn') return false;
      this.#next?.add(path, result, finding);
      const isTaken = this.#known.takes(path, result, finding) || this.#next !== undefined;
      if (isTaken) this.#count += 1;
      return isTaken;
    };
    const findings = result.findings.filter((finding) => !isKnown(finding));
    const known = result.findings.length - findings.length;
    return { outcome: 'judged', result: { ...result, findings, ...(known > 0 && { known }) } };
  }

  /**
   * Writes an update, and tells what became of the baseline.
   *
   * @param isWhole whether everything could be read: an update of a part would lose what is known of the rest
   * @throws {UsageError} for a file that cannot be written
   */
  async end(isWhole: boolean, stderr: TextOutput): Promise<void> {
    const file = this.#file;
    if (file === undefined) return;
    if (this.#next === undefined) {
      const { gone } = this.#known;
      const rest =
        gone === 0
          ? ''
          : `; ${gone} of its findings no longer ${gone === 1 ? 'exists' : 'exist'}: --update-baseline removes ${gone === 1 ? 'it' : 'them'}`;
      stderr.line(`baseline ${file}: ${counted(this.#count, 'finding')} ${this.#count === 1 ? 'is' : 'are'} known${rest}`);
    } else if (!isWhole) {
      stderr.line(
        `baseline ${file}: not written, because some input cannot be read: correct it, or leave it out with --ignore or .podgraceignore`,
      );
    } else {
      const root = this.#paths.root;
      const elsewhere = this.#known.entriesElsewhere((path) => existsSync(resolve(root, path)));
      for (const entry of elsewhere) this.#next.addEntry(entry);
      await replaceFile(file, this.#next.text);
      const kept = elsewhere.reduce((sum, { count }) => sum + count, 0);
      const rest = kept === 0 ? '' : `; ${kept} of other files or rules ${kept === 1 ? 'stays' : 'stay'}`;
      stderr.line(`baseline ${file}: ${counted(this.#count, 'finding')} ${this.#count === 1 ? 'is' : 'are'} written${rest}`);
    }
  }
}

async function readBaseline(file: string, isUpdated: boolean, isAsked: (rule: string) => boolean): Promise<Baseline> {
  let text: string;
  try {
    text = (await readNamedFile(file, MAX_TEXT_BYTES)).toString('utf8');
  } catch (error) {
    const isMissing = codeOf(error) === 'ENOENT';
    if (isUpdated && isMissing) return new Baseline(undefined, isAsked);
    const hint = isMissing ? '; --update-baseline makes one' : '';
    throw new UsageError(`--baseline: ${file} cannot be read: ${reasonOf(error)}${hint}`, { cause: error });
  }
  try {
    return new Baseline(text, isAsked);
  } catch (error) {
    if (!(error instanceof BaselineError)) throw error;
    if (isUpdated && error.isOtherVersion) return new Baseline(undefined, isAsked);
    const hint = error.isOtherVersion ? '; --update-baseline makes it anew' : '';
    throw new UsageError(`--baseline: ${file} ${error.message}${hint}`, { cause: error });
  }
}

async function replaceFile(file: string, text: string): Promise<void> {
  try {
    const replaced = await ReplacedFile.open(file);
    await replaced.write(text);
    await replaced.replace();
  } catch (error) {
    throw new UsageError(`--baseline: ${file} cannot be written: ${reasonOf(error)}`, { cause: error });
  }
}
