import t from 'tap';
import { equalJson } from '../../src/core/json.ts';
import { parseDocument, splitDocuments } from '../../src/yaml/kubernetes-yaml.ts';
import { readManifests, skipWithoutCorpus } from '../core/corpus.ts';
import { readOriginals } from './originals.ts';

void t.test('every real manifest is read as kubectl read it', { skip: skipWithoutCorpus() }, (t) => {
  const originals = readOriginals();
  const manifests = readManifests().filter(({ file }) => originals.has(file));
  const different = manifests.filter(({ file, doc }) => {
    const values = splitDocuments(originals.get(file) ?? '').map((document) => parseDocument(document));
    return values.length !== 1 || !equalJson(values[0], doc);
  });
  t.equal(manifests.length, originals.size);
  t.same(
    different.map(({ file }) => file),
    [],
  );
  t.end();
});
