/** `--images` of `check` and `explain`: what registries say of images counts, and what they do not say is unknown. */
import { join } from 'node:path';
import t from 'tap';
import { imageOf, indexOf, smallRegistry } from '../../images/small-registry.ts';
import { parsedReport, podgrace, type Ended } from '../command-line.ts';

const SWALLOWS = ['/bin/bash', '-c', 'migrate; server && echo done'];

interface Finding {
  readonly rule: string;
  readonly mode: string;
  readonly field: string;
  readonly message: string;
}

/** What `init-process` finds, by the names of the objects. */
function initFindings({ stdout }: Ended): Record<string, string> {
  const { results } = parsedReport('check', stdout) as { results: { name: string; findings: Finding[] }[] };
  return Object.fromEntries(
    results.map(({ name, findings }): [string, string] => [
      name,
      findings.map(({ mode, field, message }) => `${mode} ${field} ${message}`).join('\n'),
    ]),
  );
}

function manifest(kind: 'Pod' | 'Deployment', name: string, image: string, more = ''): string {
  const pod = `{ containers: [{ name: web, image: '${image}'${more} }] }`;
  if (kind === 'Pod') return `apiVersion: v1\nkind: Pod\nmetadata: { name: ${name} }\nspec: ${pod}\n`;
  const template = `template: { metadata: { labels: { app: web } }, spec: ${pod} }`;
  return `apiVersion: apps/v1\nkind: Deployment\nmetadata: { name: ${name} }\nspec: { selector: { matchLabels: { app: web } }, ${template} }\n`;
}

const RULE = ['--preset', 'strict', '--rule', 'init-process', '-o', 'json'];

void t.test('what an image starts is judged, and only where somebody asks for it', async (t) => {
  const registry = await smallRegistry(t);
  registry.putImage('web', '1', imageOf({ Cmd: SWALLOWS }));
  registry.putImage('web', '2', imageOf({ Entrypoint: ['/server'] }));
  const [bad, good, none] = ['1', '2', '3'].map((tag) => `${registry.name}/web:${tag}`) as [string, string, string];
  const folder = t.testdir({
    'a.yaml': [manifest('Deployment', 'bad', bad), manifest('Pod', 'good', good)].join('---\n'),
    'b.yaml': [manifest('Pod', 'none', none), manifest('Pod', 'own', bad, ', command: [/server]')].join('---\n'),
  });
  const env = { XDG_CACHE_HOME: join(folder, '.cache') };
  const without = await podgrace(['check', ...RULE, folder], { env });
  t.equal(without.code, 0);
  t.same(registry.requests, [], 'nothing is asked unless somebody says so');
  const ended = await podgrace(['check', ...RULE, '--images', folder], { env });
  t.equal(ended.code, 1);
  const unknown = `must pass SIGTERM on, but it is not known whether it does: the entrypoint of the image is not in the spec, and`;
  t.same(initFindings(ended), {
    bad: 'enforce spec.template.spec.containers[0].image must pass SIGTERM on, but ENTRYPOINT and CMD of the image start `bash` as PID 1, and it swallows SIGTERM: the container runs until SIGKILL after 30 s',
    good: '',
    none: `audit spec.containers[0].command ${unknown} ${registry.name} does not have the image (404)`,
    own: '',
  });
  t.equal(registry.requests.filter((request) => request.startsWith('HEAD')).length, 3, 'each image once');
  const stdin = await podgrace(['check', ...RULE, '--images', '-'], { env, stdin: manifest('Pod', 'bad', bad) });
  t.equal(stdin.code, 1, 'from standard input, too');
  const text = await podgrace(['check', '--preset', 'strict', '--rule', 'init-process', '--images', join(folder, 'a.yaml')], { env });
  t.match(
    text.stdout,
    /a\.yaml:4:\d+ spec\.template\.spec\.containers\[0\]\.image \(container web\): must pass SIGTERM on/,
    'at the image',
  );
});

