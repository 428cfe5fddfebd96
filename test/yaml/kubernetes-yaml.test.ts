import t from 'tap';
import { parseDocument, splitDocuments, UnreadableDocumentError } from '../../src/yaml/kubernetes-yaml.ts';

void t.test('documents are split at lines that begin with ---, and know their place', (t) => {
  const text = ['# licence', 'a: 1', '--- # second', '', '# c', 'b: |', '  --- no', '---', 'c: 3'].join('\n');
  t.match(
    splitDocuments(text).map(({ text, line, contentLine }) => ({ text, line, contentLine })),
    [
      { text: '# licence\na: 1\n', line: 1, contentLine: 2 },
      { text: '\n# c\nb: |\n  --- no\n', line: 4, contentLine: 6 },
      { text: 'c: 3', line: 9, contentLine: 9 },
    ],
  );
  t.end();
});

void t.test('comments and blanks between separators are no documents', (t) => {
  t.same(read('---\n---\n# only a comment\n---\n\n---\na: 1\n---\n'), [{ a: 1 }]);
  t.same(read(''), []);
  t.same(read('\n  \n# c\n'), []);
  t.end();
});

void t.test('a document of null, which kubectl skips, is null', (t) => {
  t.same(read('---\n~\n---\nnull\n'), [null, null]);
  t.end();
});

void t.test('text behind --- is refused, with the document that it begins', (t) => {
  const text = 'a: 1\n--- {b: 2}\nc: 3\n---\nd: 4\n';
  t.same(read(text), [{ a: 1 }, 'must have nothing but a comment after --- (line 2, column 1)', { d: 4 }]);
  t.same(read('-----BEGIN CERTIFICATE-----\n'), ['must have nothing but a comment after --- (line 1, column 1)']);
  t.end();
});

void t.test('after a line of three dots nothing is read', (t) => {
  t.same(read('a: 1\n...\nb: [\n---\nc: 3\n'), [{ a: 1 }, { c: 3 }]);
  t.same(read('a: ...\nb: x\n'), [{ a: '...', b: 'x' }]);
  t.end();
});

void t.test('line ends may be CRLF, and mixed', (t) => {
  t.same(read('a: 1\r\nb: |\r\n  x\r\n  y\n---\r\nc: "d\r\n  e"\r\n'), [{ a: 1, b: 'x\ny\n' }, { c: 'd e' }]);
  t.end();
});

void t.test('a byte order mark is skipped', (t) => {
  t.same(read('\ufeffa: 1\n'), [{ a: 1 }]);
  t.end();
});

void t.test('JSON values may follow one another without a separator', (t) => {
  const text = '{"a": 1}\n{"b": [2, "}"]}{"c": "\\"{"} null\n {"d": 4}';
  t.same(read(text), [{ a: 1 }, { b: [2, '}'] }, { c: '"{' }, null, { d: 4 }]);
  t.match(splitDocuments(text), [
    { line: 1, column: 1 },
    { line: 2, column: 1 },
    { line: 2, column: 16 },
    { line: 2, column: 29 },
    { line: 3, column: 2 },
  ]);
  t.end();
});

void t.test('YAML in braces, and YAML behind one JSON value, are YAML', (t) => {
  t.same(read('{a: 1, b: yes}\n---\nc: 010\n'), [{ a: 1, b: true }, { c: 8 }]);
  t.same(read('{"a": 1}\n---\n{"b": 010}\n'), [{ a: 1 }, { b: 8 }]);
  t.same(read('{"a": 1,}\n'), [{ a: 1 }]);
  t.end();
});

void t.test('behind two JSON values everything must be JSON', (t) => {
  t.same(read('{"a": 1}\n{"b": 2}\n---\nc: 3\n'), [{ a: 1 }, { b: 2 }, 'must be JSON, like what stands before it (line 3, column 1)']);
  t.end();
});

void t.test('integers beyond 2^53 are what JSON.parse makes of them', (t) => {
  for (const digits of ['9007199254740993', '18446744073709551615', '-9223372036854775808', '123456789012345678901234567890'])
    t.same(read(`a: ${digits}\n---\n{"a": ${digits}}`), [{ a: Number(digits) }, JSON.parse(`{"a": ${digits}}`)], digits);
  t.end();
});

void t.test('what JSON cannot hold is refused at its place', (t) => {
  t.same(read('a: 1\nb: {c: .inf}\n'), ['must not have the value .inf, which JSON cannot hold (line 2, column 8)']);
  t.same(read('a:\n  ~: 1\n'), ['must not have null as a key; quote it: "~" (line 2, column 3)']);
  t.same(read('{"a": 1e400}'), ['must not hold a number beyond 1.8e308 (line 1, column 1)']);
  t.same(read('a: !!binary /w==\n'), ['the value of !!binary must be UTF-8, as JSON cannot hold other bytes (line 1, column 13)']);
  t.end();
});

void t.test('an error names the line and column of the file', (t) => {
  t.same(read('a: 1\n---\n# c\nb: {c: [}\n'), [{ a: 1 }, 'a value must stand here (line 4, column 9)']);
  t.same(read('  {a: [}'), ['a value must stand here (line 1, column 8)']);
  t.same(read('a: \u0007\n'), ['must not hold control characters (line 1, column 4)']);
  t.same(read('%YAML 1.1\n---\na: 1\n'), [
    'must not hold a directive (%): kubectl splits a file at its --- lines, and then refuses the part with the directive (line 1, column 1)',
    { a: 1 },
  ]);
  t.end();
});

void t.test('U+2028 ends a line, so that nothing hides behind it in a comment', (t) => {
  t.same(read('a: 1 # c\u2028b: 2\n'), [{ a: 1, b: 2 }]);
  t.end();
});

/** The values of all documents, with the message in the place of one that is refused. */
function read(text: string): unknown[] {
  return splitDocuments(text).map((document) => {
    try {
      return parseDocument(document);
    } catch (error) {
      if (error instanceof UnreadableDocumentError) return error.message;
      throw error;
    }
  });
}
