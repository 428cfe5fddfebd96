/**
 * Kubernetes quantities (`500m`, `1.5Gi`, `1e3`), exact.
 *
 * Mirrors k8s.io/apimachinery `pkg/api/resource/quantity.go` (`ParseQuantity`, `CanonicalizeBytes`) and `suffix.go`;
 * every value is a whole number of nano units (10^-9), the precision floor of that code, held in a BigInt.
 */

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent';

export interface Quantity {
  /** The amount in 10^-9 units: `1` is 1_000_000_000n, `500m` is 500_000_000n. */
  readonly nano: bigint;
  /** How the value prints. */
  readonly format: QuantityFormat;
}

const NANO_PER_UNIT = 1_000_000_000n;
const NANO_PER_MILLI = 1_000_000n;

/** Only BinarySI values are capped, at 2^63-1 units (`maxAllowed` upstream); decimals may exceed int64. */
const BINARY_CAP = ((1n << 63n) - 1n) * NANO_PER_UNIT;

/**
 * Upstream computes 10^exponent whatever it is: `1e400000000000` kept a kube-apiserver 1.36.3 busy for 11 minutes.
 * Nothing that means anything on a node is near 10^1000, so larger exponents, and texts longer than this, are refused.
 */
const MAX_EXPONENT = 1000;
const MAX_LENGTH = 1024;

/** 10^15 fits a double exactly, so up to 15 digits are added up as a number before one conversion to BigInt. */
const FAST_DIGITS = 15;

interface Suffix {
  readonly format: QuantityFormat;
  readonly base: 2 | 10;
  readonly exponent: number;
  /** What one unit of this suffix is worth, where that is a whole number of nano units (it always is). */
  readonly nano: bigint;
}

const decimal = (exponent: number): Suffix => ({ format: 'DecimalSI', base: 10, exponent, nano: 10n ** BigInt(exponent + 9) });
const binary = (exponent: number): Suffix => ({ format: 'BinarySI', base: 2, exponent, nano: NANO_PER_UNIT << BigInt(exponent) });

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

const DECIMAL_SUFFIX_BY_EXPONENT: ReadonlyMap<number, string> = new Map(
  [...SUFFIXES].filter(([, suffix]) => suffix.base === 10).map(([text, suffix]) => [suffix.exponent, text]),
);
const BINARY_SUFFIXES = ['', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'] as const;

/**
 * Parses a quantity as the API server reads it from JSON: a string, or a bare number.
 *
 * @param value a string (`"1.5Gi"`; blanks around it are trimmed as upstream does) or a JSON number
 * @returns the quantity, or undefined where the API server refuses the text (or where its exponent or length is beyond
 *   what this parser accepts: more than 10^1000, or 1,024 characters)
 */
export function parseQuantity(value: string | number): Quantity | undefined {
  const text = typeof value === 'number' ? String(value) : value;
  return scan(text) ?? scan(trimBlanks(text));
}

/**
 * Prints a quantity in canonical form: no fraction, no loss of precision, the largest suffix.
 * Mirrors `CanonicalizeBytes`, its loss of the suffix for DecimalSI multiples of 10^21 included. A binary amount
 * that no suffix fits is printed as the decimal as which the API server reads it back (192000 as `192k`): the text is the
 * one that it stores.
 */
export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return '0';
  if (format === 'BinarySI' && nano % (1024n * NANO_PER_UNIT) === 0n) {
    let amount = nano / (1024n * NANO_PER_UNIT);
    let power = 1;
    while (power < BINARY_SUFFIXES.length - 1 && amount % 1024n === 0n) {
      amount /= 1024n;
      power += 1;
    }
    return `${amount}${BINARY_SUFFIXES[power] ?? ''}`;
  }
  let amount = nano;
  let exponent = -9;
  while (amount % 1000n === 0n) {
    amount /= 1000n;
    exponent += 3;
  }
  if (format === 'DecimalExponent') return exponent === 0 ? `${amount}` : `${amount}e${exponent}`;
  return `${amount}${DECIMAL_SUFFIX_BY_EXPONENT.get(exponent) ?? ''}`;
}

/** Rounds away from zero to whole milli units, as the API server does to every ResourceList (`SetDefaults_ResourceList`). */
export function roundUpToMilli(quantity: Quantity): Quantity {
  const nano = divideAwayFromZero(quantity.nano, NANO_PER_MILLI) * NANO_PER_MILLI;
  return nano === quantity.nano ? quantity : { nano, format: quantity.format };
}

/** The value in whole units, rounded away from zero; mirrors `Quantity.Value`, without its int64 overflow. */
export function wholeUnits(quantity: Quantity): bigint {
  return divideAwayFromZero(quantity.nano, NANO_PER_UNIT);
}

/** The value in milli units, rounded away from zero; mirrors `Quantity.MilliValue`, without its int64 overflow. */
export function milliUnits(quantity: Quantity): bigint {
  return divideAwayFromZero(quantity.nano, NANO_PER_MILLI);
}

