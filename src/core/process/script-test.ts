/** Whether `((…))` and `[[ … ]]` hold, where that can be told from their text alone. */
import { evaluate, type Lookup } from './arithmetic.ts';
import type { Command } from './shell-syntax.ts';

/** A word alone, which holds because it is not empty: `[[ true ]]`, `[[ 0 ]]`. */
const WORD = /^\s*[\w./-]+\s*$/;

/** @returns undefined where that is not known */
export function holds({ text, isSum }: Extract<Command, { kind: 'test' }>, lookup: Lookup): boolean | undefined {
  if (!isSum) return WORD.test(text) ? true : undefined;
  const value = evaluate(text, lookup);
  return value === undefined ? undefined : value !== 0;
}

/** What a sum assigns is not followed in scripts that are: no variable is known in one. */
export const NO_VALUE: Lookup = () => undefined;

/** Whether nothing that changes can decide about it: no variable stands in it. */
export function isConstantTest({ text, isSum }: Extract<Command, { kind: 'test' }>): boolean {
  return isSum ? !/[A-Za-z_]/.test(text.replaceAll(/\b(?:true|false)\b/g, '')) : WORD.test(text) || !/[A-Za-z_]/.test(text);
}
