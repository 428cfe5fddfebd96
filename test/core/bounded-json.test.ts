import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import { parseBoundedJson } from '../../src/core/bounded-json.ts';
import { MAX_DEPTH } from '../../src/core/json.ts';
import { runs } from '../long-tests.ts';

/** Longer than what is parsed without a look at it. */
const LONG = 'x'.repeat(64 * 1024);
const afterLong = (text: string): unknown => (parseBoundedJson(`["${LONG}",${text}]`) as unknown[])[1];
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);
const TOO_DEEP = { name: 'CostlyJsonError', message: 'must not be nested deeper than 1000 levels' };
const TOO_MUCH = { name: 'CostlyJsonError', message: 'must not hold so many objects, lists and texts' };

void t.test('a text means what JSON.parse says, long or short', (t) => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      const expected: unknown = JSON.parse(text);
      assert.deepEqual(parseBoundedJson(text), expected);
      assert.deepEqual(afterLong(text), expected);
    }),
    { numRuns: runs(300) },
  );
  t.end();
});

void t.test('what is no JSON is no JSON, long or short', (t) => {
  for (const text of ['', '{}{}', "{'a':1}", '[1,]', '"\\', '"\\"', '[]]']) {
    t.throws(() => parseBoundedJson(text), { name: 'SyntaxError' }, `${text} alone`);
    t.throws(() => afterLong(text), { name: 'SyntaxError' }, `${text} in a long text`);
  }
  t.end();
});

void t.test('brackets, commas, quotes and backslashes inside of strings do not count', (t) => {
  const costly = ['['.repeat(2000), ','.repeat(2_000_000), '\\'.repeat(2001), '"'.repeat(2000), '{"'.repeat(2000)];
  t.same(afterLong(JSON.stringify(costly)), costly);
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[[\]{}",\\a\u1234]*$/), { maxLength: 400 }), (strings) => {
      assert.deepEqual(afterLong(JSON.stringify(strings)), strings);
    }),
    { numRuns: runs(300) },
  );
  t.end();
});

void t.test('1,000 levels are parsed, one more is refused', (t) => {
  t.ok(Array.isArray(afterLong(nested(MAX_DEPTH - 1))));
  t.throws(() => afterLong(nested(MAX_DEPTH)), TOO_DEEP);
  t.throws(() => afterLong('{"a":'.repeat(1000) + '1' + '}'.repeat(1000)), TOO_DEEP);
  t.throws(() => parseBoundedJson('['.repeat(200_000)), TOO_DEEP, 'no matter that they are not closed');
  t.end();
});

void t.test('a short text is parsed whatever its depth', (t) => {
  t.ok(Array.isArray(parseBoundedJson(nested(30_000))));
  t.end();
});

void t.test('siblings are not depth', (t) => {
  t.equal((parseBoundedJson(`[${Array.from({ length: 50_000 }, () => '[[]]').join(',')}]`) as unknown[]).length, 50_000);
  t.end();
});

/** What one more element asks for, its comma included. */
for (const [element, work] of [
  ['1', 1],
  ['[]', 3],
  ['{}', 3],
  ['"a"', 5],
  ['"\\""', 9],
  ['{"a":1}', 7],
  ['{"name":"c1"}', 11],
  ['{"a":[],"b":"c"}', 18],
] as const) {
  void t.test(`lists of ${element} are parsed as far as the work goes, ${work} for each`, (t) => {
    // The list and its first comma.
    const most = Math.floor((1_200_000 - 2 + 1) / work);
    const list = (count: number): string => `[${Array.from({ length: count }, () => element).join(',')}]`;
    t.equal((parseBoundedJson(list(most)) as unknown[]).length, most);
    t.throws(() => parseBoundedJson(list(most + 1)), TOO_MUCH);
    t.end();
  });
}

void t.test('two objects of the size that etcd stores are parsed', (t) => {
  const pair = (at: number): string => `"key${at % 100}":"value-of-${at % 1000}"`;
  const object = `{${Array.from({ length: 1_500_000 / 25 }, (_, at) => pair(at)).join(',')}}`;
  t.ok(object.length > 1_300_000);
  t.ok(parseBoundedJson(`{"object":${object},"oldObject":${object}}`));
  t.end();
});

void t.test('__proto__ is a key like any other', (t) => {
  const value = afterLong('{"__proto__":{"polluted":1}}') as object;
  t.ok(Object.hasOwn(value, '__proto__'));
  t.equal(Object.getPrototypeOf(value), Object.prototype);
  t.end();
});
