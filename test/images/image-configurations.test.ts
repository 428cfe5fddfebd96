/** What becomes known of images, and what of registries that answer badly. */
import t from 'tap';
import { BOUNDS } from '../../src/images/bounds.ts';
import { ImageConfigurations, type ImageQuestions } from '../../src/images/image-configurations.ts';
import type { ImageConfiguration } from '../../src/core/surroundings.ts';
import { RegistryCredentials } from '../../src/images/registry-credentials.ts';
import {
  CONFIGURATION,
  contentOf,
  descriptorOf,
  imageOf,
  INDEX,
  indexOf,
  MANIFEST,
  manifestOf,
  smallRegistry,
  type Answer,
  type Content,
} from './small-registry.ts';

const AMD64: ImageQuestions = { platform: { os: 'linux', architecture: 'amd64', variant: undefined } };

/** What is known of one image: its configuration, or why there is none. */
async function asked(image: string, questions: Partial<ImageQuestions> = {}): Promise<ImageConfiguration | string | undefined> {
  return (await askedAll([image], questions))[0];
}

async function askedAll(
  images: readonly string[],
  questions: Partial<ImageQuestions> = {},
): Promise<(ImageConfiguration | string | undefined)[]> {
  const known = await new ImageConfigurations({ ...AMD64, ...questions }).read(images);
  return images.map((image) => {
    const of = known.get(image);
    return of?.isKnown === true ? of.value : of?.reason;
  });
}

const WEB = {
  Entrypoint: ['/bin/sh', '-c'],
  Cmd: ['server'],
  User: '1000',
  StopSignal: '3',
  Labels: { 'org.opencontainers.image.base.name': 'docker.io/library/debian:12' },
};
const KNOWN_WEB: ImageConfiguration = {
  entrypoint: WEB.Entrypoint,
  cmd: WEB.Cmd,
  user: '1000',
  stopSignal: 'SIGQUIT',
  labels: WEB.Labels,
};
const NOTHING_SAID: ImageConfiguration = { entrypoint: [], cmd: [], user: '', stopSignal: undefined, labels: {} };

void t.test('an image by its tag, and by its digest', async (t) => {
  const registry = await smallRegistry(t);
  const image = imageOf(WEB);
  registry.putImage('shop/web', '1', image);
  t.same(await asked(`${registry.name}/shop/web:1`), KNOWN_WEB);
  t.same(registry.requests, [
    'HEAD /v2/shop/web/manifests/1',
    `GET /v2/shop/web/manifests/${image.manifest.digest}`,
    `GET /v2/shop/web/blobs/${image.configuration.digest}`,
  ]);
  registry.putImage('shop/web', '1', imageOf({}));
  t.same(await asked(`${registry.name}/shop/web:1@${image.manifest.digest}`), KNOWN_WEB, 'the digest counts, whatever the tag is now');
});

void t.test('what an image leaves out, and null, is empty; a stop signal that is SIGTERM is that of the runtime', async (t) => {
  const registry = await smallRegistry(t);
  registry.putImage('web', '1', imageOf({}));
  registry.putImage('web', '2', imageOf({ Entrypoint: null, Cmd: null, Labels: null, StopSignal: 'SIGTERM' }));
  t.same(await askedAll([`${registry.name}/web:1`, `${registry.name}/web:2`]), [NOTHING_SAID, NOTHING_SAID]);
});

