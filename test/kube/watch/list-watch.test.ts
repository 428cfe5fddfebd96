/** What a live API server cannot be made to say when a test wants it: versions that are gone, silence, and refusals in turn. */
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer, type RequestListener, type ServerResponse } from 'node:http';
import { createServer as createSecureServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import t, { type Test } from 'tap';
import type { JsonObject } from '../../../src/core/json.ts';
import { KubeApi } from '../../../src/kube/client/api.ts';
import { connectInCluster } from '../../../src/kube/client/in-cluster.ts';
import { ListWatch, type ListWatchOptions } from '../../../src/kube/watch/list-watch.ts';
import { createAuthority, issueServingPair } from '../../../src/pki/authority.ts';
import { eventually } from '../../files/eventually.ts';

const PATH = '/api/v1/services';

/** Quick enough for a test; nothing here depends on how long it takes. */
const TIMING = { watchSeconds: 30, silentMs: 30_000, lostAfterMs: 60_000, firstBackoffMs: 5, longestBackoffMs: 20 };

type Answer = (response: ServerResponse, query: URLSearchParams) => void;

/** What speaks the protocol: each list and each watch gets the next answer, the last one again and again. */
function answering({ lists, watches }: { readonly lists: readonly Answer[]; readonly watches: readonly Answer[] }): {
  readonly asked: readonly string[];
  readonly listener: RequestListener;
} {
  const asked: string[] = [];
  let [listed, watched] = [0, 0];
  const listener: RequestListener = (request, response) => {
    const { searchParams: query } = new URL(request.url ?? '', 'http://localhost');
    const isWatch = query.has('watch');
    asked.push(isWatch ? `watch ${query.get('resourceVersion') ?? ''}` : `list ${query.get('continue') ?? ''}`.trim());
    const answers = isWatch ? watches : lists;
    const answer = answers[Math.min(isWatch ? watched++ : listed++, answers.length - 1)];
    answer?.(response, query);
  };
  return { asked, listener };
}

async function serve(t: Test, answers: Parameters<typeof answering>[0]): Promise<Served> {
  const { asked, listener } = answering(answers);
  const server = createServer(listener).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.closeAllConnections();
    server.close();
  });
  const { port } = server.address() as AddressInfo;
  const access = { server: new URL(`http://127.0.0.1:${port}`), namespace: '', authenticate: () => Promise.resolve() };
  return { api: new KubeApi(access), asked };
}

interface Secured extends Pick<Served, 'asked'> {
  readonly port: number;
  readonly authorityPem: string;
  readonly stop: () => Promise<void>;
}

/** The same over TLS, with a certificate of an authority of its own. */
async function secureServer(t: Test, answers: Parameters<typeof answering>[0], port = 0): Promise<Secured> {
  const authority = await createAuthority({ commonName: `test ${port}`, validDays: 1, now: new Date() });
  const names = { dnsNames: ['localhost'], ipAddresses: ['127.0.0.1'] };
  const pair = await issueServingPair(authority, { ...names, validDays: 1, now: new Date() });
  const { asked, listener } = answering(answers);
  const server = createSecureServer({ cert: pair.certPem, key: pair.keyPem }, listener).listen(port, '127.0.0.1');
  await once(server, 'listening');
  const stop = async (): Promise<void> => {
    server.closeAllConnections();
    if (server.listening) await promisify(server.close.bind(server))();
  };
  t.teardown(stop);
  return { asked, port: (server.address() as AddressInfo).port, authorityPem: authority.certPem, stop };
}

interface Served {
  readonly api: KubeApi;
  /** `list`, `list TOKEN` and `watch VERSION`, as they came. */
  readonly asked: readonly string[];
}

function service(name: string, version: number): JsonObject {
  return { metadata: { name, namespace: 'shop', resourceVersion: String(version) }, spec: {} };
}

function list(version: number, names: readonly string[], next?: string): Answer {
  const metadata = { resourceVersion: String(version), ...(next !== undefined && { continue: next }) };
  return (response) => response.end(JSON.stringify({ metadata, items: names.map((name) => service(name, version)) }));
}

