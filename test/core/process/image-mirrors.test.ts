import t from 'tap';
import { ImageKnowledge } from '../../../src/core/process/image-knowledge.ts';
import { upstreamOf } from '../../../src/core/process/image-mirrors.ts';

void t.test('a mirror says by its name where its image comes from', (t) => {
  for (const [repository, upstream] of [
    ['public.ecr.aws/docker/library/nginx', 'docker.io/library/nginx'],
    ['mirror.gcr.io/library/nginx', 'docker.io/library/nginx'],
    ['mirror.gcr.io/nginx', 'docker.io/library/nginx'],
    ['k8s.gcr.io/sig-storage/livenessprobe', 'registry.k8s.io/sig-storage/livenessprobe'],
    ['registry.example:5000/proxy/docker.io/library/nginx', 'docker.io/library/nginx'],
    ['registry.example/docker.io/nginx', 'docker.io/library/nginx'],
    ['registry.example/k8s.gcr.io/pause', 'registry.k8s.io/pause'],
    // No valid name: the pattern has to match it all the same, or it reads a long one again and again.
    ['registry.example/docker.io/nginx\n', 'docker.io/library/nginx\n'],
  ] as const)
    t.equal(upstreamOf(repository), upstream, repository);
  for (const repository of [
    'docker.io/library/nginx',
    'public.ecr.aws/nginx/nginx',
    'registry.example/library/nginx',
    'quay.io/docker.io',
    'web',
  ])
    t.equal(upstreamOf(repository), repository, 'no name of another registry');
  t.end();
});

void t.test('what is known of an image is known of its mirrors, and what is known of the mirror counts more', (t) => {
  const { BUILT_IN } = ImageKnowledge;
  const digest = `sha256:${'a'.repeat(64)}`;
  t.same(BUILT_IN.factsOf(`public.ecr.aws/docker/library/nginx:1.27@${digest}`), BUILT_IN.factsOf('nginx:1.27'));
  t.same(BUILT_IN.factsOf('mirror.gcr.io/library/redis:7-alpine'), BUILT_IN.factsOf('redis:7-alpine'));
  t.same(BUILT_IN.factsOf('registry.example/library/redis'), {});
  const own = new ImageKnowledge([{ repository: 'registry.example/docker.io/library/nginx', sh: 'bash' }]);
  t.match(own.factsOf('registry.example/docker.io/library/nginx:1'), { sh: 'bash', stopSignal: 'SIGQUIT' });
  t.end();
});

void t.test('a tag or a name says that an image has no shell', (t) => {
  const sh = (image: string): unknown => ImageKnowledge.BUILT_IN.factsOf(image).sh;
  for (const image of [
    'mcr.microsoft.com/dotnet/aspnet:8.0-noble-chiseled',
    'mcr.microsoft.com/dotnet/runtime-deps:8.0-jammy-chiseled-extra',
    'mcr.microsoft.com/dotnet/aspnet:9.0-azurelinux3.0-distroless-extra',
    'quay.io/k8scsi/csi-provisioner:v1.6.0',
    'k8s.gcr.io/sig-storage/snapshot-controller:v6.3.0',
    'cgr.dev/chainguard/nginx',
  ])
    t.equal(sh(image), 'none', image);
  t.equal(sh('cgr.dev/chainguard/nginx:latest-dev'), 'ash');
  // Some have one: node, for npm.
  for (const image of [
    'cgr.dev/chainguard/node:latest',
    'quay.io/k8scsi/csi-provisioner:v0.4.0',
    'registry.k8s.io/sig-storage/hostpathplugin:v1.9.0',
  ])
    t.equal(sh(image), undefined, image);
  t.equal(sh('mcr.microsoft.com/dotnet/aspnet:8.0-noble'), 'dash');
  t.end();
});
