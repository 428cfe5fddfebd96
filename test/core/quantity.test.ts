import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import {
  addQuantities,
  compareQuantities,
  divideQuantity,
  formatQuantity,
  maxQuantity,
  minQuantity,
  parseQuantity,
  roundUpToMilli,
  scaleQuantity,
  wholeUnits,
  type Quantity,
} from '../../src/core/quantity.ts';
import type { QuantityFormat } from '../../src/core/quantity-suffix.ts';
import { runs } from '../long-tests.ts';

/** What `ParseQuantity` makes of a text, and what an API server stores in the end, from that code at v0.36.3. */
const READ: readonly (readonly [text: string, nano: bigint, printed: string])[] = [
  ['0', 0n, '0'],
  ['0.5', 500_000_000n, '500m'],
  ['.5', 500_000_000n, '500m'],
  ['500m', 500_000_000n, '500m'],
  ['0.5000', 500_000_000n, '500m'],
  ['1.5', 1_500_000_000n, '1500m'],
  ['1000', 1_000_000_000_000n, '1k'],
  ['1k', 1_000_000_000_000n, '1k'],
  ['1e3', 1_000_000_000_000n, '1e3'],
  ['1E3', 1_000_000_000_000n, '1e3'],
  ['1e+3', 1_000_000_000_000n, '1e3'],
  ['1.2e3', 1_200_000_000_000n, '1200'],
  ['1E', 10n ** 27n, '1E'],
  ['007', 7_000_000_000n, '7'],
  ['5.', 5_000_000_000n, '5'],
  ['+1', 1_000_000_000n, '1'],
  ['-1', -1_000_000_000n, '-1'],
  ['1400m', 1_400_000_000n, '1400m'],
  ['1000M', 10n ** 18n, '1G'],
  // Binary: whole bytes in the largest suffix, else as a decimal.
  ['1.5Gi', 1_610_612_736n * 10n ** 9n, '1536Mi'],
  ['0.1Gi', 107_374_182_400_000_000n, '107374182400m'],
  ['0.5Ki', 512n * 10n ** 9n, '512'],
  ['0.001Ki', 1_024_000_000n, '1024m'],
  ['1024Mi', 2n ** 30n * 10n ** 9n, '1Gi'],
  ['1000Ki', 1_024_000n * 10n ** 9n, '1000Ki'],
  ['187.5Ki', 192_000n * 10n ** 9n, '192k'],
  ['-2Ki', -2048n * 10n ** 9n, '-2Ki'],
  // A suffix without a number is 0, where upstream's fast path reads it.
  ['+', 0n, '0'],
  ['-', 0n, '0'],
  ['.', 0n, '0'],
  ['m', 0n, '0'],
  ['Ki', 0n, '0'],
  ['Ti', 0n, '0'],
  ['n', 0n, '0'],
  ['e3', 0n, '0'],
  ['0Ei', 0n, '0'],
  // Nothing is finer than nano; what is more is rounded up.
  ['1n', 1n, '1n'],
  ['0.5n', 1n, '1n'],
  ['1.1n', 2n, '2n'],
  ['-1.1n', -2n, '-2n'],
  ['1e-10', 1n, '1e-9'],
  ['1e-30', 1n, '1e-9'],
  // Only binary values are capped, at 2^63-1.
  ['9223372036854775808', 9_223_372_036_854_775_808n * 10n ** 9n, '9223372036854775808'],
  ['7Ei', 7n * 2n ** 60n * 10n ** 9n, '7Ei'],
  ['8Ei', (2n ** 63n - 1n) * 10n ** 9n, '9223372036854775807'],
  ['9Ei', (2n ** 63n - 1n) * 10n ** 9n, '9223372036854775807'],
  ['100E', 100n * 10n ** 27n, '100E'],
  ['1e21', 10n ** 30n, '1e21'],
  ['1e30', 10n ** 39n, '1e30'],
  ['1e40', 10n ** 49n, '10e39'],
  ['1e400', 10n ** 409n, '10e399'],
  // The exponent is cut to 32 bits first: 2^32 + 1 is 1.
  ['1e4294967297', 10_000_000_000n, '10'],
];

void t.test('reads and prints what the API server does', (t) => {
  for (const [text, nano, printed] of READ) {
    const quantity = parseQuantity(text);
    t.equal(quantity && multipliedOut(quantity), nano, `value of '${text}'`);
    t.equal(quantity && formatQuantity(quantity), printed, `print of '${text}'`);
  }
  t.end();
});