void t.test('of an index, the image for the platform', async (t) => {
  const registry = await smallRegistry(t);
  const [amd64, arm64, armV7] = [imageOf({ Cmd: ['amd64'] }), imageOf({ Cmd: ['arm64'] }), imageOf({ Cmd: ['arm/v7'] })];
  const index = indexOf({ 'linux/amd64': amd64.manifest, 'linux/arm64/v8': arm64.manifest, 'linux/arm/v7': armV7.manifest });
  for (const image of [amd64, arm64, armV7]) registry.putImage('web', 'any', image);
  registry.put('web', 'manifests', index, '1');
  registry.put('web', 'manifests', indexOf({ 'linux/amd64': index }), 'nested');
  const image = `${registry.name}/web:1`;
  const cmdFor = async (os: string, architecture: string, variant?: string): Promise<unknown> => {
    const found = await asked(image, { platform: { os, architecture, variant } });
    return typeof found === 'object' ? found.cmd : found;
  };
  t.same(await cmdFor('linux', 'amd64'), ['amd64']);
  t.same(await cmdFor('linux', 'arm64'), ['arm64']);
  t.same(await cmdFor('linux', 'arm64', 'v8'), ['arm64']);
  t.same(await cmdFor('linux', 'arm', 'v7'), ['arm/v7']);
  t.same(await cmdFor('linux', 'arm', 'v6'), 'the image is not made for linux/arm/v6');
  t.same(await cmdFor('windows', 'amd64'), 'the image is not made for windows/amd64');
  t.match(await asked(`${registry.name}/web:nested`), { cmd: ['amd64'] }, 'an index in an index');
});

void t.test('of an index that names no platforms, the first image, whose configuration tells', async (t) => {
  const registry = await smallRegistry(t);
  const [amd64, arm64] = [imageOf({ Cmd: ['amd64'] }), imageOf({ Cmd: ['arm64'] }, 'arm64')];
  for (const image of [amd64, arm64]) registry.putImage('web', 'any', image);
  const silent = (...images: readonly Content[]): Content =>
    contentOf({ schemaVersion: 2, mediaType: INDEX, manifests: images.map((image) => descriptorOf(image)) }, INDEX);
  const told = descriptorOf(amd64.manifest, { platform: { os: 'linux', architecture: 'amd64' } });
  const mixed = contentOf({ schemaVersion: 2, mediaType: INDEX, manifests: [descriptorOf(arm64.manifest), told] }, INDEX);
  registry.put('web', 'manifests', silent(amd64.manifest, arm64.manifest), '1');
  registry.put('web', 'manifests', silent(arm64.manifest), '2');
  registry.put('web', 'manifests', mixed, '3');
  t.match(await asked(`${registry.name}/web:1`), { cmd: ['amd64'] });
  t.equal(await asked(`${registry.name}/web:2`), 'the image is not made for linux/amd64');
  t.match(await asked(`${registry.name}/web:3`), { cmd: ['amd64'] }, 'one that names the platform comes first');
});

void t.test('indexes that go on are left', async (t) => {
  const registry = await smallRegistry(t);
  let index: Content = imageOf({}).manifest;
  for (let level = 0; level < 5; level++) {
    index = indexOf({ 'linux/amd64': index });
    registry.put('web', 'manifests', index, '1');
  }
  t.equal(await asked(`${registry.name}/web:1`), 'the image has more than 3 indexes, one in the other');
});

void t.test('a registry that does not tell the digest of a tag is asked for all of it', async (t) => {
  const registry = await smallRegistry(t);
  const { manifest, configuration } = imageOf(WEB);
  registry.put('web', 'blobs', configuration);
  const answer: Answer = (_, response) => response.writeHead(200, { 'content-type': MANIFEST }).end(manifest.bytes);
  registry.answer('/v2/web/manifests/1', answer);
  registry.answer(`/v2/web/manifests/${manifest.digest}`, answer);
  t.same(await asked(`${registry.name}/web:1`), KNOWN_WEB);
});

void t.test('what was read once is not asked for again, but what a tag means is', async (t) => {
  const registry = await smallRegistry(t);
  const image = imageOf(WEB);
  registry.putImage('web', '1', image);
  const cacheFolder = t.testdir();
  await asked(`${registry.name}/web:1`, { cacheFolder });
  const before = registry.requests.length;
  t.same(await asked(`${registry.name}/web:1`, { cacheFolder }), KNOWN_WEB);
  t.same(registry.requests.slice(before), ['HEAD /v2/web/manifests/1']);
  t.same(await asked(`localhost:1/web@${image.manifest.digest}`, { cacheFolder }), KNOWN_WEB, 'a digest means the same everywhere');
});

