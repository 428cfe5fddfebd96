import t from 'tap';
import { FieldPath } from '../../src/core/path.ts';
import { placeOfField } from '../../src/offline/field-place.ts';
import { documentsIn, type ManifestDocument } from '../../src/offline/input/documents.ts';

const FILE = `# first
kind: Pod
---
kind: Pod
spec:
  initContainers:
    - {name: migrate}
  containers:
    - name: web
      image: web:1
    - name: log
      command: [sh, -c,
        sleep 1]
`;

function documents(text: string): ManifestDocument[] {
  return [...documentsIn('a.yaml', text)].filter((document): document is ManifestDocument => 'value' in document);
}

/** `line:column-endLine:endColumn quote` */
function placeIn(text: string, path: FieldPath, index = 0): string {
  const document = documents(text)[index];
  if (document === undefined) throw new Error('there is no such document');
  const { line, column, endLine, endColumn, quote } = placeOfField(path, document.value, document);
  return `${line}:${column}-${endLine}:${endColumn} ${quote}`;
}

const CONTAINERS = FieldPath.of('spec', 'containers');

void t.test('a field is found in the second document of a file', (t) => {
  t.equal(placeIn(FILE, CONTAINERS.at(0, { name: 'web' }).field('image'), 1), '10:7-10:19       image: web:1');
  t.equal(placeIn(FILE, CONTAINERS.at(1, { name: 'log' }).field('command'), 1), '12:7-13:17       command: [sh, -c,');
  t.end();
});

void t.test('an element is found by its keys, where a repair has put another before it', (t) => {
  t.equal(placeIn(FILE, CONTAINERS.at(2, { name: 'log' }).field('lifecycle', 'preStop'), 1), '11:7-11:11     - name: log');
  t.end();
});

void t.test('an element that the file does not have points at its list, or at what would hold the list', (t) => {
  t.equal(placeIn(FILE, CONTAINERS.at(0, { name: 'added' }).field('image'), 1), '8:3-8:13   containers:');
  t.equal(placeIn(FILE, FieldPath.of('spec', 'tolerations').at(0, { key: 'a' }).field('tolerationSeconds'), 1), '5:1-5:5 spec:');
  t.end();
});

void t.test('items of a List, and JSON values on one line, are found', (t) => {
  const list = 'kind: List\nitems:\n  - kind: Pod\n    spec: {hostNetwork: true}\n';
  t.equal(placeIn(list, FieldPath.of('spec', 'hostNetwork')), '4:12-4:29     spec: {hostNetwork: true}');
  t.equal(placeIn('{"kind": "A"} {"kind": "B",\n"b": 1}', FieldPath.of('kind'), 1), '1:16-1:27               {"kind": "B",');
  t.equal(placeIn('{"kind": "A"} {"kind": "B",\n"b": 1}', FieldPath.of('b'), 1), '2:1-2:7 "b": 1}');
  t.end();
});

void t.test('a container without a name is found at its place', (t) => {
  const text = 'kind: Pod\nspec:\n  containers:\n    - image: web:1\n    - {image: log:1, name: log}\n';
  t.equal(placeIn(text, CONTAINERS.at(0, { name: 'container-0' }).field('image')), '4:7-4:19     - image: web:1');
  t.equal(placeIn(text, CONTAINERS.at(1, { name: 'container-1' })), '3:3-3:13   containers:', 'one that has another name is another one');
  t.end();
});