const REFUSED = [
  ...['', '..', '1.5.5', '1,5', '1_000', '0x10', 'NaN', 'Infinity', 'one'],
  ...['1e', '1e-', '1E3k', '1e3.5', '1e1e1', 'e', 'e-'],
  ...['--1', '+-1', '1+1', '1m3', '1Ki5', '1 Gi'],
  ...['1Zi', '1i', '1mm', '1Kim', '1K', '1ki', '1KI', '1mi', '1g'],
  ...['Pi', 'Ei', '.Ei', '-Pi', 'e-10', '.e-10'],
  ...['1e9223372036854775808', '1e99999999999999999999999'],
  ...['\t1Gi', '1Gi\n', '"1Gi"', '١'],
];

void t.test('refuses what the API server refuses', (t) => {
  for (const text of REFUSED) t.equal(parseQuantity(text), undefined, JSON.stringify(text));
  t.end();
});

void t.test('trims the blanks that the API server trims around a literal', (t) => {
  for (const blank of [' ', '  ', '\u00a0', '\u0085', '\u1680', '\u2003', '\u2028', '\u3000']) {
    t.equal(parseQuantity(`${blank}1Gi${blank}`)?.nano, parseQuantity('1Gi')?.nano, `U+${blank.charCodeAt(0).toString(16)}`);
  }
  t.equal(parseQuantity('\u200b1Gi'), undefined, 'a zero-width space is no blank');
  t.end();
});

void t.test('reads JSON numbers', (t) => {
  t.equal(print(1_000_000), '1M');
  t.equal(print(0.25), '250m');
  t.equal(print(-0), '0');
  t.equal(parseQuantity(Number.NaN), undefined);
  t.end();
});

void t.test('equal amounts in different texts compare as equal', (t) => {
  for (const [a, b] of [
    ['1', '1000m'],
    ['1Gi', '1024Mi'],
    ['1e3', '1k'],
    ['8Ei', '9Ei'],
    ['0', 'Ki'],
  ] as const) {
    t.equal(compareQuantities(read(a), read(b)), 0, `${a} is ${b}`);
  }
  t.end();
});

void t.test('a decimal that is a multiple of 10^21 loses its suffix in print, as in the API server', (t) => {
  for (const text of ['1000E', '1000000000000000000000', `1${'0'.repeat(300)}`]) t.equal(print(text), '1', text.slice(0, 30));
  t.end();
});

/** An amount that is too large to multiply out in each test: significant digits, and the zeros that follow them. */
const large = (text: string | number): [digits: string, tens: number] => {
  const { nano, tens = 0 } = read(text);
  const digits = nano.toString().replace(/0+$/, '');
  return [digits, nano.toString().length - digits.length + tens - 9];
};

void t.test('reads exponents of any size, and any number of digits', (t) => {
  t.same(large('1e1000'), ['1', 1000]);
  t.same(large('1e1001'), ['1', 1001]);
  t.same(large('-2.5E+1003'), ['-25', 1002]);
  t.equal(print('1e1001'), '100e999');
  t.equal(print('1e1002'), '1e1002');
  t.equal(print('12.5e1003'), '125e1002');
  t.equal(print('0e1001'), '0');
  for (const text of ['1e-1001', '0.1e-1001', '999e-1001']) t.equal(print(text), '1e-9', text);
  t.same(large(`1${'0'.repeat(1100)}`), ['1', 1100]);
  t.equal(print(`0.${'0'.repeat(1100)}1`), '1n');
  t.equal(print(`${'0'.repeat(1100)}1.5${'0'.repeat(1100)}`), '1500m');
  t.equal(print(`${'9'.repeat(1100)}Ki`), '9223372036854775807', 'binary amounts are capped');
  t.end();
});

void t.test('256 digits count, what follows is rounded away from zero', (t) => {
  const nines = '9'.repeat(256);
  t.same(large(`${nines}${'0'.repeat(900)}`), [nines, 900], 'exact');
  t.same(large(`${nines}${'0'.repeat(900)}1`), ['1', 256 + 901], 'rounded up');
  t.same(large(`-${nines}5`), ['-1', 257]);
  t.same(large(`0.${'1'.repeat(300)}e300`), [`${'1'.repeat(255)}2`, 300 - 256]);
  t.end();
});

