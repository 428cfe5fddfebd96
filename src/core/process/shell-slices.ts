/** Parts of values: `${@:2}` and `${A[@]:1}` of bash, `${A#./}`, `${A%:*}`. */
import { nameMatcher } from '../glob.ts';
import { literalOf, type WordPart } from './shell-syntax.ts';

type Parameter = Extract<WordPart, { readonly kind: 'parameter' }>;

/** Of a list from one place on, and of so many where that is said. */
export interface Slice {
  readonly offset: number;
  readonly length: number | undefined;
}

/**
 * The slice that `${@:2}`, `${@: -1}` or `${A[@]:1:2}` takes.
 *
 * @param text behind the colon
 */
export function sliceIn(text: string | undefined): Slice | undefined {
  const [, offset, length] = /^ *(-?\d{1,4})(?::(\d{1,4}))?$/.exec(text ?? '') ?? [];
  return offset === undefined ? undefined : { offset: Number(offset), length: length === undefined ? undefined : Number(length) };
}

/** The items of a slice. Where it begins before the first, bash takes none. */
export function slicedFrom<T>(items: readonly T[], { offset, length }: Slice): T[] {
  const from = offset < 0 ? items.length + offset : offset;
  return from < 0 ? [] : items.slice(from, length === undefined ? undefined : from + length);
}

/** What `${A#./}` or `${A%%:*}` takes away. */
export interface Trimming {
  readonly isFront: boolean;
  readonly isLongest: boolean;
  /** With `*` for any run of characters. */
  readonly pattern: string;
}

/** @returns undefined for a parameter that is not cut, and where the pattern has other signs or is not known */
export function trimmingIn({ operator, argument, isQuoted }: Parameter): Trimming | undefined {
  const [, sign = '', again = ''] = /^([#%])(\1?)/.exec(operator) ?? [];
  if (sign === '' || argument === undefined) return undefined;
  // In quotes, whether a sign of the pattern has its own is not told.
  if (!isQuoted && argument.parts.some((part) => part.kind === 'text' && part.isQuoted)) return undefined;
  const rest = literalOf(argument);
  if (rest === undefined) return undefined;
  const pattern = operator.slice(1 + again.length) + rest;
  return /[?[\]\\]/.test(pattern) ? undefined : { isFront: sign === '#', isLongest: again !== '', pattern };
}

/** What is left of a value: behind what a pattern at its front takes, or before that at its end. */
export function trimmed(value: string, { isFront, isLongest, pattern }: Trimming): string {
  const matches = nameMatcher(pattern);
  for (let step = 0; step <= value.length; step++) {
    const taken = isLongest ? value.length - step : step;
    const at = isFront ? taken : value.length - taken;
    const [front, end] = [value.slice(0, at), value.slice(at)];
    if (matches(isFront ? front : end)) return isFront ? end : front;
  }
  return value;
}