function refuse(code: number, message: string): Answer {
  return (response) => response.writeHead(code).end(JSON.stringify({ kind: 'Status', code, message, reason: 'Expired' }));
}

function event(type: string, object: JsonObject): string {
  return `${JSON.stringify({ type, object })}\n`;
}

/** Sends them, and leaves the watch open. */
function events(...lines: readonly string[]): Answer {
  return (response) => response.write(lines.join(''));
}

/** The names that are known, and what was told. */
function watch(t: Test, api: KubeApi, options: Partial<ListWatchOptions<string>> = {}): Watching {
  const told: string[] = [];
  const watching = new ListWatch<string>(
    api,
    { path: PATH, read: ({ metadata }) => (metadata as { name: string }).name, timing: TIMING, ...options },
    { onKnown: (objects) => told.push(`known ${objects}`), onError: ({ message }) => told.push(message) },
  );
  t.teardown(() => watching.close());
  return { watching, told, names: () => watching.objects?.of('shop').toSorted().join(' ') };
}

interface Watching {
  readonly watching: ListWatch<string>;
  readonly told: readonly string[];
  readonly names: () => string | undefined;
}

void t.test('all pages are known together, then every change', async (t) => {
  const changes = [
    event('ADDED', service('c', 11)),
    event('DELETED', service('a', 12)),
    event('MODIFIED', service('b', 13)),
    event('BOOKMARK', { metadata: { resourceVersion: '20' } }),
  ];
  const text = changes.join('');
  const { api, asked } = await serve(t, {
    lists: [list(10, ['a'], 'more'), list(10, ['b'])],
    // An event may come in pieces.
    watches: [
      (response) => {
        response.write(text.slice(0, 30));
        setTimeout(() => response.write(text.slice(30)), 20);
      },
    ],
  });
  const { names, told, watching } = watch(t, api);
  t.equal(watching.objects, undefined, 'nothing is known at first');
  await eventually('all changes are known', () => names() === 'b c');
  t.same(asked, ['list', 'list more', 'watch 10']);
  t.same(told, ['known 2']);
});

void t.test('a watch that has ended goes on where it was, also after a bookmark alone', async (t) => {
  const ended: Answer = (response) => response.end(event('BOOKMARK', { metadata: { resourceVersion: '20' } }));
  const { api, asked } = await serve(t, { lists: [list(10, ['a'])], watches: [ended, events(event('ADDED', service('b', 21)))] });
  const { names, told } = watch(t, api);
  await eventually('the second watch brings its change', () => names() === 'a b');
  t.same(asked, ['list', 'watch 10', 'watch 20']);
  t.same(told, ['known 1']);
});

for (const [how, gone] of [
  ['in an answer', refuse(410, 'too old resource version')],
  ['in an event', events(event('ERROR', { kind: 'Status', code: 410, message: 'too old resource version', reason: 'Expired' }))],
] as const) {
  void t.test(`where the version is gone, told ${how}, everything is listed again, and stays known meanwhile`, async (t) => {
    let release = (): void => undefined;
    const late: Answer = (response, query) => {
      release = () => {
        list(30, ['b'])(response, query);
      };
    };
    const { api, asked } = await serve(t, { lists: [list(10, ['a']), late], watches: [gone, events()] });
    const { names, told } = watch(t, api);
    await eventually('it is listed again', () => asked.length === 3);
    t.equal(names(), 'a');
    release();
    await eventually('the second list is known', () => names() === 'b');
    await eventually('it is watched from there', () => asked.at(-1) === 'watch 30');
    t.same(told, ['known 1']);
  });
}

void t.test('a version that is gone between two pages begins the list again', async (t) => {
  const lists = [list(10, ['a'], 'more'), refuse(410, 'the continue token is too old'), list(30, ['b'])];
  const { api, asked } = await serve(t, { lists, watches: [events()] });
  const { names } = watch(t, api);
  await eventually('the second list is known', () => names() === 'b');
  t.same(asked.slice(0, 3), ['list', 'list more', 'list']);
});

