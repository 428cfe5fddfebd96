/** The rules about a field, in whatever notation the field is named. */
import { ANY, PathPattern } from '../core/path.ts';
import type { Rule } from '../core/rule.ts';
import { similarWord } from '../core/similar-word.ts';

/**
 * @param field as in a manifest or in `kubectl explain`, whole or its last part: `spec.containers[*].livenessProbe`,
 *   `pod.spec.tolerations`, `livenessProbe.timeoutSeconds`; indices do not count
 * @returns the rules that read or change it, what is below it, or what it is below
 */
export function rulesAbout(field: string, rules: readonly Rule[]): Rule[] {
  const steps = stepsOf(field);
  const first = steps.findIndex((step) => !ENVELOPES.has(step));
  const wanted = first < 0 ? steps.slice(-1) : steps.slice(first);
  if (wanted.length === 0) return [];
  return rules.filter(({ meta }) => [...meta.reads, ...meta.writes].some((pattern) => isAbout(namesIn(pattern), wanted)));
}

/** @returns a field that some rule is about, and that this one is a misspelling of; undefined where there is none */
export function meantField(field: string, rules: readonly Rule[]): string | undefined {
  const names = [...new Set(rules.flatMap(({ meta }) => [...meta.reads, ...meta.writes].flatMap(namesIn))), ...ENVELOPES];
  const steps = stepsOf(field);
  const meant = steps.map((step) => (names.includes(step) ? step : (inOtherCase(step, names) ?? similarWord(step, names) ?? step)));
  const isOther = meant.some((step, index) => step !== steps[index]);
  return isOther && rulesAbout(meant.join('.'), rules).length > 0 ? meant.join('.') : undefined;
}

function inOtherCase(step: string, names: readonly string[]): string | undefined {
  return names.find((name) => name.toLowerCase() === step.toLowerCase());
}

/** The names of the fields on the way, in whatever notation. */
function stepsOf(field: string): string[] {
  return field
    .replaceAll(/\[[^\][]*\]/g, '')
    .split('.')
    .filter((step) => step !== '');
}

/** What is above a field in a Pod or in a workload says nothing about the field. */
const ENVELOPES: ReadonlySet<string> = new Set(['pod', 'spec', 'template', 'jobTemplate']);

/** The names of the fields on the way: `spec.containers[*].image` has three. */
function namesIn(pattern: string): string[] {
  return new PathPattern(pattern).steps.filter((step) => step !== ANY);
}

/** Whether one begins anywhere in the other, and goes on to the end of either. */
function isAbout(pattern: readonly string[], wanted: readonly string[]): boolean {
  const agree = (longer: readonly string[], from: number, other: readonly string[]): boolean =>
    other.every((step, index) => from + index >= longer.length || longer[from + index] === step);
  if (pattern.some((_, from) => agree(pattern, from, wanted))) return true;
  return wanted.some((_, from) => from > 0 && agree(wanted, from, pattern));
}
