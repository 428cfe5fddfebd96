/**
 * SARIF 2.1.0, as GitHub code scanning takes it: relative URIs, one location with all four numbers, rules with help, no more
 * results than it accepts.
 */
import { catalogue } from '../../../config/catalogue.ts';
import { VERSION } from '../../../config/version.ts';
import type { Rule } from '../../../core/rule.ts';
import type { CheckFinding, CheckOutcome, CheckResult } from '../../../offline/check.ts';
import type { CheckSummary } from '../../../offline/check-tally.ts';
import { VALID_OBJECT } from '../../../offline/refusals.ts';
import type { ReportedMode } from '../../../offline/finding.ts';
import { Distinct, fingerprintOf } from '../../../offline/fingerprint.ts';
import type { CheckHead, ReportFormat, Reporter, ReportOptions } from '../reporter.ts';
import { noticeOf, VERSION_RULE, type Notice } from '../notice.ts';
import { findingsFor, sentenceOf, titleOf } from './findings.ts';
import { RepositoryPaths } from '../../../offline/repository-path.ts';

export const sarif: ReportFormat = { check: (options) => new CheckSarif(options) };

const SCHEMA = 'https://json.schemastore.org/sarif-2.1.0.json';

/** GitHub refuses a run with more (docs.github.com, "SARIF support for code scanning"). */
const MAX_RESULTS = 25_000;
/** It cuts longer descriptions. */
const MAX_DESCRIPTION = 1024;

const LEVELS: Readonly<Record<ReportedMode, 'error' | 'warning' | 'note'>> = {
  enforce: 'error',
  warn: 'warning',
  audit: 'note',
  repair: 'note',
  would: 'note',
};

/** The rule of results about input that cannot be read. */
const INPUT_RULE = 'readable-input';

interface SaidResult {
  readonly level: string;
  readonly message: { readonly text: string };
  readonly partialFingerprints?: Readonly<Record<string, string>>;
  readonly properties?: object;
}

