/** `podgrace rules` as text: a table, or a page for each rule. */
import { PRESETS, type Rule } from '../../../core/rule.ts';
import { SURROUNDING_NAMES } from '../../../core/surroundings.ts';
import { styled, type Part } from '../../output/text.ts';
import type { Reporter, ReportOptions, RulesHead } from '../reporter.ts';

export class RulesText implements Reporter<RulesHead, Rule, undefined> {
  readonly #options: ReportOptions;
  /** The table is as wide as its widest rows. */
  readonly #rows: string[][] = [];
  #isDetailed = false;

  constructor(options: ReportOptions) {
    this.#options = options;
  }

  begin({ isDetailed }: RulesHead): void {
    this.#isDetailed = isDetailed;
    if (!isDetailed) this.#rows.push(['RULE', ...PRESETS.map((preset) => preset.toUpperCase()), 'ASKS FOR']);
  }

  object(rule: Rule): void {
    if (this.#isDetailed) this.#options.stdout.lines(pageOf(rule));
    else this.#rows.push(rowOf(rule));
  }

  end(): void {
    const widths =
      this.#rows[0]?.map((_, column) => this.#rows.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), 0)) ?? [];
    this.#options.stdout.lines(
      this.#rows.map((row) => row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ')),
    );
  }
}

function rowOf({ meta }: Rule): string[] {
  return [meta.id, ...PRESETS.map((preset) => `${meta.presets[preset].mode}/${meta.presets[preset].mutation}`), meta.docs.summary];
}

function pageOf({ meta }: Rule): Part[] {
  const presets = PRESETS.map((preset) => {
    const { mode, mutation, options } = meta.presets[preset];
    return `  ${preset.padEnd(11)} mode ${mode}, mutation ${mutation}${options === undefined ? '' : `, options ${JSON.stringify(options)}`}`;
  });
  return [
    styled('bold', meta.id),
    meta.docs.summary,
    meta.docs.harm,
    '',
    ...meta.docs.why.split('\n'),
    '',
    ...meta.docs.remediation.split('\n'),
    '',
    ...(meta.about === 'deletion' ? [] : ['Of an update, only what it makes worse is denied.', ...meta.docs.worse.split('\n'), '']),
    'Presets:',
    ...presets,
    '',
    `Default options: ${JSON.stringify(meta.defaultOptions)}`,
    `Reads: ${meta.reads.join(', ')}${meta.about === 'workload' ? ' of the workload' : ''}`,
    ...(meta.needs ?? []).map((surrounding) => `Asks about ${SURROUNDING_NAMES[surrounding]}, where podgrace knows them`),
    `May change: ${meta.writes.join(', ') || 'nothing'}`,
    ...meta.docs.references,
  ];
}
