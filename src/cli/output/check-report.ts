/** `podgrace check` as text and as JSON. Written object by object: memory stays flat however much is checked. */
import type { CheckResult, CheckSummary, InputError } from '../check.ts';
import type { OutputStream } from '../terminal.ts';
import { findingLines, type Paint } from './finding.ts';

export interface CheckReport {
  result(result: CheckResult): void;
  error(error: InputError): void;
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

  /** @param verbose also prints objects without findings, and findings that are only recorded */
  constructor(out: OutputStream, err: OutputStream, head: ReportHead, paint: Paint, verbose: boolean) {
    this.#out = out;
    this.#err = err;
    this.#head = head;
    this.#paint = paint;
    this.#verbose = verbose;
  }

  result({ file, line, kind, namespace, name, workload, qosClass, allowed, findings }: CheckResult): void {
    const shown = this.#verbose ? findings : findings.filter(({ mode }) => mode !== 'audit');
    if (shown.length === 0 && !this.#verbose) return;
    const verdict = allowed ? this.#paint('green', 'allowed') : this.#paint('red', 'denied');
    const lines = [`${file}:${line} ${this.#paint('bold', `${kind} ${namespace}/${name}`)} (${workload}, ${qosClass}): ${verdict}`];
    for (const finding of shown) lines.push(...findingLines(finding, this.#paint));
    this.#out.write(`${lines.join('\n')}\n`);
  }

  error({ file, line, message }: InputError): void {
    this.#err.write(`${file}${line === null ? '' : `:${line}`}: ${message}\n`);
  }

  end({ objects, skipped, allowed, denied, errors, findings }: CheckSummary): void {
    const parts = [
      `${objects} objects: ${allowed} allowed, ${denied} denied, ${skipped} not judged`,
      `findings: ${findings.enforce} enforced, ${findings.warn} warned, ${findings.repair} repaired at admission, ${findings.audit} recorded`,
      ...(errors > 0 ? [`${errors} errors`] : []),
    ];
    this.#out.write(`${parts.join('; ')} (policy ${this.#head.policy})\n`);
  }
}

/** `{version, policy, results, errors, summary}`, schemas/check.schema.json. */
export class CheckJsonReport implements CheckReport {
  readonly #out: OutputStream;
  readonly #errors: InputError[] = [];
  #isFirst = true;

  constructor(out: OutputStream, head: ReportHead) {
    this.#out = out;
    out.write(`${JSON.stringify(head).slice(0, -1)},"results":[`);
  }

  result(result: CheckResult): void {
    this.#out.write(`${this.#isFirst ? '' : ','}\n${JSON.stringify(result)}`);
    this.#isFirst = false;
  }

  error(error: InputError): void {
    this.#errors.push(error);
  }

  end(summary: CheckSummary): void {
    this.#out.write(`\n],"errors":${JSON.stringify(this.#errors)},"summary":${JSON.stringify(summary)}}\n`);
  }
}
