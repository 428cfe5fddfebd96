/** `podgrace replay` as text and as JSON, review by review. */
import { equalJson } from '../../core/json.ts';
import type { Difference, ReplayError, ReplayResult, ReplaySummary } from '../../offline/replay.ts';
import type { OutputStream, Paint } from '../terminal.ts';
import { counted, findingLines } from './finding.ts';

export interface ReplayReport {
  result(result: ReplayResult): void;
  error(error: ReplayError): void;
  end(summary: ReplaySummary): void;
}

export interface ReplayTextOptions {
  /** Prints all about each finding. */
  readonly verbose: boolean;
  /** Leaves out what is answered the same. */
  readonly onlyDifferences: boolean;
}

export class ReplayTextReport implements ReplayReport {
  readonly #out: OutputStream;
  readonly #err: OutputStream;
  readonly #paint: Paint;
  readonly #options: ReplayTextOptions;

  constructor(out: OutputStream, err: OutputStream, paint: Paint, options: ReplayTextOptions) {
    this.#out = out;
    this.#err = err;
    this.#paint = paint;
    this.#options = options;
  }

  result(result: ReplayResult): void {
    const { differences = [] } = result;
    const { onlyDifferences, verbose } = this.#options;
    if (onlyDifferences && differences.length === 0) return;
    const { validate, mutate } = result;
    const lines = [this.#headOf(result)];
    if (!onlyDifferences || verbose) {
      for (const line of findingLines([...validate.findings, ...mutate.findings], this.#paint, verbose)) lines.push(line);
      for (const operation of mutate.patch) lines.push(`    ${this.#paint('cyan', JSON.stringify(operation))}`);
    }
    for (const difference of differences) for (const line of differenceLines(difference, this.#paint)) lines.push(line);
    this.#out.write(`${lines.join('\n')}\n`);
  }

  error({ source, message }: ReplayError): void {
    this.#err.write(`${source}: ${message}\n`);
  }

  end({ reviews, allowed, denied, warned, mutated, errors, differing, skipped }: ReplaySummary): void {
    const parts = [
      `${counted(reviews, 'review')}: ${allowed} allowed, ${denied} denied, ${warned} with warnings, ${mutated} patched`,
      ...(errors > 0 ? [`${errors} without an answer`] : []),
      ...(differing === null ? [] : [`${differing} answered differently`]),
    ];
    const notJudged = skipped.map(({ reason, requests }) => `${counted(requests, 'request')} of the audit log not judged: ${reason}`);
    this.#out.write([parts.join('; '), ...notJudged].map((line) => `${line}\n`).join(''));
  }

  #headOf({ source, operation, kind, namespace, name, validate, mutate }: ReplayResult): string {
    const verdict = validate.allowed ? this.#paint('green', 'allowed') : this.#paint('red', 'denied');
    const patched = mutate.patched ? `, ${this.#paint('cyan', `patched (${counted(mutate.patch.length, 'operation')})`)}` : '';
    const target = [namespace, name].filter((part) => part !== '').join('/');
    return `${source} ${operation} ${this.#paint('bold', `${kind} ${target}`.trimEnd())}: ${verdict}${patched}`;
  }
}

/** Of lists, what only one of the two has: `-` here, `+` there; of anything else, both. */
function differenceLines({ of, here, there }: Difference, paint: Paint): string[] {
  const title = `  ${paint('magenta', `${of} differs:`)}`;
  const [ours, theirs] = Array.isArray(here) && Array.isArray(there) ? [without(here, there), without(there, here)] : [[here], [there]];
  if (ours.length === 0 && theirs.length === 0) return [`${title} the same in another order`];
  return [
    title,
    ...ours.map((value) => `    ${paint('red', `- ${textOf(value)}`)}`),
    ...theirs.map((value) => `    ${paint('green', `+ ${textOf(value)}`)}`),
  ];
}

function without(list: readonly unknown[], other: readonly unknown[]): unknown[] {
  const rest = [...other];
  return list.filter((value) => {
    const at = rest.findIndex((each) => equalJson(each, value));
    if (at >= 0) rest.splice(at, 1);
    return at < 0;
  });
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
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

/** Where the answers themselves go to standard output, there is no room for a report; errors are told all the same. */
export class ReplayErrorReport implements ReplayReport {
  readonly #err: OutputStream;

  constructor(err: OutputStream) {
    this.#err = err;
  }

  result(): void {
    // Its answers are what is printed.
  }

  error({ source, message }: ReplayError): void {
    this.#err.write(`${source}: ${message}\n`);
  }

  end(): void {
    // Whoever reads the answers counts them.
  }
}
