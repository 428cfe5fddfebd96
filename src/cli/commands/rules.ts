/** `podgrace rules`: the catalogue. */
import { Option, type Command } from 'commander';
import { catalogue } from '../../config/catalogue.ts';
import { PRESETS, type Rule } from '../../core/rule.ts';
import { UsageError } from '../exit-code.ts';
import type { CliContext } from '../run.ts';
import { styler } from '../terminal.ts';

export function addRulesCommand(program: Command, context: CliContext): void {
  program
    .command('rules')
    .summary('list the rules, or say all about one')
    .description('Lists the rules with what each preset makes of them, or says everything about one.')
    .argument('[id]', 'a rule')
    .addOption(new Option('-o, --output <format>', 'how to print').choices(['text', 'json']).default('text'))
    .addHelpText('after', '\nExamples:\n  $ podgrace rules\n  $ podgrace rules pre-stop-delay\n')
    .action((id: string | undefined, { output }: { output: 'text' | 'json' }) => {
      const { stdout, env } = context;
      const rules = id === undefined ? catalogue.rules.toSorted((a, b) => (a.meta.id < b.meta.id ? -1 : 1)) : [named(id)];
      if (output === 'json')
        stdout.write(
          `${JSON.stringify(
            rules.map(({ meta }) => meta),
            null,
            2,
          )}\n`,
        );
      else if (id === undefined) stdout.write(table(rules));
      else stdout.write(rules.map((rule) => page(rule, styler(stdout, env))).join('\n'));
    });
}

function named(id: string): Rule {
  const rule = catalogue.get(id);
  if (rule === undefined) throw new UsageError(`there is no rule '${id}'; \`podgrace rules\` lists them`);
  return rule;
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
  const widths = rows[0]?.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0))) ?? [];
  return rows
    .map((row) => `${row.map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] ?? 0))).join('  ')}\n`)
    .join('');
}

function page({ meta }: Rule, paint: ReturnType<typeof styler>): string {
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
