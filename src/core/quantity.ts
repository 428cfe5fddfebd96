/**
 * Kubernetes quantities (`500m`, `1.5Gi`, `1e3`): every text that the API server accepts, in bounded work.
 *
 * Mirrors k8s.io/apimachinery `pkg/api/resource/quantity.go` (`ParseQuantity`, `CanonicalizeBytes`), and
 * `amount.go`. Values are exact to 256 significant digits, with the precision floor of that code: 10^-9.
 */

import {
  BINARY_SUFFIXES,
  DECIMAL_SUFFIX_BY_EXPONENT,
  DIGIT_0,
  isDigit,
  MINUS,
  needsDigits,
  PLUS,
  suffixOf,
  type QuantityFormat,
} from './quantity-suffix.ts';
import { TextMemo } from './text-memo.ts';

export interface Quantity {
  /** The amount in 10^-9 units: `1` is 1_000_000_000n, `500m` is 500_000_000n. Its sign is that of the quantity. */
  readonly nano: bigint;
  /**
   * How many zeros `nano` is short of: the amount is `nano` × 10^`tens`. Above 0 only for amounts from 10^36 on, so that an
   * exponent costs nothing, however large it is.
   */
  readonly tens?: number;
  /** How the value prints. */
  readonly format: QuantityFormat;
}

const NANO_PER_UNIT = 1_000_000_000n;
const NANO_PER_MILLI = 1_000_000n;

/** Only BinarySI values are capped, at 2^63-1 units (`maxAllowed` upstream); decimals may exceed int64. */
const BINARY_CAP = ((1n << 63n) - 1n) * NANO_PER_UNIT;

/** What is multiplied out: 10^36 units. All suffixes are far below it. */
const MULTIPLIED_TENS = 45;

/**
 * The significant digits that count. What follows them is rounded away from zero, as upstream rounds what follows its last
 * digit. To print a number of 256 digits takes 4 microseconds, and the time grows with the square of the digits.
 */
const MAX_DIGITS = 256;

/** A sum of numbers that are up to 10^256 apart is exact; of what is further apart, the larger one counts. */
const SUM_DIGITS = 3 * MAX_DIGITS;

/** 10^15 fits a double exactly, so up to 15 digits are added up as a number before one conversion to BigInt. */
const FAST_DIGITS = 15;

/**
 * Parses a quantity as the API server reads it from JSON: a string, or a bare number.
 *
 * @param value a string (`"1.5Gi"`; blanks around it are trimmed as upstream does) or a JSON number
 * @returns the quantity, or undefined where the API server refuses the text
 */
export function parseQuantity(value: string | number): Quantity | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  const known = READ.get(text);
  if (known !== undefined) return known;
  const quantity = scanTrimmed(text);
  if (quantity !== undefined) READ.set(text, quantity);
  return quantity;
}

/** No amount that somebody writes is longer. */
export const LONGEST_REMEMBERED = 24;
const READ = new TextMemo<Quantity>(1024, LONGEST_REMEMBERED);

function scanTrimmed(text: string): Quantity | undefined {
  const quantity = scan(text);
  if (quantity !== undefined) return quantity;
  const trimmed = trimBlanks(text);
  return trimmed.length === text.length ? undefined : scan(trimmed);
}

/**
 * Prints a quantity in canonical form: no fraction, no loss of precision, the largest suffix.
 * Mirrors `CanonicalizeBytes`, its loss of the suffix for DecimalSI multiples of 10^21 included. A binary amount
 * that no suffix fits is printed as the decimal as which the API server reads it back (192000 as `192k`): the text is the
 * one that it stores.
 */
export function formatQuantity({ nano, tens = 0, format }: Quantity): string {
  if (nano === 0n) return '0';
  if (format === 'BinarySI' && tens === 0 && nano % (1024n * NANO_PER_UNIT) === 0n) {
    let amount = nano / (1024n * NANO_PER_UNIT);
    let power = 1;
    while (power < BINARY_SUFFIXES.length - 1 && amount % 1024n === 0n) {
      amount /= 1024n;
      power += 1;
    }
    return `${amount}${BINARY_SUFFIXES[power] ?? ''}`;
  }
  // Zeros are counted in the text: dividing by 10 once for each of hundreds costs several times as much as printing.
  const digits = nano.toString();
  let end = digits.length;
  while (digits.charCodeAt(end - 1) === DIGIT_0) end -= 1;
  const exponent = tens - 9 + digits.length - end;
  const zeros = ((exponent % 3) + 3) % 3;
  const amount = digits.slice(0, end) + '0'.repeat(zeros);
  const shown = exponent - zeros;
  if (format === 'DecimalSI' || (format === 'BinarySI' && tens === 0)) return `${amount}${DECIMAL_SUFFIX_BY_EXPONENT.get(shown) ?? ''}`;
  return shown === 0 ? amount : `${amount}e${shown}`;
}