void t.test('a connection that is dead without anybody saying so is given up and made again', async (t) => {
  const { api, asked } = await serve(t, {
    lists: [list(10, ['a'])],
    // Silence after the headers, after an event, and before the headers.
    watches: [
      (response) => {
        response.writeHead(200).flushHeaders();
      },
      events(event('ADDED', service('b', 11))),
      () => undefined,
      events(event('ADDED', service('c', 12))),
    ],
  });
  const { names, told } = watch(t, api, { timing: { ...TIMING, silentMs: 50 } });
  await eventually('the last watch brings its change', () => names() === 'a b c');
  t.same(asked.slice(0, 5), ['list', 'watch 10', 'watch 10', 'watch 11', 'watch 11']);
  // That it is silent is no failure; that it does not even say that it watches is one.
  t.equal(told[0], 'known 1');
  t.match(told[1], /does not answer: .* has said nothing for 0.05 s$/);
});

void t.test('what is refused is unknown, told once, and asked again until it is not', async (t) => {
  const forbidden = refuse(403, 'services is forbidden');
  const lists = [forbidden, forbidden, refuse(503, 'the server is starting'), list(10, ['a'])];
  const { api, asked } = await serve(t, { lists, watches: [events()] });
  const { names, told, watching } = watch(t, api);
  await eventually('the first refusal is told', () => told.length === 1);
  t.equal(watching.objects, undefined);
  t.match(watching.failure, { message: 'services is forbidden' });
  await eventually('the list is known', () => names() === 'a');
  t.same(told, ['services is forbidden', 'the server is starting', 'known 1']);
  t.same(asked.slice(0, 4), ['list', 'list', 'list', 'list']);
  t.equal(watching.failure, undefined);
});

void t.test('what was known is unknown when the API server stays away for too long, and known again when it is back', async (t) => {
  let isAway = true;
  const away: Answer = (response, query) => {
    if (isAway) response.destroy();
    else events(event('ADDED', service('b', 11)))(response, query);
  };
  const { api, asked } = await serve(t, { lists: [list(10, ['a'])], watches: [away] });
  const { names, told } = watch(t, api, { timing: { ...TIMING, lostAfterMs: 100 } });
  await eventually('it is unknown', () => names() === undefined && told.length > 1);
  t.match(told[1], /does not answer/);
  isAway = false;
  await eventually('it is known again', () => names() === 'a b');
  t.equal(told.at(-1), 'known 1', 'the one that was known when the watch was open again');
  t.equal(asked.filter((what) => what === 'list').length, 2, 'it may be back with an older state');
});

void t.test('an API server that is back with an older state, of a backup, is listed again', async (t) => {
  let attempts = 0;
  const away: Answer = (response, query) => {
    attempts += 1;
    // Of a version that it has not come to, it sends nothing.
    if (attempts <= 2) response.destroy();
    else events()(response, query);
  };
  const { api, asked } = await serve(t, { lists: [list(500, ['a', 'gone']), list(10, ['a'])], watches: [away] });
  const { names } = watch(t, api);
  await eventually('what is gone is not known any more', () => names() === 'a');
  await eventually('it is watched from its own version on', () => asked.at(-1) === 'watch 10');
});

void t.test('a connection that breaks and can be made again at once is no reason to list again', async (t) => {
  let attempts = 0;
  const breaking: Answer = (response, query) => {
    attempts += 1;
    if (attempts > 3) events(event('ADDED', service('b', 11)))(response, query);
    else {
      // The headers are an open watch.
      response.flushHeaders();
      setTimeout(() => response.destroy(), 20);
    }
  };
  const { api, asked } = await serve(t, { lists: [list(10, ['a'])], watches: [breaking] });
  const { names } = watch(t, api);
  await eventually('the last one goes on', () => names() === 'a b');
  t.same(asked, ['list', 'watch 10', 'watch 10', 'watch 10', 'watch 10']);
});

