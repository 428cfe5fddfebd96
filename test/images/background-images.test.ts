/** Images that a server wants to know: asked for once, kept within bounds, and unknown where a registry does not say. */
import { join } from 'node:path';
import t, { type Test } from 'tap';
import {
  BackgroundImages,
  type AskedOutcome,
  type BackgroundBounds,
  type BackgroundQuestions,
} from '../../src/images/background-images.ts';
import { BOUNDS } from '../../src/images/bounds.ts';
import { RegistryCredentials } from '../../src/images/registry-credentials.ts';
import { eventually } from '../files/eventually.ts';
import { NO_REGISTRY, realRegistry } from './real-registry.ts';
import { imageOf, indexOf, smallRegistry } from './small-registry.ts';

const LONG_MS = 3_600_000;

interface Background {
  readonly images: BackgroundImages;
  readonly outcomes: readonly AskedOutcome[];
  readonly paused: readonly (readonly [registry: string, reason: string])[];
  /** When so many questions have ended. */
  readonly asked: (count: number) => Promise<void>;
  /** What is known of an image: its ENTRYPOINT, or why nothing is. */
  readonly told: (image: string) => readonly string[] | string | undefined;
}

function background(
  t: Test,
  registries: readonly string[],
  bounds: Partial<BackgroundBounds> = {},
  more: Partial<BackgroundQuestions> = {},
): Background {
  const outcomes: AskedOutcome[] = [];
  const paused: [string, string][] = [];
  const images = new BackgroundImages(
    {
      registries,
      platform: { os: 'linux', architecture: 'amd64', variant: undefined },
      credentials: () => Promise.resolve(RegistryCredentials.NONE),
      bounds: { paceMs: 0, ...bounds },
      ...more,
    },
    {
      onAsked: (outcome) => outcomes.push(outcome),
      onPaused: (registry, reason) => paused.push([registry, reason]),
      onFailure: (error) => {
        throw error;
      },
    },
  );
  t.teardown(() => images.close());
  return {
    images,
    outcomes,
    paused,
    asked: (count) => eventually(`${count} questions have ended`, () => outcomes.length >= count),
    told(image) {
      const known = images.known.get(image);
      return known?.isKnown === true ? known.value.entrypoint : known?.reason;
    },
  };
}

void t.test('an image is asked for once, while nobody waits', async (t) => {
  const registry = await smallRegistry(t);
  registry.putImage('web', '1', imageOf({ Entrypoint: ['/server'] }));
  const image = `${registry.name}/web:1`;
  const { images, outcomes, asked, told } = background(t, [registry.name]);
  t.equal(images.known.size, 0);
  images.want([image]);
  images.want([image, image]);
  t.equal(told(image), undefined, 'nobody has waited for it');
  t.same(images.count(), { known: 0, unknown: 0, waiting: 1 });
  await asked(1);
  t.same(told(image), ['/server']);
  const { length } = registry.requests;
  images.want([image]);
  t.same(images.count(), { known: 1, unknown: 0, waiting: 0 }, 'it is known well enough');
  await images.close();
  t.same(outcomes, ['known']);
  t.equal(registry.requests.length, length);
  images.want([`${registry.name}/web:2`]);
  t.equal(images.count().waiting, 0, 'nothing is asked after the end');
});

void t.test('only named registries are asked, and nothing that is no name', async (t) => {
  const [named, other] = [await smallRegistry(t), await smallRegistry(t)];
  const { images } = background(t, [named.name]);
  images.want([`${other.name}/web:1`, 'nginx', 'NOT A NAME', `${named.name}/${'a/'.repeat(400)}b`]);
  t.same(images.count(), { known: 0, unknown: 0, waiting: 0 });
  await images.close();
  t.same([...named.requests, ...other.requests], []);
});