/** Rounds away from zero to whole milli units, as the API server does to every ResourceList (`SetDefaults_ResourceList`). */
export function roundUpToMilli(quantity: Quantity): Quantity {
  if (quantity.tens !== undefined || quantity.nano % NANO_PER_MILLI === 0n) return quantity;
  return { nano: divideAwayFromZero(quantity.nano, NANO_PER_MILLI) * NANO_PER_MILLI, format: quantity.format };
}

/**
 * The value in whole units, rounded away from zero; mirrors `Quantity.Value`, without its int64 overflow. Of exponents
 * above 256, 256 count: 10^256 bytes are as meaningless as any number that is larger.
 */
export function wholeUnits(quantity: Quantity): bigint {
  return divideAwayFromZero(multipliedOut(quantity), NANO_PER_UNIT);
}

/**
 * Multiplies by a factor such as 1.5 and rounds up to whole units for memory-like sizes or to milli units for cpu,
 * keeping the format, so that the result prints in the style of its source.
 *
 * @param factor a finite number of at most three decimals, at least 0
 */
export function scaleQuantity(quantity: Quantity, factor: number, granularity: 'unit' | 'milli'): Quantity {
  return divided(quantity.nano * BigInt(Math.round(factor * 1000)), 1000n, quantity, granularity);
}

/** Divides by a factor as `scaleQuantity` multiplies by it: rounded up, the format kept. @param divisor above 0 */
export function divideQuantity(quantity: Quantity, divisor: number, granularity: 'unit' | 'milli'): Quantity {
  return divided(quantity.nano * 1000n, BigInt(Math.round(divisor * 1000)), quantity, granularity);
}

/** Mirrors `Quantity.Add`: the sum prints in the format of the first amount, of the second where the first is 0. */
export function addQuantities(a: Quantity, b: Quantity): Quantity {
  if (a.nano === 0n) return b;
  if (a.tens === b.tens) return withTens(a.nano + b.nano, a.tens ?? 0, a.format);
  const [tensOfA, tensOfB] = [a.tens ?? 0, b.tens ?? 0];
  const tens = Math.min(tensOfA, tensOfB);
  // Beyond the digits that count, the smaller one does not show in the sum.
  const [digitsOfA, digitsOfB] = [magnitudeOf(a), magnitudeOf(b)];
  if (Math.max(digitsOfA, digitsOfB) - tens > SUM_DIGITS) return { ...(digitsOfA > digitsOfB ? a : b), format: a.format };
  return withTens(a.nano * tenTo(tensOfA - tens) + b.nano * tenTo(tensOfB - tens), tens, a.format);
}

/** The difference prints as a sum would. */
export function subtractQuantities(from: Quantity, amount: Quantity): Quantity {
  return addQuantities(from, { ...amount, nano: -amount.nano });
}

/** Quantities differ in text but not in value (`1`, `1000m`): compare the amounts. Returns a negative, zero or positive number. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  if (a.tens === b.tens) return a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0;
  const sign = signOf(a);
  if (sign === 0 || sign !== signOf(b)) return sign - signOf(b);
  const longer = magnitudeOf(a) - magnitudeOf(b);
  if (longer !== 0) return sign * longer;
  // As many digits before the point: what is to be multiplied out is no longer than the other one's digits.
  const tens = Math.min(a.tens ?? 0, b.tens ?? 0);
  const [left, right] = [a.nano * tenTo((a.tens ?? 0) - tens), b.nano * tenTo((b.tens ?? 0) - tens)];
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The smaller amount; the first where they are equal. */
export function minQuantity(a: Quantity, b: Quantity): Quantity {
  return compareQuantities(b, a) < 0 ? b : a;
}

/** The larger amount; the first where they are equal. */
export function maxQuantity(a: Quantity, b: Quantity): Quantity {
  return compareQuantities(b, a) > 0 ? b : a;
}

export const ZERO: Quantity = { nano: 0n, format: 'DecimalSI' };

const POINT = 0x2e;

/** One pass over the characters, in the order of `parseQuantityString`: sign, digits, point, digits, suffix. */
function scan(text: string): Quantity | undefined {
  if (text.length === 0) return undefined;
  let at = 0;
  const first = text.charCodeAt(0);
  const negative = first === MINUS;
  if (negative || first === PLUS) at = 1;

  const digitsFrom = at;
  let small = 0;
  for (; isDigit(text.charCodeAt(at)); at++) small = small * 10 + (text.charCodeAt(at) - DIGIT_0);
  const wholeTo = at;
  let fractionDigits = 0;
  if (text.charCodeAt(at) === POINT) {
    at += 1;
    const fractionFrom = at;
    for (; isDigit(text.charCodeAt(at)); at++) small = small * 10 + (text.charCodeAt(at) - DIGIT_0);
    fractionDigits = at - fractionFrom;
  }

  const suffix = suffixOf(text, at);
  if (suffix === undefined) return undefined;
  const digitCount = wholeTo - digitsFrom + fractionDigits;
  if (digitCount === 0 && needsDigits(suffix)) return undefined;
  let tens = 9 - fractionDigits;
  let digits: bigint;
  if (digitCount <= FAST_DIGITS) {
    digits = BigInt(small);
  } else {
    const significant = significantDigits(text.slice(digitsFrom, wholeTo), text.slice(wholeTo + 1, wholeTo + 1 + fractionDigits));
    digits = significant.digits;
    tens += significant.tens;
  }
  if (suffix.base === 2) return binaryQuantity(digits << BigInt(suffix.exponent), tens, negative);
  return withTens(negative ? -digits : digits, suffix.exponent + tens, suffix.format);
}

