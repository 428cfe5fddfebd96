import fc from '../fast-check.ts';
import t from 'tap';
import { bytesInWords, isMixed, isPlausible, LEAST_PLAUSIBLE_BYTES, meantBytes, meantCpu } from '../../src/core/plausible-amount.ts';
import { formatQuantity, parseQuantity } from '../../src/core/quantity.ts';
import { readAmount } from '../../src/core/resources.ts';

void t.test(
  'bytes below a mebibyte or above what machines have, and more than 96 cores are no amounts to build on; 0 and other resources are',
  (t) => {
    for (const text of ['100m', '512', '512k', '1023Ki', '1e3', '1E', '65Ti', '1e18'])
      t.notOk(isPlausible(readAmount(text), 'memory'), text);
    for (const text of ['0', '1Mi', '1048576', '2M', '64Gi', '107374182400m', '64Ti']) t.ok(isPlausible(readAmount(text), 'memory'), text);
    for (const text of ['0', '1m', '0.5', '96', '96000m']) t.ok(isPlausible(readAmount(text), 'cpu'), text);
    for (const text of ['97', '500', '1Gi']) t.notOk(isPlausible(readAmount(text), 'cpu'), text);
    t.notOk(isPlausible(readAmount('512'), 'ephemeral-storage'));
    t.ok(isPlausible(readAmount('8'), 'nvidia.com/gpu'));
    t.end();
  },
);

void t.test('what was meant by too few bytes', (t) => {
  const cases: readonly [string | number, string | undefined][] = [
    ['3500m', '3500Mi'],
    ['100m', '100Mi'],
    [512, '512Mi'],
    ['512k', '512Mi'],
    ['64Ki', '64Mi'],
    ['4', '4Gi'],
    ['0.5', '0.5Gi'],
    ['1.5', '1.5Gi'],
    ['1e3', undefined],
    ['900000u', undefined],
    ['1k', '1000Mi'],
    [1000, '1000Mi'],
    ['4k', '4000Mi'],
    ['256k', '256Mi'],
    [256000, '256Mi'],
    [65536, '65536Mi'],
    [123456, undefined],
    ['1000000', undefined],
    ['1M', undefined],
    ['0.5k', undefined],
    ['99999999m', undefined],
  ];
  for (const [text, meant] of cases) t.equal(meantBytes(text, LEAST_PLAUSIBLE_BYTES), meant, String(text));
  t.end();
});

void t.test('property: what was meant is a quantity of at least the least', (t) => {
  const anyText = fc.oneof(
    fc.integer({ min: 0, max: 2_000_000 }).map(String),
    fc.double({ min: 0, max: 1000, noNaN: true }).map((number) => number.toFixed(2)),
    fc
      .tuple(fc.integer({ min: 0, max: 100_000_000 }), fc.constantFrom('m', 'k', 'Ki', 'M', 'n'))
      .map(([number, suffix]) => `${number}${suffix}`),
  );
  fc.assert(
    fc.property(anyText, (text) => {
      const meant = meantBytes(text, LEAST_PLAUSIBLE_BYTES);
      return meant === undefined || (parseQuantity(meant)?.nano ?? 0n) >= LEAST_PLAUSIBLE_BYTES.nano;
    }),
  );
  t.end();
});

void t.test('what was meant by too many cores is a thousandth of them, where a plain number was written', (t) => {
  t.equal(meantCpu('500'), '500m');
  t.equal(meantCpu(2000), '2000m');
  t.equal(meantCpu('1k'), '1000m', 'stored for 1000');
  for (const text of ['500.5', '512Mi', '0.5k', '1e3']) t.equal(meantCpu(text), undefined, text);
  t.end();
});

void t.test('bytes are counted whole, as the API server counts them', (t) => {
  t.equal(bytesInWords(readAmount('3500m')), '4 bytes');
  t.equal(bytesInWords(readAmount('100m')), '1 byte');
  t.equal(bytesInWords(readAmount('1E')), '909494Ti');
  t.equal(formatQuantity(LEAST_PLAUSIBLE_BYTES), '1Mi');
  t.end();
});

void t.test('thousands beside 1,024s are mixed; plain numbers and thousandths are neither', (t) => {
  t.ok(isMixed('500M', '512Mi'));
  t.ok(isMixed('1Gi', '1G'));
  t.ok(isMixed('1e9', '1Gi'));
  t.notOk(isMixed('1e9', '2G'));
  t.notOk(isMixed('1e9', '2e9'));
  t.ok(isMixed(500000000, '512Mi'), 'stored as 500M');
  t.ok(isMixed('0.5Gi', '0.5G'));
  for (const [a, b] of [
    ['500M', '1G'],
    ['128Mi', '1Gi'],
    ['128Mi', 134217728],
    ['100m', '1Gi'],
  ] as const)
    t.notOk(isMixed(a, b));
  t.end();
});