/** What the registry says of an image whose manifest, for its tag, is this; `NAME` for the registry. */
async function reasonFor(
  t: Parameters<typeof smallRegistry>[0],
  put: (registry: Awaited<ReturnType<typeof smallRegistry>>) => void,
  bounds = BOUNDS,
): Promise<unknown> {
  const registry = await smallRegistry(t);
  put(registry);
  const found = await asked(`${registry.name}/web:1`, { bounds });
  return typeof found === 'string' ? found.replaceAll(registry.name, 'NAME') : found;
}

const statusOf =
  (status: number, headers: Record<string, string> = {}): Answer =>
  (_, response) =>
    response.writeHead(status, headers).end();

void t.test('a refusal is told', async (t) => {
  const reason = async (status: number): Promise<unknown> =>
    reasonFor(t, (registry) => {
      registry.answer('/v2/web/manifests/1', statusOf(status));
    });
  t.equal(await reason(401), 'NAME wants credentials (401)');
  t.equal(await reason(403), 'NAME forbids it without credentials (403)');
  t.equal(await reason(404), 'NAME does not have the image (404)');
  t.equal(await reason(500), 'NAME fails (500)');
});

void t.test('what is no image, or none that can be read, is unknown', async (t) => {
  const manifest = (value: unknown, mediaType = MANIFEST): Promise<unknown> =>
    reasonFor(t, (registry) => {
      registry.put('web', 'manifests', contentOf(value, mediaType), '1');
    });
  const { configuration } = imageOf({});
  const of = descriptorOf(configuration);
  t.equal(await manifest(Buffer.from('<html>')), 'its manifest is no JSON');
  t.equal(await manifest('text'), 'its manifest is no JSON object');
  t.equal(await manifest(Buffer.from('['.repeat(100_000))), 'its manifest must not be nested deeper than 1000 levels');
  t.equal(
    await manifest({ schemaVersion: 2, config: of }, 'text/html'),
    'NAME answers with the media type text/html, which is none of an image',
  );
  const UNKNOWN_FORMAT = 'its manifest has no format of images that is known';
  t.equal(await manifest({ schemaVersion: 1, config: of }), UNKNOWN_FORMAT);
  t.equal(await manifest({ schemaVersion: 2, config: of, manifests: [] }), UNKNOWN_FORMAT, 'an index and an image');
  t.equal(await manifest({ schemaVersion: 2, config: of, mediaType: INDEX }), UNKNOWN_FORMAT, 'an image that says it is an index');
  t.equal(await manifest({ schemaVersion: 2 }), 'its manifest names no configuration');
  t.equal(await manifest({ schemaVersion: 2, config: { mediaType: CONFIGURATION } }), 'its manifest names something without a digest');
  t.equal(
    await manifest({ schemaVersion: 2, config: { mediaType: CONFIGURATION, digest: 'md5:0' } }),
    'NAME names an image by what is no digest of sha256 or sha512',
  );
  const CHART = 'application/vnd.cncf.helm.config.v1+json';
  t.equal(
    await manifest(JSON.parse(manifestOf({ config: { ...of, mediaType: CHART } }).bytes.toString())),
    `it is no image, as its configuration has the media type ${CHART}`,
  );
});

void t.test('a configuration with other types is unknown', async (t) => {
  const reason = (config: unknown): Promise<unknown> =>
    reasonFor(t, (registry) => {
      registry.putImage('web', '1', imageOf(config as object));
    });
  t.equal(await reason([]), "its configuration has a 'config' that is no object");
  t.equal(await reason({ Entrypoint: 'server' }), "its configuration has a 'Entrypoint' that is no list of texts");
  t.equal(await reason({ Cmd: ['server', 1] }), "its configuration has a 'Cmd' that is no list of texts");
  t.equal(await reason({ User: 0 }), "its configuration has a 'User' that is no text");
  t.equal(await reason({ Labels: { a: 1 } }), "its configuration has 'Labels' that are no texts");
  t.equal(await reason({ StopSignal: 'SIGNOTHING\u001b[2J' }), 'its STOPSIGNAL SIGNOTHING\\u001b[2J is no signal');
});

