/** Reports for people, a line for each thing. */
import type { ReportFormat } from '../reporter.ts';
import { CheckText } from './check.ts';
import { DryRunText } from './dry-run.ts';
import { ExplainText } from './explain.ts';
import { FixText } from './fix.ts';
import { ObjectsText } from './objects.ts';
import { ReplayText } from './replay.ts';
import { RulesText } from './rules.ts';
import { StatusText } from './status.ts';

export const text: ReportFormat = {
  check: (options) => new CheckText(options),
  objects: (options) => new ObjectsText(options),
  explain: (options) => new ExplainText(options),
  fix: (options) => new FixText(options),
  replay: (options) => new ReplayText(options),
  'dry-run': (options) => new DryRunText(options),
  status: (options) => new StatusText(options),
  rules: (options) => new RulesText(options),
};