void t.test('the platform, the registries and the credentials are those of the options', async (t) => {
  const [registry, other] = [await smallRegistry(t), await smallRegistry(t)];
  const [amd64, arm64] = [imageOf({ Entrypoint: ['/server'] }), imageOf({ Cmd: SWALLOWS }, 'arm64')];
  for (const image of [amd64, arm64]) registry.putImage('web', 'any', image);
  registry.put('web', 'manifests', indexOf({ 'linux/amd64': amd64.manifest, 'linux/arm64': arm64.manifest }), '1');
  const auth = Buffer.from('me:secret').toString('base64');
  const folder = t.testdir({
    'a.yaml': manifest('Pod', 'web', `${registry.name}/web:1`),
    'b.yaml': manifest('Pod', 'other', `${other.name}/web:1`),
    'config.json': JSON.stringify({ auths: { [other.name]: { auth } } }),
  });
  const env = { XDG_CACHE_HOME: join(folder, '.cache') };
  const [web, guarded] = [join(folder, 'a.yaml'), join(folder, 'b.yaml')];
  const checked = (...args: string[]): Promise<Ended> => podgrace(['check', ...RULE, '--images', ...args], { env });
  t.equal((await checked(web)).code, 0);
  t.equal((await checked('--images-platform', 'linux/arm64', web)).code, 1);
  t.match(initFindings(await checked('--images-registry', registry.name, guarded)), {
    other: /is none of the registries that may be asked$/,
  });
  t.same(other.requests, []);
  other.putImage('web', 'any', arm64);
  other.answer('/v2/web/manifests/1', (request, response) => {
    if (request.headers.authorization === `Basic ${auth}`)
      response.writeHead(200, { 'docker-content-digest': arm64.manifest.digest }).end();
    else response.writeHead(401, { 'www-authenticate': 'Basic realm="images"' }).end();
  });
  t.equal((await checked(guarded)).code, 0, 'unknown never denies');
  t.equal((await checked('--images-auth', join(folder, 'config.json'), guarded)).code, 1);
});

void t.test('explain knows what images start', async (t) => {
  const registry = await smallRegistry(t);
  registry.putImage('web', '1', imageOf({ Cmd: SWALLOWS }));
  const folder = t.testdir({
    'a.yaml': [manifest('Pod', 'web', `${registry.name}/web:1`), manifest('Pod', 'none', `${registry.name}/web:2`)].join('---\n'),
  });
  const env = { XDG_CACHE_HOME: join(folder, '.cache') };
  const explained = async (...args: string[]): Promise<readonly string[]> => {
    const { stdout } = await podgrace(['explain', '-f', join(folder, 'a.yaml'), ...args], { env });
    return [...stdout.matchAll(/web gets its stop signal: (.*)/g)].map(([, fate = '']) => fate);
  };
  const unknown = 'it goes to the entrypoint of the image, which the manifest does not show';
  t.same(await explained(), [unknown, unknown]);
  t.same(registry.requests, []);
  t.same(await explained('--images'), [
    '`bash` is PID 1 and does not end at the signal',
    `${unknown}, and ${registry.name} does not have the image (404)`,
  ]);
});

void t.test('options that cannot be used are told', async (t) => {
  const folder = t.testdir({ 'a.yaml': manifest('Pod', 'web', 'web:1'), 'config.json': 'secret' });
  const refusal = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await podgrace(['check', folder, ...args]);
    t.equal(code, 2);
    return stderr.replaceAll(folder, 'FOLDER');
  };
  t.match(await refusal('--images-auth', 'config.json'), '--images-auth is for --images');
  t.match(await refusal('--images-registry', 'registry.example'), '--images-registry is for --images');
  t.match(await refusal('--images', '--images-platform', 'amd64'), 'It must be like linux/amd64 or linux/arm/v7');
  t.match(await refusal('--images', '--images-registry', 'index.docker.io'), 'Docker Hub is docker.io');
  const auth = join(folder, 'config.json');
  t.match(await refusal('--images', '--images-auth', auth), "--images-auth: FOLDER/config.json must be JSON, as docker's config.json is");
  t.match(
    await refusal('--images', '--images-auth', join(folder, 'none')),
    '--images-auth: FOLDER/none cannot be read: no such file or directory',
  );
});
