/**
 * Warnings as kube-apiserver passes them on in `Warning` headers.
 *
 * Once the warnings of all sources exceed 4,096 runes, each is cut to 256 and the rest is dropped; one with a control
 * character is dropped silently (apiserver `endpoints/filters/warning.go`). So they are cut and counted here, where
 * it can be said what was left out.
 */
import type { Finding } from '../core/finding.ts';
import { visibleLine } from '../core/visible-text.ts';

const MAX_WARNING_RUNES = 256;
/** 15 × 256 + the last line stay below 4,096 together. */
const MAX_WARNINGS = 15;

/** One line for each finding whose mode is `warn`. */
export function warningsOf(findings: readonly Finding[]): string[] {
  const texts = findings.filter(({ mode }) => mode === 'warn').map(warningText);
  const unique = [...new Set(texts)];
  if (unique.length <= MAX_WARNINGS) return unique;
  return [...unique.slice(0, MAX_WARNINGS), moreWarnings(unique.length - MAX_WARNINGS)];
}

/** Every text that `warningsOf` may give of such findings, whatever their modes: which of them warn depends on the operation. */
export function possibleWarnings(findings: readonly Finding[]): ReadonlySet<string> {
  return new Set([...findings.map(warningText), ...findings.map((_, index) => moreWarnings(index + 1))]);
}

function moreWarnings(count: number): string {
  return `${count} more warnings of podgrace are in the audit log`;
}

/** One line for the warnings of an AdmissionReview, which kubectl prints. */
export function warningText({ field, message, rule }: Pick<Finding, 'field' | 'message' | 'rule'>): string {
  return singleLine(`${field}: ${message} (${rule})`, MAX_WARNING_RUNES);
}

/** One line that shows nothing of what would steer a terminal, cut with an ellipsis at the limit. Counts runes, as Go does. */
export function singleLine(text: string, maxRunes: number): string {
  // Two units make a rune at most; users can send megabytes, and most of them could not be shown.
  const head = text.slice(0, 2 * maxRunes);
  const visible = visibleLine(head);
  if (head.length === text.length && visible.length <= maxRunes) return visible;
  const runes = Array.from(visible);
  const isWhole = head.length === text.length && runes.length <= maxRunes;
  return isWhole ? visible : `${runes.slice(0, maxRunes - 1).join('')}…`;
}
