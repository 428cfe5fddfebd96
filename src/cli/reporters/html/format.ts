/** Reports as one page for a browser. */
import type { ReportFormat } from '../reporter.ts';
import { CheckHtml } from './check.ts';
import { ExplainHtml } from './explain.ts';

export const html: ReportFormat = {
  check: (options) => new CheckHtml(options),
  explain: (options) => new ExplainHtml(options),
};