void t.test('content that is not what its digest stands for is refused, and not kept', async (t) => {
  const registry = await smallRegistry(t);
  const cacheFolder = t.testdir();
  const [image, other] = [imageOf(WEB), imageOf({ Entrypoint: ['/sbin/tini'] })];
  registry.putImage('web', '1', image);
  registry.put('web', 'blobs', { ...other.configuration, digest: image.configuration.digest });
  const found = await asked(`${registry.name}/web:1`, { cacheFolder });
  t.equal(found, `${registry.name} answers with something else than ${image.configuration.digest.slice(0, 20)}…`);
  registry.put('web', 'blobs', image.configuration);
  t.same(await asked(`${registry.name}/web:1`, { cacheFolder }), KNOWN_WEB);
});

void t.test('an answer that is too long is given up', async (t) => {
  const bounds = { ...BOUNDS, answerBytes: 2000 };
  const endless: Answer = (_, response) => {
    response.writeHead(200, { 'content-type': MANIFEST });
    const more = (): void => {
      while (!response.destroyed && response.write(Buffer.alloc(1000, ' ')));
      if (!response.destroyed) response.once('drain', more);
    };
    more();
  };
  const reason = await reasonFor(
    t,
    (registry) => {
      const { manifest } = imageOf({});
      registry.put('web', 'manifests', manifest, '1');
      registry.answer(`/v2/web/manifests/${manifest.digest}`, endless);
    },
    bounds,
  );
  t.equal(reason, 'NAME answers with more than 2000 bytes');
  const all = await smallRegistry(t);
  for (const tag of ['1', '2']) all.putImage('web', tag, imageOf({ Cmd: [tag] }));
  const [first, second] = await askedAll([`${all.name}/web:1`, `${all.name}/web:2`], { bounds: { ...BOUNDS, atOnce: 1, totalBytes: 500 } });
  t.match(first, { cmd: ['1'] });
  t.equal(second, 'registries have answered with more than 500 bytes in all');
});

void t.test('a registry that does not answer is asked twice at most, and all of it ends', async (t) => {
  const registry = await smallRegistry(t);
  const never: Answer = () => undefined;
  const images = ['1', '2', '3', '4'].map((tag) => {
    registry.answer(`/v2/web/manifests/${tag}`, never);
    return `${registry.name}/web:${tag}`;
  });
  const slow = `${registry.name} does not answer within 0.1 s`;
  t.same(await askedAll(images, { bounds: { ...BOUNDS, requestMs: 100, atOnce: 1 } }), [slow, slow, slow, slow]);
  t.equal(registry.requests.length, 2);
  const late = await askedAll(images, { bounds: { ...BOUNDS, totalMs: 100 } });
  t.same(late, Array(4).fill('there is no time left for more images'));
  const stopped = await asked(images[0] ?? '', { signal: AbortSignal.abort() });
  t.equal(stopped, 'there is no time left for more images');
});

void t.test('nobody there', async (t) => {
  t.match(await asked('127.0.0.1:1/web:1'), /^127\.0\.0\.1:1 cannot be reached: (?:connection refused|bad port)$/);
  t.equal(await asked('Web'), 'its name is none that a container runtime can read');
});

void t.test('too many requests: as long as it says, but not for ever', async (t) => {
  const registry = await smallRegistry(t);
  const image = imageOf(WEB);
  registry.putImage('web', '2', image);
  let refusals = 2;
  registry.answer('/v2/web/manifests/1', (_, response) => {
    if (refusals-- > 0) response.writeHead(429, { 'retry-after': '0' }).end();
    else response.writeHead(200, { 'docker-content-digest': image.manifest.digest }).end();
  });
  t.same(await asked(`${registry.name}/web:1`), KNOWN_WEB, 'after two refusals');
  refusals = 3;
  t.equal(await asked(`${registry.name}/web:1`), `${registry.name} has had too many requests (429)`, 'after three, not');
  registry.answer('/v2/web/manifests/1', statusOf(429, { 'retry-after': '3600' }));
  const before = registry.requests.length;
  const hour = `${registry.name} answers 429, and asks to wait for 3600 s`;
  t.same(await askedAll([`${registry.name}/web:1`, `${registry.name}/web:2`], { bounds: { ...BOUNDS, atOnce: 1 } }), [hour, hour]);
  t.equal(registry.requests.length - before, 1, 'and no other image of it is asked about');
  registry.answer('/v2/web/manifests/1', statusOf(503, { 'retry-after': new Date(Date.now() + 86_400_000).toUTCString() }));
  t.match(await asked(`${registry.name}/web:1`), /answers 503, and asks to wait for \d{5} s$/, 'a date is a bound, too');
});

