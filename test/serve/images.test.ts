/** `serve --images-registry`: a registry is asked in the background, and its answer counts from then on. */
import { join } from 'node:path';
import t, { type Test } from 'tap';
import { verifyAnswer } from '../admission/contract.ts';
import { containerOf, podOf, reviewOf } from '../admission/reviews.ts';
import { eventually } from '../files/eventually.ts';
import { NO_REGISTRY, realRegistry } from '../images/real-registry.ts';
import { imageOf, smallRegistry } from '../images/small-registry.ts';
import { getOps, pair, post } from '../server/serving.ts';
import { ServeProcess } from './serve-process.ts';

const SWALLOWS = ['/bin/bash', '-c', 'migrate; server && echo done'];

const POLICY = `apiVersion: podgrace.dev/v1alpha1
kind: LifecyclePolicy
metadata: { name: images }
spec:
  preset: baseline
  rules: { init-process: { mode: enforce } }
`;

/** What a server needs, and a folder for a registry. */
function filesFor(t: Test): string {
  return t.testdir({ 'tls.crt': pair.certPem, 'tls.key': pair.keyPem, 'policy.yaml': POLICY, registry: {} });
}

function start(t: Test, args: readonly string[], folder = filesFor(t)): ServeProcess {
  const ports = ['--host', '127.0.0.1', '--port', '0', '--ops-port', '0', '--drain-seconds', '0'];
  const files = ['--tls-cert', join(folder, 'tls.crt'), '--tls-key', join(folder, 'tls.key'), '--policy', join(folder, 'policy.yaml')];
  return new ServeProcess(t, [...ports, ...files, ...args]);
}

/** The code and the message with which a Pod of this image is denied; undefined where it is not. */
async function denialOf(port: number, image: string): Promise<string | undefined> {
  const review = reviewOf(podOf({ spec: { containers: [containerOf({ image, command: undefined })] } }));
  const { text } = await post(port, '/validate?timeout=5s', JSON.stringify(review));
  const { allowed, status } = verifyAnswer('validate', review, text);
  return allowed ? undefined : status?.message;
}

async function untilAsked(opsPort: number, outcome: string): Promise<string> {
  const line = `podgrace_image_questions_total{outcome="${outcome}"} 1\n`;
  let metrics = '';
  let reading: Promise<void> | undefined;
  await eventually(`the registry was asked: ${outcome}`, () => {
    reading ??= getOps(opsPort, '/metrics').then(({ text }) => {
      metrics = text;
      reading = undefined;
    });
    return metrics.includes(line);
  });
  return metrics;
}

void t.test('what a real registry says of an image counts once it is known', { skip: NO_REGISTRY }, async (t) => {
  const folder = filesFor(t);
  const registry = await realRegistry(t, { folder: join(folder, 'registry') });
  await registry.putImage('web', imageOf({ Cmd: SWALLOWS }), '1');
  const image = `${registry.name}/web:1`;
  const served = start(t, ['--images-registry', registry.name], folder);
  const { port, opsPort } = await served.ports();
  t.equal(await denialOf(port, image), undefined, 'nothing is known yet');
  t.match(await untilAsked(opsPort, 'known'), 'podgrace_images{state="known"} 1\n');
  t.match(await denialOf(port, image), 'ENTRYPOINT and CMD of the image start `bash` as PID 1');
  served.child.kill('SIGTERM');
  t.same(await served.exited, { code: 0, signal: null });
});

void t.test('a registry that does not answer is told of, denies nothing, and holds up no end', async (t) => {
  const registry = await smallRegistry(t);
  registry.answer('/v2/web/manifests/1', (_request, response) => response.writeHead(429, { 'retry-after': '100' }).end());
  registry.answer('/v2/web/manifests/2', () => undefined);
  const served = start(t, ['--images-registry', registry.name]);
  const { port, opsPort } = await served.ports();
  t.match((await getOps(opsPort, '/readyz')).text, '[+] images\n');
  t.equal(await denialOf(port, `${registry.name}/web:1`), undefined);
  t.match(await untilAsked(opsPort, 'postponed'), 'podgrace_images{state="waiting"} 1\n');
  const reason = `${registry.name} answers 429, and asks to wait for 100 s`;
  t.equal((await getOps(opsPort, '/readyz')).text, `[+] policy\n[+] certificate\n[+] images (${reason})\n[+] serving\nready\n`);
  t.match(await served.said('registry left alone, what it said last counts for a day'), { registry: registry.name, reason });
  t.equal(await denialOf(port, `${registry.name}/web:2`), undefined);
  served.child.kill('SIGTERM');
  t.same(await served.exited, { code: 0, signal: null });
});

void t.test('without the option no registry is asked', async (t) => {
  const registry = await smallRegistry(t);
  const served = start(t, []);
  const { port, opsPort } = await served.ports();
  t.equal(await denialOf(port, `${registry.name}/web:1`), undefined);
  t.notMatch((await getOps(opsPort, '/metrics')).text, 'podgrace_images{');
  served.child.kill('SIGTERM');
  t.same(await served.exited, { code: 0, signal: null });
  t.same(registry.requests, []);
});

void t.test('options that cannot be used are told', async (t) => {
  const wrong: readonly (readonly [args: readonly string[], told: string])[] = [
    [['--images-auth', 'config.json'], '--images-auth needs --images-registry'],
    [['--images-registry', 'https://registry.example'], 'It must be a host, as images name it'],
    [['--images-registry', 'docker.io', '--images-auth', 'missing.json'], '--images-auth: missing.json cannot be read: no such file'],
    [['--images-registry', 'docker.io', '--images-auth', 'package.json'], "--images-auth: package.json must have an object 'auths'"],
  ];
  for (const [args, told] of wrong) {
    const served = start(t, args);
    t.same(await served.exited, { code: 2, signal: null });
    t.match(served.stderr, told);
  }
});
