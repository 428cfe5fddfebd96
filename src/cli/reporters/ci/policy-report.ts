/**
 * PolicyReports, one for each object: of wgpolicyk8s.io, which tools of today read, and of openreports.io, its successor. A `List` that
 * kubectl applies; `kubectl apply --server-side` takes more of it at once than an annotation holds.
 */
import { createHash } from 'node:crypto';
import { ERRORED } from '../../../core/finding.ts';
import { catalogue } from '../../../config/catalogue.ts';
import type { CheckFinding, CheckOutcome, CheckResult } from '../../../offline/check.ts';
import type { CheckSummary } from '../../../offline/check-tally.ts';
import type { ReportedMode } from '../../../offline/finding.ts';
import { refusalOf, VERSION_RULE, type Notice } from '../notice.ts';
import { errorLine } from '../text/check.ts';
import type { CheckHead, ReportFormat, Reporter, ReportOptions } from '../reporter.ts';
import { RepositoryPaths } from '../../../offline/repository-path.ts';

export const policyReport: ReportFormat = {
  check: (options) => new CheckPolicyReport(options, { apiVersion: 'wgpolicyk8s.io/v1alpha2', kind: 'PolicyReport' }),
};
export const openReport: ReportFormat = {
  check: (options) => new CheckPolicyReport(options, { apiVersion: 'openreports.io/v1alpha1', kind: 'Report' }),
};

interface Type {
  readonly apiVersion: string;
  readonly kind: string;
}

const RESULTS = ['pass', 'fail', 'warn', 'error', 'skip'] as const;
type ResultName = (typeof RESULTS)[number];

/** What was repaired passes; what is only recorded was not asked for. */
const RESULT_OF: Readonly<Record<ReportedMode, ResultName>> = {
  enforce: 'fail',
  warn: 'warn',
  audit: 'skip',
  repair: 'pass',
  would: 'skip',
};
const SEVERITY_OF: Readonly<Record<ReportedMode, string>> = {
  enforce: 'high',
  warn: 'medium',
  audit: 'info',
  repair: 'info',
  would: 'info',
};

class CheckPolicyReport implements Reporter<CheckHead, CheckOutcome, CheckSummary> {
  readonly #options: ReportOptions;
  readonly #type: Type;
  readonly #paths = new RepositoryPaths();
  readonly #seconds = Math.floor(Date.now() / 1000);
  #isFirst = true;

  constructor(options: ReportOptions, type: Type) {
    this.#options = options;
    this.#type = type;
  }

  begin(): void {
    this.#options.stdout.write('{"apiVersion":"v1","kind":"List","items":[');
  }

  object(outcome: CheckOutcome): void {
    // A report is about an object: there is none that could not be read.
    if (outcome.outcome === 'error') this.#options.stderr.lines(outcome.errors.map(errorLine));
    if (outcome.outcome !== 'judged') return;
    this.#options.stdout.write(`${this.#isFirst ? '' : ','}\n${JSON.stringify(this.#reportOf(outcome.result))}`);
    this.#isFirst = false;
  }

  end(): void {
    this.#options.stdout.write('\n]}\n');
  }

  #reportOf(result: CheckResult): object {
    const { apiVersion, kind, namespace, name, findings } = result;
    const refusal = this.#options.isQuiet === true ? undefined : refusalOf(result);
    const refused = refusal === undefined ? [] : [this.#refusedResult(result, refusal)];
    const results = [...refused, ...findings.map((finding) => this.#resultOf(result, finding))];
    const count = (wanted: ResultName): number => results.filter(({ result: got }) => got === wanted).length;
    return {
      ...this.#type,
      metadata: { name: reportName(result), namespace, labels: { 'app.kubernetes.io/managed-by': 'podgrace' } },
      scope: { apiVersion, kind, namespace, name },
      summary: Object.fromEntries(RESULTS.map((each) => [each, count(each)])),
      results,
    };
  }

  #refusedResult({ policy }: CheckResult, { file, line, message }: Notice): PolicyResult {
    return {
      ...{ source: 'podgrace', policy, rule: VERSION_RULE, category: 'configuration', severity: SEVERITY_OF.warn, result: 'warn' },
      ...{ scored: false, message, timestamp: { seconds: this.#seconds, nanos: 0 } },
      properties: { file: this.#paths.of(file), line: String(line) },
    };
  }

  #resultOf({ file, policy }: CheckResult, finding: CheckFinding): PolicyResult {
    const { rule, mode, message, field, container, fix, place, identity } = finding;
    return {
      source: 'podgrace',
      policy,
      rule,
      category: catalogue.get(rule)?.meta.category ?? 'configuration',
      severity: SEVERITY_OF[mode],
      result: identity.startsWith(`${rule} ${ERRORED} `) ? 'error' : RESULT_OF[mode],
      scored: mode === 'enforce',
      message: `${field} ${message}`,
      timestamp: { seconds: this.#seconds, nanos: 0 },
      properties: {
        ...{ field, fix, file: this.#paths.of(file) },
        ...(place.rendered?.isAroundKnown !== false && { line: String(place.line) }),
        ...(place.rendered !== undefined && { renderedLine: String(place.rendered.line) }),
        ...(container !== null && { container }),
      },
    };
  }
}

interface PolicyResult {
  readonly result: ResultName;
  readonly [field: string]: unknown;
}

/** A DNS subdomain, and another for each object of the input. */
function reportName({ file, document, apiVersion, kind, namespace, name }: CheckResult): string {
  const hash = createHash('sha256')
    .update(JSON.stringify([file, document, apiVersion, kind, namespace, name]))
    .digest('hex')
    .slice(0, 10);
  const words = `${kind} ${name}`.toLowerCase().match(/[a-z0-9]+/g) ?? [];
  return `podgrace-${words.join('-').slice(0, 200)}-${hash}`;
}
