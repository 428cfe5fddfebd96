import fc from '../fast-check.ts';
import { dump } from 'js-yaml';
import t from 'tap';
import { parseDocument, splitDocuments, UnreadableDocumentError } from '../../src/yaml/kubernetes-yaml.ts';
import { runs } from '../long-tests.ts';

/** Characters that JSON leaves as they are in a string, but that YAML 1.1 refuses or counts as line breaks. */
const UNLIKE_IN_YAML = /[\x7f-\x9f\u2028\u2029\ufffe\uffff]/;

void t.test('any JSON text is read as JSON.parse reads it', (t) => {
  fc.assert(
    fc.property(fc.dictionary(text(), fc.jsonValue({ stringUnit: 'binary' })), fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
      const json = JSON.stringify(value, null, indent);
      return JSON.stringify(read(json)) === JSON.stringify([JSON.parse(json)]);
    }),
    { numRuns: runs(1000) },
  );
  t.end();
});

void t.test('in a stream of YAML, JSON means the same', (t) => {
  fc.assert(
    fc.property(fc.jsonValue({ stringUnit: 'binary' }), fc.constantFrom(undefined, 2), (value, indent) => {
      const json = JSON.stringify(value, null, indent);
      fc.pre(!UNLIKE_IN_YAML.test(json));
      return JSON.stringify(read(`---\nfirst: 1\n---\n${json}\n`)) === JSON.stringify([{ first: 1 }, JSON.parse(json)]);
    }),
    { numRuns: runs(1000) },
  );
  t.end();
});

void t.test('what a YAML library prints for other readers is read back the same', (t) => {
  fc.assert(
    fc.property(fc.dictionary(text(), fc.jsonValue({ stringUnit: 'grapheme', maxDepth: 4 }), { minKeys: 1 }), (value) => {
      const [document = null] = read(dump(value, { noRefs: true }));
      return JSON.stringify(sorted(document)) === JSON.stringify(sorted(value));
    }),
    { numRuns: runs(1000) },
  );
  t.end();
});

void t.test('whatever the text, it has a value or a readable error at a place that exists', (t) => {
  const indicators = '[ ] { } : , - ? & * ! | > \' " % @ ` # \\ ~ < = . 0 1 a'.split(' ');
  const atoms = fc.constantFrom(
    ...indicators,
    ' ',
    '\n',
    '\t',
    '\r',
    '\n  ',
    '\n- ',
    ': ',
    ' #',
    '---',
    '...',
    '<<',
    '*x',
    '&x ',
    '!!int ',
    '\u2028',
    '\ufeff',
  );
  fc.assert(
    fc.property(fc.array(atoms, { maxLength: 60 }), (parts) => {
      const text = parts.join('');
      const lines = text.split('\n').length;
      for (const document of splitDocuments(text)) {
        try {
          JSON.stringify(parseDocument(document));
        } catch (error) {
          if (!(error instanceof UnreadableDocumentError)) throw error;
          if (error.line < 1 || error.line > lines + 1 || error.column < 1) throw error;
        }
      }
    }),
    { numRuns: runs(20_000) },
  );
  t.end();
});

void t.test('documents are slices of the file, in order, at the lines they name', (t) => {
  const part = fc.constantFrom('a: 1\n', '# c\n', '\n', '---\n', '--- # c\n', '--- x\n', 'b: |\n  x\n', '...\n', '  \n');
  fc.assert(
    fc.property(fc.array(part), (parts) => {
      const file = parts.join('');
      const lines = file.split('\n');
      let from = 0;
      for (const { text, line } of splitDocuments(file)) {
        if (
          !lines
            .slice(line - 1)
            .join('\n')
            .startsWith(text)
        )
          throw new Error(`not at line ${line}: ${JSON.stringify(text)}`);
        if (line <= from) throw new Error('out of order');
        from = line;
      }
    }),
    { numRuns: runs(2000) },
  );
  t.end();
});

function text(): fc.Arbitrary<string> {
  return fc.string({ unit: 'grapheme' });
}

function read(file: string): unknown[] {
  return splitDocuments(file).map((document) => parseDocument(document));
}

/** With keys in one order: integers go first in a JavaScript object, whoever fills it. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  return Object.entries(value)
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([key, member]) => [key, sorted(member)]);
}
