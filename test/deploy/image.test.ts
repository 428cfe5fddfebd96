/** The Dockerfile, and what else has to fit it. */
import { readFileSync } from 'node:fs';
import t from 'tap';
import { VERSION } from '../../src/config/version.ts';
import initProcess from '../../src/rules/init-process.ts';
import { only, readBase, readText } from './rendered.ts';

const DOCKERFILE = readText('Dockerfile');
const MANIFEST = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  license: string;
  dependencies: Record<string, string>;
};
const LOCK = JSON.parse(readText('package-lock.json')) as { packages: Record<string, { version: string }> };
const LOCKED_NODE = LOCK.packages['node_modules/node']?.version ?? '';

/** The last instruction of that name, in exec form. */
function execForm(instruction: string): string[] {
  const line = DOCKERFILE.split('\n').findLast((text) => text.startsWith(`${instruction} [`));
  if (line === undefined) throw new Error(`the Dockerfile has no ${instruction} in exec form`);
  return JSON.parse(line.slice(instruction.length)) as string[];
}

const CONTAINER = (
  only(readBase(), 'Deployment')['spec'] as { template: { spec: { containers: { image: string; command: string[]; args: string[] }[] } } }
).template.spec.containers[0];

void t.test('the version is the same in the Dockerfile, the manifests and package.json', (t) => {
  t.match(DOCKERFILE, `ARG VERSION=${VERSION}\n`);
  t.match(DOCKERFILE, `docker build -t podgrace/podgrace:${VERSION} .\n`);
  t.equal(CONTAINER?.image, `podgrace/podgrace:${VERSION}`);
  t.match(readText('deploy/overlays/kind/kustomization.yaml'), `podgrace/podgrace:${VERSION}`);
  t.end();
});

void t.test('the container starts what the image starts: exec form, heap bounded by the memory limit', (t) => {
  t.same(CONTAINER?.command, execForm('ENTRYPOINT'));
  t.equal(CONTAINER?.args[0], execForm('CMD')[0]);
  t.ok(execForm('ENTRYPOINT').includes('--max-old-space-size-percentage=60'));
  t.ok(execForm('ENTRYPOINT').includes('--max-semi-space-size=8'));
  t.end();
});

void t.test('both base images can be replaced, and nothing runs as root', (t) => {
  const images = [...DOCKERFILE.matchAll(/^FROM (\S+)/gm)].map(([, image]) => image);
  t.same(images, ['${BUILD_IMAGE}', '${BUILD_IMAGE}', '${RUN_IMAGE}']);
  t.match(DOCKERFILE, /^ARG RUN_IMAGE=gcr\.io\/distroless\/nodejs24-debian13:nonroot$/m);
  t.match(DOCKERFILE, /^USER 65532:65532$/m);
  t.end();
});

void t.test('what can have a version has one: the Node.js of the tests, and the packages of Debian', (t) => {
  t.match(DOCKERFILE, `\nARG BUILD_IMAGE=docker.io/library/node:${LOCKED_NODE}-trixie-slim\n`);
  const installed = /apt-get install (?:--\S+ |\\\s+)+((?:"\S+" )+)/.exec(DOCKERFILE)?.[1]?.trim().split(' ');
  t.same(installed, ['"busybox-static=${BUSYBOX_VERSION}"', '"tini=${TINI_VERSION}"']);
  for (const variable of ['BUSYBOX_VERSION', 'TINI_VERSION']) t.match(DOCKERFILE, new RegExp(`^ARG ${variable}=[\\d:.]+-\\d+`, 'm'));
  for (const [name, version] of Object.entries(MANIFEST.dependencies)) t.match(version, /^\d+\.\d+\.\d+$/, name);
  t.end();
});

void t.test('the licences of everything in the image are in it', (t) => {
  t.match(DOCKERFILE, /^COPY LICENSE NOTICE package\.json \/podgrace\/$/m);
  t.match(DOCKERFILE, /^COPY licenses \/podgrace\/licenses$/m);
  t.match(DOCKERFILE, /^COPY --from=dependencies \/licenses \/podgrace\/licenses$/m);
  t.match(
    DOCKERFILE,
    /cp -L \/usr\/share\/common-licenses\/GPL-2 \/licenses\/busybox-static-\*\/$/m,
    'Debian’s copyright files only name it',
  );
  t.match(DOCKERFILE, "-not -iname '*licen[cs]e*'", 'those of npm packages may be Markdown');
  t.end();
});

void t.test('the image says what it is', (t) => {
  for (const label of ['title', 'description', 'version', 'licenses'])
    t.match(DOCKERFILE, new RegExp(`org\\.opencontainers\\.image\\.${label}="`));
  t.match(DOCKERFILE, `org.opencontainers.image.licenses="${MANIFEST.license}"`);
  t.end();
});

void t.test('the image has what init-process takes from it', (t) => {
  const { binary, copyCommand } = initProcess.meta.defaultOptions as { binary: string; copyCommand: readonly string[] };
  t.match(DOCKERFILE, new RegExp(`^COPY --from=dependencies /usr/bin/tini-static ${binary}$`, 'm'));
  t.match(DOCKERFILE, new RegExp(`^COPY --from=dependencies /bin/busybox ${copyCommand[0] ?? ''}$`, 'm'));
  t.end();
});

void t.test('the build sees nothing but what it copies', (t) => {
  const allowed = readText('.dockerignore')
    .split('\n')
    .filter((line) => line.startsWith('!'))
    .map((line) => line.slice(1));
  const copied = [...DOCKERFILE.matchAll(/^COPY (?!--)(.+) \S+$/gm)].flatMap(([, sources = '']) => sources.split(' '));
  t.same(new Set(allowed), new Set(copied));
  t.match(readText('.dockerignore'), /^\*$/m);
  t.end();
});
