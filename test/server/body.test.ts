import fc from '../fast-check.ts';
import t from 'tap';
import { parseBody, UnreadableBodyError } from '../../src/server/body.ts';
import { runs } from '../long-tests.ts';

const parse = (text: string): unknown => parseBody(Buffer.from(text));

void t.test('a body means what JSON.parse says', (t) => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), (text) => {
      t.same(parse(text), JSON.parse(text));
    }),
    { numRuns: runs(300) },
  );
  t.end();
});

void t.test('an empty body is refused', (t) => {
  t.throws(() => parse(''), { name: 'UnreadableBodyError', message: 'the body must not be empty' });
  t.end();
});

for (const [name, text] of [
  ['blanks', ' \n'],
  ['half an object', '{"apiVersion":"admission.k8s.io/v1",'],
  ['a byte order mark', '\ufeff{}'],
  ['YAML', 'apiVersion: v1'],
  ['HTML', '<html></html>'],
  ['two documents', '{}{}'],
  ['NaN', '{"a":NaN}'],
  ['single quotes', "{'a':1}"],
  ['a trailing comma', '[1,]'],
  ['a comment', '{} // {}'],
  ['a closing bracket too many', '[]]'.padEnd(3000)],
  ['a string that does not end', `["${'x'.repeat(3000)}`],
  ['a backslash at the end', `["${'x'.repeat(3000)}\\`],
] as const) {
  void t.test(`${name}: no JSON, and said so`, (t) => {
    t.throws(() => parse(text), { name: 'UnreadableBodyError', message: /^the body must be JSON: / });
    t.end();
  });
}

void t.test('bytes that are no UTF-8 become the replacement character, as in Go', (t) => {
  t.same(parseBody(Buffer.from([0x22, 0xff, 0x22])), '\ufffd');
  t.end();
});

void t.test('a body that is too costly to parse is refused in words', (t) => {
  t.throws(() => parse('['.repeat(100_000)), {
    name: 'UnreadableBodyError',
    message: 'the body must not be nested deeper than 1000 levels',
  });
  const message = 'the body must not hold so many objects, lists and texts';
  t.throws(() => parse(`[${'[],'.repeat(500_000)}[]]`), { name: 'UnreadableBodyError', message });
  t.end();
});

void t.test('__proto__ is a key like any other, at all levels, escaped or not', (t) => {
  const text = '{"__proto__":{"polluted":1},"a":{"\\u005f_proto__":{"polluted":1},"constructor":{"prototype":{"polluted":1}}}}';
  const value = parse(text) as Record<string, Record<string, unknown>>;
  t.ok(Object.hasOwn(value, '__proto__'));
  t.ok(Object.hasOwn(value['a'] ?? {}, '__proto__'));
  t.equal(Object.getPrototypeOf(value), Object.prototype);
  t.equal(({} as Record<string, unknown>)['polluted'], undefined);
  t.end();
});

void t.test('any bytes are parsed or refused, never anything else', (t) => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 5000 }),
        fc.stringMatching(/^[[\]{}",:\\0e]*$/).map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        try {
          parseBody(Buffer.from(bytes));
        } catch (error) {
          if (!(error instanceof UnreadableBodyError)) throw error;
        }
      },
    ),
    { numRuns: runs(1000) },
  );
  t.end();
});
