import t from 'tap';
import type { EditOperation } from '../../../src/yaml/edit/draft.ts';
import { editDocument, type DocumentRefusal } from '../../../src/yaml/edit/edit-document.ts';
import { applyEdits } from '../../../src/yaml/edit/edits.ts';
import { parseDocument, splitDocuments } from '../../../src/yaml/kubernetes-yaml.ts';
import { patchedObject } from '../../../src/offline/admit.ts';

interface Edited {
  readonly text: string;
  readonly refusal: DocumentRefusal | undefined;
}

function edit(text: string, ...operations: readonly EditOperation[]): Edited {
  const [document] = splitDocuments(text);
  if (document === undefined) throw new Error('one document is expected');
  const result = patchedObject(parseDocument(document), operations);
  const { edits, refusals } = editDocument(document, [{ path: [], operations, result }]);
  return { text: applyEdits(text, edits), refusal: refusals[0] };
}

void t.test('what is added stands where the author would put it', (t) => {
  const cases: readonly (readonly [name: string, before: string, operations: readonly EditOperation[], after: string])[] = [
    [
      'behind the last line of a container, and the comment that belongs to it',
      'containers:\n- name: a\n  image: b # pinned\n  # resources: {}\n- name: c\n',
      [{ op: 'add', path: '/containers/0/tty', value: true }],
      'containers:\n- name: a\n  image: b # pinned\n  # resources: {}\n  tty: true\n- name: c\n',
    ],
    [
      'before the comment of the next element',
      'spec:\n  containers:\n    - name: a\n    # the second\n    - name: b\n',
      [{ op: 'add', path: '/spec/containers/0/tty', value: true }],
      'spec:\n  containers:\n    - name: a\n      tty: true\n    # the second\n    - name: b\n',
    ],
    [
      'with four columns where the others have four',
      'a:\n    b:\n        c: 1\n    list:\n        -   x: 1\n            y: 2\n',
      [{ op: 'add', path: '/a/d', value: { e: { f: [{ g: 1, h: 2 }] } } }],
      'a:\n    b:\n        c: 1\n    list:\n        -   x: 1\n            y: 2\n    d:\n        e:\n            f:\n                -   g: 1\n                    h: 2\n',
    ],
    [
      'within braces',
      'a: { b: 1 } # why\n',
      [{ op: 'add', path: '/a/c', value: { d: ['x', 'y: z'] } }],
      'a: { b: 1, c: { d: [x, "y: z"] } } # why\n',
    ],
    [
      'below a key whose braces are empty, its comment kept',
      'a:\n  b: {} # none\n  c: 1\n',
      [{ op: 'add', path: '/a/b/d', value: 1 }],
      'a:\n  b: # none\n    d: 1\n  c: 1\n',
    ],
    ['below a key without a value', 'a:\nb: 1\n', [{ op: 'replace', path: '/a', value: { c: 1 } }], 'a:\n  c: 1\nb: 1\n'],
    [
      'behind a block of text that keeps its blank lines',
      'a:\n  b: |+\n    x\n\n\nc: 1\n',
      [{ op: 'add', path: '/a/d', value: 1 }],
      'a:\n  b: |+\n    x\n\n\n  d: 1\nc: 1\n',
    ],
    [
      'before the blank lines behind another block',
      'a:\n  b: |\n    x\n\n\nc: 1\n',
      [{ op: 'add', path: '/a/d', value: 1 }],
      'a:\n  b: |\n    x\n  d: 1\n\n\nc: 1\n',
    ],
    [
      'with CRLF',
      'a:\r\n  b: 1\r\nc: 2\r\n',
      [{ op: 'add', path: '/a/d', value: { e: 1 } }],
      'a:\r\n  b: 1\r\n  d:\r\n    e: 1\r\nc: 2\r\n',
    ],
    ['without a line feed at the end where there was none', 'a:\n  b: 1', [{ op: 'add', path: '/a/d', value: 1 }], 'a:\n  b: 1\n  d: 1'],
    [
      'in the quotes of the value that was there',
      'a: \'1Gi\'\nb: "x"\n',
      [{ op: 'replace', path: '/a', value: '2Gi' }],
      'a: \'2Gi\'\nb: "x"\n',
    ],
    [
      'without quotes where none are needed',
      'a: 1\n',
      [{ op: 'add', path: '/b', value: { c: '128Mi', d: '1e3', e: 'on', f: '' } }],
      'a: 1\nb:\n  c: 128Mi\n  d: "1e3"\n  e: "on"\n  f: ""\n',
    ],
    [
      'in front of a list',
      'a:\n  # first\n  - b: 1\n',
      [{ op: 'add', path: '/a/0', value: { c: 1, d: 2 } }],
      'a:\n  # first\n  - c: 1\n    d: 2\n  - b: 1\n',
    ],
    [
      'a text of several lines as a block',
      'a:\n  b: 1\n',
      [{ op: 'add', path: '/a/c', value: 'x\n y\n' }],
      'a:\n  b: 1\n  c: |\n    x\n     y\n',
    ],
    [
      'what is removed leaves its comments',
      'a:\n  b: 1 # one\n  # two\n  c: 2\n',
      [{ op: 'remove', path: '/a/b' }],
      'a:\n  # one\n  # two\n  c: 2\n',
    ],
    [
      'a list that is replaced as a whole keeps what is equal',
      'a:\n- x # one\n- w # two\n',
      [{ op: 'replace', path: '/a', value: ['z', 'x', 'w'] }],
      'a:\n- z\n- x # one\n- w # two\n',
    ],
    [
      'the comment of a text of several lines stays once',
      'a: | # one\n  b\n',
      [{ op: 'replace', path: '/a', value: { b: 1 } }],
      'a: # one\n  b: 1\n',
    ],
    [
      'JSON of several lines',
      '{\n\t"a": {\n\t\t"b": 1\n\t}\n}\n',
      [{ op: 'add', path: '/a/c', value: { d: [1] } }],
      '{\n\t"a": {\n\t\t"b": 1,\n\t\t"c": {\n\t\t\t"d": [\n\t\t\t\t1\n\t\t\t]\n\t\t}\n\t}\n}\n',
    ],
    [
      'brackets on several lines, comma and comment',
      'a: [\n  1, # one\n  2 # two\n]\n',
      [{ op: 'add', path: '/a/-', value: 3 }],
      'a: [\n  1, # one\n  2, # two\n  3\n]\n',
    ],
    [
      'an entry beside << that does not bring it',
      'x: &x {a: 1}\nw:\n  <<: *x\n  b: 2\n',
      [{ op: 'add', path: '/w/c', value: 3 }],
      'x: &x {a: 1}\nw:\n  <<: *x\n  b: 2\n  c: 3\n',
    ],
  ];
  for (const [name, before, operations, after] of cases)
    t.strictSame(edit(before, ...operations), { text: after, refusal: undefined }, name);
  t.end();
});