/** The digits of a number without its point, at most `MAX_DIGITS` of them, and how many were left out at the end. */
function significantDigits(whole: string, fraction: string): { digits: bigint; tens: number } {
  const text = whole + fraction;
  let from = 0;
  while (text.charCodeAt(from) === DIGIT_0) from += 1;
  const to = Math.min(text.length, from + MAX_DIGITS);
  let rest = to;
  while (text.charCodeAt(rest) === DIGIT_0) rest += 1;
  const digits = BigInt(text.slice(from, to));
  return { digits: rest < text.length ? digits + 1n : digits, tens: text.length - to };
}

/** `amount` × 10^`tens` nano units, capped as upstream caps what has a binary suffix. @param amount at least 0 */
function binaryQuantity(amount: bigint, tens: number, negative: boolean): Quantity {
  const { nano, tens: large } = withTens(amount, tens, 'BinarySI');
  const capped = large !== undefined || nano > BINARY_CAP ? BINARY_CAP : nano;
  const format = capped > 0n && capped < NANO_PER_UNIT ? 'DecimalSI' : 'BinarySI';
  return { nano: negative ? -capped : capped, format };
}

/** `amount` × 10^`tens` nano units: multiplied out where that is short, rounded away from zero where it is less than one. */
function withTens(amount: bigint, tens: number, format: QuantityFormat): Quantity {
  if (tens === 0 || amount === 0n) return { nano: amount, format };
  if (tens > MULTIPLIED_TENS) return { nano: amount, tens, format };
  if (tens > 0) return { nano: amount * tenTo(tens), format };
  // No amount has as many digits: what is left of one is less than a nano unit.
  if (tens < -SUM_DIGITS) return { nano: amount > 0n ? 1n : -1n, format };
  return { nano: divideAwayFromZero(amount, tenTo(-tens)), format };
}

/**
 * Upstream trims white space from the raw JSON literal, in which a tab or a line break can only stand as an escape that
 * it does not decode. So blanks are trimmed and control characters are not: `" 1Gi "` is read, `"\t1Gi"` refused (seen on 1.36.3).
 */
function trimBlanks(text: string): string {
  let from = 0;
  let to = text.length;
  while (from < to && isBlank(text.charCodeAt(from))) from += 1;
  while (to > from && isBlank(text.charCodeAt(to - 1))) to -= 1;
  return text.slice(from, to);
}

/** Go's `unicode.IsSpace` without the control characters below U+0020. */
function isBlank(code: number): boolean {
  return code === 0x20 || (code > 0x7f && ((code >= 0x2000 && code <= 0x200a) || OTHER_BLANKS.has(code)));
}

const OTHER_BLANKS: ReadonlySet<number> = new Set([0x85, 0xa0, 0x1680, 0x2028, 0x2029, 0x202f, 0x205f, 0x3000]);

function signOf({ nano }: Quantity): number {
  return nano < 0n ? -1 : nano > 0n ? 1 : 0;
}

/** How many digits the amount in nano units has. */
function magnitudeOf({ nano, tens = 0 }: Quantity): number {
  return nano.toString().length - (nano < 0n ? 1 : 0) + tens;
}

function multipliedOut({ nano, tens = 0 }: Quantity): bigint {
  return nano * tenTo(Math.min(tens, MAX_DIGITS));
}

/** The quotient in the style of `quantity`, and with its `tens`, rounded up to a whole step. */
function divided(dividend: bigint, divisor: bigint, { tens = 0, format }: Quantity, granularity: 'unit' | 'milli'): Quantity {
  // Amounts with `tens` are whole however many steps are taken from them.
  const shift = tens > 0 ? GUARD_TENS : 0;
  const step = tens > 0 ? 1n : granularity === 'unit' ? NANO_PER_UNIT : NANO_PER_MILLI;
  return withTens(divideAwayFromZero(dividend * tenTo(shift), divisor * step) * step, tens - shift, format);
}

/** Digits that a quotient keeps beyond those of its dividend; above 10^36 units they are whole units still. */
const GUARD_TENS = 18;

function tenTo(exponent: number): bigint {
  return POWERS_OF_TEN[exponent] ?? 10n ** BigInt(exponent);
}

const POWERS_OF_TEN: readonly bigint[] = Array.from({ length: 40 }, (_, exponent) => 10n ** BigInt(exponent));

function divideAwayFromZero(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  if (quotient * divisor === dividend) return quotient;
  return dividend < 0n ? quotient - 1n : quotient + 1n;
}
