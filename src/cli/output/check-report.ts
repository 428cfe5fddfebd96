/** `podgrace check` as text and as JSON. Written object by object: memory stays flat however much is checked. */
import type { CheckError, CheckResult, CheckSkip, CheckSummary } from '../../offline/check.ts';
import type { OutputStream, Paint } from '../terminal.ts';
import { counted, findingLines } from './finding.ts';

export interface CheckReport {
  result(result: CheckResult): void;
  skip(skip: CheckSkip): void;
  error(error: CheckError): void;
  end(summary: CheckSummary): void;
}

export interface ReportHead {
  readonly version: string;
  readonly policy: string;
}

export class CheckTextReport implements CheckReport {
  readonly #out: OutputStream;
  readonly #err: OutputStream;
  readonly #head: ReportHead;
  readonly #paint: Paint;
  readonly #verbose: boolean;

  /** @param verbose also prints objects without findings or not judged, findings that are only recorded, and all of repairs */
  constructor(out: OutputStream, err: OutputStream, head: ReportHead, paint: Paint, verbose: boolean) {
    this.#out = out;
    this.#err = err;
    this.#head = head;
    this.#paint = paint;
    this.#verbose = verbose;
  }

  result({ file, line, kind, namespace, name, workload, qosClass, allowed, findings }: CheckResult): void {
    const shown = findingLines(findings, this.#paint, this.#verbose);
    if (shown.length === 0 && !this.#verbose) return;
    const verdict = allowed ? this.#paint('green', 'allowed') : this.#paint('red', 'denied');
    const head = `${file}:${line} ${this.#paint('bold', `${kind} ${namespace}/${name}`)} (${workload}, ${qosClass}): ${verdict}`;
    this.#out.write(`${[head, ...shown].join('\n')}\n`);
  }

  skip({ file, line, kind, reason }: CheckSkip): void {
    if (this.#verbose) this.#out.write(`${file}:${line} ${kind}: ${this.#paint('dim', `not judged: ${reason}`)}\n`);
  }

  error({ file, line, message }: CheckError): void {
    this.#err.write(`${file}${line === null ? '' : `:${line}`}: ${message}\n`);
  }

  end({ objects, skipped, allowed, denied, errors, findings }: CheckSummary): void {
    const parts = [
      `${counted(objects, 'object')}: ${allowed} allowed, ${denied} denied, ${skipped} not judged`,
      `findings: ${findings.enforce} enforced, ${findings.warn} warned, ${findings.repair} repaired at admission, ${findings.audit} recorded`,
      ...(errors > 0 ? [counted(errors, 'error')] : []),
    ];
    this.#out.write(`${parts.join('; ')} (policy ${this.#head.policy})\n`);
  }
}

/** `{version, policy, results, errors, summary}`, schemas/check.schema.json. */
export class CheckJsonReport implements CheckReport {
  readonly #out: OutputStream;
  readonly #errors: CheckError[] = [];
  #isFirst = true;

  constructor(out: OutputStream, head: ReportHead) {
    this.#out = out;
    out.write(`${JSON.stringify(head).slice(0, -1)},"results":[`);
  }

  result(result: CheckResult): void {
    this.#out.write(`${this.#isFirst ? '' : ','}\n${JSON.stringify(result)}`);
    this.#isFirst = false;
  }

  skip(): void {
    // Only counted.
  }

  error({ file, document, line, message }: CheckError): void {
    this.#errors.push({ file, document, line, message });
  }

  end(summary: CheckSummary): void {
    this.#out.write(`\n],"errors":${JSON.stringify(this.#errors)},"summary":${JSON.stringify(summary)}}\n`);
  }
}