void t.test('a watch that ends at once, again and again, is not asked for without a pause', async (t) => {
  const { api, asked } = await serve(t, { lists: [list(10, ['a'])], watches: [(response) => response.end()] });
  const { told } = watch(t, api, { timing: { ...TIMING, firstBackoffMs: 1e9, longestBackoffMs: 1e9 } });
  await eventually('the first watch has ended', () => asked.length === 2);
  await new Promise((resolve) => setTimeout(resolve, 50));
  t.same(asked, ['list', 'watch 10']);
  t.same(told, ['known 1'], 'what is mostly mended at once is not told');
});

void t.test('more objects than are kept are all unknown, not half of them', async (t) => {
  const { api } = await serve(t, { lists: [list(10, ['a', 'b'])], watches: [events(event('ADDED', service('c', 11)))] });
  const { told, watching } = watch(t, api, { bounds: { objects: 2 }, timing: { ...TIMING, tooMuchBackoffMs: 60_000 } });
  await eventually('the third is too many', () => told.length === 2);
  t.equal(watching.objects, undefined);
  t.match(watching.failure, { message: 'there are more than 2, and no more are kept' });
});

void t.test('when there are few enough again, they are known', async (t) => {
  const many = list(10, ['a', 'b', 'c']);
  const { api } = await serve(t, { lists: [many, many, list(12, ['a', 'b'])], watches: [events()] });
  const { told, names } = watch(t, api, { bounds: { objects: 2 }, timing: { ...TIMING, tooMuchBackoffMs: 10 } });
  await eventually('they are known', () => names() === 'a b');
  t.same(told, ['there are more than 2, and no more are kept', 'known 2']);
});

void t.test('a page that is too long is asked for in smaller ones', async (t) => {
  const long: Answer = (response) => response.end(JSON.stringify({ items: [], padding: 'x'.repeat(9 * 1024 * 1024) }));
  const limits: (string | null)[] = [];
  const whole: Answer = (response, query) => {
    limits.push(query.get('limit'));
    list(10, ['a'])(response, query);
  };
  const { api } = await serve(t, { lists: [long, whole], watches: [events()] });
  const { names } = watch(t, api);
  await eventually('the list is known', () => names() === 'a');
  t.same(limits, ['63']);
});

void t.test(
  'an API server that comes back with a certificate of another authority is not believed until the authority in the Pod is the new one',
  async (t) => {
    const folder = t.testdir({ token: 'token', 'ca.crt': '', namespace: 'podgrace-system' });
    const trust = ({ authorityPem }: Secured): void => {
      writeFileSync(join(folder, 'ca.crt'), authorityPem);
    };
    const before = await secureServer(t, { lists: [list(10, ['a'])], watches: [events(event('ADDED', service('b', 11)))] });
    trust(before);
    const env = { KUBERNETES_SERVICE_HOST: '127.0.0.1', KUBERNETES_SERVICE_PORT: String(before.port) };
    const api = await connectInCluster(env, folder);
    if (api === undefined) throw new Error('the cluster must be found');
    const { names, told, watching } = watch(t, api, { timing: { ...TIMING, lostAfterMs: 200 } });
    await eventually('both are known', () => names() === 'a b');
    await before.stop();
    const after = await secureServer(t, { lists: [list(20, ['c'])], watches: [events(event('ADDED', service('c', 20)))] }, before.port);
    await eventually('they are unknown', () => names() === undefined);
    t.match(watching.failure?.message, /certificate does not verify/);
    t.same(after.asked, [], 'the token was not sent');
    trust(after);
    await eventually('what it sends is known', () => names() === 'c');
    t.equal(after.asked[0], 'list', 'it may be another cluster');
    // Between the two servers, nobody listens.
    t.match(
      told.filter((each) => !each.includes('refused')),
      ['known 1', /certificate does not verify/, /^known/],
    );
  },
);

void t.test('nothing goes on after it is closed', async (t) => {
  const { api, asked } = await serve(t, { lists: [list(10, ['a'])], watches: [events()] });
  const { watching } = watch(t, api);
  await eventually('it is watched', () => asked.length === 2);
  await watching.close();
  t.equal(asked.length, 2);
});
