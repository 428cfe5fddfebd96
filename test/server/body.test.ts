import fc from 'fast-check';
import t from 'tap';
import { MAX_DEPTH } from '../../src/core/json.ts';
import { MAX_CONTAINERS, parseBody, UnreadableBodyError } from '../../src/server/body.ts';

const parse = (text: string): unknown => parseBody(Buffer.from(text));
const nested = (levels: number): string => '['.repeat(levels) + ']'.repeat(levels);

void t.test('a body means what JSON.parse says', (t) => {
  fc.assert(
    fc.property(fc.json({ maxDepth: 6 }), fc.integer({ min: 0, max: 4000 }), (text, blanks) => {
      // Blanks make it long enough to be scanned.
      t.same(parse(text + ' '.repeat(blanks)), JSON.parse(text));
    }),
    { numRuns: 300 },
  );
  t.end();
});

void t.test('brackets, quotes and backslashes inside of strings do not count', (t) => {
  fc.assert(
    fc.property(fc.array(fc.stringMatching(/^[[\]{}"\\a]*$/), { maxLength: 400 }), (strings) => {
      const text = JSON.stringify([...strings, '['.repeat(2000), '\\'.repeat(2001), '"'.repeat(2000)]);
      return JSON.stringify(parse(text)) === text;
    }),
    { numRuns: 300 },
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

/** Longer than what is read unscanned. */
const PADDING = `"${'x'.repeat(64 * 1024)}"`;

void t.test('of a long body 1,000 levels are read, one more is refused', (t) => {
  t.ok(Array.isArray(parse(`[${PADDING},${nested(MAX_DEPTH - 1)}]`)));
  t.throws(() => parse(`[${PADDING},${nested(MAX_DEPTH)}]`), { message: 'the body must not be nested deeper than 1000 levels' });
  t.throws(() => parse(`[${PADDING},${'{"a":'.repeat(1001)}1${'}'.repeat(1001)}]`), { message: /deeper than 1000/ });
  t.end();
});

void t.test('a short body is read whatever its depth', (t) => {
  t.ok(Array.isArray(parse(nested(30_000))));
  t.end();
});

void t.test('siblings are not depth', (t) => {
  t.equal((parse(`[${Array.from({ length: 50_000 }, () => '[[]]').join(',')}]`) as unknown[]).length, 50_000);
  t.end();
});

void t.test('300,000 objects and lists are read, one more is refused', (t) => {
  const flat = (containers: number): string => `[${Array.from({ length: containers - 1 }, (_, at) => (at % 2 ? '{}' : '[]')).join(',')}]`;
  t.equal(MAX_CONTAINERS, 300_000);
  t.equal((parse(flat(300_000)) as unknown[]).length, 299_999);
  t.throws(() => parse(flat(300_001)), { message: 'the body must not hold more than 300000 objects and lists' });
  t.end();
});

void t.test('6.6 MiB of [], 3 million levels and a million open braces are refused before they are parsed', (t) => {
  const costly = [`[${'[],'.repeat(2_300_000)}[]]`, nested(3_000_000), '{'.repeat(1_000_000), '['.repeat(7_000_000)];
  for (const text of costly) t.throws(() => parse(text), { message: /deeper than|more than 300000/ });
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
    { numRuns: 1000 },
  );
  t.end();
});
