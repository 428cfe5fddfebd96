/** `podgrace dry-run` as text, object by object. */
import type { AttributedChange, Author } from '../../../kube/commands/attribution.ts';
import type { Denial } from '../../../kube/commands/denial.ts';
import type { DryRunOutcome, DryRunResult, DryRunSummary, Verdict } from '../../../kube/commands/manifest-dry-run.ts';
import { styled, text, type Style, type Text } from '../../output/text.ts';
import type { DryRunHead, Reporter, ReportOptions } from '../reporter.ts';
import { changeText } from './change-text.ts';
import { errorLine } from './check.ts';
import { counted, findingLines, verdictText } from './finding-lines.ts';

/** Verbose, it also prints what the API server fills in. */
export class DryRunText implements Reporter<DryRunHead, DryRunOutcome, DryRunSummary> {
  readonly #options: ReportOptions;
  #head: DryRunHead | undefined;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  begin(head: DryRunHead): void {
    this.#head = head;
  }

  object(outcome: DryRunOutcome): void {
    if (outcome.outcome === 'judged') this.#result(outcome.result);
    if (outcome.outcome === 'error') this.#options.stderr.lines(outcome.errors.map(errorLine));
  }

  end({ objects, allowed, denied, podsDenied, errors }: DryRunSummary): void {
    const parts = [`${counted(objects, 'object')}: ${allowed} allowed, ${denied} denied`];
    if (podsDenied > 0) parts.push(`the Pods of ${counted(podsDenied, 'allowed workload')} denied`);
    if (errors > 0) parts.push(counted(errors, 'error'));
    const { policy = null, server = '' } = this.#head ?? {};
    const compared = policy === null ? '' : `, compared with policy ${policy}`;
    this.#options.stdout.line(`${parts.join('; ')} (dry run on ${server}${compared}; nothing was stored)`);
  }

  #result(result: DryRunResult): void {
    const { file, line, kind, namespace, name, operation, findings, pod } = result;
    const title = styled('bold', `${kind} ${namespace === '' ? '' : `${namespace}/`}${name}`);
    this.#options.stdout.lines([
      text`${file}:${line} ${title} (${operation}): ${verdictOf(result)}`,
      ...this.#details(result, '  '),
      ...findingLines(findings, this.#options.isVerbose),
      ...(pod === null ? [] : [text`  its Pods: ${verdictOf(pod)}`, ...this.#details(pod, '    ')]),
    ]);
  }

  #details({ denied, warnings, changes, missing, expected, allowed }: Verdict, indent: string): Text[] {
    const { isVerbose } = this.#options;
    const lines = [
      ...(denied === null ? [] : denied.message.split('\n').map((line) => text`  ${line}`)),
      ...warnings.map(
        ({ text: warning, by }) => text`${styled('yellow', '!')} ${warning}${by === 'podgrace' ? '' : styled('dim', ' (not by podgrace)')}`,
      ),
      ...changes
        .filter(({ by }) => isVerbose || by !== 'api-server')
        .map(
          (change) => text`${styled(STYLES[change.by], mark(change))} ${changeText(change)} ${styled('dim', `[${authorText(change)}]`)}`,
        ),
    ];
    const defaults = changes.filter(({ by }) => by === 'api-server').length;
    if (defaults > 0 && !isVerbose)
      lines.push(text`${styled('dim', `· ${counted(defaults, 'field')} filled in by the API server (-v prints them)`)}`);
    if (expected !== null && expected.allowed !== allowed && (denied === null || denied.by === 'podgrace')) {
      const own = expected.allowed ? 'allows' : 'denies';
      lines.push(styled('magenta', `? podgrace's own evaluation by policy ${expected.policy} ${own} this: ${DIFFERENCE_CAUSES}`));
    }
    for (const change of missing) {
      lines.push(
        styled(
          'magenta',
          `? podgrace's own evaluation makes the change ${changeText(change)} [${change.rules.join(', ')}], but the cluster does not`,
        ),
      );
    }
    return lines.map((line) => text`${indent}${line}`);
  }
}

function verdictOf({ allowed, denied, triedWithout }: Verdict): Text {
  const without = triedWithout.length === 0 ? '' : ` (tried without ${triedWithout.join(', ')}, which the files create)`;
  if (allowed) return text`${verdictText(true)}${without}`;
  return text`${verdictText(false)} by ${denied === null ? 'an unknown component' : denierText(denied)}${without}`;
}

const DIFFERENCE_CAUSES =
  'the cluster has another policy, or does not ask podgrace about this kind or this namespace, or podgrace does not answer';

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