void t.test('what cannot be written without a guess is refused, with its line and why', (t) => {
  const add: EditOperation = { op: 'add', path: '/b/c', value: 3 };
  const replace: EditOperation = { op: 'replace', path: '/b/a', value: 3 };
  const cases: readonly (readonly [name: string, text: string, operation: EditOperation, line: number, reason: RegExp])[] = [
    ['an alias', 'a: &x {a: 1}\nb: *x\n', add, 2, /is an alias \(\*x\).*other fields/],
    ['a scalar alias', 'a: &x 1\nb:\n  a: *x\n', replace, 3, /is an alias/],
    ['an anchor with aliases', 'b: &x\n  a: 1\nc: *x\n', add, 1, /is the anchor &x, and aliases elsewhere/],
    ['an anchor with a comment that names another', 'b: &x\n  # &y\n\n  a: 1\nc: *x\n', add, 1, /is the anchor &x, and aliases elsewhere/],
    [
      'an anchor within what goes',
      'b:\n  a:\n    - d: &x 1\nc: *x\n',
      { op: 'remove', path: '/b/a' },
      3,
      /is the anchor &x, and aliases elsewhere/,
    ],
    ['an anchor within what is replaced', 'b:\n  a: [&x 1]\nc: *x\n', replace, 2, /is the anchor &x, and aliases elsewhere/],
    ['what << brings', 'x: &x {a: 1}\nb:\n  <<: *x\n', replace, 3, /a comes from elsewhere in the document, through <</],
    ['what << brings, as a whole', 'x: &x {a: 1}\nb:\n  <<: *x\n', { op: 'replace', path: '/b', value: { a: 2 } }, 3, /through <</],
    ['a key that is there twice', 'b: {}\nb:\n  a: 1\n', add, 2, /b is written twice/],
    ['a key with a question mark', '? b\n: a: 1\n', add, 1, /written with \?/],
    ['a tag', 'b:\n  a: !!int "1"\n', replace, 2, /has a tag/],
    ['a value of a template', 'b:\n  a: "{{ .Values.a }}"\n', replace, 2, /filled in by a template/],
    ['a template that is YAML by chance', '# {{- if .Values.a }}\nb:\n  a: 1\n# {{- end }}\n', add, 1, /the document is a template/],
    [
      'comments within what goes',
      'b: {a: [1, # one\n  2]}\n',
      { op: 'replace', path: '/b/a', value: 3 },
      1,
      /holds comments, which would be lost/,
    ],
  ];
  for (const [name, text, operation, line, reason] of cases) {
    const edited = edit(text, operation);
    t.equal(edited.text, text, name);
    t.match(edited.refusal, { line, reason }, name);
  }
  t.end();
});

