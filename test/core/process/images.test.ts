import t from 'tap';
import { catalogue } from '../../../src/config/catalogue.ts';
import { Policy, type PolicyDocument } from '../../../src/core/policy.ts';
import { containerStopOf, mayShareProcessNamespace } from '../../../src/core/process/container-stop.ts';
import { ImageKnowledge } from '../../../src/core/process/image-knowledge.ts';
import { IMAGES } from '../../../src/core/process/images.ts';
import { validate } from '../evaluating.ts';
import { subjectOf } from '../subject-of.ts';

void t.test('names are read as the runtime reads them', (t) => {
  for (const image of [
    'alpine',
    'alpine:3',
    'library/alpine',
    'docker.io/alpine',
    'docker.io/library/alpine:3@sha256:0',
    'index.docker.io/library/alpine',
  ])
    t.equal(ImageKnowledge.BUILT_IN.factsOf(image).sh, 'ash', image);
  for (const image of ['registry.example/alpine', 'me/alpine', 'localhost/alpine', 'registry.example:5000/alpine:3', '', null, undefined])
    t.same(ImageKnowledge.BUILT_IN.factsOf(image), {}, String(image));
  t.end();
});

void t.test('a tag that names a distribution says what sh is, whatever the repository', (t) => {
  t.equal(ImageKnowledge.BUILT_IN.factsOf('registry.example/app:1.2-alpine3.20').sh, 'ash');
  t.equal(ImageKnowledge.BUILT_IN.factsOf('registry.example/app:1-slim-bookworm').sh, 'dash');
  t.equal(ImageKnowledge.BUILT_IN.factsOf('registry.example/app:1-ubi8').sh, 'old bash');
  t.equal(ImageKnowledge.BUILT_IN.factsOf('registry.example/app:1-ubi9').sh, 'bash');
  t.equal(ImageKnowledge.BUILT_IN.factsOf('python:3.12').sh, 'dash');
  t.equal(ImageKnowledge.BUILT_IN.factsOf('python:3.12-alpine').sh, 'ash');
  t.end();
});

void t.test('images that are built without a shell are known to have none', (t) => {
  for (const image of [
    'gcr.io/distroless/static',
    'registry.k8s.io/sig-storage/csi-node-driver-registrar:v2.10.0',
    'registry.k8s.io/coredns/coredns:v1.12.0',
    'quay.io/jetstack/cert-manager-webhook:v1.16.2',
    'docker.io/istio/proxyv2:1.24.0-distroless',
    'envoyproxy/envoy:distroless-v1.32.1',
  ])
    t.equal(ImageKnowledge.BUILT_IN.factsOf(image).sh, 'none', image);
  for (const image of ['registry.example/app:distroless-debug', 'registry.k8s.io/sig-storage/nfsplugin:v4.9.0', 'envoyproxy/envoy:v1.32.1'])
    t.equal(ImageKnowledge.BUILT_IN.factsOf(image).sh, undefined, image);
  t.end();
});