void t.test('what a map of answers holds never changes under whoever has it', async (t) => {
  const registry = await smallRegistry(t);
  registry.putImage('web', '1', imageOf({ Entrypoint: ['/server'] }));
  const { images, asked } = background(t, [registry.name]);
  const before = images.known;
  t.equal(images.known, before, 'the same while nothing happens');
  images.want([`${registry.name}/web:1`]);
  await asked(1);
  t.equal(before.size, 0);
  t.equal(images.known.size, 1);
});

void t.test('a tag that is not fresh is asked for once more, and read only if it has moved', async (t) => {
  const registry = await smallRegistry(t);
  registry.putImage('web', '1', imageOf({ Entrypoint: ['/old'] }));
  const image = `${registry.name}/web:1`;
  const { images, outcomes, asked, told } = background(t, [registry.name], { freshMs: 0 });
  images.want([image]);
  await asked(1);
  const { length } = registry.requests;
  const before = images.known;
  images.want([image]);
  t.same(told(image), ['/old'], 'the old one counts until then');
  await asked(2);
  t.same(registry.requests.slice(length), ['HEAD /v2/web/manifests/1']);
  t.equal(images.known, before);
  registry.putImage('web', '1', imageOf({ Entrypoint: ['/new'] }));
  images.want([image]);
  await asked(3);
  t.same(told(image), ['/new']);
  t.same(outcomes, ['known', 'unchanged', 'known']);
});

void t.test('what a registry refuses is unknown with the reason, and asked for again later', async (t) => {
  const registry = await smallRegistry(t);
  const image = `${registry.name}/web:1`;
  const { images, asked, told, paused } = background(t, [registry.name], { refusedMs: 0 });
  images.want([image]);
  await asked(1);
  t.equal(told(image), `${registry.name} does not have the image (404)`);
  t.same(images.count(), { known: 0, unknown: 1, waiting: 0 });
  registry.putImage('web', '1', imageOf({ Entrypoint: ['/server'] }));
  images.want([image]);
  await asked(2);
  t.same(told(image), ['/server']);
  t.same(paused, []);
});

void t.test('a registry that has had enough is left alone, and others are not', async (t) => {
  const [busy, other] = [await smallRegistry(t), await smallRegistry(t)];
  busy.answer('/v2/web/manifests/1', (_request, response) => response.writeHead(429, { 'retry-after': '3600' }).end());
  busy.putImage('web', '2', imageOf({}));
  other.putImage('web', '1', imageOf({ Entrypoint: ['/server'] }));
  const { images, outcomes, paused, asked, told } = background(t, [busy.name, other.name], { firstBackoffMs: LONG_MS });
  images.want([`${busy.name}/web:1`, `${busy.name}/web:2`, `${other.name}/web:1`]);
  await asked(2);
  t.same([...outcomes].sort(), ['known', 'postponed']);
  const reason = `${busy.name} answers 429, and asks to wait for 3600 s`;
  t.same(paused, [[busy.name, reason]]);
  t.same(images.paused, [reason]);
  t.equal(told(`${busy.name}/web:1`), undefined, 'nothing is known of it');
  t.same(told(`${other.name}/web:1`), ['/server']);
  t.same(busy.requests, ['HEAD /v2/web/manifests/1']);
  t.same(images.count(), { known: 1, unknown: 0, waiting: 2 });
});

void t.test('a registry that answers again is asked for all that waits, the others first', async (t) => {
  const registry = await smallRegistry(t);
  const manifest = imageOf({ Entrypoint: ['/first'] });
  let isBusy = true;
  registry.putImage('web', '1', manifest);
  registry.answer('/v2/web/manifests/1', (_request, response) => {
    if (isBusy) response.writeHead(503, { 'retry-after': '60' }).end();
    else response.writeHead(200, { 'docker-content-digest': manifest.manifest.digest }).end();
    isBusy = false;
  });
  registry.putImage('web', '2', imageOf({ Entrypoint: ['/second'] }));
  const bounds = { firstBackoffMs: 1, longestBackoffMs: 1 };
  const { images, outcomes, asked, told } = background(t, [registry.name], bounds);
  images.want([`${registry.name}/web:1`, `${registry.name}/web:2`]);
  await asked(3);
  t.same(outcomes, ['postponed', 'known', 'known']);
  t.same(told(`${registry.name}/web:1`), ['/first']);
  t.same(images.paused, []);
});