void t.test('whatever the text, the number that operations work on is short', (t) => {
  const longest = (quantity: Quantity): number => quantity.nano.toString().length;
  const texts = ['1e1001', '1e-1001', '9'.repeat(1100), `0.${'9'.repeat(1100)}e1001`, `${'9'.repeat(1100)}Ei`];
  let sum = read('0');
  for (const text of texts) {
    t.ok(longest(read(text)) <= 320, text.slice(0, 20));
    sum = addQuantities(sum, read(text));
    sum = addQuantities(read(text), sum);
  }
  for (let exponent = 1001; exponent > -9; exponent -= 7) sum = addQuantities(sum, read(`1e${exponent}`));
  t.ok(longest(sum) <= 3 * 256 + 1, 'sums as well');
  t.end();
});

void t.test('amounts that are not multiplied out compare exactly', (t) => {
  for (const [a, sign, b] of [
    ['1e1001', 0, '10e1000'],
    ['1e1001', 0, '0.001e1004'],
    ['1e1001', 1, '9.99e1000'],
    ['1e1000', -1, '1.000000001e1000'],
    ['-1e1001', -1, '-1e1000'],
    ['-1e1001', -1, '0'],
    ['0', -1, '1e1001'],
    ['1e1001', 1, '8Ei'],
    [`1${'0'.repeat(1001)}`, 0, '1e1001'],
  ] as const) {
    t.equal(Math.sign(compareQuantities(read(a), read(b))), sign, `${a.slice(0, 20)} and ${b}`);
    t.equal(Math.sign(compareQuantities(read(b), read(a))), -sign || 0, `${b} and ${a.slice(0, 20)}`);
  }
  t.end();
});

void t.test('sums are exact, and print in the format of the first amount that is not zero', (t) => {
  const sum = (a: string, b: string): string => formatQuantity(addQuantities(read(a), read(b)));
  t.equal(sum('1Gi', '1G'), '2073741824');
  t.equal(sum('1Gi', '1Gi'), '2Gi');
  t.equal(sum('0', '1Gi'), '1Gi');
  t.equal(sum('1e3', '1Ki'), '2024');
  t.equal(sum('1e100', '1n'), `1${'0'.repeat(108)}1e-9`);
  t.equal(sum('1e1001', '1e1001'), '200e999');
  t.equal(sum('1e1001', '-1e1001'), '0');
  t.equal(sum('1e1001', '1'), '100e999', 'beyond the digits that count');
  t.end();
});

void t.test('what is not multiplied out is rounded, scaled and divided all the same', (t) => {
  const huge = read('1e1002');
  t.equal(roundUpToMilli(huge), huge);
  t.equal(formatQuantity(scaleQuantity(huge, 1.5, 'unit')), '1500e999');
  t.equal(formatQuantity(divideQuantity(huge, 2, 'unit')), '500e999');
  t.match(formatQuantity(divideQuantity(huge, 3, 'unit')), /^3{17}4e984$/);
  t.equal(wholeUnits(huge), 10n ** 247n, 'of the exponent, 256 count');
  t.end();
});

void t.test('rounds up to milli units as a ResourceList does', (t) => {
  for (const text of ['100n', '1n', '0.1m', '0.0001', '1u']) t.equal(formatQuantity(roundUpToMilli(read(text))), '1m', text);
  t.equal(formatQuantity(roundUpToMilli(read('1e-10'))), '1e-3');
  t.equal(formatQuantity(roundUpToMilli(read('-100n'))), '-1m');
  const whole = read('250m');
  t.equal(roundUpToMilli(whole), whole, 'the same object where there is nothing to round');
  t.end();
});

void t.test('whole units are rounded away from zero', (t) => {
  t.equal(wholeUnits(read('500m')), 1n);
  t.equal(wholeUnits(read('-500m')), -1n);
  t.equal(wholeUnits(read('0.1Gi')), 107_374_183n);
  t.equal(wholeUnits(read('100E')), 10n ** 20n, 'no overflow');
  t.end();
});

