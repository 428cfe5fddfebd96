import { setTimeout as sleep } from 'node:timers/promises';
import t, { type Test } from 'tap';
import type { TLSSocket } from 'node:tls';
import { gzipSync } from 'node:zlib';
import { presetPolicy } from '../../src/config/presets.ts';
import { NOTHING_KNOWN } from '../../src/core/surroundings.ts';
import type { Rule } from '../../src/core/rule.ts';
import { judgeReview } from '../../src/server/judge-review.ts';
import { BODY_LIMIT_BYTES } from '../../src/server/received-body.ts';
import { verifyAnswer, type Phase, type VerifiedAnswer } from '../admission/contract.ts';
import { forbidLatest, policyOf, requireGrace, ruleOf } from '../admission/made-up-rules.ts';
import { latestPod, podOf, reviewOf, workloadOf, type Review } from '../admission/reviews.ts';
import { eventually } from '../files/eventually.ts';
import { dial, exchange, readToEnd } from './connection.ts';
import { post, startServing, type HttpAnswer, type Serving } from './serving.ts';

const JSON_HEADERS = { 'content-type': 'application/json' };
const policy = policyOf([forbidLatest(), requireGrace()]);
const serving = await startServing(t, { policy });

async function ask(phase: Phase, review: Review, { port }: Serving = serving, query = ''): Promise<VerifiedAnswer> {
  const { status, headers, text } = await post(port, `/${phase}${query}`, JSON.stringify(review), { headers: JSON_HEADERS });
  t.equal(status, 200);
  t.equal(headers['content-type'], 'application/json; charset=utf-8');
  return verifyAnswer(phase, review, text);
}

/** The answer that podgrace gives to what is no review: JSON of one form, and nothing that names a framework. */
function isRefusal(t: Test, { status, headers, text }: HttpAnswer, code: number, message: string | RegExp): void {
  t.equal(status, code);
  t.match(headers['content-type'], /^application\/json/);
  const body = JSON.parse(text) as { error: unknown };
  t.same(Object.keys(body), ['error']);
  t.match(body.error, { code, message });
  t.notMatch(JSON.stringify(headers) + text, /fastify|FST_|express|node_modules|\.ts:\d/i);
}

void t.test('a Pod is denied by /validate and repaired by /mutate', async (t) => {
  t.equal((await ask('validate', reviewOf(latestPod()))).allowed, false);
  const { object, patch } = await ask('mutate', reviewOf(podOf()));
  t.equal(patch.length, 1);
  t.match(object, { spec: { terminationGracePeriodSeconds: 60 } });
});

void t.test('the uid is echoed, whatever it is', async (t) => {
  for (const uid of ['x', '705ab4f5-6393-11e8-b7cc-42010a800002', '🦭 "\\\u0000\u2028', '__proto__', 'x'.repeat(100_000)]) {
    const review = reviewOf(podOf());
    const asked = { ...review, request: { ...review.request, uid } };
    const { text } = await post(serving.port, '/validate', JSON.stringify(asked));
    t.ok(verifyAnswer('validate', asked, text));
  }
});

void t.test('dry run and no dry run are answered with the same bytes', async (t) => {
  for (const path of ['/validate', '/mutate']) {
    for (const object of [podOf(), latestPod(), workloadOf('apps/v1', 'Deployment', latestPod())]) {
      const bodies = [true, false].map((dryRun) => JSON.stringify(reviewOf(object, { dryRun })));
      const [dry, real] = await Promise.all(bodies.map((body) => post(serving.port, path, body)));
      t.equal(dry?.text, real?.text);
    }
  }
});

void t.test('/validate never answers with a patch, /mutate never on UPDATE and DELETE', async (t) => {
  const reviews = [
    reviewOf(podOf()),
    reviewOf(podOf(), { operation: 'UPDATE', oldObject: latestPod() }),
    reviewOf(null, { operation: 'DELETE', oldObject: podOf() }),
    reviewOf(podOf(), { operation: 'UPDATE', subResource: 'resize', oldObject: podOf() }),
  ];
  for (const review of reviews) t.same((await ask('validate', review)).patch, []);
  for (const review of reviews.slice(1)) t.same((await ask('mutate', review)).patch, []);
});