void t.test('images are asked about a few at a time, and not all of very many', async (t) => {
  const registry = await smallRegistry(t);
  let atOnce = 0;
  let most = 0;
  const images = Array.from({ length: 12 }, (_, index) => {
    registry.answer(`/v2/web/manifests/${index}`, (_, response) => {
      most = Math.max(most, ++atOnce);
      setTimeout(() => {
        atOnce -= 1;
        response.writeHead(404).end();
      }, 5);
    });
    return `${registry.name}/web:${index}`;
  });
  const found = await askedAll(images, { bounds: { ...BOUNDS, images: 10, atOnce: 3 } });
  t.equal(most, 3);
  t.equal(registry.requests.length, 10);
  t.same(found.slice(10), Array(2).fill('registries are asked about 10 images at most'));
});

void t.test('what was asked about once is known from then on, and counts', async (t) => {
  const registry = await smallRegistry(t);
  for (const tag of ['1', '2', '3']) registry.putImage('web', tag, imageOf({ Cmd: [tag] }));
  const [first, second, third] = ['1', '2', '3'].map((tag) => `${registry.name}/web:${tag}`) as [string, string, string];
  const configurations = new ImageConfigurations({ ...AMD64, bounds: { ...BOUNDS, images: 2 } });
  t.match((await configurations.read([first])).get(first), { isKnown: true });
  const requests = registry.requests.length;
  const known = await configurations.read([first]);
  t.equal(registry.requests.length, requests);
  t.same([...known.keys()], [first]);
  const all = await configurations.read([second, third]);
  t.same(
    [...all.values()].map(({ isKnown }) => isKnown),
    [true, false, true],
    'the third is one too many',
  );
});

void t.test('only the registries that may be asked are', async (t) => {
  const [registry, other] = [await smallRegistry(t), await smallRegistry(t)];
  registry.putImage('web', '1', imageOf(WEB));
  const found = await askedAll([`${registry.name}/web:1`, `${other.name}/web:1`], { registries: [registry.name] });
  t.same(found, [KNOWN_WEB, `${other.name} is none of the registries that may be asked`]);
  t.same(other.requests, []);
});

void t.test('a token, once for all requests about a repository, and a new one when it has expired', async (t) => {
  const registry = await smallRegistry(t);
  const image = imageOf(WEB);
  const open = await smallRegistry(t);
  open.putImage('web', '1', image);
  let tokens = 0;
  registry.answer('/token', (_, response) => response.end(JSON.stringify({ token: `t${++tokens}` })));
  const valid = new Set(['Bearer t1']);
  const guarded = (at: string): void => {
    registry.answer(at, (request, response) => {
      if (!valid.has(request.headers.authorization ?? '')) {
        const challenge = `Bearer realm="http://${registry.name}/token",service="a, b",scope="repository:web:pull"`;
        response.writeHead(401, { 'www-authenticate': challenge }).end();
        return;
      }
      if (request.method === 'HEAD') valid.clear();
      valid.add('Bearer t2');
      response.writeHead(307, { location: `http://${open.name}${at}` }).end();
    });
  };
  for (const at of ['manifests/1', `manifests/${image.manifest.digest}`, `blobs/${image.configuration.digest}`]) guarded(`/v2/web/${at}`);
  let sentOn: string | undefined;
  open.answer(`/v2/web/blobs/${image.configuration.digest}`, (request, response) => {
    sentOn = request.headers.authorization;
    response.end(image.configuration.bytes);
  });
  t.same(await asked(`${registry.name}/web:1`), KNOWN_WEB);
  t.equal(sentOn, undefined, 'a token is not sent on to where an answer redirects to');
  t.same(
    registry.requests.filter((request) => request.includes('/token')),
    Array(2).fill('GET /token?scope=repository%3Aweb%3Apull&service=a%2C+b'),
  );
});