void t.test('every entry names its source and something that it knows', (t) => {
  for (const { source, repository, tag, ...facts } of IMAGES) {
    t.match(source, /^https:\/\//, `${repository}:${tag}`);
    t.ok(Object.keys(facts).length > 0 && (repository ?? tag) !== undefined, `${repository}:${tag}`);
  }
  t.end();
});

void t.test('what an image is known to start counts where the container has no command', (t) => {
  t.equal(containerStopOf({ name: 'web', image: 'nginx:1.29' }).fate, 'ends');
  t.equal(containerStopOf({ name: 'web', image: 'nginx:1.29', args: ['nginx', '-g', 'daemon off;'] }).fate, 'ends');
  t.equal(containerStopOf({ name: 'web', image: 'nginx:1.29', args: ['sleep', '1d'] }).fate, 'unknown');
  t.equal(containerStopOf({ name: 'web', image: 'nginx:1.29', args: ['sh', '-c', 'nginx; echo over'] }).fate, 'unknown');
  t.equal(containerStopOf({ name: 'web', image: 'redis:8', args: ['--save', ''] }).fate, 'ends');
  t.equal(containerStopOf({ name: 'web', image: 'lscr.io/linuxserver/sonarr' }).cause, 'init');
  t.equal(containerStopOf({ name: 'web', image: 'registry.example/web' }).fate, 'unknown');
  t.equal(containerStopOf({ name: 'web', image: 'nginx:1.29-alpine', command: ['sh', '-c', 'a; b'] }).fate, 'ends');
  t.end();
});

void t.test('the image’s STOPSIGNAL is the one that comes', (t) => {
  const command = ['bash', '-c', "trap 'exit' QUIT; app & wait"];
  t.equal(containerStopOf({ name: 'web', image: 'nginx', command }).fate, 'ends');
  t.equal(containerStopOf({ name: 'web', image: 'registry.example/web', command }).fate, 'swallows');
  t.end();
});

void t.test('lifecycle.stopSignal counts only where both signals come to the same', (t) => {
  const lifecycle = { stopSignal: 'SIGQUIT' };
  const quit = containerStopOf({ name: 'web', command: ['bash', '-c', "trap 'exit' QUIT; app & wait"], lifecycle });
  t.equal(`${quit.fate} ${quit.on}`, 'depends stop signal');
  t.equal(containerStopOf({ name: 'web', command: ['bash', '-c', "trap 'exit' QUIT TERM; app & wait"], lifecycle }).fate, 'ends');
  t.equal(containerStopOf({ name: 'web', command: ['sleep', '60'], lifecycle }).fate, 'swallows');
  t.end();
});

void t.test('an entrypoint that must be PID 1, or that nobody knows, keeps its namespace', (t) => {
  t.equal(mayShareProcessNamespace({ name: 'web', command: ['/init'] }), false);
  t.equal(mayShareProcessNamespace({ name: 'web', image: 'linuxserver/sonarr' }), false);
  t.equal(mayShareProcessNamespace({ name: 'web', image: 'registry.example/web' }), false);
  t.equal(mayShareProcessNamespace({ name: 'web', image: 'nginx' }), true);
  t.equal(mayShareProcessNamespace({ name: 'web', command: ['sleep', '60'] }), true);
  t.end();
});

void t.test('an image without an entrypoint keeps its namespace where it starts its CMD, which may be an init', (t) => {
  const images = new ImageKnowledge([{ repository: 'registry.example/os/*', entrypoint: 'none' }]);
  const container = { name: 'os', image: 'registry.example/os/init:9' };
  t.equal(mayShareProcessNamespace(container, images), false);
  t.equal(mayShareProcessNamespace({ ...container, args: [] }, images), false);
  t.equal(mayShareProcessNamespace({ ...container, args: ['sleep', '60'] }, images), true);
  t.equal(mayShareProcessNamespace({ ...container, args: ['/sbin/init'] }, images), false);
  t.end();
});

void t.test('an init that must be PID 1 is found wherever the command has it, and a script may start one', (t) => {
  const commands = [
    ['/sbin/init'],
    ['systemd'],
    ['/usr/lib/systemd/systemd', '--system'],
    ['busybox', 'init'],
    ['runit-init'],
    ['/package/admin/s6-overlay/libexec/preinit'],
    ['sh', '-c', 'mkdir -p /run/x; exec /init'],
    ['env', 'A=b', '/init'],
    ['dumb-init', '/init'],
    ['/entrypoint.sh'],
    ['sh', '-c', 'exec $APP'],
  ];
  for (const command of commands) t.equal(mayShareProcessNamespace({ name: 'web', command }), false, command.join(' '));
  t.equal(mayShareProcessNamespace({ name: 'web', command: ['sh', '-c'], args: ['exec /init'] }), false, 'args');
  const others = [
    ['app', 'init'],
    ['app', '--config=/etc/init'],
    ['tini', '--', 'app'],
    ['npm', 'start'],
    ['sh', '-c', 'a; b | c'],
  ];
  for (const command of others) t.equal(mayShareProcessNamespace({ name: 'web', command }), true, command.join(' '));
  t.end();
});

void t.test('what somebody knows of images of their own comes first, and the first that matches counts', (t) => {
  const images = new ImageKnowledge([
    { repository: 'registry.example/base/*', tag: '*-ash', sh: 'ash' },
    { repository: 'registry.example/base/*', sh: 'none', entrypoint: 'init', needsPidOne: true },
    { repository: 'docker.io/linuxserver/*', needsPidOne: false },
  ]);
  t.same(images.factsOf('registry.example/base/app:1-ash'), { sh: 'ash', entrypoint: 'init', needsPidOne: true });
  t.same(images.factsOf('registry.example/base/app'), { sh: 'none', entrypoint: 'init', needsPidOne: true });
  t.same(images.factsOf('registry.example/app'), {});
  t.equal(images.factsOf('python:3.12').sh, 'dash');
  t.equal(containerStopOf({ name: 'web', image: 'registry.example/base/app' }, images).cause, 'init');
  t.equal(mayShareProcessNamespace({ name: 'web', image: 'registry.example/base/app' }, images), false);
  t.equal(mayShareProcessNamespace({ name: 'web', image: 'linuxserver/sonarr' }, images), true);
  t.end();
});

void t.test('a repository of one’s own may be named as an image names it', (t) => {
  for (const repository of ['docker.io/library/server', 'docker.io/server', 'index.docker.io/library/server', 'index.docker.io/server']) {
    const images = new ImageKnowledge([{ repository, sh: 'ash' }]);
    for (const image of ['server:2', 'docker.io/server', 'docker.io/library/server@sha256:0'])
      t.equal(images.factsOf(image).sh, 'ash', `${repository} ${image}`);
    t.same(images.factsOf('team/server'), {}, repository);
  }
  const [all, port] = ['docker.io/*', 'localhost:5000/server'].map((repository) => new ImageKnowledge([{ repository, sh: 'ash' }]));
  t.same([all?.factsOf('team/server').sh, all?.factsOf('server').sh, all?.factsOf('quay.io/server').sh], ['ash', 'ash', undefined]);
  t.equal(port?.factsOf('localhost:5000/server:1').sh, 'ash');
  t.end();
});

void t.test('every rule that asks about an image goes by the policy', (t) => {
  const container = {
    name: 'web',
    image: 'registry.example/base/app',
    livenessProbe: { exec: { command: ['sh', '-c', 'check'] }, timeoutSeconds: 2 },
  };
  const subject = subjectOf({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'web' }, spec: { containers: [container] } });
  const rulesThatFind = (spec: Partial<PolicyDocument['spec']>): string[] => {
    const document: PolicyDocument = {
      apiVersion: 'podgrace.dev/v1alpha1',
      kind: 'LifecyclePolicy',
      metadata: { name: 'test' },
      spec: { preset: 'strict', ...spec },
    };
    const about = ['init-process', 'exec-form', 'probe-handler'];
    return validate(new Policy(document, catalogue), subject, { nowMs: 0 }).flatMap(({ rule }) => (about.includes(rule) ? [rule] : []));
  };
  t.same(rulesThatFind({}), ['init-process'], 'what its entrypoint does is not known');
  const images = [{ repository: 'registry.example/base/*', sh: 'none', entrypoint: 'execs' } as const];
  t.same(rulesThatFind({ images }).sort(), ['exec-form', 'probe-handler']);
  t.end();
});
