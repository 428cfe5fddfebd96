/** `podgrace check` as one page for a browser: filter, groups, and bars of QoS classes and rules. */
import { catalogue } from '../../../config/catalogue.ts';
import { VERSION } from '../../../config/version.ts';
import { countIn } from '../../../core/map-entry.ts';
import { QOS_CLASSES, type QosClass } from '../../../core/qos.ts';
import type { CheckError, CheckFinding, CheckOutcome, CheckResult } from '../../../offline/check.ts';
import { isDeniedForKnownAlone, type CheckSummary } from '../../../offline/check-tally.ts';
import { printYaml } from '../../../yaml/print-yaml.ts';
import { titleOf } from '../ci/findings.ts';
import type { CheckHead, Reporter, ReportOptions } from '../reporter.ts';
import { deniedText, errorLine, FOR_KNOWN_ALONE } from '../text/check.ts';
import { placeText, startText } from '../place-text.ts';
import { quotedPlace, type Quoted } from '../quoted-place.ts';
import { counted, isForSomebody } from '../text/finding-lines.ts';
import { noticeOf, noticeText } from '../notice.ts';
import { errorSection, escape, listSection } from './document.ts';
import { MODE_WORDS } from './mode-words.ts';
import { pageEnd, pageHead } from './page.ts';

/** Findings are written as they come; what sums them up is written last, and the page puts it first. */
export class CheckHtml implements Reporter<CheckHead, CheckOutcome, CheckSummary> {
  readonly #options: ReportOptions;
  readonly #errors: CheckError[] = [];
  readonly #notices: string[] = [];
  readonly #rules = new Map<string, number>();
  readonly #classes = new Map<QosClass, number>();
  readonly #policies = new Set<string>();

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  begin({ policy }: CheckHead): void {
    this.#policies.add(policy);
    this.#options.stdout.write(pageHead('podgrace check', `podgrace ${escape(VERSION)}`));
  }

  object(outcome: CheckOutcome): void {
    if (outcome.outcome === 'error') {
      for (const error of outcome.errors) this.#errors.push(error);
      return;
    }
    const notice = this.#options.isQuiet === true ? undefined : noticeOf(outcome);
    if (notice !== undefined) this.#notices.push(noticeText(notice));
    if (outcome.outcome !== 'judged') return;
    const { result } = outcome;
    this.#policies.add(result.policy);
    if (result.qosClass !== undefined) countIn(this.#classes, result.qosClass);
    if (result.findings.length === 0) return;
    const { kind, namespace, name, workload, qosClass, allowed } = result;
    const verdict = allowed ? 'allowed' : `denied${isDeniedForKnownAlone(result) ? FOR_KNOWN_ALONE : ''}`;
    const meta = [startText(result), workload, qosClass, verdict].filter((part) => part !== undefined).join(', ');
    const heading = `<h2>${escape(`${kind} ${namespace}/${name}`)}</h2>\n<p class="soft">${escape(meta)}</p>`;
    this.#options.stdout.write(
      `<section class="group">\n${heading}\n${result.findings.map((finding) => this.#finding(result, finding)).join('')}</section>\n`,
    );
  }

  end({ objects, allowed, denied, skipped, errors, known }: CheckSummary): void {
    const counts = `${counted(objects, 'object')}: ${allowed} allowed, ${deniedText(denied, known)}, ${skipped} not judged; ${counted(errors, 'error')}`;
    const policies = `policy ${[...this.#policies].sort().join(', ')}`;
    const rules = [...this.#rules].sort(([a, one], [b, other]) => other - one || (a < b ? -1 : 1));
    const classes = QOS_CLASSES.map((qosClass) => [qosClass, this.#classes.get(qosClass) ?? 0] as const);
    const charts = `<div class="charts">\n${bars('Objects by QoS class, repairs included', classes)}${bars('Findings by rule', rules)}</div>\n`;
    const told = `${errorSection(this.#errors.map(errorLine))}${listSection('notices', 'Not judged, or refused by a cluster', this.#notices)}`;
    this.#options.stdout.write(pageEnd(told, `<h2>Summary</h2>\n<p>${escape(counts)} (${escape(policies)})</p>\n${charts}`));
  }

  #finding(result: CheckResult, finding: CheckFinding): string {
    const { rule, mode, field, message, fix, place } = finding;
    countIn(this.#rules, rule);
    const data = { mode, rule, file: result.file, line: String(result.line), object: titleOf(result) };
    const attributes = Object.entries(data).map(([key, value]) => ` data-${key}="${escape(value)}"`);
    const harm = isForSomebody(finding) ? catalogue.get(rule)?.meta.docs.harm : undefined;
    return [
      `<article class="${mode}"${attributes.join('')}>`,
      `<h3><span class="mode">${MODE_WORDS[mode]}</span> ${escape(field)} ${escape(message)}</h3>`,
      `<p class="soft">${escape(`${titleOf(result)}, ${placeText(result.file, place)}, rule ${rule}`)}</p>`,
      `<pre tabindex="0">${quoted(quotedPlace(finding, result.findings))}</pre>`,
      ...(harm === undefined ? [] : [`<p>${escape(harm)}</p>`]),
      ...(isForSomebody(finding) ? [`<p>To fix it: ${escape(fix)}.</p>`] : []),
      ...proposals(result, finding),
      '</article>\n',
    ].join('\n');
  }
}

/** The first line of a field, and what of it is the field. */
function quoted({ line, column, endLine, endColumn, quote }: Quoted): string {
  const end = endLine === line ? endColumn - 1 : quote.trimEnd().length;
  const [before, field, after] = [quote.slice(0, column - 1), quote.slice(column - 1, end), quote.slice(end).trimEnd()].map(escape);
  return `${line} | ${before ?? ''}<mark>${field ?? ''}</mark>${after ?? ''}`;
}

function proposals({ proposals }: CheckResult, { rule }: CheckFinding): string[] {
  return proposals.of(rule).map(({ at, fields }) => {
    const lines = printYaml(fields).map(escape).join('\n');
    return `<details><summary>What the repair would set in ${escape(at.text === '' ? 'the object' : at.text)}</summary>\n<pre tabindex="0">${lines}</pre>\n</details>`;
  });
}

function bars(caption: string, counts: readonly (readonly [string, number])[]): string {
  const most = counts.reduce((sum, [, count]) => Math.max(sum, count), 1);
  const rows = counts.map(([name, count]) => {
    const bar = count === 0 ? '' : `<span style="width: ${((100 * count) / most).toFixed(1)}%"></span>`;
    return `<tr><th scope="row">${escape(name)}</th><td class="bar">${bar}</td><td class="count">${count}</td></tr>\n`;
  });
  return `<table>\n<caption>${caption}</caption>\n<tbody>\n${rows.join('')}</tbody>\n</table>\n`;
}
