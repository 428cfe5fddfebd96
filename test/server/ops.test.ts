import { once } from 'node:events';
import { METHODS } from 'node:http';
import { connect, type AddressInfo } from 'node:net';
import t from 'tap';
import { buildOpsApp, type OpsPorts, type ReadinessCheck } from '../../src/server/ops.ts';
import { getOps } from './serving.ts';

type Answer = Awaited<ReturnType<ReturnType<typeof buildOpsApp>['inject']>>;

function get(
  path: string,
  ports: Partial<OpsPorts> = {},
  method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'DELETE' = 'GET',
  payload?: string,
): Promise<Answer> {
  const app = buildOpsApp({
    readiness: () => [],
    metrics: () => Promise.resolve('series 1\n'),
    metricsContentType: 'text/plain; version=0.0.4',
    recordEvicted: () => undefined,
    recordFailure: (error) => {
      throw error;
    },
    ...ports,
  });
  return app.inject({ method, url: path, ...(payload !== undefined && { payload, headers: { 'content-type': 'application/json' } }) });
}

const READINESS: readonly (readonly [name: string, checks: readonly ReadinessCheck[], code: number, text: string])[] = [
  ['no checks', [], 200, '\nready\n'],
  ['one that holds', [{ name: 'policy' }], 200, '[+] policy\nready\n'],
  ['one that does not', [{ name: 'policy', problem: 'is missing' }], 503, '[-] policy: is missing\nnot ready\n'],
  ['one that holds with a note', [{ name: 'policy', note: 'is old' }], 200, '[+] policy (is old)\nready\n'],
  ['a problem and a note', [{ name: 'policy', problem: 'is bad', note: 'is old' }], 503, '[-] policy: is bad\nnot ready\n'],
  [
    'one of three that does not',
    [{ name: 'policy', note: 'is old' }, { name: 'certificate', problem: 'expired' }, { name: 'serving' }],
    503,
    '[+] policy (is old)\n[-] certificate: expired\n[+] serving\nnot ready\n',
  ],
  [
    'two that do not',
    [
      { name: 'a', problem: 'x' },
      { name: 'b', problem: 'y' },
    ],
    503,
    '[-] a: x\n[-] b: y\nnot ready\n',
  ],
];

for (const [name, checks, code, text] of READINESS) {
  void t.test(`/readyz with ${name}: ${code}`, async (t) => {
    const answer = await get('/readyz', { readiness: () => checks });
    t.equal(answer.statusCode, code);
    t.equal(answer.body, text);
    t.match(answer.headers['content-type'], /^text\/plain/);
  });
}

void t.test('/status says the same for programs, ready or not', async (t) => {
  const checks = [{ name: 'policy', note: 'is old' }, { name: 'certificate', problem: 'expired: (yesterday)\nor so' }, { name: 'serving' }];
  const answer = await get('/status', { readiness: () => checks });
  t.equal(answer.statusCode, 200);
  t.same(answer.json(), {
    ready: false,
    checks: [
      { name: 'policy', problem: null, note: 'is old' },
      { name: 'certificate', problem: 'expired: (yesterday)\nor so', note: null },
      { name: 'serving', problem: null, note: null },
    ],
  });
  t.match((await get('/status')).json(), { ready: true, checks: [] });
});

void t.test('/readyz asks anew each time', async (t) => {
  const problems = [undefined, 'stopping', undefined];
  const app = buildOpsApp({
    readiness: () => [{ name: 'serving', problem: problems.shift() }],
    metrics: () => Promise.resolve(''),
    metricsContentType: 'text/plain',
    recordEvicted: () => undefined,
    recordFailure: (error) => {
      throw error;
    },
  });
  for (const code of [200, 503, 200]) t.equal((await app.inject('/readyz')).statusCode, code);
});

void t.test('/livez depends on nothing', async (t) => {
  const fail = (): never => {
    throw new Error('asked');
  };
  const answer = await get('/livez', { readiness: fail, metrics: fail });
  t.equal(answer.statusCode, 200);
  t.equal(answer.body, 'ok\n');
});

void t.test('/metrics has the content type of the registry', async (t) => {
  const answer = await get('/metrics');
  t.equal(answer.statusCode, 200);
  t.equal(answer.body, 'series 1\n');
  t.equal(answer.headers['content-type'], 'text/plain; version=0.0.4');
});

void t.test('HEAD is answered as GET is, without a body', async (t) => {
  const answer = await get('/livez', {}, 'HEAD');
  t.equal(answer.statusCode, 200);
  t.equal(answer.body, '');
});

for (const [method, path, payload] of [
  ['GET', '/'],
  ['GET', '/livez/'],
  ['GET', '/validate'],
  ['POST', '/validate', '{}'],
  ['POST', '/livez', '{}'],
  ['POST', '/livez', 'no JSON'],
  ['PUT', '/metrics', 'x'.repeat(5000)],
  ['DELETE', '/readyz'],
  ['GET', '/%zz'],
  ['GET', `/${'x'.repeat(500)}`],
] as const) {
  void t.test(
    `${method} ${path.slice(0, 20)}${payload === undefined ? '' : ` with a body of ${payload.length}`}: 404 that says what there is`,
    async (t) => {
      const answer = await get(path, {}, method, payload);
      t.equal(answer.statusCode, 404);
      t.equal(answer.body, 'there is only GET /livez, /readyz, /status and /metrics\n');
      t.match(answer.headers['content-type'], /^text\/plain/);
    },
  );
}

void t.test('metrics that cannot be made are a 500 without details, and told to the outside', async (t) => {
  const failures: Error[] = [];
  const answer = await get('/metrics', {
    metrics: () => Promise.reject(new Error('secret detail')),
    recordFailure: (error) => failures.push(error),
  });
  t.equal(answer.statusCode, 500);
  t.equal(answer.body, 'internal error\n');
  t.equal(failures[0]?.message, 'secret detail');
});

void t.test('no method that Node knows is a failure of the server', async (t) => {
  const failures: Error[] = [];
  const app = buildOpsApp({
    readiness: () => [],
    metrics: () => Promise.resolve(''),
    metricsContentType: 'text/plain',
    recordEvicted: () => undefined,
    recordFailure: (error) => failures.push(error),
  });
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => app.close());
  const { port } = app.server.address() as AddressInfo;
  for (const method of METHODS.filter((each) => !['GET', 'HEAD', 'CONNECT'].includes(each)))
    t.equal((await getOps(port, '/livez', method)).status, 404, method);
  t.same(failures, []);
});

void t.test('a probe gets in whatever others have open', async (t) => {
  let evicted = 0;
  const app = buildOpsApp(
    {
      readiness: () => [],
      metrics: () => Promise.resolve(''),
      metricsContentType: 'text/plain',
      recordEvicted: () => (evicted += 1),
      recordFailure: (error) => {
        throw error;
      },
    },
    { maxConnections: 3, maxConnectionsOfPeer: 3 },
  );
  await app.listen({ host: '127.0.0.1', port: 0 });
  t.teardown(() => app.close());
  const { port } = app.server.address() as AddressInfo;
  for (let open = 0; open < 3; open++) {
    const socket = connect(port, '127.0.0.1').on('error', () => undefined);
    t.teardown(() => socket.destroy());
    await once(socket, 'connect');
  }
  t.equal((await getOps(port, '/livez')).status, 200);
  t.equal(evicted, 1);
});
