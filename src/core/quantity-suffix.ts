/**
 * The end of a Kubernetes quantity: `m`, `Ki`, `e3`.
 *
 * Mirrors k8s.io/apimachinery `pkg/api/resource/suffix.go`.
 */
// Codes of characters
export const DIGIT_0 = 0x30;
export const PLUS = 0x2b;
export const MINUS = 0x2d;
const DIGIT_9 = 0x39;

export function isDigit(code: number): boolean {
  return code >= DIGIT_0 && code <= DIGIT_9;
}

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

/** What an amount is multiplied by, `base` to the power of `exponent`, and how it prints. */
export interface Suffix {
  readonly format: QuantityFormat;
  readonly base: 2 | 10;
  readonly exponent: number;
}

const decimal = (exponent: number): Suffix => ({ format: 'DecimalSI', base: 10, exponent });
const binary = (exponent: number): Suffix => ({ format: 'BinarySI', base: 2, exponent });

const SUFFIXES: ReadonlyMap<string, Suffix> = new Map([
  ['n', decimal(-9)],
  ['u', decimal(-6)],
  ['m', decimal(-3)],
  ['', decimal(0)],
  ['k', decimal(3)],
  ['M', decimal(6)],
  ['G', decimal(9)],
  ['T', decimal(12)],
  ['P', decimal(15)],
  ['E', decimal(18)],
  ['Ki', binary(10)],
  ['Mi', binary(20)],
  ['Gi', binary(30)],
  ['Ti', binary(40)],
  ['Pi', binary(50)],
  ['Ei', binary(60)],
]);

/** By the power of ten: `k` for 3. */
export const DECIMAL_SUFFIX_BY_EXPONENT: ReadonlyMap<number, string> = new Map(
  [...SUFFIXES].filter(([, suffix]) => suffix.base === 10).map(([text, suffix]) => [suffix.exponent, text]),
);
/** By the power of 1024: `Ki` for 1. */
export const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;

/**
 * Mirrors `suffixHandler.interpret`: the table, else `e` or `E` and a signed integer, which is cut to int32 like there.
 *
 * @param from where the suffix begins in `text`
 * @returns undefined for what is no suffix
 */
export function suffixOf(text: string, from: number): Suffix | undefined {
  if (text.length - from <= LONGEST_SUFFIX) {
    const known = SUFFIXES.get(from === 0 ? text : text.slice(from));
    if (known !== undefined) return known;
  }
  const e = text.charCodeAt(from);
  if (e !== 0x65 && e !== 0x45) return undefined;
  let at = from + 1;
  const sign = text.charCodeAt(at);
  if (sign === MINUS || sign === PLUS) at += 1;
  const digitsFrom = at;
  while (text.charCodeAt(at) === DIGIT_0) at += 1;
  const significantFrom = at;
  while (isDigit(text.charCodeAt(at))) at += 1;
  if (at === digitsFrom || at < text.length || at - significantFrom > INT64_DIGITS) return undefined;
  const amount = BigInt(text.slice(significantFrom, at));
  const asInt64 = sign === MINUS ? -amount : amount;
  if (asInt64 !== BigInt.asIntN(64, asInt64)) return undefined;
  return { format: 'DecimalExponent', base: 10, exponent: Number(BigInt.asIntN(32, asInt64)) };
}

/** `Ki` and its like. */
const LONGEST_SUFFIX = 2;
/** 2^63 has 19 digits. */
const INT64_DIGITS = 19;

/**
 * Whether a number has to stand before a suffix. Upstream reads a bare suffix as 0 (`Ki`, `m`), but only where its fast path for int64 does: suffixes beyond that go to a
 * parser of decimals that wants a digit.
 */
export function needsDigits({ base, exponent }: Suffix): boolean {
  return base === 2 ? exponent >= 50 : exponent < -9;
}