void t.test('object null on DELETE is allowed; on CREATE it is denied, and the field named', async (t) => {
  const deleting = reviewOf(null, { operation: 'DELETE', oldObject: latestPod() });
  for (const phase of ['validate', 'mutate'] as const) t.equal((await ask(phase, deleting)).allowed, true);
  const creating = reviewOf(null, { kind: { group: '', version: 'v1', kind: 'Pod' } });
  t.match((await ask('validate', creating)).status?.details.causes, [
    { reason: 'well-formed', message: 'must be an object', field: 'object' },
  ]);
  t.equal((await ask('mutate', creating)).allowed, true);
});

void t.test('the deadline of the API server comes with the query string of every call', async (t) => {
  const { status } = await post(serving.port, '/validate?timeout=10s', JSON.stringify(reviewOf(podOf())));
  t.equal(status, 200);
});

/** Takes its time, and says whether those after it were asked. */
function slowPolicy(milliseconds: number): { policy: ReturnType<typeof policyOf>; asked: string[] } {
  const asked: string[] = [];
  const rule = (id: string, takesMs: number): Rule =>
    ruleOf(id, {
      validate: () => {
        asked.push(id);
        const end = performance.now() + takesMs;
        while (performance.now() < end);
        return [];
      },
    });
  return { policy: policyOf([rule('a-slow', milliseconds), rule('b-later', 0), rule('c-last', 0)]), asked };
}

void t.test('a slow rule: the answer comes before ?timeout= is over, the rules after it say that there was no time', async (t) => {
  // 0.9 of the second: the API server has not given up, and there is no time for another rule.
  const { policy, asked } = slowPolicy(900);
  const slow = await startServing(t, { policy });
  const { allowed, status } = await ask('validate', reviewOf(podOf()), slow, '?timeout=1s');
  t.equal(allowed, false);
  t.same(
    status?.details.causes.map(({ reason, message }) => `${reason}: ${message}`),
    ['b-later', 'c-last'].map((rule) => `${rule}: could not be judged: the deadline of the request has passed`),
  );
  t.same(asked, ['a-slow']);
});

void t.test('a timeout that is longer, missing or none leaves time for every rule', async (t) => {
  const { policy, asked } = slowPolicy(5);
  const quick = await startServing(t, { policy });
  // None of these is a timeout of 0 s, which leaves no time at all.
  const queries = [
    '',
    '?timeout=30s',
    '?timeout=',
    '?timeout=soon',
    '?timeout=0s0',
    '?timeout=0',
    '?timeout=0m',
    '?other=0s',
    '?xtimeout=0s',
  ];
  for (const query of queries) {
    t.equal((await ask('validate', reviewOf(podOf()), quick, query)).allowed, true, query);
    t.same(asked.splice(0), ['a-slow', 'b-later', 'c-last'], query);
  }
  t.equal((await ask('validate', reviewOf(podOf()), quick, '?other=1&timeout=0s&more=2')).allowed, false);
  t.same(asked, []);
});

/** Sends a review whose last byte comes late. */
async function sendLate(t: Test, { port }: Serving, query: string, waitMs: number): Promise<{ text: string; sinceLastByteMs: number }> {
  const socket = await dial(t, port);
  const answer = readToEnd(socket);
  const body = JSON.stringify(reviewOf(podOf()));
  const lines = [`POST /validate${query} HTTP/1.1`, 'host: localhost', 'content-type: application/json', 'connection: close'];
  socket.write([...lines, `content-length: ${body.length}`, '', body.slice(0, -1)].join('\r\n'));
  await sleep(waitMs);
  const startMs = performance.now();
  socket.write(body.slice(-1));
  return { text: await answer, sinceLastByteMs: performance.now() - startMs };
}

void t.test('the time that a body takes to come is taken from the rules: the API server began to wait before it', async (t) => {
  const { policy, asked } = slowPolicy(0);
  const slow = await startServing(t, { policy });
  t.match((await sendLate(t, slow, '?timeout=1s', 900)).text, 'the deadline of the request has passed');
  t.same(asked, []);
});

void t.test('what is measured begins with the last byte of the body', async (t) => {
  const own = await startServing(t, { policy });
  const { sinceLastByteMs } = await sendLate(t, own, '?timeout=10s', 200);
  const [elapsedMs = Number.NaN] = own.elapsedMs;
  t.ok(elapsedMs > 0 && elapsedMs <= sinceLastByteMs, `${elapsedMs} of ${sinceLastByteMs}`);
});

