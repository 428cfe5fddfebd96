import { once } from 'node:events';
import { createServer as createTcpServer, type AddressInfo, type Server } from 'node:net';
import type { RequestListener } from 'node:http';
import { createServer } from 'node:https';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { presetPolicy } from '../../src/config/presets.ts';
import { createAuthority, issueServingPair } from '../../src/pki/authority.ts';
import { containerOf, podOf, reviewOf } from '../admission/reviews.ts';
import { authority, pair, startServing } from '../server/serving.ts';
import { parsedReport, podgrace, ROOT, type Ended } from '../cli/command-line.ts';

const SAMPLES = join(ROOT, 'samples/reviews');
const REVIEW = reviewOf(podOf({ spec: { containers: [containerOf({ ports: [{ containerPort: 80 }] })] } }));

async function listen(t: Test, server: Server): Promise<number> {
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A server with podgrace's certificate that answers as it likes. */
async function answering(t: Test, listener: RequestListener): Promise<string> {
  const server = createServer({ cert: pair.certPem, key: pair.keyPem }, listener);
  t.teardown(() => {
    server.closeAllConnections();
  });
  return `https://127.0.0.1:${await listen(t, server)}`;
}

/** Replays one review against a URL, trusting the authority. */
async function replayTo(t: Test, url: string, args: readonly string[] = [], path?: string): Promise<Ended> {
  const folder = t.testdir({ 'ca.crt': authority.certPem, 'review.json': JSON.stringify(REVIEW, null, 1) });
  return podgrace(['replay', path ?? join(folder, 'review.json'), '--url', url, '--ca', join(folder, 'ca.crt'), ...args]);
}

void t.test('a running webhook with the same policy answers as the command line does', async (t) => {
  const { port, records } = await startServing(t, { policy: presetPolicy('production') });
  for (const host of ['127.0.0.1', 'localhost']) {
    const { stdout, stderr } = await replayTo(t, `https://${host}:${port}`, [], SAMPLES);
    t.match(stdout, /^10 reviews: 9 allowed, 1 denied, .*; 0 answered differently$/m);
    t.equal(stderr, '');
  }
  t.equal(records.length, 40, 'two calls for each review');
});

void t.test('a running webhook with another policy answers differently, and in what', async (t) => {
  const { port } = await startServing(t, { policy: presetPolicy('strict') });
  const { code, stdout } = await replayTo(t, `https://127.0.0.1:${port}`, ['-o', 'json', '--preset', 'baseline']);
  const { results, summary } = parsedReport('replay', stdout) as {
    results: { differences: { of: string; here: unknown; there: unknown }[] }[];
    summary: object;
  };
  t.match(results[0]?.differences, [
    { of: 'validate.allowed', here: true, there: false },
    { of: 'validate.message', here: null },
  ]);
  t.match(summary, { differing: 1, denied: 0 });
  t.equal(code, 1);
});

void t.test('nobody who listens is told once, before anything is judged', async (t) => {
  const server = createTcpServer();
  const port = await listen(t, server);
  server.close();
  await once(server, 'close');
  const { code, stdout, stderr } = await replayTo(t, `https://127.0.0.1:${port}`, ['-o', 'json'], SAMPLES);
  t.same([code, stdout, stderr], [2, '', `podgrace: --url: https://127.0.0.1:${port}: connect ECONNREFUSED 127.0.0.1:${port}\n`]);
});

void t.test('a certificate that does not verify is told with what it was verified against', async (t) => {
  const { port } = await startServing(t, { policy: presetPolicy('production') });
  const url = `https://127.0.0.1:${port}`;
  const other = await createAuthority({ commonName: 'other', validDays: 1, now: new Date() });
  const folder = t.testdir({ 'other.crt': other.certPem, 'garbage.crt': 'no PEM', 'empty.crt': '' });
  const wrong = await podgrace(['replay', SAMPLES, '--url', url, '--ca', join(folder, 'other.crt')]);
  t.equal(wrong.code, 2);
  t.match(wrong.stderr, /^podgrace: --url: \S+: .*: its certificate does not verify against the bundle of --ca$/m);
  const none = await podgrace(['replay', SAMPLES, '--url', url]);
  t.equal(none.code, 2);
  t.match(
    none.stderr,
    /^podgrace: --url: \S+: .*: its certificate does not verify against the CA certificates of the system; to name another bundle, use --ca$/m,
  );
  for (const file of ['garbage.crt', 'empty.crt']) {
    const bad = await podgrace(['replay', SAMPLES, '--url', url, '--ca', join(folder, file)]);
    t.equal(bad.code, 2, file);
    t.match(bad.stderr, /^podgrace: --ca: \S+ must hold a certificate in PEM$/m, file);
  }
});

void t.test('a certificate for another name is told', async (t) => {
  const { certPem, keyPem } = await issueServingPair(authority, { dnsNames: ['elsewhere.example'], validDays: 1, now: new Date() });
  const port = await listen(t, createServer({ cert: certPem, key: keyPem }));
  const { code, stderr } = await replayTo(t, `https://127.0.0.1:${port}`);
  t.equal(code, 2);
  t.match(stderr, /: Hostname\/IP does not match certificate's altnames: IP: 127\.0\.0\.1 is not in the cert's list: \n$/);
});

void t.test('a server that speaks no TLS, and one that says nothing', async (t) => {
  const plain = await listen(
    t,
    createTcpServer((socket) => socket.end('HTTP/1.1 400 Bad Request\r\n\r\n')),
  );
  const garbled = await replayTo(t, `https://127.0.0.1:${plain}`);
  t.equal(garbled.code, 2);
  t.match(garbled.stderr, /^podgrace: --url: https:\/\/127\.0\.0\.1:\d+: \S/);
  const silent = createTcpServer((socket) => {
    t.teardown(() => socket.destroy());
  });
  const mute = await replayTo(t, `https://127.0.0.1:${await listen(t, silent)}`, ['--timeout', '1']);
  t.match(mute.stderr, /: no TLS connection within 1 s\n$/);
  t.equal(mute.code, 2);
});

void t.test('an answer that does not come in time is an error of its review', async (t) => {
  const asked: string[] = [];
  // It begins to answer and never ends.
  const url = await answering(t, ({ url = '' }, response) => {
    asked.push(url);
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{');
  });
  const { code, stderr } = await replayTo(t, url, ['--timeout', '1']);
  t.match(stderr, /review\.json: https:\/\/127\.0\.0\.1:\d+\/mutate\?timeout=1s: no answer within 1 s\n$/);
  t.equal(code, 2);
  t.same(asked, ['/mutate?timeout=1s'], 'the webhook is told how long it has');
});

void t.test('garbage is an error of its review', async (t) => {
  const uid = REVIEW.request.uid;
  const patch = (operations: unknown): string => Buffer.from(JSON.stringify(operations)).toString('base64');
  const response = (parts: object): string => JSON.stringify({ response: { uid, allowed: true, ...parts } });
  for (const [status, body, message] of [
    [200, 'no JSON', /\/mutate\?timeout=10s did not answer with JSON: 'no JSON'$/],
    [200, '', /did not answer with JSON: ''$/],
    [200, '[]', /did not answer with an AdmissionReview for uid c0ffee00/],
    [200, '{"response": {"uid": "other"}}', /did not answer with an AdmissionReview for uid c0ffee00/],
    [500, 'broken', /\/mutate\?timeout=10s answered 500: 'broken'$/],
    [302, '', /answered 302: ''$/],
    [200, response({ patch: 7 }), /answered with a patch that is not a list of operations in base64$/],
    [200, response({ patch: patch({}) }), /answered with a patch that is not a list of operations in base64$/],
    [200, response({ patch: patch([1]) }), /answered with a patch that is not a list of operations in base64$/],
    [200, response({ patch: '?' }), /answered with a patch that is not a list of operations in base64$/],
    [
      200,
      response({ patch: patch([{ op: 'replace', path: '/none/there', value: 1 }]) }),
      /answered with a patch that does not apply: operation 0/,
    ],
    [200, response({ patch: patch([{ op: 'explode', path: '/spec' }]) }), /answered with a patch that does not apply: /],
    [200, 'x'.repeat(17 * 1024 * 1024), /: the answer is larger than 16777216 bytes$/],
  ] as const) {
    const url = await answering(t, (_, answer) => {
      answer.writeHead(status).end(body);
    });
    const { code, stderr } = await replayTo(t, url);
    t.match(stderr.trimEnd(), message);
    t.equal(code, 2);
  }
});

void t.test('a connection that breaks is an error of its review, and the next one is sent', async (t) => {
  let calls = 0;
  const url = await answering(t, (request) => {
    calls += 1;
    request.destroy();
  });
  const { code, stderr } = await replayTo(t, url, [], SAMPLES);
  t.equal(stderr.trimEnd().split('\n').length, 10);
  t.match(stderr, /: socket hang up\n/);
  t.equal(calls, 10);
  t.equal(code, 2);
});