void t.test('an image that a registry never answers for holds up and crowds out no other', async (t) => {
  const registry = await smallRegistry(t);
  const bad = ['1', '2', '3'].map((tag) => {
    registry.answer(`/v2/bad/manifests/${tag}`, (_request, response) => response.writeHead(500).end());
    return `${registry.name}/bad:${tag}`;
  });
  registry.putImage('web', '1', imageOf({ Entrypoint: ['/server'] }));
  const image = `${registry.name}/web:1`;
  const { images, outcomes, asked, told } = background(t, [registry.name], { firstBackoffMs: 20, longestBackoffMs: 20, waiting: 3 });
  images.want(bad);
  await asked(4);
  images.want([...bad, image]);
  t.equal(images.count().waiting, 3, 'a postponed one has made room');
  const before = outcomes.length;
  await eventually('it is known', () => told(image) !== undefined);
  t.same(told(image), ['/server']);
  t.ok(outcomes.indexOf('known') <= before + 1, 'no more than the one that was being asked for went before');
});

void t.test('a registry whose token server has had enough is left alone, and what it said stays known', async (t) => {
  const registry = await smallRegistry(t);
  registry.putImage('web', '1', imageOf({ Entrypoint: ['/server'] }));
  const image = `${registry.name}/web:1`;
  const { images, outcomes, asked, told } = background(t, [registry.name], { freshMs: 0, firstBackoffMs: LONG_MS });
  images.want([image]);
  await asked(1);
  const challenge = `Bearer realm="http://${registry.name}/token",service="s"`;
  registry.answer('/v2/web/manifests/1', (_request, response) => response.writeHead(401, { 'www-authenticate': challenge }).end());
  registry.answer('/token', (_request, response) => response.writeHead(429).end());
  images.want([image]);
  await asked(2);
  t.same(outcomes, ['known', 'postponed']);
  t.same(images.paused, [`${registry.name} gives no token for ${registry.name} (429)`]);
  t.same(told(image), ['/server']);
});

void t.test('a registry that never answers leaves everything as it was, and ends with the server', async (t) => {
  const registry = await smallRegistry(t);
  registry.putImage('web', '1', imageOf({ Entrypoint: ['/server'] }));
  const image = `${registry.name}/web:1`;
  const { images, asked, told, outcomes } = background(t, [registry.name], { freshMs: 0, firstBackoffMs: LONG_MS });
  images.want([image]);
  await asked(1);
  registry.answer('/v2/web/manifests/1', () => undefined);
  const { length } = registry.requests;
  images.want([image]);
  await eventually('it is asked', () => registry.requests.length > length);
  t.same(told(image), ['/server']);
  await images.close();
  t.same(outcomes, ['known'], 'nothing is made of a question that ended early');
});

void t.test('the reason for leaving a registry alone names the registry, also where all the time of an image is over', async (t) => {
  const registry = await smallRegistry(t);
  registry.answer('/v2/web/manifests/1', () => undefined);
  const { images, asked, paused } = background(t, [registry.name], { firstBackoffMs: LONG_MS, web: { ...BOUNDS, totalMs: 50 } });
  images.want([`${registry.name}/web:1`]);
  await asked(1);
  t.same(paused, [[registry.name, `${registry.name} takes more than 0.05 s for one image`]]);
  t.same(images.paused, [`${registry.name} takes more than 0.05 s for one image`]);
});