void t.test('a body that breaks off is counted as unreadable, and recorded as no decision', async (t) => {
  const own = await startServing(t, { policy });
  const socket = await dial(t, own.port);
  socket.write(`${head('content-length: 100')}{"kind":`);
  socket.end();
  await readToEnd(socket);
  await eventually('it is counted', () => own.unreadable.length > 0);
  t.same(own.unreadable, [400]);
  t.same(own.records, []);
});

const review = reviewOf(podOf());
const UNREADABLE: readonly (readonly [name: string, body: string | Buffer, message: string | RegExp])[] = [
  ['an empty body', '', 'the body must not be empty'],
  ['null', 'null', 'the body must be an AdmissionReview object'],
  ['a list', '[]', 'the body must be an AdmissionReview object'],
  ['a number', '7', 'the body must be an AdmissionReview object'],
  ['a text', '"review"', 'the body must be an AdmissionReview object'],
  ['an empty object', '{}', "kind must be 'AdmissionReview'"],
  ['half a review', JSON.stringify(review).slice(0, -20), /^the body must be JSON: /],
  ['a byte order mark', `\ufeff${JSON.stringify(review)}`, /^the body must be JSON: /],
  ['v1beta1', JSON.stringify({ ...review, apiVersion: 'admission.k8s.io/v1beta1' }), /^apiVersion must be 'admission\.k8s\.io\/v1'/],
  ['another kind', JSON.stringify(podOf()), "kind must be 'AdmissionReview'"],
  ['no request', JSON.stringify({ ...review, request: undefined }), 'request must be an object'],
  ['no uid', JSON.stringify({ ...review, request: { operation: 'CREATE' } }), 'request.uid must be a string that is not empty'],
  [
    '1,001 levels in a long body',
    `{"a":"${'x'.repeat(70_000)}","b":${'{"a":'.repeat(1001)}1${'}'.repeat(1002)}`,
    'the body must not be nested deeper than 1000 levels',
  ],
  ['3 million levels', '['.repeat(3_000_000) + ']'.repeat(3_000_000), 'the body must not be nested deeper than 1000 levels'],
  ['6.6 MiB of []', `[${'[],'.repeat(2_300_000)}[]]`, 'the body must not hold so many objects, lists and texts'],
  ['a compressed body that does not say so', gzipSync(JSON.stringify(review)), /^the body must be JSON: /],
];

for (const [name, body, message] of UNREADABLE) {
  void t.test(`${name}: 400 in JSON`, async (t) => {
    for (const path of ['/validate', '/mutate?timeout=10s']) isRefusal(t, await post(serving.port, path, body), 400, message);
  });
}

void t.test('a Pod that is 20,000 levels deep is answered: denied, or left as it is', async (t) => {
  const text = JSON.stringify(reviewOf(latestPod({ spec: { deep: 'HERE' } }))).replace(
    '"HERE"',
    `${'['.repeat(20_000)}${']'.repeat(20_000)}`,
  );
  for (const path of ['/validate', '/mutate']) {
    const { status, text: answer } = await post(serving.port, path, text);
    t.equal(status, 200, answer);
    t.equal(typeof (JSON.parse(answer) as { response: { allowed: unknown } }).response.allowed, 'boolean');
  }
});

/** The thread for large reviews has podgrace's own rules. */
const large = await startServing(t, { policy: presetPolicy('production') });

void t.test('a review of almost 7 MiB is judged', async (t) => {
  const pod = latestPod({ metadata: { annotations: { long: 'x'.repeat(BODY_LIMIT_BYTES - 2000) } } });
  t.equal((await ask('validate', reviewOf(pod), large)).allowed, false);
});

void t.test('an update of two objects of 3 MiB each is judged', async (t) => {
  const long = { annotations: { long: 'x'.repeat(3 * 1024 * 1024) } };
  const updating = reviewOf(latestPod({ metadata: long }), { operation: 'UPDATE', oldObject: podOf({ metadata: long }) });
  t.equal((await ask('validate', updating, large)).allowed, true, 'nothing is worse than it was');
  t.equal(large.records.at(-1)?.outcome, 'warned');
});

