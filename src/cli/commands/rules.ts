/** `podgrace rules`: the catalogue. */
import { Argument, Option, type Command } from 'commander';
import { catalogue } from '../../config/catalogue.ts';
import { PRESETS, type Rule } from '../../core/rule.ts';
import type { CliContext } from '../run.ts';
import { styler, type Paint } from '../terminal.ts';

const RULES = catalogue.rules.toSorted((a, b) => (a.meta.id < b.meta.id ? -1 : 1));

export function addRulesCommand(program: Command, { stdout, env }: CliContext): void {
  program
    .command('rules')
    .summary('list the rules, or say all about one')
    .description('Lists the rules with what each preset makes of them (mode/mutation), or says everything about one.')
    .addArgument(new Argument('[id]', 'a rule').choices(RULES.map(({ meta }) => meta.id)))
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText(
      'after',
      `
Examples:
  $ podgrace rules                                                 what there is
  $ podgrace rules pre-stop-delay                                  why, what to do, what it reads and changes
  $ podgrace rules -o json | jq '.[].defaultOptions'

Exit codes: 0, or 2 for a wrong option or a rule that does not exist.
`,
    )
    .action((id: string | undefined, { output }: { output: 'text' | 'json' }) => {
      const chosen = id === undefined ? RULES : RULES.filter(({ meta }) => meta.id === id);
      if (output === 'json') stdout.write(json(chosen));
      else stdout.write(id === undefined ? table(chosen) : chosen.map((rule) => page(rule, styler(stdout, env))).join('\n'));
    });
}

function json(rules: readonly Rule[]): string {
  const metas = rules.map(({ meta }) => meta);
  return `${JSON.stringify(metas, null, 2)}\n`;
}

function table(rules: readonly Rule[]): string {
  const rows = [
    ['RULE', ...PRESETS.map((preset) => preset.toUpperCase()), 'ASKS FOR'],
    ...rules.map(({ meta }) => [
      meta.id,
      ...PRESETS.map((preset) => `${meta.presets[preset].mode}/${meta.presets[preset].mutation}`),
      meta.docs.summary,
    ]),
  ];
  const widths = rows[0]?.map((_, column) => rows.reduce((widest, row) => Math.max(widest, row[column]?.length ?? 0), 0)) ?? [];
  return rows
    .map((row) => `${row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ')}\n`)
    .join('');
}

function page({ meta }: Rule, paint: Paint): string {
  const presets = PRESETS.map(
    (preset) => `  ${preset.padEnd(11)} mode ${meta.presets[preset].mode}, mutation ${meta.presets[preset].mutation}`,
  );
  return [
    paint('bold', meta.id),
    meta.docs.summary,
    '',
    meta.docs.why,
    '',
    meta.docs.remediation,
    '',
    'Presets:',
    ...presets,
    '',
    `Default options: ${JSON.stringify(meta.defaultOptions)}`,
    `Reads: ${meta.reads.join(', ')}`,
    `May change: ${meta.writes.join(', ') || 'nothing'}`,
    ...meta.docs.references,
    '',
  ].join('\n');
}
