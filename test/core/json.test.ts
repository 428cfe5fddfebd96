import fc from '../fast-check.ts';
import t from 'tap';
import { cloneJson, equalJson, MAX_DEPTH, memberOf, setKey } from '../../src/core/json.ts';
import { runs } from '../long-tests.ts';

void t.test('a copy is equal and shares nothing', (t) => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const copy = cloneJson(value);
      return equalJson(copy, value) && (typeof value !== 'object' || value === null || copy !== value);
    }),
  );
  t.end();
});

void t.test('equality is that of the JSON text with sorted keys', (t) => {
  const sorted = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(sorted);
    if (typeof value !== 'object' || value === null) return value;
    const entries = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
    return { entries: entries.map(([key, member]) => [key, sorted(member)]) };
  };
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), fc.jsonValue({ maxDepth: 3 }), (a, b) => {
      return equalJson(a, b) === (JSON.stringify(sorted(a)) === JSON.stringify(sorted(b)));
    }),
    { numRuns: runs(1000) },
  );
  t.end();
});

void t.test('the order of keys does not count, that of elements does', (t) => {
  t.ok(equalJson({ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 }));
  t.notOk(equalJson([1, 2], [2, 1]));
  t.notOk(equalJson([], {}));
  t.notOk(equalJson({ a: undefined }, { b: undefined }));
  t.end();
});

void t.test('a key __proto__ is copied as an own key and touches no prototype', (t) => {
  const value = JSON.parse('{"__proto__": {"polluted": true}, "a": {"__proto__": 1}}') as Record<string, unknown>;
  const copy = cloneJson(value);
  t.ok(Object.hasOwn(copy, '__proto__'));
  t.equal(Object.getPrototypeOf(copy), Object.prototype);
  t.equal(JSON.stringify(copy), JSON.stringify(value));
  t.equal(({} as { polluted?: boolean }).polluted, undefined);
  t.equal(memberOf(value, '__proto__'), value['__proto__']);
  t.equal(memberOf({}, '__proto__'), undefined);
  t.equal(memberOf({}, 'constructor'), undefined);
  const target = {};
  setKey(target, '__proto__', 1);
  t.equal(JSON.stringify(target), '{"__proto__":1}');
  t.end();
});

void t.test('what is nested too deeply is not copied, and is equal to nothing but itself', (t) => {
  const deep = (levels: number): unknown => JSON.parse(`${'['.repeat(levels)}${']'.repeat(levels)}`) as unknown;
  t.ok(equalJson(cloneJson(deep(MAX_DEPTH)), deep(MAX_DEPTH)));
  t.throws(() => cloneJson(deep(MAX_DEPTH + 1)), { name: 'RangeError', message: 'must not be nested deeper than 1000 levels' });
  t.notOk(equalJson(deep(30_000), deep(30_000)));
  t.end();
});