void t.test('a large review gets the same answer as a small one, and is recorded the same', async (t) => {
  for (const phase of ['validate', 'mutate'] as const) {
    const [small, long] = [1, 100_000].map((length) => reviewOf(latestPod({ metadata: { annotations: { a: 'x'.repeat(length) } } })));
    if (small === undefined || long === undefined) return;
    const texts = [small, long].map(async (asked) => (await post(large.port, `/${phase}`, JSON.stringify(asked))).text);
    const [ofSmall, ofLong] = await Promise.all(texts);
    t.equal(ofLong, ofSmall);
    const [record, other] = large.records.splice(-2);
    t.same(record, other);
  }
});

void t.test('a short review that takes much work is judged in the other thread, and gets the same answer', async (t) => {
  const exec = { command: ['sh', '-c', 'i=0; while [ $i -lt 99999999 ]; do i=$((i+1)); sleep 1; done'] };
  const pod = podOf({
    spec: { containers: [{ name: 'app', image: 'app:latest', ports: [{ containerPort: 80 }], lifecycle: { preStop: { exec } } }] },
  });
  const body = Buffer.from(JSON.stringify(reviewOf(pod)));
  for (const phase of ['validate', 'mutate'] as const) {
    const { text } = judgeReview(body, { phase, policy: presetPolicy('production'), deadlineMs: Infinity, around: () => NOTHING_KNOWN });
    t.equal((await post(large.port, `/${phase}`, body)).text, text);
  }
});

void t.test('short reviews that come together and take much work are all answered, and an ordinary one beside them', async (t) => {
  const exec = { command: ['sh', '-c', 'i=0; while [ $i -lt 99999999 ]; do i=$((i+1)); sleep 1; done'] };
  const busy = podOf({
    spec: { containers: [{ name: 'app', image: 'app:1', ports: [{ containerPort: 80 }], lifecycle: { preStop: { exec } } }] },
  });
  const reviews = [...Array.from({ length: 8 }, () => reviewOf(busy)), reviewOf(latestPod())];
  for (const { allowed } of await Promise.all(reviews.map((review) => ask('validate', review, large)))) t.equal(allowed, false);
});

/** What each is answered when all are read in one turn of the event loop: each has a connection, and all are written at once. */
async function codesTogether(t: Test, port: number, bodies: readonly string[]): Promise<number[]> {
  const calls: { readonly socket: TLSSocket; readonly request: string }[] = [];
  for (const body of bodies) calls.push({ socket: await dial(t, port), request: `${head(`content-length: ${body.length}`)}${body}` });
  const answers = await Promise.all(calls.map(({ socket, request }) => exchange(socket, request)));
  for (const answer of answers) t.notMatch(answer, /secret detail/);
  return answers.map((answer) => Number(/HTTP\/1\.1 (\d+) /.exec(answer)?.[1]));
}

void t.test('reviews that come in one turn with what is none, and with much work, have an answer each', async (t) => {
  const exec = { command: ['sh', '-c', 'i=0; while [ $i -lt 99999999 ]; do i=$((i+1)); sleep 1; done'] };
  const busy = podOf({
    spec: { containers: [{ name: 'app', image: 'app:1', ports: [{ containerPort: 80 }], lifecycle: { preStop: { exec } } }] },
  });
  const own = await startServing(t, { policy: presetPolicy('production') });
  const ordinary = JSON.stringify(reviewOf(latestPod()));
  const codes = await codesTogether(t, own.port, [
    ordinary,
    '{}',
    ordinary,
    '{',
    JSON.stringify(reviewOf(busy)),
    ordinary,
    '[]',
    ordinary,
    '{}',
  ]);
  t.same(codes, [200, 400, 200, 400, 200, 200, 400, 200, 400]);
  t.equal(own.records.length, 5);
  t.same(own.unreadable, [400, 400, 400, 400]);
  t.same(own.failures, []);
});

void t.test('of what is longer than short, what is no review and what cannot be read is refused', async (t) => {
  const blanks = ' '.repeat(10_000);
  isRefusal(t, await post(large.port, '/validate', `{}${blanks}`), 400, "kind must be 'AdmissionReview'");
  isRefusal(t, await post(large.port, '/validate', `{${blanks}`), 400, /^the body must be JSON: /);
  const review = reviewOf(podOf());
  t.equal((await post(large.port, '/validate', JSON.stringify(review) + blanks)).status, 200);
});

