import t from 'tap';
import { EventTape } from '../../src/yaml/event-tape.ts';
import { parseDocument, splitDocuments, UnreadableDocumentError, type SourceDocument } from '../../src/yaml/kubernetes-yaml.ts';
import { Positions, type DocumentPath } from '../../src/yaml/positions.ts';
import { TapedTree } from '../../src/yaml/taped-tree.ts';
import { skipWithoutCorpus } from '../core/corpus.ts';
import { readOriginals } from './originals.ts';

const TEXTS: Readonly<Record<string, string>> = {
  'blocks in blocks': 'a:\n  - b: 1\n    c: [d, {e: f}]\n  -\ng: "two\n  lines"\nh:\n- i\n- j: k  # l\n\n',
  'equal keys': 'a: 1\nb: {c: 1, c: [2]}\na:\n  d: 3\n1: x\n"1": y\n',
  'keys that mean more': '0x10: {a: 1}\nyes: b\n? c\n? d\n: e\n',
  'empty collections': 'a: {}\nb: []\nc:\n  - {}\n  - []\n',
  'an object without braces between brackets': 'a: [b: c, d: [e]]\nf: {g: [h: i]}\n',
  'anchors, aliases and merges': 'a: &a {b: c}\nd: *a\ne:\n  b: 0\n  <<: *a\n',
  'a merge without an alias': 'a:\n  b: 0\n  <<: {b: 1, c: 2}\n  d: 3\n',
  tags: 'a: !!str 1\nb: !!map {c: 2}\n',
  'braces that are no JSON': '{a: {b: [1, {c: d}]}, e: f}\n',
  'a scalar alone': 'text\n',
  'a long list': Array.from({ length: 200 }, (_, index) => `- a: ${index}\n  b: []\n`).join(''),
  'an object with many fields': Array.from({ length: 200 }, (_, index) => `a${index}: {b: c}\n`).join(''),
  'Windows lines': 'a:\r\n  b: |\r\n    c\r\n  d: e\r\n',
};

for (const [what, text] of Object.entries(TEXTS)) {
  void t.test(`${what}: the tape tells the places that the text tells`, (t) => {
    const [document] = splitDocuments(text);
    if (document === undefined) throw new Error('the text must hold a document');
    t.strictSame(...placesIn(document));
    t.end();
  });
}

void t.test('many paths into a long list take no more steps than an outline', (t) => {
  const items = 2000;
  const text = 'a: 1\n'.repeat(items).replaceAll(/^/gm, '- ').slice(0, -2);
  const tape = new EventTape();
  const [document] = splitDocuments(text);
  if (document === undefined) throw new Error('the text must hold a document');
  parseDocument(document, tape);
  const tree = new TapedTree(document.text, tape);
  let found = 0;
  while (found < items && tree.find([items - 1, 'a'])?.isWhole === true) found++;
  t.ok(found > 10, 'some are found by steps');
  t.ok(found < 100, 'and then an outline is asked for');
  t.end();
});

void t.test('every document of the corpus', { skip: skipWithoutCorpus() }, (t) => {
  let compared = 0;
  for (const [file, text] of readOriginals()) {
    for (const document of splitDocuments(text)) {
      try {
        const [taped, read] = placesIn(document);
        if (JSON.stringify(taped) !== JSON.stringify(read)) t.fail(file);
        compared += read.length;
      } catch (error) {
        if (!(error instanceof UnreadableDocumentError)) throw error;
      }
    }
  }
  t.ok(compared > 0);
  t.end();
});

/** Of all paths of a document, and of some that it does not have: by the tape of its reading, and by reading it again. */
function placesIn(document: SourceDocument): [taped: readonly unknown[], read: readonly unknown[]] {
  const tape = new EventTape();
  const paths = [...pathsIn(parseDocument(document, tape), [])];
  const placesBy = (positions: Positions): unknown[] => paths.map((path) => [path, positions.regionOf(path), positions.lineOf(path)]);
  return [placesBy(new Positions(document.text, tape)), placesBy(new Positions(document.text))];
}

function* pathsIn(value: unknown, path: DocumentPath): Generator<DocumentPath> {
  yield path;
  yield [...path, 'missing'];
  yield [...path, 99, 'missing'];
  if (typeof value !== 'object' || value === null) return;
  for (const [key, member] of Object.entries(value)) yield* pathsIn(member, [...path, Array.isArray(value) ? Number(key) : key]);
}
