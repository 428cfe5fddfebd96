import { readdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import t from 'tap';
import { readReviews, type ReadReviewsOptions } from '../../../src/offline/input/reviews.ts';
import { skipWithoutCorpus } from '../../core/corpus.ts';

const SAMPLES = fileURLToPath(new URL('../../../samples/reviews', import.meta.url));
const ROOT = fileURLToPath(new URL('../../../', import.meta.url));

void t.test('a file of one review is named by its file alone', async (t) => {
  const folder = t.testdir({
    'a.json': JSON.stringify(review('a'), null, 2),
    'b.json': `${JSON.stringify(review('b'))}\n`,
    'c.yaml': 'kind: AdmissionReview\nrequest: {uid: c}\n',
  });
  t.same(await read([folder]), [
    [join(folder, 'a.json'), 'a'],
    [`${join(folder, 'b.json')}:1`, 'b'],
    [join(folder, 'c.yaml'), 'c'],
  ]);
});

void t.test('a file of several names their lines', async (t) => {
  const folder = t.testdir({
    'a.json': `${JSON.stringify(review('a'), null, 1)}\n${JSON.stringify(review('b'), null, 1)}`,
    'b.yaml': 'kind: AdmissionReview\nrequest: {uid: c}\n---\nkind: AdmissionReview\nrequest: {uid: d}\n',
  });
  const lines = JSON.stringify(review('a'), null, 1).split('\n').length;
  t.same(await read([folder]), [
    [join(folder, 'a.json'), 'a'],
    [`${join(folder, 'a.json')}:${lines + 1}`, 'b'],
    [join(folder, 'b.yaml'), 'c'],
    [`${join(folder, 'b.yaml')}:4`, 'd'],
  ]);
});

void t.test('a broken line is one error that names it, and the other lines are read', async (t) => {
  const text = `${JSON.stringify(review('a'))}\n\n{"kind": "AdmissionReview", \r\n${JSON.stringify(review('b'))}\n[1]\n{"kind":"Pod"}\n7`;
  for (const name of ['a.ndjson', 'a.jsonl', 'a.log', 'a.json', 'a.txt']) {
    const file = join(t.testdir({ [name]: text }), name);
    const results = await read([file]);
    t.match(results, [
      [`${file}:1`, 'a'],
      [`${file}:3`, /^must be one JSON object: .*JSON/],
      [`${file}:4`, 'b'],
      [`${file}:5`, 'must be one JSON object: found another value'],
      [`${file}:6`, 'must be an AdmissionReview, or an Event of audit.k8s.io/v1, but is Pod'],
      [`${file}:7`, 'must be one JSON object: found another value'],
    ]);
    t.equal(results.length, 6, name);
  }
});

void t.test('standard input may be ndjson, JSON or YAML', async (t) => {
  const lines = `${JSON.stringify(review('a'))}\n${JSON.stringify(review('b'))}\n`;
  t.same(await read(['-'], { stdin: Readable.from([lines]) }), [
    ['stdin:1', 'a'],
    ['stdin:2', 'b'],
  ]);
  t.same(await read(['-'], { stdin: Readable.from([JSON.stringify(review('a'), null, 2)]) }), [['stdin', 'a']]);
  t.same(await read(['-'], { stdin: Readable.from(['kind: AdmissionReview\nrequest: {uid: a}\n']) }), [['stdin', 'a']]);
});

void t.test('a request without apiVersion and kind is taken for one of v1', async (t) => {
  const file = join(t.testdir({ 'a.json': '{\n"request": {"uid": "a"}}' }), 'a.json');
  for await (const result of readReviews([file], options()))
    t.same(result, { source: file, review: { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: { uid: 'a' } } });
});

void t.test('what is no review says what it is', async (t) => {
  const folder = t.testdir({
    'a.json': '{\n"kind": "AdmissionReview", "response": {"uid": "a"}}',
    'b.json': '{\n"kind": "AdmissionReview"}',
    'c.json': '{\n"kind": "Deployment"}',
    'd.yaml': '- 1\n',
    'e.yaml': 'a: [\n',
    'f.json': '',
  });
  t.same(
    (await read([folder, join(folder, 'missing')])).map(([source, message]) => [source?.slice(folder.length + 1), message]),
    [
      ['a.json', 'must hold a request, but holds a response'],
      ['b.json', 'request must be an object'],
      ['c.json', 'must be an AdmissionReview, or an Event of audit.k8s.io/v1, but is Deployment'],
      ['d.yaml', 'must be an AdmissionReview, or an Event of audit.k8s.io/v1'],
      ['e.yaml:2', 'a value must stand here'],
      ['missing', 'no such file or directory'],
    ],
  );
});

void t.test('an audit log gives its requests; what it does not hold enough of is told, not counted as an error', async (t) => {
  const file = join(
    t.testdir({
      'audit.log': [event('create'), event('get'), { ...event('patch'), requestObject: {} }, event('update')]
        .map((line) => JSON.stringify(line))
        .join('\n'),
    }),
    'audit.log',
  );
  t.same(await read([file]), [
    [`${file}:1`, 'audit-create'],
    [`${file}:2`, 'skipped: the request creates and changes no object'],
    [`${file}:3`, 'skipped: the log holds the patch, not the object that it makes'],
    [`${file}:4`, 'audit-update'],
  ]);
});

void t.test('Lists are taken apart, in lines and in files', async (t) => {
  const list = { kind: 'EventList', apiVersion: 'audit.k8s.io/v1', items: [event('create'), event('update')] };
  const folder = t.testdir({ 'a.log': JSON.stringify(list), 'b.json': JSON.stringify(list, null, 1) });
  t.same(
    (await read([folder])).map(([, uid]) => uid),
    ['audit-create', 'audit-update', 'audit-create', 'audit-update'],
  );
});

void t.test('only a line is bounded in a file that is read line by line', async (t) => {
  const line = JSON.stringify(review('a'));
  const file = join(t.testdir({ 'a.ndjson': `${line}\n${JSON.stringify(review('x'.repeat(200)))}\n${line}\n` }), 'a.ndjson');
  t.same(await read([file], { ...options(), limitBytes: 10, limitLineBytes: 100 }), [
    [`${file}:1`, 'a'],
    [`${file}:2`, 'must not be longer than 100 bytes'],
    [`${file}:3`, 'a'],
  ]);
});

void t.test('the samples are reviews', async (t) => {
  const results = await read([SAMPLES]);
  t.ok(results.length > 0);
  t.same(
    results.filter(([, uid]) => !/^[-0-9a-f]{36}$/.test(uid ?? '')),
    [],
  );
});

void t.test('every recorded review of the corpus is read, but one that has no request', { skip: skipWithoutCorpus() }, async (t) => {
  const folder = resolve(ROOT, process.env['PODGRACE_CORPUS'] ?? '../shared/corpus', 'reviews');
  let reviews = 0;
  const errors: string[] = [];
  for await (const result of readReviews([folder], options())) {
    if ('message' in result) errors.push(result.message);
    else reviews += 1;
  }
  t.same(errors, ['request must be an object']);
  t.equal(reviews, readdirSync(folder).length - 1);
});

function review(uid: string): object {
  return { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: { uid } };
}

function event(verb: string): object {
  return {
    kind: 'Event',
    apiVersion: 'audit.k8s.io/v1',
    auditID: `audit-${verb}`,
    stage: 'ResponseComplete',
    verb,
    objectRef: { resource: 'pods' },
    requestObject: { kind: 'Pod', apiVersion: 'v1' },
  };
}

function options(): ReadReviewsOptions {
  return { stdin: Readable.from([]) };
}

/** `[source, uid or message]` */
async function read(paths: readonly string[], readOptions: ReadReviewsOptions = options()): Promise<string[][]> {
  const results: string[][] = [];
  for await (const result of readReviews(paths, readOptions)) {
    const { request } = 'review' in result ? (result.review as { request: { uid?: string } }) : { request: {} };
    const what = 'message' in result ? result.message : 'skipped' in result ? `skipped: ${result.skipped}` : (request.uid ?? '');
    results.push([result.source, what]);
  }
  return results;
}
