/** The formats of reports. A new format needs a file in this folder, and a line in this file. */
import { github } from './ci/github.ts';
import { gitlab } from './ci/gitlab.ts';
import { junit } from './ci/junit.ts';
import { openReport, policyReport } from './ci/policy-report.ts';
import { sarif } from './ci/sarif.ts';
import { html } from './html/format.ts';
import { json } from './json.ts';
import type { ReportFormat, ReportOptions, Reports } from './reporter.ts';
import { text } from './text/format.ts';

const FORMATS: Readonly<Record<string, ReportFormat>> = {
  text,
  json,
  sarif,
  junit,
  github,
  gitlab,
  policyreport: policyReport,
  openreports: openReport,
  html,
};

/** The names of the formats that have a report, as `--output` takes them. */
export function formatsOf(report: keyof Reports): string[] {
  return Object.keys(FORMATS).filter((name) => FORMATS[name]?.[report] !== undefined);
}

/** @param format one of `formatsOf(report)` */
export function createReporter<Name extends keyof Reports>(report: Name, format: string, options: ReportOptions): Reports[Name] {
  const create = FORMATS[format]?.[report];
  if (create === undefined) throw new Error(`there is no ${report} report in format ${format}`);
  return create(options);
}
