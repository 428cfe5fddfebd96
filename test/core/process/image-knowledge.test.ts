/** What the configuration of an image adds to what is known by its name. */
import t from 'tap';
import { ImageKnowledge } from '../../../src/core/process/image-knowledge.ts';
import { knownImages as known } from '../known-images.ts';

const BASE = 'org.opencontainers.image.base.name';

void t.test('STOPSIGNAL is that of the configuration, also where it has none', (t) => {
  const images = ImageKnowledge.BUILT_IN.with(known({ 'nginx:1': {}, 'web:1': { stopSignal: 'SIGINT' }, 'nginx:2': 'nobody answers' }));
  t.equal(ImageKnowledge.BUILT_IN.factsOf('nginx:1').stopSignal, 'SIGQUIT');
  t.same(images.factsOf('nginx:1'), { entrypoint: 'execs', sh: 'dash' });
  t.same(images.factsOf('web:1'), { stopSignal: 'SIGINT' });
  t.equal(images.factsOf('nginx:2').stopSignal, 'SIGQUIT', 'where it is not known, the name counts');
  t.equal(images.factsOf('nginx:3').stopSignal, 'SIGQUIT');
  t.end();
});

void t.test('the shell is that of the base image, unless the name of the image tells', (t) => {
  const images = ImageKnowledge.BUILT_IN.with(
    known({
      'registry.example/web:1': { labels: { [BASE]: 'docker.io/library/alpine:3.22' } },
      'registry.example/web:1-bookworm': { labels: { [BASE]: 'docker.io/library/alpine:3.22' } },
      'registry.example/static:1': { labels: { [BASE]: 'gcr.io/distroless/static-debian12' } },
      'registry.example/nginx:1': { labels: { [BASE]: 'docker.io/library/nginx:1' } },
      'registry.example/empty:1': { labels: { [BASE]: '' } },
    }),
  );
  t.equal(images.factsOf('registry.example/web:1').sh, 'ash');
  t.equal(images.factsOf('registry.example/web:1-bookworm').sh, 'dash');
  t.equal(images.factsOf('registry.example/static:1').sh, 'none');
  t.same(images.factsOf('registry.example/nginx:1'), { sh: 'dash' }, 'an image starts something else than its base image');
  t.same(images.factsOf('registry.example/empty:1'), {});
  t.end();
});

void t.test('configurations are known or not, or nobody has asked', (t) => {
  const images = ImageKnowledge.BUILT_IN.with(known({ 'web:1': { cmd: ['/web'] }, 'web:2': 'nobody answers' }));
  t.match(images.configurationOf('web:1'), { isKnown: true, value: { cmd: ['/web'] } });
  t.same(images.configurationOf('web:2'), { isKnown: false, reason: 'nobody answers' });
  t.equal(images.configurationOf('web:3'), undefined);
  t.equal(images.configurationOf(undefined), undefined);
  t.end();
});

void t.test('nothing is made anew for the same configurations, or for none', (t) => {
  const own = new ImageKnowledge([{ repository: 'registry.example/*', sh: 'bash' }]);
  const configurations = known({ 'registry.example/web:1': {} });
  t.equal(own.with(configurations), own.with(configurations));
  t.equal(own.with({ isKnown: false, reason: '' }), own);
  t.equal(own.with(configurations).factsOf('registry.example/web:1').sh, 'bash', 'what the policy says is kept');
  t.end();
});
