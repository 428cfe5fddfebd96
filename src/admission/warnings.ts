/**
 * Warnings as kube-apiserver passes them on in `Warning` headers.
 *
 * Once the warnings of all sources exceed 4,096 runes, each is cut to 256 and the rest is dropped; one with a control
 * character is dropped silently (apiserver `endpoints/filters/warning.go`). So they are cut and counted here, where
 * it can be said what was left out.
 */
import type { Finding } from '../core/finding.ts';

const MAX_WARNING_RUNES = 256;
/** 15 × 256 + the last line stay below 4,096 together. */
const MAX_WARNINGS = 15;

/** One line for each finding whose mode is `warn`. */
export function warningsOf(findings: readonly Finding[]): string[] {
  const texts = findings.filter(({ mode }) => mode === 'warn').map(warningText);
  const unique = [...new Set(texts)];
  if (unique.length <= MAX_WARNINGS) return unique;
  return [...unique.slice(0, MAX_WARNINGS), `${unique.length - MAX_WARNINGS} more warnings of podgrace are in the audit log`];
}

function warningText({ field, message, rule }: Finding): string {
  return singleLine(`${field}: ${message} (${rule})`, MAX_WARNING_RUNES);
}

/** Control characters become blanks; what is longer than the limit ends in an ellipsis. Counts runes, as Go does. */
export function singleLine(text: string, maxRunes: number): string {
  // Nearly every text is fine as it is.
  if (text.length <= maxRunes && !CONTROL_CHARACTERS.test(text) && text.isWellFormed()) return text;
  // Two units make a rune at most; users can send megabytes, and most of them could not be shown.
  const head = text.slice(0, 2 * maxRunes);
  const clean = head.replace(CONTROL_RUNS, ' ').toWellFormed();
  const runes = Array.from(clean);
  const isWhole = head.length === text.length && runes.length <= maxRunes;
  return isWhole ? clean : `${runes.slice(0, maxRunes - 1).join('')}…`;
}

/* eslint-disable no-control-regex -- exactly these are what the API server refuses */
const CONTROL_CHARACTERS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]/;
const CONTROL_RUNS = /[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g;
/* eslint-enable no-control-regex */