/** Results are written as they come; the rules that they name, at the end. */
class CheckSarif implements Reporter<CheckHead, CheckOutcome, CheckSummary> {
  readonly #options: ReportOptions;
  readonly #paths = new RepositoryPaths();
  readonly #fingerprints = new Distinct();
  readonly #rules = new Map<string, { readonly index: number; readonly descriptor: object }>();
  readonly #notices: object[] = [];
  #written = 0;
  #leftOut = 0;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  begin(): void {
    const head = { $schema: SCHEMA, version: '2.1.0' };
    this.#options.stdout.write(`${JSON.stringify(head).slice(0, -1)},"runs":[{"results":[`);
  }

  object(outcome: CheckOutcome): void {
    const notice = this.#options.isQuiet === true ? undefined : noticeOf(outcome);
    if (notice !== undefined) this.#notice(notice, outcome.outcome === 'judged');
    if (outcome.outcome === 'judged') {
      for (const finding of findingsFor(outcome.result, this.#options.isVerbose)) this.#finding(outcome.result, finding);
    } else if (outcome.outcome === 'error') {
      for (const { file, line, message } of outcome.errors) {
        this.#result(INPUT_RULE, file, beginningOf(line), { level: 'error', message: { text: message } });
      }
    }
  }

  end(): void {
    const { stdout, stderr } = this.#options;
    const notice = `${this.#leftOut} results are left out: GitHub takes no more than ${MAX_RESULTS} of a run`;
    if (this.#leftOut > 0) this.#notices.push({ level: 'warning', message: { text: notice } });
    const run = {
      tool: {
        driver: {
          name: 'podgrace',
          semanticVersion: VERSION,
          informationUri: 'https://podgrace.dev',
          rules: [...this.#rules.values()].map(({ descriptor }) => descriptor),
        },
      },
      automationDetails: { id: 'podgrace/' },
      columnKind: 'utf16CodeUnits',
      invocations: [
        {
          executionSuccessful: true,
          ...(this.#notices.length > 0 && { toolExecutionNotifications: this.#notices }),
        },
      ],
    };
    stdout.write(`\n],${JSON.stringify(run).slice(1)}]}\n`);
    if (this.#leftOut > 0) stderr.line(notice);
  }

  /** What is wrong with an object that was judged is shown in its line; what was not judged has no result. */
  #notice({ file, line, kind, message }: Notice, isJudged: boolean): void {
    const said = { level: isJudged ? 'warning' : 'note', message: { text: `${kind === '' ? file : kind} ${message}.` } };
    if (isJudged) this.#result(VERSION_RULE, file, beginningOf(line), said);
    else this.#notices.push({ ...said, locations: [this.#locationOf(file, beginningOf(line))] });
  }

  #locationOf(file: string, region: object): object {
    return { physicalLocation: { artifactLocation: { uri: this.#paths.uriOf(file) }, region } };
  }

  #finding(result: CheckResult, finding: CheckFinding): void {
    const { line, column, endLine, endColumn } = finding.place;
    const region = { startLine: line, startColumn: column, endLine, endColumn };
    const { rule, mode, field, fix } = finding;
    this.#result(rule, result.file, region, {
      level: LEVELS[mode],
      message: { text: `${sentenceOf(result, finding)} To fix it: ${fix}.` },
      partialFingerprints: { 'podgraceFinding/v1': this.#fingerprints.of(fingerprintOf(this.#paths.of(result.file), result, finding)) },
      properties: { object: titleOf(result), field, mode },
    });
  }

  #result(rule: string, file: string, region: object, result: SaidResult): void {
    if (this.#written === MAX_RESULTS) {
      this.#leftOut += 1;
      return;
    }
    const located = {
      ruleId: rule,
      ruleIndex: this.#indexOf(rule),
      ...result,
      locations: [this.#locationOf(file, region)],
    };
    this.#options.stdout.write(`${this.#written === 0 ? '' : ','}\n${JSON.stringify(located)}`);
    this.#written += 1;
  }

  #indexOf(id: string): number {
    let entry = this.#rules.get(id);
    if (entry === undefined) {
      const rule = catalogue.get(id);
      entry = { index: this.#rules.size, descriptor: rule === undefined ? descriptorWithoutRule(id) : descriptorOf(rule) };
      this.#rules.set(id, entry);
    }
    return entry.index;
  }
}

/** Of an object or a file, of which no field is named. */
function beginningOf(line: number | null): object {
  return { startLine: line ?? 1, startColumn: 1, endLine: line ?? 1, endColumn: 2 };
}

function descriptorOf({ meta }: Rule): object {
  const { summary, why, remediation, references } = meta.docs;
  const markdown = [
    `**${summary}**`,
    why,
    '## What to do',
    remediation,
    ...(references.length === 0 ? [] : ['## References', references.map((reference) => `- ${reference}`).join('\n')]),
  ].join('\n\n');
  return {
    id: meta.id,
    shortDescription: { text: cut(summary) },
    fullDescription: { text: cut(why.replaceAll('\n', ' ')) },
    help: { text: `${summary}\n\n${why}\n\n${remediation}`, markdown },
    defaultConfiguration: { level: LEVELS[meta.presets.production.mode === 'off' ? 'audit' : meta.presets.production.mode] },
    properties: { tags: ['kubernetes', meta.category], precision: 'very-high' },
  };
}

const DESCRIPTIONS: ReadonlyMap<string, { readonly text: string; readonly help: string; readonly level: string }> = new Map([
  [
    INPUT_RULE,
    {
      text: 'Input can be read, and is what Kubernetes takes',
      help: 'Nothing is known about what cannot be read: correct it first.',
      level: 'error',
    },
  ],
  [
    VALID_OBJECT,
    {
      text: 'The API server accepts the object',
      help: 'The API server refuses the object, whatever the policy says: write what it accepts.',
      level: 'error',
    },
  ],
  [
    VERSION_RULE,
    {
      text: 'Kubernetes serves the apiVersion of workloads, budgets and autoscalers',
      help: 'A cluster refuses an object in a version that it does not serve: write the one that the message names.',
      level: 'warning',
    },
  ],
]);

/** Of what no rule was asked about. */
function descriptorWithoutRule(id: string): object {
  const { text, help, level } = DESCRIPTIONS.get(id) ?? {
    text: 'Objects can be judged',
    help: 'Correct the object first.',
    level: 'error',
  };
  return {
    id,
    shortDescription: { text },
    fullDescription: { text },
    help: { text: `${text}. ${help}` },
    defaultConfiguration: { level },
    properties: { tags: ['kubernetes'] },
  };
}

function cut(text: string): string {
  return text.length <= MAX_DESCRIPTION ? text : `${text.slice(0, MAX_DESCRIPTION - 1)}…`;
}