/**
 * Multiplies by a factor such as 1.5 and rounds up to whole units for memory-like sizes or to milli units for cpu,
 * keeping the format, so that the result prints in the style of its source.
 *
 * @param factor a finite number of at most three decimals, at least 0
 */
export function scaleQuantity(quantity: Quantity, factor: number, granularity: 'unit' | 'milli'): Quantity {
  const step = granularity === 'unit' ? NANO_PER_UNIT : NANO_PER_MILLI;
  const product = quantity.nano * BigInt(Math.round(factor * 1000));
  return { nano: divideAwayFromZero(product, 1000n * step) * step, format: quantity.format };
}

/** Divides by a factor as `scaleQuantity` multiplies by it: rounded up, the format kept. @param divisor above 0 */
export function divideQuantity(quantity: Quantity, divisor: number, granularity: 'unit' | 'milli'): Quantity {
  const step = granularity === 'unit' ? NANO_PER_UNIT : NANO_PER_MILLI;
  const thousandths = BigInt(Math.round(divisor * 1000));
  return { nano: divideAwayFromZero(quantity.nano * 1000n, thousandths * step) * step, format: quantity.format };
}

/** Quantities differ in text but not in value (`1`, `1000m`): compare the amounts. Returns a negative, zero or positive number. */
export function compareQuantities(a: Quantity, b: Quantity): number {
  return a.nano < b.nano ? -1 : a.nano > b.nano ? 1 : 0;
}

/** The smaller amount; the first where they are equal. */
export function minQuantity(a: Quantity, b: Quantity): Quantity {
  return b.nano < a.nano ? b : a;
}

/** The larger amount; the first where they are equal. */
export function maxQuantity(a: Quantity, b: Quantity): Quantity {
  return b.nano > a.nano ? b : a;
}

export const ZERO: Quantity = { nano: 0n, format: 'DecimalSI' };

/** One pass over the characters, in the order of `parseQuantityString`: sign, digits, point, digits, suffix. */
function scan(text: string): Quantity | undefined {
  const end = text.length;
  if (end === 0 || end > MAX_LENGTH) return undefined;
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
  const digits =
    digitCount <= FAST_DIGITS
      ? BigInt(small)
      : BigInt(text.slice(digitsFrom, wholeTo) + text.slice(wholeTo + 1, wholeTo + 1 + fractionDigits));

  let nano = digits * suffix.nano;
  if (fractionDigits > 0) nano = divideAwayFromZero(nano, 10n ** BigInt(fractionDigits));
  let { format } = suffix;
  if (suffix.base === 2) {
    if (nano > BINARY_CAP) nano = BINARY_CAP;
    if (nano > 0n && nano < NANO_PER_UNIT) format = 'DecimalSI';
  } else if (suffix.exponent < -9) {
    nano = divideAwayFromZero(digits, 10n ** BigInt(fractionDigits - suffix.exponent - 9));
  }
  return { nano: negative ? -nano : nano, format };
}

const DIGIT_0 = 0x30;
const PLUS = 0x2b;
const MINUS = 0x2d;
const POINT = 0x2e;
const isDigit = (code: number): boolean => code >= DIGIT_0 && code <= 0x39;

/** Mirrors `suffixHandler.interpret`: the table, else `e` or `E` and a signed integer, which is cut to int32 like there. */
function suffixOf(text: string, from: number): Suffix | undefined {
  const known = SUFFIXES.get(from === 0 ? text : text.slice(from));
  if (known !== undefined) return known;
  const e = text.charCodeAt(from);
  if (e !== 0x65 && e !== 0x45) return undefined;
  const exponentText = text.slice(from + 1);
  if (!/^[+-]?\d+$/.test(exponentText)) return undefined;
  const asInt64 = BigInt(exponentText.startsWith('+') ? exponentText.slice(1) : exponentText);
  if (asInt64 !== BigInt.asIntN(64, asInt64)) return undefined;
  const exponent = Number(BigInt.asIntN(32, asInt64));
  if (Math.abs(exponent) > MAX_EXPONENT) return undefined;
  return { format: 'DecimalExponent', base: 10, exponent, nano: exponent < -9 ? 0n : 10n ** BigInt(exponent + 9) };
}

/**
 * Upstream reads a bare suffix as 0 (`Ki`, `m`), but only where its fast path for int64 does: suffixes beyond that go to a
 * parser of decimals that wants a digit.
 */
function needsDigits({ base, exponent }: Suffix): boolean {
  return base === 2 ? exponent >= 50 : exponent < -9;
}

/**
 * Upstream trims white space from the raw JSON literal, in which a tab or a line break can only stand as an escape that
 * it does not decode. So blanks are trimmed and control characters are not: `" 1Gi "` is read, `"\t1Gi"` refused (seen on 1.36.3).
 */
function trimBlanks(text: string): string {
  return text.length > MAX_LENGTH ? '' : text.replace(/^[\p{Z}\u0085]+|[\p{Z}\u0085]+$/gu, '');
}

function divideAwayFromZero(dividend: bigint, divisor: bigint): bigint {
  const quotient = dividend / divisor;
  if (quotient * divisor === dividend) return quotient;
  return dividend < 0n ? quotient - 1n : quotient + 1n;
}
