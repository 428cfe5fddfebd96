/** `podgrace replay` as text and as JSON, review by review. */
import type { ReplayError, ReplayResult, ReplaySummary } from '../replay.ts';
import type { OutputStream } from '../terminal.ts';
import { findingLines, type Paint } from './finding.ts';

export interface ReplayReport {
  result(result: ReplayResult): void;
  error(error: ReplayError): void;
  end(summary: ReplaySummary): void;
}

export class ReplayTextReport implements ReplayReport {
  readonly #out: OutputStream;
  readonly #err: OutputStream;
  readonly #paint: Paint;

  constructor(out: OutputStream, err: OutputStream, paint: Paint) {
    this.#out = out;
    this.#err = err;
    this.#paint = paint;
  }

  result({ source, operation, kind, namespace, name, validate, mutate, differences = [] }: ReplayResult): void {
    const verdict = validate.allowed ? this.#paint('green', 'allowed') : this.#paint('red', 'denied');
    const patched = mutate.patched ? `, ${this.#paint('cyan', `patched (${mutate.patch.length} operations)`)}` : '';
    const target = [namespace, name].filter((part) => part !== '').join('/');
    const lines = [`${source} ${operation} ${this.#paint('bold', `${kind} ${target}`)}: ${verdict}${patched}`];
    for (const finding of [...validate.findings, ...mutate.findings])
      if (finding.mode !== 'audit') lines.push(...findingLines(finding, this.#paint));
    for (const operationOfPatch of mutate.patch) lines.push(`    ${this.#paint('cyan', JSON.stringify(operationOfPatch))}`);
    for (const { of, here, there } of differences) {
      lines.push(
        `  ${this.#paint('magenta', `differs in ${of}`)}`,
        `    here:  ${JSON.stringify(here)}`,
        `    there: ${JSON.stringify(there)}`,
      );
    }
    this.#out.write(`${lines.join('\n')}\n`);
  }

  error({ source, message }: ReplayError): void {
    this.#err.write(`${source}: ${message}\n`);
  }

  end({ reviews, allowed, denied, warned, mutated, errors, differing }: ReplaySummary): void {
    const parts = [
      `${reviews} reviews: ${allowed} allowed (${warned} with warnings), ${denied} denied, ${mutated} patched, ${errors} not readable`,
    ];
    if (differing !== null) parts.push(`${differing} answered differently`);
    this.#out.write(`${parts.join('; ')}\n`);
  }
}

/** `{results, errors, summary}`, schemas/replay.schema.json. */
export class ReplayJsonReport implements ReplayReport {
  readonly #out: OutputStream;
  readonly #errors: ReplayError[] = [];
  #isFirst = true;

  constructor(out: OutputStream) {
    this.#out = out;
    out.write('{"results":[');
  }

  result(result: ReplayResult): void {
    this.#out.write(`${this.#isFirst ? '' : ','}\n${JSON.stringify(result)}`);
    this.#isFirst = false;
  }

  error(error: ReplayError): void {
    this.#errors.push(error);
  }

  end(summary: ReplaySummary): void {
    this.#out.write(`\n],"errors":${JSON.stringify(this.#errors)},"summary":${JSON.stringify(summary)}}\n`);
  }
}
