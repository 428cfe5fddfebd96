/** `podgrace dry-run` as text and as JSON, object by object. */
import type { DryRunError, DryRunResult, DryRunSummary, Verdict } from '../dry-run.ts';
import type { AttributedChange, Author } from '../../kube/commands/attribution.ts';
import type { Denial } from '../../kube/commands/denial.ts';
import type { OutputStream, Paint, Style } from '../terminal.ts';
import { changeText } from './plan-report.ts';

export interface DryRunReport {
  result(result: DryRunResult): void;
  error(error: DryRunError): void;
  end(summary: DryRunSummary): void;
}

export interface DryRunHead {
  readonly version: string;
  readonly server: string;
  /** That podgrace's own evaluation goes by; null where there is none. */
  readonly policy: string | null;
}

export class DryRunTextReport implements DryRunReport {
  readonly #out: OutputStream;
  readonly #err: OutputStream;
  readonly #head: DryRunHead;
  readonly #paint: Paint;
  readonly #verbose: boolean;

  /** @param verbose also prints what the API server fills in */
  constructor(out: OutputStream, err: OutputStream, head: DryRunHead, paint: Paint, verbose: boolean) {
    this.#out = out;
    this.#err = err;
    this.#head = head;
    this.#paint = paint;
    this.#verbose = verbose;
  }

  result(result: DryRunResult): void {
    const { file, line, kind, namespace, name, operation, pod } = result;
    const title = this.#paint('bold', `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`);
    const lines = [
      `${file}:${line} ${title} (${operation}): ${this.#verdict(result)}`,
      ...this.#details(result, '  '),
      ...(pod === null ? [] : [`  its Pods: ${this.#verdict(pod)}`, ...this.#details(pod, '    ')]),
    ];
    this.#out.write(`${lines.join('\n')}\n`);
  }

  error({ file, line, message }: DryRunError): void {
    this.#err.write(`${file}${line === null ? '' : `:${line}`}: ${message}\n`);
  }

  end({ objects, allowed, denied, podsDenied, errors }: DryRunSummary): void {
    const parts = [`${objects} objects: ${allowed} allowed, ${denied} denied`];
    if (podsDenied > 0) parts.push(`the Pods of ${podsDenied} allowed workloads denied`);
    if (errors > 0) parts.push(`${errors} errors`);
    const { policy, server } = this.#head;
    this.#out.write(
      `${parts.join('; ')} (dry run on ${server}${policy === null ? '' : `, compared with policy ${policy}`}; nothing was stored)\n`,
    );
  }

  #verdict({ allowed, denied }: Verdict): string {
    return allowed
      ? this.#paint('green', 'allowed')
      : `${this.#paint('red', 'denied')} by ${denied === null ? 'somebody' : denierText(denied)}`;
  }

  #details({ denied, warnings, changes, missing, expected, allowed }: Verdict, indent: string): string[] {
    const paint = this.#paint;
    const lines = [
      ...(denied === null ? [] : denied.message.split('\n').map((line) => `  ${line}`)),
      ...warnings.map(({ text, by }) => `${paint('yellow', '!')} ${text}${by === 'podgrace' ? '' : paint('dim', ' (not by podgrace)')}`),
      ...changes
        .filter(({ by }) => this.#verbose || by !== 'api-server')
        .map((change) => `${paint(STYLES[change.by], mark(change))} ${changeText(change)} ${paint('dim', `[${authorText(change)}]`)}`),
    ];
    const defaults = changes.filter(({ by }) => by === 'api-server').length;
    if (defaults > 0 && !this.#verbose) lines.push(paint('dim', `· ${defaults} fields filled in by the API server (-v prints them)`));
    if (expected !== null && expected.allowed !== allowed && (denied === null || denied.by === 'podgrace')) {
      const own = expected.allowed ? 'allows' : 'denies';
      lines.push(paint('magenta', `? podgrace's own evaluation by policy ${expected.policy} ${own} this: ${DIFFERENCE_CAUSES}`));
    }
    for (const change of missing) {
      lines.push(
        paint('magenta', `? podgrace's own evaluation changes ${changeText(change)} [${change.rules.join(', ')}], the cluster did not`),
      );
    }
    return lines.map((line) => `${indent}${line}`);
  }
}

const DIFFERENCE_CAUSES = 'the cluster has another policy, or does not ask podgrace about this namespace, or podgrace does not answer';

const STYLES: Readonly<Record<Author, Style>> = { podgrace: 'cyan', others: 'magenta', 'api-server': 'dim', manifest: 'green' };

const AUTHOR_TEXTS: Readonly<Record<Author, string>> = {
  podgrace: 'podgrace',
  others: 'others: another webhook, or a plugin',
  'api-server': 'API server',
  manifest: 'this file',
};

function mark({ from, to }: AttributedChange): string {
  if (from === undefined) return '+';
  return to === undefined ? '-' : '~';
}

function authorText({ by, rules }: AttributedChange): string {
  return rules.length === 0 ? AUTHOR_TEXTS[by] : `${AUTHOR_TEXTS[by]}: ${rules.join(', ')}`;
}

function denierText({ by, name }: Denial): string {
  switch (by) {
    case 'podgrace':
      return 'podgrace';
    case 'webhook':
      return `webhook ${name ?? ''}`;
    case 'admission-policy':
      return `ValidatingAdmissionPolicy ${name ?? ''}`;
    case 'pod-security':
      return 'Pod Security';
    case 'quota':
      return 'a ResourceQuota';
    case 'validation':
      return "the API server's validation";
    case 'admission':
      return 'an admission plugin of the API server';
  }
}

/** `{version, server, policy, results, errors, summary}`, schemas/dry-run.schema.json. */
export class DryRunJsonReport implements DryRunReport {
  readonly #out: OutputStream;
  readonly #errors: DryRunError[] = [];
  #isFirst = true;

  constructor(out: OutputStream, head: DryRunHead) {
    this.#out = out;
    out.write(`${JSON.stringify(head).slice(0, -1)},"results":[`);
  }

  result(result: DryRunResult): void {
    // What is not there has no value, and a property that is always there says so.
    this.#out.write(
      `${this.#isFirst ? '' : ','}\n${JSON.stringify(result, (key, value: unknown) => (ABSENT.has(key) && value === undefined ? null : value))}`,
    );
    this.#isFirst = false;
  }

  error({ file, document, line, message }: DryRunError): void {
    this.#errors.push({ file, document, line, message });
  }

  end(summary: DryRunSummary): void {
    this.#out.write(`\n],"errors":${JSON.stringify(this.#errors)},"summary":${JSON.stringify(summary)}}\n`);
  }
}

const ABSENT: ReadonlySet<string> = new Set(['from', 'to']);
