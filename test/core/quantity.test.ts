import fc from 'fast-check';
import assert from 'node:assert/strict';
import t from 'tap';
import {
  compareQuantities,
  divideQuantity,
  formatQuantity,
  maxQuantity,
  milliUnits,
  minQuantity,
  parseQuantity,
  roundUpToMilli,
  scaleQuantity,
  wholeUnits,
  type Quantity,
  type QuantityFormat,
} from '../../src/core/quantity.ts';

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
    t.equal(quantity?.nano, nano, `value of '${text}'`);
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

void t.test('refuses exponents and lengths that would keep a processor busy', (t) => {
  for (const text of ['1e400000000000', '1e-400000000000', '1e2147483647', '1e1001', '1e-1001', '9'.repeat(1025), ' '.repeat(2000)]) {
    t.equal(parseQuantity(text), undefined, text.slice(0, 30));
  }
  t.equal(read('1e1000').nano, 10n ** 1009n, 'the largest that is read');
  t.equal(read('1e-1000').nano, 1n);
  t.equal(read('9'.repeat(1024)).nano, (10n ** 1024n - 1n) * 10n ** 9n);
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

void t.test('whole and milli units are rounded away from zero', (t) => {
  t.equal(wholeUnits(read('500m')), 1n);
  t.equal(wholeUnits(read('-500m')), -1n);
  t.equal(wholeUnits(read('0.1Gi')), 107_374_183n);
  t.equal(milliUnits(read('1u')), 1n);
  t.equal(milliUnits(read('1Ei')), 2n ** 60n * 1000n, 'no overflow');
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
    { numRuns: 2000 },
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