void t.test('an anchor that nothing stands for is in nobody’s way, and stays', (t) => {
  const set = (path: string, value: unknown): EditOperation => ({ op: 'replace', path, value });
  const cases: readonly (readonly [before: string, operation: EditOperation, after: string])[] = [
    ['b: &x\n  a: 1\n', { op: 'add', path: '/b/c', value: 3 }, 'b: &x\n  a: 1\n  c: 3\n'],
    ['b: &x # one\n- 1\n', { op: 'add', path: '/b/0', value: 0 }, 'b: &x # one\n- 0\n- 1\n'],
    ['b: &x {}\n', { op: 'add', path: '/b/c', value: 3 }, 'b: &x\n  c: 3\n'],
    ['b: &x # one\n  # two\n  a: 1\nc: 2\n', set('/b', 3), 'b: &x 3 # one\n# two\nc: 2\n'],
    ['b: &x\n  a: 1\n', set('/b', [1]), 'b: &x\n- 1\n'],
    ['b: &x\n  a: 1\n', { op: 'remove', path: '/b/a' }, 'b: &x {}\n'],
    ['b: &x | # one\n  text\n', set('/b', 'word'), 'b: &x word # one\n'],
    ['b: &x\nc: 2\n', set('/b', 3), 'b: &x 3\nc: 2\n'],
    ['b: &x # one\n', set('/b', { a: 1 }), 'b: &x # one\n  a: 1\n'],
    ['b: {a: &x , c: 2}\n', set('/b/a', 3), 'b: {a: &x 3 , c: 2}\n'],
    ['b:\n- &x\n- 2\n', set('/b/0', 1), 'b:\n- &x 1\n- 2\n'],
    ['b:\n- &x\n- 2\n', set('/b/0', { a: 1 }), 'b:\n- &x\n  a: 1\n- 2\n'],
    ['b:\n- &x {a: 1}\n', set('/b/0', [1]), 'b:\n- &x\n  - 1\n'],
    ['b:\n- !!seq &x # one\n  - 1\n', { op: 'add', path: '/b/0/-', value: 2 }, 'b:\n- !!seq &x # one\n  - 1\n  - 2\n'],
  ];
  for (const [before, operation, after] of cases)
    t.strictSame(edit(before, operation), { text: after, refusal: undefined }, JSON.stringify(before));
  t.match(edit('b:\n  &x\n  a: 1\n', set('/b', 3)).refusal, { line: 2, reason: /does not stand on the line of its key/ });
  t.end();
});

void t.test('of the objects of a List, those are changed that can be', (t) => {
  const text = 'kind: List\nx: &x {a: 1}\nitems:\n- a: 1\n- *x\n- a: 2\n';
  const [document] = splitDocuments(text);
  if (document === undefined) throw new Error('one document is expected');
  const operations: readonly EditOperation[] = [{ op: 'add', path: '/b', value: 3 }];
  const { edits, refusals } = editDocument(
    document,
    [0, 1, 2].map((index) => ({ path: ['items', index], operations, result: { a: [1, 1, 2][index], b: 3 } })),
  );
  t.equal(applyEdits(text, edits), 'kind: List\nx: &x {a: 1}\nitems:\n- a: 1\n  b: 3\n- *x\n- a: 2\n  b: 3\n');
  t.match(refusals, [undefined, { line: 5, reason: /is an alias/ }, undefined]);
  t.end();
});

void t.test('what would not be read as it was meant is not written', (t) => {
  const [document] = splitDocuments('a: 1\n');
  if (document === undefined) throw new Error('one document is expected');
  const { edits, refusals } = editDocument(document, [
    { path: [], operations: [{ op: 'add', path: '/b', value: 3 }], result: { a: 1, b: 4 } },
  ]);
  t.strictSame(edits, []);
  t.match(refusals, [{ line: 1, reason: /no way to write the change/ }]);
  t.end();
});
