/**
 * JUnit XML for GitLab and Jenkins: a suite for each file, a failed case for each finding that denies, and a passed case for each
 * object that has none. GitLab reads the `file` of a case; schemas stricter than both refuse it.
 */
import type { CheckError, CheckFinding, CheckOutcome, CheckResult } from '../../../offline/check.ts';
import type { CheckSummary } from '../../../offline/check-tally.ts';
import { Distinct } from '../../../offline/fingerprint.ts';
import { printYaml } from '../../../yaml/print-yaml.ts';
import type { CheckHead, ReportFormat, Reporter, ReportOptions } from '../reporter.ts';
import { noticeText, refusalOf, VERSION_RULE } from '../notice.ts';
import { placeText } from '../place-text.ts';
import { findingsFor, titleOf } from './findings.ts';
import { RepositoryPaths } from '../../../offline/repository-path.ts';

export const junit: ReportFormat = { check: (options) => new CheckJUnit(options) };

interface Suite {
  readonly path: string;
  readonly names: Distinct;
  readonly cases: string[];
  failures: number;
  errors: number;
}

/** Memory is that of the report about one file: a suite begins with its counts. */
class CheckJUnit implements Reporter<CheckHead, CheckOutcome, CheckSummary> {
  readonly #options: ReportOptions;
  readonly #paths = new RepositoryPaths();
  #suite: Suite | undefined;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  begin(): void {
    this.#options.stdout.write('<?xml version="1.0" encoding="UTF-8"?>\n<testsuites name="podgrace check">\n');
  }

  object(outcome: CheckOutcome): void {
    if (outcome.outcome === 'judged') this.#result(outcome.result);
    else if (outcome.outcome === 'error') for (const error of outcome.errors) this.#error(error);
  }

  end(): void {
    this.#endSuite();
    this.#options.stdout.write('</testsuites>\n');
  }

  #result(result: CheckResult): void {
    const suite = this.#suiteOf(result.file);
    const denying = result.findings.filter(({ mode }) => mode === 'enforce');
    const told = findingsFor(result, this.#options.isVerbose).filter(({ mode }) => mode !== 'enforce');
    const refusal = this.#options.isQuiet === true ? undefined : refusalOf(result);
    const refused = refusal === undefined ? [] : [`warn ${noticeText({ ...refusal, file: suite.path })} [${VERSION_RULE}]`];
    const output = [...refused, ...told.map((finding) => `${finding.mode} ${wholeText(suite.path, result, finding)}`)].join('\n\n');
    const body = output === '' ? '' : `<system-out>${escapeText(output)}</system-out>`;
    if (denying.length === 0 || body !== '') suite.cases.push(caseOf(suite, titleOf(result), body));
    for (const finding of denying) {
      const { rule, field, message } = finding;
      const failure = `<failure message="${escapeAttribute(message)}" type="${escapeAttribute(rule)}">${escapeText(wholeText(suite.path, result, finding))}</failure>`;
      suite.cases.push(caseOf(suite, `${titleOf(result)}: ${field} [${rule}]`, failure));
      suite.failures += 1;
    }
  }

  #error({ file, line, message }: CheckError): void {
    const suite = this.#suiteOf(file);
    const text = `${suite.path}${line === null ? '' : `:${line}`}: ${message}`;
    suite.cases.push(
      caseOf(suite, 'can be read', `<error message="${escapeAttribute(message)}" type="readable-input">${escapeText(text)}</error>`),
    );
    suite.errors += 1;
  }

  #suiteOf(file: string): Suite {
    const path = this.#paths.of(file);
    if (this.#suite?.path !== path) {
      this.#endSuite();
      this.#suite = { path, names: new Distinct(), cases: [], failures: 0, errors: 0 };
    }
    return this.#suite;
  }

  #endSuite(): void {
    if (this.#suite === undefined) return;
    const { path, cases, failures, errors } = this.#suite;
    const counts = `tests="${cases.length}" failures="${failures}" errors="${errors}"`;
    this.#options.stdout.write(`<testsuite name="${escapeAttribute(path)}" ${counts}>\n${cases.join('')}</testsuite>\n`);
  }
}

function caseOf({ path, names }: Suite, name: string, body: string): string {
  const attributes = `name="${escapeAttribute(names.of(name))}" classname="${escapeAttribute(path)}" file="${escapeAttribute(path)}"`;
  return body === '' ? `<testcase ${attributes}/>\n` : `<testcase ${attributes}>${body}</testcase>\n`;
}

/** GitLab shows this and drops the attribute. */
function wholeText(path: string, { proposals }: CheckResult, { rule, field, message, fix, place }: CheckFinding): string {
  const proposed = proposals
    .of(rule)
    .flatMap(({ at, fields }) => [`the repair would set in ${at.text}:`, ...printYaml(fields).map((line) => `  ${line}`)]);
  return [`${placeText(path, place)} ${field} ${message} [${rule}]`, `fix: ${fix}`, ...proposed].join('\n');
}

/** Escaped, and without what XML 1.0 cannot hold in any form. */
function escapeText(text: string): string {
  return text.toWellFormed().replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;').replace(NO_XML, '\ufffd');
}

function escapeAttribute(text: string): string {
  return escapeText(text).replaceAll('"', '&quot;').replaceAll('\n', '&#10;').replaceAll('\r', '&#13;').replaceAll('\t', '&#9;');
}

// eslint-disable-next-line no-control-regex -- what XML 1.0 has no character for
const NO_XML = /[\0-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/g;
