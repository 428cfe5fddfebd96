import t from 'tap';
import { hostOf, imageNameOf } from '../../src/images/image-name.ts';
import { parsePlatform, platformText } from '../../src/images/platform.ts';

void t.test('names, as container runtimes complete them', (t) => {
  const DIGEST = `sha256:${'0'.repeat(64)}`;
  t.same(imageNameOf('nginx'), { registry: 'docker.io', path: 'library/nginx', tag: 'latest', digest: undefined });
  t.same(imageNameOf('bitnami/redis:7'), { registry: 'docker.io', path: 'bitnami/redis', tag: '7', digest: undefined });
  t.same(imageNameOf(`localhost:5000/a/b/c:1@${DIGEST}`), { registry: 'localhost:5000', path: 'a/b/c', tag: '1', digest: DIGEST });
  t.same(imageNameOf('[::1]:5000/web'), { registry: '[::1]:5000', path: 'web', tag: 'latest', digest: undefined });
  t.equal(hostOf('docker.io'), 'registry-1.docker.io');
  t.equal(hostOf('ghcr.io'), 'ghcr.io');
  for (const none of ['', 'Web', 'a b', '../web', 'https://registry.example/web']) t.equal(imageNameOf(none), undefined, none);
  t.end();
});

void t.test('platforms', (t) => {
  for (const text of ['linux/amd64', 'linux/arm/v7', 'windows/amd64']) {
    const platform = parsePlatform(text);
    t.equal(platform && platformText(platform), text);
  }
  for (const none of ['', 'amd64', 'linux/', 'linux/arm/v7/x', 'Linux/amd64', 'linux/amd64 '])
    t.equal(parsePlatform(none), undefined, none);
  t.end();
});
