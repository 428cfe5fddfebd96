import t from 'tap';
import { EventTape } from '../../src/yaml/event-tape.ts';
import { normalizeLineEnds, parseDocument, splitDocuments, UnreadableDocumentError } from '../../src/yaml/kubernetes-yaml.ts';
import { outlineOf } from '../../src/yaml/outline.ts';
import { skipWithoutCorpus } from '../core/corpus.ts';
import { readOriginals } from './originals.ts';

const TEXTS: Readonly<Record<string, string>> = {
  'nested collections': 'a:\n  - b: 1\n    c: [d, {e: f}]\n  -\ng: "two\n  lines"\n',
  'blocks of text': 'a: |\n  one\n  two\nb: >-\n  three\n  four\n',
  'anchors, aliases and merges': 'a: &a {b: &b c}\n*b : d\ne: *a\nf:\n  <<: *a\n  g: [*b, *a]\n',
  tags: 'a: !!str 1\nb: !!map {c: !!int 2}\n!!str 3: ! d\n',
  'keys without values': 'a:\nb: {c, d: }\n? e\n? f\n: g\n',
  'a scalar alone': 'text\n',
};

for (const [what, text] of Object.entries(TEXTS)) {
  void t.test(`${what}: the tape tells what the parser told`, (t) => {
    const [document, ...others] = splitDocuments(text);
    if (document === undefined || others.length > 0) throw new Error('the text must be one document');
    const tape = new EventTape();
    t.same(parseDocument(document, tape), parseDocument(document));
    t.notOk(tape.isEmpty);
    t.strictSame(outlineOf(text, tape), outlineOf(text));
    t.end();
  });
}

void t.test('an empty tape tells nothing, and the text is read', (t) => {
  t.strictSame(outlineOf('a: 1\n', new EventTape()), outlineOf('a: 1\n'));
  t.end();
});

void t.test('every document of the corpus', { skip: skipWithoutCorpus() }, (t) => {
  let compared = 0;
  for (const [file, text] of readOriginals()) {
    for (const document of splitDocuments(text)) {
      const tape = new EventTape();
      try {
        parseDocument(document, tape);
      } catch (error) {
        if (error instanceof UnreadableDocumentError) continue;
        throw error;
      }
      const source = normalizeLineEnds(document.text);
      if (JSON.stringify(outlineOf(source, tape), maps) !== JSON.stringify(outlineOf(source), maps)) t.fail(file);
      compared += 1;
    }
  }
  t.ok(compared > 0);
  t.end();
});

function maps(_key: string, value: unknown): unknown {
  return value instanceof Map ? [...(value as Map<string, unknown>)] : value;
}
