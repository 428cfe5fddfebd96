/** How often each rule has found something, in a table. */
import type { CheckFinding } from '../../../offline/check.ts';
import { REPORTED_MODES, type ReportedMode } from '../../../offline/finding.ts';
import { grouped } from '../../output/grouped.ts';
import { styled, text, type Text } from '../../output/text.ts';

const HEADS: Readonly<Record<ReportedMode, string>> = {
  enforce: 'enforced',
  warn: 'warned',
  audit: 'recorded',
  repair: 'repaired',
  would: 'repairable',
};

/** Memory is that of the rules, not of the findings. */
export class RuleCounts {
  readonly #counts = new Map<string, Record<ReportedMode, number>>();

  count({ rule, mode }: CheckFinding): void {
    const counts = this.#counts.get(rule) ?? { enforce: 0, warn: 0, audit: 0, repair: 0, would: 0 };
    counts[mode] += 1;
    this.#counts.set(rule, counts);
  }

  /** What denies most often first; nothing where nothing was found. */
  get lines(): Text[] {
    if (this.#counts.size === 0) return [];
    const modes = REPORTED_MODES.filter((mode) => [...this.#counts.values()].some((counts) => counts[mode] > 0));
    const width = [...this.#counts.keys()].reduce((most, rule) => Math.max(most, rule.length), 0);
    const row = (rule: string, cells: readonly string[]): string =>
      [rule.padEnd(width), ...cells.map((cell, index) => cell.padStart(HEADS[modes[index] ?? 'enforce'].length))].join('  ').trimEnd();
    const sorted = [...this.#counts].sort(([a, one], [b, other]) => {
      for (const mode of modes) if (one[mode] !== other[mode]) return other[mode] - one[mode];
      return a < b ? -1 : 1;
    });
    return [
      text`${styled(
        'dim',
        row(
          'rule',
          modes.map((mode) => HEADS[mode]),
        ),
      )}`,
      ...sorted.map(
        ([rule, counts]) =>
          text`${row(
            rule,
            modes.map((mode) => (counts[mode] === 0 ? '' : grouped(counts[mode]))),
          )}`,
      ),
    ];
  }
}
