/** `podgrace rules`: all of them in the order of their ids, or one. */
import { catalogue } from '../../../config/catalogue.ts';
import type { Invocation } from '../../command.ts';
import type { CliContext } from '../../context.ts';
import { EXIT, UsageError, type ExitCode } from '../../exit-code.ts';
import { reporterFor } from '../../options/output-options.ts';
import { unknownRule } from '../../options/unknown-rule.ts';
import type { RulesOptions } from './options.ts';

/** @throws {UsageError} for an id that no rule has */
export function rules({ words: [id], options }: Invocation<RulesOptions>, context: CliContext): Promise<ExitCode> {
  if (id !== undefined && catalogue.get(id) === undefined) throw new UsageError(unknownRule(id));
  const report = reporterFor('rules', options, context);
  report.begin({ isDetailed: id !== undefined });
  for (const rule of catalogue.rules.toSorted((a, b) => (a.meta.id < b.meta.id ? -1 : 1)))
    if (id === undefined || rule.meta.id === id) report.object(rule);
  report.end(undefined);
  return Promise.resolve(EXIT.clean);
}
