/** The servers of the tutorial: what they lose while they are rolled out and drained and when a node is lost, and what the poor one loses. */
import { copyFileSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import type { Test } from 'tap';
import { isObject, type JsonObject } from '../../src/core/json.ts';
import { documentsIn } from '../../src/offline/input/documents.ts';
import { connect, eventually, kubectl, makeNamespace, run } from './cluster.ts';
import { canLoadImages, loadImage } from './proof/loaded-image.ts';
import { realNodeScenario } from './proof/real-node-scenario.ts';
import { scenario, skipped } from './proof/scenario.ts';
import { makeFakeNode, onFakeNodes, type FakeNode } from './proof/fake-node.ts';
import { isEvictedByTaint, isReady, PodWatch, type LivePod } from './proof/pod-watch.ts';
import { problemOf, ServiceLoad } from './proof/service-load.ts';

const EXAMPLE = fileURLToPath(new URL('../../examples/graceful-httpserver/', import.meta.url));
const POOR = 'poor';

/** Each request takes 100 ms of work: some are under way at any moment. */
const LOAD = { clients: 4, pauseMs: 25 };

/** Before something happens, and after it. */
const LEAST_REQUESTS = 100;

/** So long a drain waits for a budget that allows no eviction. */
const DRAIN_SECONDS = 12;

/** Of the good ones, in their manifests. */
const TOLERATED_SECONDS = 60;

/** So long a rollout may take before what is not ready is replaced. The start takes 12 s, a rollout 45 s where nothing else runs. */
const ROLLOUT_SECONDS = 150;

realNodeScenario('the servers of the tutorial lose no request under a rollout and a drain, and the poor one does', async (t, node) => {
  if (!canLoadImages()) {
    skipped(t, 'no image can be loaded from here');
    return;
  }
  const images = await loadImages();
  const namespace = await makeNamespace(t, connect());
  const names = [...images.keys(), POOR];
  t.teardown(() => kubectl(['uncordon', node.name]));
  for (const name of names) {
    const image = images.get(name) ?? images.get('node') ?? '';
    await deploy(namespace, name, (spec) => onRealNode(spec, node.name, image));
  }
  for (const name of names) await waitUntilServing(t, namespace, name);

  await underLoad(t, { namespace, names }, 'a rollout', () => Promise.all(names.map((name) => rollOut(t, namespace, name))));
  await underLoad(t, { namespace, names }, 'a drain', async () => {
    const poor = await podsOf(namespace, POOR);
    await Promise.all(names.map((name) => drain(node.name, namespace, name)));
    await succeed(['uncordon', node.name]);
    await eventually('the drain has evicted the poor one', async () => !(await podsOf(namespace, POOR)).some((pod) => poor.includes(pod)));
    for (const name of names) await rolledOut(t, namespace, name);
  });
  await Promise.all([...images.keys()].map((name) => endsByItself(t, namespace, name)));
});

scenario(
  'a lost node leaves Pods of the good servers, which replace the others after a minute, and takes the only Pod of the poor one',
  async (t) => {
    const api = connect();
    const namespace = await makeNamespace(t, api);
    const nodes: FakeNode[] = [];
    for (const name of ['first', 'second']) {
      const node = await makeFakeNode(t, api, namespace, name);
      if (node === undefined) return;
      nodes.push(node);
    }
    const watch = PodWatch.start(t, namespace);
    const names = ['node', 'go', POOR];
    for (const name of names) await deploy(namespace, name, (spec) => onFakeNode(spec, namespace));
    for (const name of names) await rolledOut(t, namespace, name);
    const latest = (name: string): LivePod[] =>
      watch.names.filter((pod) => pod.startsWith(`hello-${name}-`)).flatMap((pod) => watch.of(pod).at(-1)?.pod ?? []);
    const [poor] = latest(POOR);
    const lostNode = nodes.find(({ name }) => name === poor?.spec.nodeName);
    if (poor === undefined || lostNode === undefined) throw new Error('the poor Pod is on no node');
    const isLost = ({ spec }: LivePod): boolean => spec.nodeName === lostNode.name;

    const lostMs = await lostNode.becomeNotReady();
    for (const name of names.filter((name) => name !== POOR)) {
      const serving = (): number => latest(name).filter((pod) => !isLost(pod) && isReady(pod)).length;
      t.ok(serving() > 0, `${name}: what is on the other node serves`);
      for (const { metadata } of latest(name).filter(isLost)) {
        const { atMs } = await watch.until(metadata.name, 'is evicted', ({ pod }) => isEvictedByTaint(pod), 120_000);
        t.comment(`node lost: ${metadata.name} evicted after ${((atMs - lostMs) / 1000).toFixed(1)} s`);
        t.ok(atMs - lostMs >= TOLERATED_SECONDS * 1000, `${name}: not before its time`);
      }
      await eventually(`${name} has its three Pods on the other node`, () => serving() === 3);
    }
    t.same(latest(POOR).map(isEvictedByTaint), [false], 'the poor one waits for its node all this time, and has no other Pod');
  },
);

/** The Services of a namespace. */
interface Served {
  readonly namespace: string;
  readonly names: readonly string[];
}

async function underLoad(t: Test, { namespace, names }: Served, what: string, happens: () => Promise<unknown>): Promise<void> {
  const loads = await Promise.all(names.map(async (name) => ({ name, load: new ServiceLoad(await urlOf(namespace, name), LOAD) })));
  try {
    await eventually('requests are under way', () => loads.every(({ load }) => load.tally.answered >= LEAST_REQUESTS));
    await happens();
    const answered = new Map(loads.map(({ name, load }) => [name, load.tally.answered]));
    await eventually('requests go on', () =>
      loads.every(({ name, load }) => load.tally.answered >= (answered.get(name) ?? 0) + LEAST_REQUESTS),
    );
  } finally {
    await Promise.all(loads.map(({ load }) => load.stop()));
  }
  for (const { name, load } of loads) {
    t.comment(`${what}, ${name}: ${load.sent} requests, ${load.lost} lost ${JSON.stringify(Object.fromEntries(load.tally.lost))}`);
    if (name === POOR) t.ok(load.lost > 0, `${what}: the poor one loses requests`);
    else t.same(Object.fromEntries(load.tally.lost), {}, `${what}: the server in ${name} loses none`);
  }
}

/** By language: an image of the server with what it needs and nothing else. Go only where its compiler is. */
async function loadImages(): Promise<ReadonlyMap<string, string>> {
  const images = new Map([['node', 'localhost/hello-node:1']]);
  const root = mkdtempSync(join(tmpdir(), 'podgrace-example-'));
  const forNode = join(root, 'node');
  // The shell is for the poor one, whose process 1 it is.
  const programs = [
    [process.execPath, 'usr/local/bin/node'],
    ['/bin/sh', 'bin/sh'],
  ] as const;
  for (const [program, path] of programs) {
    copyTo(forNode, path, program);
    for (const library of await librariesOf(program)) copyTo(forNode, library, library);
  }
  copyTo(forNode, 'app/server.mjs', join(EXAMPLE, 'node/server.mjs'));
  await loadImage('localhost/hello-node:1', forNode);

  const forGo = join(root, 'go');
  mkdirSync(forGo);
  const environment = { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=mod' };
  const compiled = await run('go', ['build', '-C', join(EXAMPLE, 'go'), '-o', join(forGo, 'server'), '.'], undefined, environment).catch(
    () => undefined,
  );
  if (compiled?.code === 0 && existsSync(join(forGo, 'server'))) {
    await loadImage('localhost/hello-go:1', forGo);
    images.set('go', 'localhost/hello-go:1');
  }
  rmSync(root, { recursive: true });
  return images;
}

function copyTo(root: string, path: string, from: string): void {
  mkdirSync(join(root, dirname(path)), { recursive: true });
  copyFileSync(from, join(root, path));
}

async function librariesOf(program: string): Promise<string[]> {
  const { stdout } = await run('ldd', [program]);
  return Array.from(stdout.matchAll(/(\/\S+) \(0x/g), ([, path = '']) => path);
}

async function deploy(namespace: string, name: string, place: (spec: PodSpec) => PodSpec): Promise<void> {
  const file = join(EXAMPLE, name, 'manifests.yaml');
  for (const document of documentsIn(file, readFileSync(file, 'utf8'))) {
    if ('message' in document || !isObject(document.value)) throw new Error(`${file} cannot be read`);
    const object = document.value['kind'] === 'Deployment' ? placed(document.value, place) : document.value;
    const { code, stderr } = await kubectl(['apply', '-n', namespace, '-f', '-'], object);
    if (code !== 0) throw new Error(stderr);
  }
}

interface PodSpec extends JsonObject {
  readonly containers: readonly JsonObject[];
  readonly volumes: readonly JsonObject[];
  readonly tolerations?: readonly JsonObject[];
}

function placed(deployment: JsonObject, place: (spec: PodSpec) => PodSpec): JsonObject {
  const { spec } = deployment as { readonly spec: JsonObject & { readonly template: JsonObject & { readonly spec: PodSpec } } };
  return { ...deployment, spec: { ...spec, template: { ...spec.template, spec: place(spec.template.spec) } } };
}

/** What differs here: where the image is, which node has it, and that no folder of this machine is written to. */
function onRealNode(spec: PodSpec, node: string, image: string): PodSpec {
  return {
    ...spec,
    nodeSelector: { 'kubernetes.io/hostname': node },
    containers: spec.containers.map((container) => ({ ...container, image, imagePullPolicy: 'Never' })),
    volumes: spec.volumes.map((volume) => ('hostPath' in volume ? { name: volume['name'], emptyDir: {} } : volume)),
  };
}

function onFakeNode(spec: PodSpec, namespace: string): PodSpec {
  const { nodeSelector, tolerations } = onFakeNodes(namespace);
  return { ...spec, nodeSelector, tolerations: [...(spec.tolerations ?? []), ...tolerations] };
}

async function urlOf(namespace: string, name: string): Promise<string> {
  const service = await connect().find(`/api/v1/namespaces/${namespace}/services/hello-${name}`);
  return `http://${(service?.['spec'] as { clusterIP: string }).clusterIP}/`;
}

async function waitUntilServing(t: Test, namespace: string, name: string): Promise<void> {
  await rolledOut(t, namespace, name);
  const url = await urlOf(namespace, name);
  await eventually(`${name} answers`, async () => (await problemOf(url)) === undefined);
}

/** Until the old Pods are gone. */
async function rollOut(t: Test, namespace: string, name: string): Promise<void> {
  const old = await podsOf(namespace, name);
  await succeed(['rollout', 'restart', `deployment/hello-${name}`, '-n', namespace]);
  await rolledOut(t, namespace, name);
  await eventually('the old Pods are gone', async () => {
    const left = await podsOf(namespace, name);
    return !old.some((pod) => left.includes(pod));
  });
}

/**
 * Until all Pods are ready. What is tested is which requests are lost, and not how long a Pod takes on a busy machine: Pods that do not
 * become ready are shown and replaced once. They get no requests, so this loses none.
 */
async function rolledOut(t: Test, namespace: string, name: string): Promise<void> {
  const status = ['rollout', 'status', `deployment/hello-${name}`, '-n', namespace, `--timeout=${ROLLOUT_SECONDS}s`];
  if ((await kubectl(status)).code === 0) return;
  const [pods, nodes] = await Promise.all([
    kubectl(['describe', 'pods', '-l', selectorOf(name), '-n', namespace]),
    kubectl(['describe', 'nodes']),
  ]);
  t.comment(`hello-${name} is not rolled out after ${ROLLOUT_SECONDS} s:\n${pods.stdout}\n${nodes.stdout}`);
  for (const pod of await podsOf(namespace, name, (pod) => !isReady(pod))) await succeed(['delete', 'pod', pod, '-n', namespace]);
  await succeed(status);
}

/** There is no other node: where a budget waits for a successor, the drain gives up. */
async function drain(node: string, namespace: string, name: string): Promise<void> {
  const limits = [`--timeout=${DRAIN_SECONDS}s`, '--ignore-daemonsets', '--delete-emptydir-data', '--force'];
  await kubectl(['drain', node, '--pod-selector', selectorOf(name), '-n', namespace, ...limits]);
}

function selectorOf(name: string): string {
  return `${name === POOR ? 'app' : 'app.kubernetes.io/name'}=hello-${name}`;
}

async function podsOf(namespace: string, name: string, isMeant: (pod: LivePod) => boolean = () => true): Promise<string[]> {
  const pods = await connect().list(`/api/v1/namespaces/${namespace}/pods`, { labelSelector: selectorOf(name) });
  return pods.filter((pod) => isMeant(pod as unknown as LivePod)).map(({ metadata }) => (metadata as { name: string }).name);
}

/** Exit code 0, and not SIGKILL at the end of the grace period: the log of a Pod that is deleted ends with its last words. */
async function endsByItself(t: Test, namespace: string, name: string): Promise<void> {
  const [pod = ''] = await podsOf(namespace, name);
  const logs = kubectl(['logs', '-f', pod, '-n', namespace]);
  await succeed(['delete', 'pod', pod, '-n', namespace]);
  const { stdout } = await logs;
  const last = stdout.trimEnd().split('\n').at(-1) ?? '';
  t.match(last, /stopped/, `the last line of ${name}: ${last}`);
}

async function succeed(args: readonly string[]): Promise<void> {
  const { code, stderr } = await kubectl(args);
  if (code !== 0) throw new Error(stderr);
}