void t.test('scaling rounds up and keeps the style of the source', (t) => {
  const scaled = (text: string, factor: number, granularity: 'unit' | 'milli'): string =>
    formatQuantity(scaleQuantity(read(text), factor, granularity));
  t.equal(scaled('128Mi', 2, 'unit'), '256Mi');
  t.equal(scaled('100M', 1.5, 'unit'), '150M');
  t.equal(scaled('1e6', 1.5, 'unit'), '1500e3');
  t.equal(scaled('1', 1.001, 'unit'), '2');
  t.equal(scaled('0.1Gi', 1, 'unit'), '107374183', 'whole bytes');
  t.equal(scaled('100m', 0.333, 'milli'), '34m');
  t.equal(scaled('1Gi', 0, 'unit'), '0');
  t.end();
});

void t.test('dividing rounds up and keeps the style of the source', (t) => {
  const divided = (text: string, divisor: number, granularity: 'unit' | 'milli'): string =>
    formatQuantity(divideQuantity(read(text), divisor, granularity));
  t.equal(divided('512Mi', 2, 'unit'), '256Mi');
  t.equal(divided('1G', 1.6, 'unit'), '625M');
  t.equal(divided('1Gi', 3, 'unit'), '357913942');
  t.equal(divided('1', 3, 'milli'), '334m');
  t.equal(divided('512Mi', 1, 'unit'), '512Mi');
  t.end();
});

void t.test('the smaller and the larger of two, the first where they are equal', (t) => {
  const [kibi, kilo] = [read('1Ki'), read('1k')];
  t.equal(minQuantity(kibi, kilo), kilo);
  t.equal(maxQuantity(kibi, kilo), kibi);
  const [one, same] = [read('1'), read('1000m')];
  t.equal(minQuantity(one, same), one);
  t.equal(maxQuantity(one, same), one);
  t.end();
});

const formats: readonly QuantityFormat[] = ['DecimalSI', 'BinarySI', 'DecimalExponent'];
const BINARY_CAP_NANO = (2n ** 63n - 1n) * 10n ** 9n;
const anyQuantity = fc.record({ nano: fc.bigInt({ min: -BINARY_CAP_NANO, max: BINARY_CAP_NANO }), format: fc.constantFrom(...formats) });

void t.test('property: what is printed reads as the same amount', (t) => {
  fc.assert(
    fc.property(anyQuantity, fc.integer({ min: 0, max: 20 }), (quantity, zeros) => {
      const sparse = { ...quantity, nano: (quantity.nano / 10n ** BigInt(zeros)) * 10n ** BigInt(zeros) };
      for (const candidate of [quantity, sparse]) {
        const text = formatQuantity(candidate);
        assert.equal(read(text).nano, candidate.nano, text);
        assert.equal(print(text), text);
      }
    }),
  );
  t.end();
});

const WORTH: Readonly<Record<string, bigint>> = {
  n: 1n,
  u: 10n ** 3n,
  m: 10n ** 6n,
  '': 10n ** 9n,
  k: 10n ** 12n,
  M: 10n ** 15n,
  G: 10n ** 18n,
  Ki: 2n ** 10n * 10n ** 9n,
  Mi: 2n ** 20n * 10n ** 9n,
  Gi: 2n ** 30n * 10n ** 9n,
  e3: 10n ** 12n,
  'e-6': 10n ** 3n,
};
const anyAmount = fc
  .tuple(fc.bigInt({ min: -(10n ** 9n), max: 10n ** 9n }), fc.constantFrom(...Object.keys(WORTH)))
  .map(([count, suffix]) => ({ text: `${count}${suffix}`, worth: count * (WORTH[suffix] ?? 0n) }));

void t.test('property: the order is that of the amounts, whatever the suffixes', (t) => {
  fc.assert(
    fc.property(anyAmount, anyAmount, (a, b) => {
      assert.equal(read(a.text).nano, a.worth);
      assert.equal(Math.sign(compareQuantities(read(a.text), read(b.text))), a.worth < b.worth ? -1 : a.worth > b.worth ? 1 : 0);
    }),
  );
  t.end();
});

/** What a text is worth: a fraction, read by a grammar of its own. */
interface Fraction {
  readonly above: bigint;
  readonly below: bigint;
}

