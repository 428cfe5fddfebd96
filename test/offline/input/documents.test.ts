import { join } from 'node:path';
import { Readable } from 'node:stream';
import t from 'tap';
import { itemsOf, readDocuments, type ManifestDocument } from '../../../src/offline/input/documents.ts';
import type { ReadOptions } from '../../../src/offline/input/file-text.ts';

const NOTHING = Readable.from([]);

void t.test('documents come file by file, numbered within each, at their lines', async (t) => {
  const folder = t.testdir({
    'a.yaml': '# c\nkind: A\n---\n# nothing\n---\n---\nkind: B\n---\n~\n---\n\n# c\nkind: C\n',
    b: { 'c.json': '{"kind": "D"}\n{"kind":\n "E"}' },
  });
  t.same(await read([folder]), [
    [join(folder, 'a.yaml'), 1, 2, { kind: 'A' }],
    [join(folder, 'a.yaml'), 2, 7, { kind: 'B' }],
    [join(folder, 'a.yaml'), 3, 13, { kind: 'C' }],
    [join(folder, 'b/c.json'), 1, 1, { kind: 'D' }],
    [join(folder, 'b/c.json'), 2, 2, { kind: 'E' }],
  ]);
});

void t.test('what cannot be read is one error, and everything else is read', async (t) => {
  const folder = t.testdir({ 'a.yaml': 'kind: A\n---\nkind: [\n---\nkind: C\n', 'b.yaml': '\tno\n', 'c.yaml': 'kind: D\n' });
  const missing = join(folder, 'missing.yaml');
  t.same(await read([missing, folder]), [
    [missing, null, null, 'no such file or directory'],
    [join(folder, 'a.yaml'), 1, 1, { kind: 'A' }],
    [join(folder, 'a.yaml'), 2, 4, 'a value must stand here'],
    [join(folder, 'a.yaml'), 3, 5, { kind: 'C' }],
    [join(folder, 'b.yaml'), 1, 1, 'the indentation must be of spaces, but here is a tab'],
    [join(folder, 'c.yaml'), 1, 1, { kind: 'D' }],
  ]);
});

void t.test('objects of one name do not collapse', async (t) => {
  const pod = 'kind: Pod\nmetadata: {name: same}\n';
  const folder = t.testdir({ 'a.yaml': `${pod}---\n${pod}`, 'b.yaml': pod });
  t.equal((await read([folder])).length, 3);
});

void t.test('the items of a List come one by one, under its number and at their own lines', async (t) => {
  const folder = t.testdir({
    'a.yaml':
      'kind: First\n---\nkind: List\nitems:\n- kind: A\n- kind: PodList\n  items:\n    - kind: B\n    - kind: C\n---\nkind: EmptyList\nitems: []\n',
    'b.json': '{"kind": "List", "items": [\n  {"kind": "A"},\n  null,\n  {"kind": "List"}\n]}',
  });
  const documents = await readAll([folder]);
  t.same(
    documents.map(({ document, line, path }) => [document, line, path.join('.')]),
    [
      [1, 1, ''],
      [2, 5, 'items.0'],
      [2, 8, 'items.1.items.0'],
      [2, 9, 'items.1.items.1'],
      [1, 2, 'items.0'],
      [1, 3, 'items.1'],
      [1, 4, 'items.2'],
    ],
  );
  t.same(
    documents.map(({ value }) => (value as { kind: string } | null)?.kind),
    ['First', 'A', 'B', 'C', 'A', undefined, 'List'],
  );
});

void t.test('a document tells the line of any of its fields', async (t) => {
  const folder = t.testdir({
    'a.yaml': 'kind: A\n---\n# c\nkind: List\nitems:\n- kind: B\n  spec:\n    x: 1\n',
    'b.json': '\n{\n "spec": {\n  "x": 1}}',
  });
  const [first, item, json] = await readAll([folder]);
  t.equal(first?.placeOf(['kind']).line, 1);
  t.equal(item?.placeOf(['spec', 'x']).line, 8);
  t.equal(item?.placeOf(['status']).line, 6);
  t.equal(json?.placeOf(['spec', 'x']).line, 4);
});