void t.test('a large review that is none: 400 in JSON', async (t) => {
  isRefusal(t, await post(large.port, '/validate', `{"a":"${'x'.repeat(100_000)}"}`), 400, "kind must be 'AdmissionReview'");
});

void t.test('a large review for which there is no time is answered by policy, with the uid that it has', async (t) => {
  const own = await startServing(t, { policy: presetPolicy('production') });
  const asked = reviewOf(latestPod({ metadata: { annotations: { a: 'x'.repeat(100_000) } } }));
  const { allowed, status } = await ask('validate', asked, own, '?timeout=0s');
  t.equal(allowed, false);
  t.match(status?.details.causes[0], { reason: 'well-formed', field: 'object', message: /^could not be judged: / });
  t.match(own.records, [{ outcome: 'denied', findings: [{ rule: 'well-formed', messageId: 'errored' }] }]);
  t.equal((await ask('mutate', asked, own, '?timeout=0s')).allowed, true);
});

void t.test('more than 7 MiB: 413, before it is sent', async (t) => {
  const socket = await dial(t, serving.port);
  socket.write(head(`content-length: ${BODY_LIMIT_BYTES + 1}`));
  const text = await readToEnd(socket);
  t.match(text, /^HTTP\/1\.1 413 /);
  t.match(text, '"code":413');
  t.notMatch(text, /fastify|FST_/i);
});

void t.test('more than 7 MiB in chunks that announce no length: 413 as soon as it is too much', async (t) => {
  const socket = await dial(t, serving.port);
  const answer = readToEnd(socket);
  socket.write(head('transfer-encoding: chunked'));
  const chunk = `10000\r\n${'x'.repeat(0x10000)}\r\n`;
  // 112 chunks of 64 KiB are 7 MiB; the end of the body never comes.
  for (let chunks = 0; chunks < 120 && !socket.destroyed; chunks++) socket.write(chunk);
  t.match(await answer, /^HTTP\/1\.1 413 /);
});

void t.test('a review in chunks is judged', async (t) => {
  const socket = await dial(t, serving.port);
  const answer = readToEnd(socket);
  const body = Buffer.from(JSON.stringify(reviewOf(latestPod())));
  socket.write(head('transfer-encoding: chunked', 'connection: close'));
  for (let at = 0; at < body.length; at += 100) {
    const part = body.subarray(at, at + 100);
    socket.write(Buffer.concat([Buffer.from(`${part.length.toString(16)}\r\n`), part, Buffer.from('\r\n')]));
  }
  socket.write('0\r\n\r\n');
  t.match(await answer, '"allowed":false');
});

for (const contentType of [
  'text/plain',
  'application/yaml',
  'application/vnd.kubernetes.protobuf',
  'application/x-www-form-urlencoded',
  'multipart/form-data; boundary=x',
  'application/json garbage',
  'application/json, text/plain',
  'application/jsonx',
  'application/admission+json',
  'application',
  '',
]) {
  void t.test(`content type '${contentType}': 415 in JSON`, async (t) => {
    isRefusal(t, await post(serving.port, '/validate', JSON.stringify(review), { headers: { 'content-type': contentType } }), 415, /./);
  });
}

void t.test('no content type: 415 in JSON', async (t) => {
  isRefusal(t, await post(serving.port, '/validate', JSON.stringify(review), { headers: {} }), 415, /./);
});

for (const contentType of ['application/json; charset=utf-8', 'application/json;charset=UTF-8', 'Application/JSON', ' application/json']) {
  void t.test(`content type '${contentType}' is JSON, and judged the same`, async (t) => {
    const asked = reviewOf(latestPod());
    const { text } = await post(serving.port, '/validate', JSON.stringify(asked), { headers: { 'content-type': contentType } });
    t.equal(verifyAnswer('validate', asked, text).allowed, false);
  });
}

for (const encoding of ['gzip', 'deflate', 'br', 'identity, gzip']) {
  void t.test(`content encoding ${encoding}: 415 in JSON`, async (t) => {
    const headers = { ...JSON_HEADERS, 'content-encoding': encoding };
    isRefusal(
      t,
      await post(serving.port, '/validate', gzipSync(JSON.stringify(review)), { headers }),
      415,
      'the body must not be compressed',
    );
  });
}