function fractionOf(text: string): Fraction {
  const {
    sign = '',
    whole = '',
    part = '',
    suffix = '',
    exponent = '0',
  } = /^(?<sign>[+-]?)(?<whole>\d*)(?:\.(?<part>\d*))?(?:[eE](?<exponent>[+-]?\d+)|(?<suffix>[a-zA-Z]{0,2}))$/.exec(text)?.groups ?? {};
  let above = BigInt(`${whole}${part}`) * (sign === '-' ? -1n : 1n);
  let below = 10n ** BigInt(part.length);
  const power = Number(exponent) + ('numkMGTPE'.includes(suffix) && suffix !== '' ? (DECIMAL_POWERS[suffix] ?? 0) : 0);
  if (power >= 0) above *= 10n ** BigInt(power);
  else below *= 10n ** BigInt(-power);
  if (suffix.endsWith('i')) above *= 1024n ** BigInt('KMGTPE'.indexOf(suffix.charAt(0)) + 1);
  return { above, below };
}

const DECIMAL_POWERS: Readonly<Record<string, number>> = { n: -9, u: -6, m: -3, k: 3, M: 6, G: 9, T: 12, P: 15, E: 18 };

/** In nano units, rounded away from zero; capped where the suffix is binary. */
function nanoOf({ above, below }: Fraction, isBinary: boolean): bigint {
  const scaled = (above < 0n ? -above : above) * 10n ** 9n;
  let nano = (scaled + below - 1n) / below;
  if (isBinary && nano > BINARY_CAP_NANO) nano = BINARY_CAP_NANO;
  return above < 0n ? -nano : nano;
}

const someDigits = fc.stringMatching(/^\d{1,40}$/);
const amountText = fc
  .tuple(
    fc.constantFrom('', '-', '+'),
    someDigits,
    fc.oneof(
      fc.constant(''),
      fc.constant('.'),
      someDigits.map((digits) => `.${digits}`),
    ),
    fc.oneof(
      fc.constantFrom('', 'n', 'u', 'm', 'k', 'M', 'G', 'T', 'P', 'E', 'Ki', 'Mi', 'Gi', 'Ti', 'Pi', 'Ei'),
      fc.tuple(fc.constantFrom('e', 'E', 'e+'), fc.nat(150)).map(([e, exponent]) => `${e}${exponent}`),
      fc.nat(150).map((exponent) => `e-${exponent}`),
    ),
  )
  .map((parts) => parts.join(''));

const isBinaryText = (text: string): boolean => text.endsWith('i');

void t.test('property: a text is worth what an exact reading as a fraction says', (t) => {
  fc.assert(
    fc.property(amountText, (text) => {
      assert.equal(multipliedOut(read(text)), nanoOf(fractionOf(text), isBinaryText(text)), text);
    }),
    { numRuns: runs(3000) },
  );
  t.end();
});

void t.test('property: comparisons, sums and prints agree with exact fractions', (t) => {
  fc.assert(
    fc.property(amountText, amountText, (a, b) => {
      const [left, right] = [nanoOf(fractionOf(a), isBinaryText(a)), nanoOf(fractionOf(b), isBinaryText(b))];
      assert.equal(Math.sign(compareQuantities(read(a), read(b))), left < right ? -1 : left > right ? 1 : 0);
      const sum = addQuantities(read(a), read(b));
      assert.equal(multipliedOut(sum), left + right);
      // Decimals lose the suffix from 10^21 on; every other print reads as the same amount.
      if (sum.format === 'DecimalExponent') assert.equal(multipliedOut(read(formatQuantity(sum))), left + right);
    }),
    { numRuns: runs(2000) },
  );
  t.end();
});

const nearlyQuantity = fc
  .array(fc.constantFrom('0', '1', '9', '123', '.', '-', '+', 'e', 'E', 'n', 'm', 'k', 'K', 'i', 'Ki', 'Mi', 'Ei', ' ', '\u0000'), {
    maxLength: 12,
  })
  .map((parts) => parts.join(''));

void t.test('property: any text is either read or refused, and what is read can be printed', (t) => {
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), nearlyQuantity), (text) => {
      const quantity = parseQuantity(text);
      if (quantity !== undefined) assert.match(formatQuantity(quantity), /^-?\d+([a-zA-Z]{0,2}|e-?\d+)$/);
    }),
    { numRuns: runs(2000) },
  );
  t.end();
});

function read(text: string | number): Quantity {
  const quantity = parseQuantity(text);
  if (quantity === undefined) throw new Error(`not read: ${text}`);
  return quantity;
}

function print(text: string | number): string {
  return formatQuantity(read(text));
}

function multipliedOut({ nano, tens = 0 }: Quantity): bigint {
  return nano * 10n ** BigInt(tens);
}
