/** Reports for programs, as schemas/*.schema.json say. */
import type { Rule } from '../../core/rule.ts';
import type { StatusReport } from '../../kube/commands/status-report.ts';
import type { CheckResult } from '../../offline/check.ts';
import type { ShownObject } from '../../offline/shown-object.ts';
import type { FixResult } from '../../offline/fix.ts';
import type { Outcome } from '../../offline/outcome.ts';
import type { TextOutput } from '../output/text-output.ts';
import type { ReportFormat, Reporter } from './reporter.ts';
import { noticeOf, unexplainedNoticeOf } from './notice.ts';
import { explanationJson } from './explanation-json.ts';
import { otherJson } from './other-json.ts';
import { statusJson } from './status-json.ts';

export const json: ReportFormat = {
  check: ({ stdout, isQuiet }) =>
    new JsonList(stdout, {
      head: ({ version, policy }) => ({ version, policy }),
      result: checkResultJson,
      error: ({ file, document, line, message }) => ({ file, document, line, message }),
      notice: isQuiet === true ? () => undefined : noticeOf,
    }),
  objects: ({ stdout }) =>
    new JsonList(stdout, {
      head: () => ({}),
      result: ({ provenance, ...shown }: ShownObject) => ({
        ...shown,
        ...(provenance !== undefined && { provenance: Object.fromEntries(provenance) }),
      }),
      error: ({ file, document, line, message }) => ({ file, document, line, message }),
      notice: unexplainedNoticeOf,
    }),
  explain: ({ stdout }) =>
    new JsonList(stdout, {
      head: () => ({}),
      result: explanationJson,
      error: ({ file, document, line, message }) => ({ file, document, line, message }),
      notice: unexplainedNoticeOf,
      other: (item) => (item.outcome === 'skipped' ? otherJson(item.skip) : undefined),
    }),
  fix: ({ stdout }) =>
    new JsonList(stdout, {
      head: ({ version, policy, isDry }) => ({ version, policy, dryRun: isDry }),
      result: ({ policy: _policy, ...result }: FixResult) => result,
      error: ({ file, document, line, message }) => ({ file, document, line, message }),
    }),
  replay: ({ stdout }) => new JsonList(stdout, { head: () => ({}), error: ({ source, message }) => ({ source, message }) }),
  'dry-run': ({ stdout }) =>
    new JsonList(stdout, {
      head: (head) => head,
      error: ({ file, document, line, message }) => ({ file, document, line, message }),
      nullable: ['from', 'to'],
    }),
  status: ({ stdout }) => new StatusJson(stdout),
  rules: ({ stdout }) => new RulesJson(stdout),
};

function checkResultJson({ findings, proposals: _proposals, policy: _policy, ...result }: CheckResult): object {
  return {
    ...result,
    findings: findings.map(({ rule, mode, message, field, container, fix, place: { line, column, endLine, rendered } }) => ({
      ...{ rule, mode, message, field, container, fix },
      ...{ line, column, endLine },
      ...(rendered !== undefined && { renderedLine: rendered.line }),
    })),
  };
}

interface JsonListShape<Head, Result, Skipped, Failure> {
  /** What the schema has of the head, and of an error. */
  readonly head: (head: Head) => object;
  readonly error: (error: Failure) => object;
  /** The same of a result; the result itself unless given. */
  readonly result?: (result: Result) => object;
  /** What is said beside results and errors; the report has no list of it unless given. */
  readonly notice?: (item: Outcome<Result, Skipped, Failure>) => object | undefined;
  /** What stands in a list of its own, `others`; the report has no such list unless given. */
  readonly other?: (item: Outcome<Result, Skipped, Failure>) => object | undefined;
  /** Properties that are always there: null where they have no value. */
  readonly nullable?: readonly string[];
}

/** `{...head, results, errors, notices, summary}`; results are written as they come, and errors at the end. */
class JsonList<Head, Result, Skipped, Failure> implements Reporter<Head, Outcome<Result, Skipped, Failure>, object | undefined> {
  readonly #out: TextOutput;
  readonly #shape: JsonListShape<Head, Result, Skipped, Failure>;
  readonly #errors: object[] = [];
  readonly #notices: object[] = [];
  readonly #others: object[] = [];
  #isFirst = true;

  constructor(out: TextOutput, shape: JsonListShape<Head, Result, Skipped, Failure>) {
    this.#out = out;
    this.#shape = shape;
  }

  begin(head: Head): void {
    const members = JSON.stringify(this.#shape.head(head)).slice(1, -1);
    this.#out.write(`{${members}${members === '' ? '' : ','}"results":[`);
  }

  object(item: Outcome<Result, Skipped, Failure>): void {
    const notice = this.#shape.notice?.(item);
    if (notice !== undefined) this.#notices.push(notice);
    const other = this.#shape.other?.(item);
    if (other !== undefined) this.#others.push(other);
    if (item.outcome === 'error') for (const error of item.errors) this.#errors.push(this.#shape.error(error));
    if (item.outcome !== 'judged') return;
    const { nullable = [], result = (itself) => itself as object } = this.#shape;
    const replacer = (key: string, value: unknown): unknown => (value === undefined && nullable.includes(key) ? null : value);
    this.#out.write(`${this.#isFirst ? '' : ','}\n${JSON.stringify(result(item.result), nullable.length > 0 ? replacer : undefined)}`);
    this.#isFirst = false;
  }

  end(summary: object | undefined): void {
    const sum = summary === undefined ? '' : `,"summary":${JSON.stringify(summary)}`;
    const notices = this.#shape.notice === undefined ? '' : `,"notices":${JSON.stringify(this.#notices)}`;
    const others = this.#shape.other === undefined ? '' : `,"others":${JSON.stringify(this.#others)}`;
    this.#out.write(`\n]${others},"errors":${JSON.stringify(this.#errors)}${notices}${sum}}\n`);
  }
}

class StatusJson implements Reporter<undefined, StatusReport, undefined> {
  readonly #out: TextOutput;

  constructor(out: TextOutput) {
    this.#out = out;
  }

  begin(): void {
    // One object is the whole report.
  }

  object(status: StatusReport): void {
    this.#out.write(`${JSON.stringify(statusJson(status), null, 2)}\n`);
  }

  end(): void {
    // There is no more to say.
  }
}

class RulesJson implements Reporter<unknown, Rule, undefined> {
  readonly #out: TextOutput;
  readonly #metas: Rule['meta'][] = [];

  constructor(out: TextOutput) {
    this.#out = out;
  }

  begin(): void {
    // A list without a head.
  }

  object({ meta }: Rule): void {
    this.#metas.push(meta);
  }

  end(): void {
    this.#out.write(`${JSON.stringify(this.#metas, null, 2)}\n`);
  }
}
