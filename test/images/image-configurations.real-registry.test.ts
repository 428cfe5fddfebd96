/** The client against a real registry: images by tag, digest and platform, and the ways in which it wants to know who asks. */
import { randomUUID, sign } from 'node:crypto';
import { once } from 'node:events';
import { writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import t from 'tap';
import { ImageConfigurations, type ImageQuestions } from '../../src/images/image-configurations.ts';
import { RegistryCredentials } from '../../src/images/registry-credentials.ts';
import { createAuthority } from '../../src/pki/authority.ts';
import { NO_REGISTRY, realRegistry } from './real-registry.ts';
import { contentOf, descriptorOf, imageOf, indexOf, manifestOf } from './small-registry.ts';

const PLATFORM = { os: 'linux', architecture: 'amd64', variant: undefined };

async function asked(image: string, questions: Partial<ImageQuestions> = {}): Promise<unknown> {
  const known = (await new ImageConfigurations({ platform: PLATFORM, ...questions }).read([image])).get(image);
  return known?.isKnown === true ? known.value : known?.reason;
}

const DOCKER_MANIFEST = 'application/vnd.docker.distribution.manifest.v2+json';
const DOCKER_LIST = 'application/vnd.docker.distribution.manifest.list.v2+json';
const DOCKER_CONFIGURATION = 'application/vnd.docker.container.image.v1+json';

void t.test('a real registry', { skip: NO_REGISTRY }, async (t) => {
  const folder = t.testdir();
  const registry = await realRegistry(t, { folder });
  const [amd64, arm64] = [imageOf({ Entrypoint: ['/amd64'], StopSignal: 'SIGQUIT' }), imageOf({ Entrypoint: ['/arm64'] }, 'arm64')];
  const index = indexOf({ 'linux/amd64': amd64.manifest, 'linux/arm64/v8': arm64.manifest });
  await registry.putImage('shop/web', amd64);
  await registry.putImage('shop/web', arm64);
  await registry.put('shop/web', index, '1');
  const name = `${registry.name}/shop/web`;
  t.match(await asked(`${name}:1`), { entrypoint: ['/amd64'], stopSignal: 'SIGQUIT' });
  t.match(await asked(`${name}:1`, { platform: { ...PLATFORM, architecture: 'arm64' } }), {
    entrypoint: ['/arm64'],
    stopSignal: undefined,
  });
  t.match(await asked(`${name}@${index.digest}`), { entrypoint: ['/amd64'] });
  t.match(await asked(`${name}@${arm64.manifest.digest}`), { entrypoint: ['/arm64'] }, 'one image by its digest, whatever the platform');
  t.equal(await asked(`${name}:2`), `${registry.name} does not have the image (404)`);
  t.equal(await asked(`${registry.name}/other:1`), `${registry.name} does not have the image (404)`);

  const configuration = contentOf({ os: 'linux', architecture: 'amd64', config: { Cmd: ['/docker'] } }, DOCKER_CONFIGURATION);
  const manifest = manifestOf({ config: descriptorOf(configuration) }, DOCKER_MANIFEST);
  await registry.putImage('docker', { manifest, configuration });
  const manifests = [descriptorOf(manifest, { platform: { os: 'linux', architecture: 'amd64' } })];
  await registry.put('docker', contentOf({ schemaVersion: 2, mediaType: DOCKER_LIST, manifests }, DOCKER_LIST), '1');
  t.match(await asked(`${registry.name}/docker:1`), { cmd: ['/docker'] }, "Docker's formats");

  const chart = contentOf({ name: 'web' }, 'application/vnd.cncf.helm.config.v1+json');
  await registry.putImage('charts/web', { manifest: manifestOf({ config: descriptorOf(chart) }), configuration: chart }, '1');
  t.match(await asked(`${registry.name}/charts/web:1`), /^it is no image, /, 'a chart');

  const cacheFolder = join(folder, 'cache');
  const pinned = `${name}@${index.digest}`;
  await asked(pinned, { cacheFolder });
  await registry.stop();
  t.match(await asked(pinned, { cacheFolder }), { entrypoint: ['/amd64'] }, 'without the registry, from the disk');
  t.equal(await asked(`${name}:1`, { cacheFolder }), `${registry.name} cannot be reached: connection refused`);
});

/** bcrypt of `secret`, for the user `me`. */
const HTPASSWD = 'me:$2b$05$abcdefghijklmnopqrstuuOQiyCxlgf/oeuTqixKmWdcYUh4Hjl0a\n';

void t.test('a real registry that wants a password', { skip: NO_REGISTRY }, async (t) => {
  const folder = t.testdir({ htpasswd: HTPASSWD });
  const auth = { htpasswd: { realm: 'registry', path: join(folder, 'htpasswd') } };
  const secret = Buffer.from('me:secret').toString('base64');
  const registry = await realRegistry(t, { folder, auth, authorization: `Basic ${secret}` });
  await registry.putImage('web', imageOf({ Entrypoint: ['/web'] }), '1');
  const credentials = (encoded: string): RegistryCredentials =>
    RegistryCredentials.parse(JSON.stringify({ auths: { [registry.name]: { auth: encoded } } }));
  const image = `${registry.name}/web:1`;
  t.match(await asked(image, { credentials: credentials(secret) }), { entrypoint: ['/web'] });
  t.equal(await asked(image), `${registry.name} wants credentials (401)`);
  const wrong = credentials(Buffer.from('me:wrong').toString('base64'));
  t.equal(await asked(image, { credentials: wrong }), `${registry.name} does not take the given credentials (401)`);
});

void t.test('a real registry that wants tokens', { skip: NO_REGISTRY }, async (t) => {
  const folder = t.testdir();
  const issuer = await tokenServer(t, folder);
  const auth = { token: { realm: issuer.realm, service: 'registry', issuer: 'issuer', rootcertbundle: issuer.certificateFile } };
  const registry = await realRegistry(t, { folder, auth, authorization: `Bearer ${issuer.token('web', ['pull', 'push'])}` });
  await registry.putImage('web', imageOf({ Entrypoint: ['/web'] }), '1');
  const image = `${registry.name}/web:1`;
  t.match(await asked(image), { entrypoint: ['/web'] }, 'a token for anybody');
  t.equal(issuer.asked.length, 1, 'one for three requests');
  t.match(issuer.asked[0], /service=registry/);
  t.match(issuer.asked[0], /scope=repository%3Aweb%3Apull/);
  issuer.actions.length = 0;
  t.equal(await asked(image), `${registry.name} wants credentials (401)`, 'a token that allows nothing');
});

interface TokenServer {
  readonly realm: string;
  readonly certificateFile: string;
  readonly asked: readonly string[];
  /** What tokens allow. */
  readonly actions: string[];
  token(repository: string, actions: readonly string[]): string;
}

/** Issues tokens as token/jwt.md of distribution has them. */
async function tokenServer(t: { teardown(close: () => unknown): void }, folder: string): Promise<TokenServer> {
  const { certPem, keyPem } = await createAuthority({ commonName: 'issuer', validDays: 1, now: new Date() });
  const certificateFile = join(folder, 'issuer.pem');
  writeFileSync(certificateFile, certPem);
  const x5c = [certPem.replace(/-----[A-Z ]+-----|\s/g, '')];
  const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = (name: string, actions: readonly string[]): string => {
    const now = Math.floor(Date.now() / 1000);
    const times = { iat: now, nbf: now - 10, exp: now + 300 };
    const claims = {
      iss: 'issuer',
      sub: '',
      aud: 'registry',
      ...times,
      jti: randomUUID(),
      access: [{ type: 'repository', name, actions }],
    };
    const signed = `${encoded({ typ: 'JWT', alg: 'ES256', x5c })}.${encoded(claims)}`;
    return `${signed}.${sign('sha256', Buffer.from(signed), { key: keyPem, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  };
  const asked: string[] = [];
  const actions = ['pull'];
  const server = createServer(({ url = '' }, response) => {
    asked.push(url);
    response.end(JSON.stringify({ token: token('web', actions) }));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.teardown(() => {
    server.close();
    server.closeAllConnections();
  });
  return { realm: `http://127.0.0.1:${(server.address() as AddressInfo).port}/token`, certificateFile, asked, actions, token };
}