for (const [method, path] of [
  ['POST', '/'],
  ['POST', '/validate/'],
  ['POST', '/Validate'],
  ['POST', '//validate'],
  ['POST', '/validate/../mutate'],
  ['POST', '/validate%2f'],
  ['POST', '/%zz'],
  ['POST', `/${'x'.repeat(5000)}`],
  ['POST', '/metrics'],
  ['GET', '/livez'],
  ['GET', '/validate'],
  ['HEAD', '/validate'],
  ['PUT', '/validate'],
  ['DELETE', '/mutate'],
  ['PATCH', '/mutate'],
  ['OPTIONS', '/validate'],
  ['TRACE', '/validate'],
  ['PROPFIND', '/validate'],
] as const) {
  void t.test(`${method} ${path.slice(0, 40)}: 404 in JSON`, async (t) => {
    const answer = await post(serving.port, path, method === 'POST' ? '{}' : '', {
      method,
      headers: method === 'POST' ? JSON_HEADERS : {},
    });
    if (method === 'HEAD') t.equal(answer.status, 404);
    else isRefusal(t, answer, 404, 'there is only POST /validate and POST /mutate');
  });
}

void t.test('what is no HTTP is answered with 400 and closed, without naming a framework', async (t) => {
  for (const bytes of [
    'GARBAGE\r\n\r\n',
    'FOO /validate HTTP/1.1\r\nhost: x\r\n\r\n',
    'POST /validate HTTP/1.1\r\ncontent-length: x\r\n\r\n',
  ]) {
    const socket = await dial(t, serving.port);
    socket.write(bytes);
    const text = await readToEnd(socket);
    t.match(text, /^HTTP\/1\.1 400 /, bytes);
    t.notMatch(text, /fastify|FST_|x-powered-by|\nserver:/i);
  }
});

void t.test('headers of more than 16 KiB are answered with 431 and closed', async (t) => {
  const socket = await dial(t, serving.port);
  socket.write(head(`x-long: ${'x'.repeat(20_000)}`));
  t.match(await readToEnd(socket), /^HTTP\/1\.1 431 /);
});

void t.test('what was answered is recorded once, and what was refused is counted by its code', async (t) => {
  const own = await startServing(t, { policy });
  await ask('validate', reviewOf(latestPod()), own);
  await ask('mutate', reviewOf(podOf()), own);
  await post(own.port, '/validate', '{}');
  await post(own.port, '/nowhere', '{}');
  await post(own.port, '/validate', '{}', { headers: { 'content-type': 'text/plain' } });
  t.same(
    own.records.map(({ webhook, outcome }) => `${webhook} ${outcome}`),
    ['validate denied', 'mutate mutated'],
  );
  t.ok(own.elapsedMs.every((elapsedMs) => elapsedMs > 0));
  t.same(own.unreadable, [400, 404, 415]);
  t.same(own.failures, []);
});

void t.test('a bug of ours is a 500 without details, told to the outside, and the server goes on', async (t) => {
  let failing = true;
  const own = await startServing(t, {
    policy: () => {
      if (failing) throw new Error('secret detail');
      return policy;
    },
  });
  isRefusal(t, await post(own.port, '/validate', JSON.stringify(review)), 500, 'internal error');
  t.equal(own.failures[0]?.message, 'secret detail');
  failing = false;
  t.equal((await ask('validate', reviewOf(latestPod()), own)).allowed, false);
});

void t.test('a bug that one review meets leaves the others of its turn alone', async (t) => {
  const broken = Object.create(policy, {
    isExcludedNamespace: {
      value: () => {
        throw new Error('secret detail');
      },
    },
  }) as typeof policy;
  let asked = 0;
  const own = await startServing(t, { policy: () => (++asked === 2 ? broken : policy) });
  const body = JSON.stringify(review);
  t.same(await codesTogether(t, own.port, [body, body, body]), [200, 500, 200]);
  t.same(
    own.failures.map(({ message }) => message),
    ['secret detail'],
  );
});

void t.test('the built-in policies answer, too', async (t) => {
  for (const preset of ['baseline', 'production', 'strict'] as const) {
    const own = await startServing(t, { policy: presetPolicy(preset) });
    for (const phase of ['validate', 'mutate'] as const) t.ok(await ask(phase, reviewOf(latestPod()), own));
  }
});

function head(...headers: readonly string[]): string {
  return ['POST /validate HTTP/1.1', 'host: localhost', 'content-type: application/json', ...headers, '', ''].join('\r\n');
}