void t.test('standard input is read where - is named, and called stdin', async (t) => {
  const stdin = Readable.from([Buffer.from('kind: "\u00e9'.slice(0, 7)), Buffer.from([0xc3]), Buffer.from([0xa9, 0x22, 0x0a])]);
  t.same(await read(['-'], { stdin }), [['stdin', 1, 1, { kind: '\u00e9' }]]);
  t.same(await read(['-'], { stdin: Readable.from(['kind: A\n', '---\nkind: B']) }), [
    ['stdin', 1, 1, { kind: 'A' }],
    ['stdin', 2, 3, { kind: 'B' }],
  ]);
});

void t.test('a file above the limit is refused, whether its size is known before or not', async (t) => {
  const folder = t.testdir({ 'a.yaml': `a: ${'x'.repeat(100)}\n`, 'b.yaml': 'b: 1\n' });
  const message = 'must not be larger than 50 bytes; split it';
  t.same(await read([folder], { stdin: NOTHING, limitBytes: 50 }), [
    [join(folder, 'a.yaml'), null, null, message],
    [join(folder, 'b.yaml'), 1, 1, { b: 1 }],
  ]);
  t.same(await read(['-'], { stdin: Readable.from(['a: 1\n'.repeat(11)]), limitBytes: 50 }), [['stdin', null, null, message]]);
});

void t.test('UTF-16 with a byte order mark is decoded as kubectl does, and bytes that are no UTF-8 replaced', async (t) => {
  const utf16 = Buffer.from('\ufeffkind: \u00e9\n', 'utf16le');
  const folder = t.testdir({
    'a.yaml': utf16,
    'b.yaml': Buffer.from(utf16).swap16(),
    'c.yaml': Buffer.from([0xef, 0xbb, 0xbf, 0x61, 0x3a, 0x20, 0xff]),
  });
  t.same(
    (await readAll([folder])).map(({ value }) => value),
    [{ kind: '\u00e9' }, { kind: '\u00e9' }, { a: '\ufffd' }],
  );
});

void t.test('values that are no objects are passed on: what they are worth is for the reader to say', async (t) => {
  const folder = t.testdir({ 'a.yaml': '- 1\n---\ntext\n---\nfalse\n' });
  t.same(
    (await readAll([folder])).map(({ value }) => value),
    [[1], 'text', false],
  );
});

/** `[file, document, line, value or message]` */
async function read(paths: readonly string[], options: ReadOptions = { stdin: NOTHING }): Promise<unknown[]> {
  const results: unknown[] = [];
  for await (const result of readDocuments(paths, options))
    results.push([result.file, result.document, result.line, 'message' in result ? result.message : result.value]);
  return results;
}

/** Where nothing is wrong. */
async function readAll(paths: readonly string[]): Promise<ManifestDocument[]> {
  const documents: ManifestDocument[] = [];
  for await (const result of readDocuments(paths, { stdin: NOTHING })) {
    if ('message' in result) throw new Error(`${result.file}: ${result.message}`);
    documents.push(result);
  }
  return documents;
}

void t.test('the items of a typed list are what the list says, unless they say so themselves', (t) => {
  const items = [{ metadata: { name: 'a' } }, { kind: '', apiVersion: null }, { apiVersion: 'apps/v1', kind: 'Deployment' }, null];
  const values = [...itemsOf({ apiVersion: 'v1', kind: 'PodList', items })].map(({ value }) => value);
  t.same(values, [
    { apiVersion: 'v1', kind: 'Pod', metadata: { name: 'a' } },
    { apiVersion: 'v1', kind: 'Pod' },
    { apiVersion: 'apps/v1', kind: 'Deployment' },
    null,
  ]);
  t.same(
    [...itemsOf({ apiVersion: 'v1', kind: 'List', items: [{ metadata: {} }] })].map(({ value }) => value),
    [{ metadata: {} }],
  );
  t.end();
});