void t.test('what nobody could ask for again is forgotten in the end', async (t) => {
  const registry = await smallRegistry(t);
  registry.putImage('web', '1', imageOf({ Entrypoint: ['/server'] }));
  const { images, asked } = background(t, [registry.name], { believedMs: 0 });
  images.want([`${registry.name}/web:1`]);
  await asked(1);
  await eventually('it is forgotten', () => images.known.size === 0);
});

void t.test('images, those that wait, and their configurations have bounds', async (t) => {
  const registry = await smallRegistry(t);
  const names = ['1', '2', '3', '4'].map((tag) => {
    registry.putImage('web', tag, imageOf({ Entrypoint: [tag] }));
    return `${registry.name}/web:${tag}`;
  });
  const { images, asked, told } = background(t, [registry.name], { images: 2, waiting: 3, characters: 1_000 });
  images.want(names);
  t.equal(images.count().waiting, 3);
  await asked(3);
  t.same([...images.known.keys()], names.slice(1, 3), 'the one whose answer is oldest is forgotten');
  registry.putImage('web', 'long', imageOf({ Entrypoint: ['x'.repeat(1_000)] }));
  images.want([`${registry.name}/web:long`]);
  await asked(4);
  t.equal(told(`${registry.name}/web:long`), 'its configuration has more than 1000 characters, and no more are kept');
});

void t.test('of labels, only the one that names the base image is kept', async (t) => {
  const registry = await smallRegistry(t);
  const base = { 'org.opencontainers.image.base.name': 'docker.io/library/alpine:3' };
  registry.putImage('web', '1', imageOf({ Labels: { ...base, secret: 'x' } }));
  const image = `${registry.name}/web:1`;
  const { images, asked } = background(t, [registry.name]);
  images.want([image]);
  await asked(1);
  t.match(images.known.get(image), { value: { labels: base } });
  t.notMatch(JSON.stringify(images.known.get(image)), 'secret');
});

void t.test('a real registry: one platform of an index, with a password that is renewed', { skip: NO_REGISTRY }, async (t) => {
  // bcrypt of `secret`, for the user `me`.
  const folder = t.testdir({ htpasswd: 'me:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n' });
  const auth = { htpasswd: { realm: 'registry', path: join(folder, 'htpasswd') } };
  const secret = Buffer.from('me:secret').toString('base64');
  const registry = await realRegistry(t, { folder, auth, authorization: `Basic ${secret}` });
  const [amd64, arm64] = [imageOf({ Entrypoint: ['/amd64'] }), imageOf({ Entrypoint: ['/arm64'] }, 'arm64')];
  await registry.putImage('web', amd64);
  await registry.putImage('web', arm64);
  const index = indexOf({ 'linux/amd64': amd64.manifest, 'linux/arm64/v8': arm64.manifest });
  await registry.put('web', index, '1');
  const file = { auths: { [registry.name]: { auth: Buffer.from('me:wrong').toString('base64') } } };
  const credentials = (): Promise<RegistryCredentials> => Promise.resolve(RegistryCredentials.parse(JSON.stringify(file)));
  const { images, outcomes, asked, told } = background(t, [registry.name], { refusedMs: 0 }, { credentials });
  const [byTag, byDigest] = [`${registry.name}/web:1`, `${registry.name}/web@${index.digest}`] as const;
  images.want([byTag]);
  await asked(1);
  t.equal(told(byTag), `${registry.name} does not take the given credentials (401)`);
  file.auths[registry.name] = { auth: secret };
  images.want([byTag, byDigest]);
  await asked(3);
  t.same([told(byTag), told(byDigest)], [['/amd64'], ['/amd64']]);
  t.same(outcomes, ['unknown', 'known', 'known']);
  await registry.stop();
  images.want([`${registry.name}/web:2`]);
  await asked(4);
  t.same(images.paused, [`${registry.name} cannot be reached: connection refused`]);
  t.same(told(byTag), ['/amd64'], 'what is known stays known');
});
