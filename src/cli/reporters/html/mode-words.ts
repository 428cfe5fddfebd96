/** What becomes of a finding, in the words of the pages. */
import type { ReportedMode } from '../../../offline/finding.ts';

export const MODE_WORDS: Readonly<Record<ReportedMode, string>> = {
  enforce: 'denied',
  warn: 'warning',
  audit: 'recorded only',
  repair: 'repaired at admission',
  would: 'would be repaired',
};
