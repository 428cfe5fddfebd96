import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { KubeStatusError, KubeUnreachableError } from '../../../src/kube/client/api.ts';
import { connectByKubeconfig } from '../../../src/kube/client/kubeconfig.ts';

/** An API server that says whatever a test wants to hear. */
async function serve(t: Test, listener: RequestListener): Promise<string> {
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

function kubeconfig(t: Test, server: string, extra: object = {}): string {
  const file = join(t.testdir({}), 'kubeconfig');
  const config = {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'a',
    contexts: [
      { name: 'a', context: { cluster: 'c', user: 'u', namespace: 'shop' } },
      { name: 'b', context: { cluster: 'c', user: 'u' } },
    ],
    clusters: [{ name: 'c', cluster: { server, 'insecure-skip-tls-verify': true } }],
    users: [{ name: 'u', user: { token: 'secret' } }],
    ...extra,
  };
  writeFileSync(file, JSON.stringify(config));
  return file;
}

void t.test('a request carries method, path, query, credentials and body, under the path of the server', async (t) => {
  const seen: unknown[] = [];
  const server = await serve(t, (request, response) => {
    void request.toArray().then((chunks: Buffer[]) => {
      seen.push([
        request.method,
        request.url,
        request.headers.authorization,
        request.headers['content-type'],
        Buffer.concat(chunks).toString(),
      ]);
      response.end('{"kind": "Pod"}');
    });
  });
  const api = connectByKubeconfig({ kubeconfig: kubeconfig(t, `${server}/k8s/clusters/a`) });
  const { body } = await api.request({
    method: 'PATCH',
    path: '/api/v1/namespaces/a/pods/b',
    query: { dryRun: 'All' },
    patchType: 'application/apply-patch+yaml',
    body: { a: 1 },
  });
  t.same(body, { kind: 'Pod' });
  t.same(seen, [
    ['PATCH', '/k8s/clusters/a/api/v1/namespaces/a/pods/b?dryRun=All', 'Bearer secret', 'application/apply-patch+yaml', '{"a":1}'],
  ]);
});

void t.test('warnings are read from their headers, quotes and commas included', async (t) => {
  const server = await serve(t, (_, response) => {
    response.setHeader('Warning', ['299 - "one, \\"two\\" \\\\ three"', '299 - "four"']).end('{}');
  });
  const { warnings } = await connectByKubeconfig({ kubeconfig: kubeconfig(t, server) }).request({ method: 'GET', path: '/' });
  t.same(warnings, ['one, "two" \\ three', 'four']);
});

void t.test('a refusal is an error with what the API server said; nothing found is nothing', async (t) => {
  const server = await serve(t, (request, response) => {
    response.statusCode = request.url === '/missing' ? 404 : 403;
    response.end(JSON.stringify({ kind: 'Status', message: 'no', reason: 'Forbidden' }));
  });
  const api = connectByKubeconfig({ kubeconfig: kubeconfig(t, server) });
  t.equal(await api.find('/missing'), undefined);
  const error = await api.request({ method: 'GET', path: '/a' }).catch((error: unknown) => error);
  t.ok(error instanceof KubeStatusError);
  t.match(error, { code: 403, reason: 'Forbidden', message: 'no' });
  await t.rejects(api.find('/a'), { code: 403 }, 'what may not be seen is not missing');
});

void t.test('an answer that is no JSON is its message', async (t) => {
  const server = await serve(t, (_, response) => {
    response.writeHead(503).end('[-] policy\nnot ready\n');
  });
  const api = connectByKubeconfig({ kubeconfig: kubeconfig(t, server) });
  t.match(await api.ask('/readyz'), { code: 503, body: { message: '[-] policy\nnot ready\n' } });
});

void t.test('a collection is read page by page', async (t) => {
  const pages: string[] = [];
  const server = await serve(t, (request, response) => {
    const query = new URL(request.url ?? '', 'http://a').searchParams;
    pages.push(`${String(query.get('labelSelector'))} ${String(query.get('limit'))} ${String(query.get('continue'))}`);
    const isFirst = query.get('continue') === null;
    response.end(JSON.stringify({ items: [{ n: isFirst ? 1 : 2 }], metadata: isFirst ? { continue: 'next' } : {} }));
  });
  const api = connectByKubeconfig({ kubeconfig: kubeconfig(t, server) });
  t.same(await api.list('/api/v1/pods', { labelSelector: 'a=b' }), [{ n: 1 }, { n: 2 }]);
  t.same(pages, ['a=b 500 null', 'a=b 500 next']);
});

void t.test('the namespace is that of the context', (t) => {
  const file = kubeconfig(t, 'http://127.0.0.1:1');
  t.equal(connectByKubeconfig({ kubeconfig: file }).namespace, 'shop');
  t.equal(connectByKubeconfig({ kubeconfig: file, context: 'b' }).namespace, 'default');
  t.end();
});

void t.test('what leads to no API server says what was expected', async (t) => {
  const file = kubeconfig(t, 'http://127.0.0.1:1');
  t.throws(() => connectByKubeconfig({ kubeconfig: '/nowhere' }), { message: 'there is no file /nowhere', isAbout: 'file' });
  t.throws(() => connectByKubeconfig({ kubeconfig: file, context: 'c' }), {
    message: "there is no context 'c' in the kubeconfig; known are a, b",
  });
  t.throws(() => connectByKubeconfig({ kubeconfig: kubeconfig(t, 'not a url') }), {
    message: /^there is no cluster to connect to: set KUBECONFIG/,
  });
  const error = await connectByKubeconfig({ kubeconfig: kubeconfig(t, 'http://127.0.0.1:1') })
    .request({ method: 'GET', path: '/' })
    .catch((error: unknown) => error);
  t.ok(error instanceof KubeUnreachableError);
  t.match(error, { message: /the connection is refused; is the cluster up, and is this its address\?/ });
  const closed = await serve(t, (request) => request.socket.destroy());
  await t.rejects(connectByKubeconfig({ kubeconfig: kubeconfig(t, closed) }).request({ method: 'GET', path: '/' }), {
    message: /does not answer: socket hang up/,
  });
});