void t.test('credentials go to the token server that the registry names, and nowhere without HTTPS', async (t) => {
  const registry = await smallRegistry(t);
  registry.putImage('web', '1', imageOf(WEB));
  const challenge = (realm: string): Answer => statusOf(401, { 'www-authenticate': `Bearer realm="${realm}",service="s"` });
  const auth = Buffer.from('me:s:3').toString('base64');
  const credentials = RegistryCredentials.parse(JSON.stringify({ auths: { [registry.name]: { auth } } }));
  const reason = async (): Promise<unknown> => {
    const found = await asked(`${registry.name}/web:1`, { credentials });
    return typeof found === 'string' ? found.replaceAll(registry.name, 'NAME') : found;
  };
  registry.answer('/v2/web/manifests/1', challenge('http://tokens.example/'));
  t.equal(await reason(), 'NAME wants its tokens to be asked for without HTTPS');
  registry.answer('/v2/web/manifests/1', challenge('nowhere'));
  t.equal(await reason(), 'NAME does not say where its tokens come from');
  registry.answer('/v2/web/manifests/1', challenge(`http://${registry.name}/token`));
  let sent: string | undefined;
  registry.answer('/token', (request, response) => {
    sent = request.headers.authorization;
    response.writeHead(403).end();
  });
  t.equal(await reason(), 'NAME gives no token for NAME (403)');
  t.equal(sent, `Basic ${auth}`);
  for (const answer of ['<html>', '{}', '{"token": "a\\nb"}', '{"token": 1}']) {
    registry.answer('/token', (_, response) => response.end(answer));
    t.equal(await reason(), 'NAME answers with something else than a token for NAME', answer);
  }
  registry.answer('/token', (_, response) => response.end('{"access_token": "t"}'));
  t.equal(await reason(), 'NAME does not take the given credentials (401)');
});

void t.test('an identity token is given for an access token, and to nobody else', async (t) => {
  const [registry, other] = [await smallRegistry(t), await smallRegistry(t)];
  const credentials = RegistryCredentials.parse(JSON.stringify({ auths: { [registry.name]: { identitytoken: 'secret' } } }));
  registry.answer('/v2/web/manifests/1', statusOf(401, { 'www-authenticate': `Bearer realm="http://${registry.name}/token"` }));
  let form = '';
  registry.answer('/token', (request, response) => {
    request.on('data', (chunk: Buffer) => (form += chunk.toString()));
    request.on('end', () => response.writeHead(307, { location: `http://${other.name}/token` }).end());
  });
  t.equal(await asked(`${registry.name}/web:1`, { credentials }), `${registry.name} gives no token for ${registry.name} (307)`);
  t.equal(form, 'scope=repository%3Aweb%3Apull&grant_type=refresh_token&refresh_token=secret&client_id=podgrace');
  t.same(other.requests, []);
});

void t.test('redirects end, and lead to no plain HTTP elsewhere', async (t) => {
  const redirected = (location: string): Promise<unknown> =>
    reasonFor(t, (registry) => {
      registry.answer('/v2/web/manifests/1', statusOf(307, { location }));
    });
  t.equal(await redirected('/v2/web/manifests/1'), 'NAME redirects more than 5 times');
  t.equal(await redirected('http://images.example/'), 'NAME wants images.example to be asked without HTTPS');
  t.equal(await redirected('http://['), 'NAME redirects to what is no address');
  const withPassword = 'NAME wants images.example to be asked with a password in the address';
  t.equal(await redirected('https://me:secret@images.example/'), withPassword, 'which no message repeats');
});
