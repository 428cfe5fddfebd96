import t from 'tap';
import { applyDefaults } from '../../src/core/defaults.ts';
import { PodFacts } from '../../src/core/pod-facts.ts';
import type { ContainerKind, Pod } from '../../src/core/pod.ts';
import type { Surroundings } from '../../src/core/surroundings.ts';
import { Work } from '../../src/core/work.ts';
import { subjectOf } from './subject-of.ts';

const HOOK = { exec: { command: ['sleep', '5'] } };

function podOf(spec: object): Pod {
  return applyDefaults({ metadata: { name: 'web', labels: { app: 'web' } }, spec }, 'pod', 36);
}

const POD = podOf({
  initContainers: [
    { name: 'migrate', image: 'web:1' },
    { name: 'proxy', image: 'envoyproxy/envoy:v1', restartPolicy: 'Always' },
  ],
  containers: [
    {
      name: 'web',
      image: 'web:1',
      command: ['sh', '-c', 'sleep 5; exec web'],
      lifecycle: { preStop: HOOK },
      volumeMounts: [{ name: 'cache', mountPath: '/cache' }],
    },
  ],
  volumes: [{ name: 'cache', emptyDir: { medium: 'Memory', sizeLimit: '64Mi' } }],
});

void t.test('containers of the kinds that are asked for, in start order', (t) => {
  const facts = new PodFacts(POD);
  const names = (kinds: readonly ContainerKind[]): string[] => facts.containersOf(kinds).map(({ container }) => container.name);
  t.same(names(['main', 'init', 'sidecar']), ['migrate', 'proxy', 'web']);
  t.same(names(['main']), ['web']);
  t.same(names(['sidecar', 'main']), ['proxy', 'web']);
  t.same(names(['ephemeral']), []);
  t.equal(facts.containersOf(['main', 'init', 'sidecar']), facts.containers, 'no list is made where all are asked for');
  t.end();
});

void t.test('a fact is computed once: asking again gives the same value and counts no more work', (t) => {
  const work = new Work();
  const facts = new PodFacts(POD, work);
  const [web] = POD.spec.containers;
  if (web === undefined) throw new Error('a container');
  const services: Surroundings['services'] = { isKnown: true, value: [] };
  const mainOnly: readonly ContainerKind[] = ['main'];
  const use = facts.volumeUses.get('cache');
  if (use === undefined) throw new Error('a volume that is used');
  const asks: Readonly<Record<string, () => unknown>> = {
    containers: () => facts.containers,
    containersOf: () => facts.containersOf(mainOnly),
    stopOf: () => facts.stopOf(web),
    hookOf: () => facts.hookOf(HOOK, web),
    trafficOf: () => facts.trafficOf(services),
    hasProxy: () => facts.hasProxy,
    volumeUses: () => facts.volumeUses,
    memoryBoundOf: () => facts.memoryBoundOf(use),
    memoryScopes: () => facts.memoryScopes,
    diskBound: () => facts.diskBound,
    pageSizes: () => facts.pageSizes,
    dataPlace: () => facts.dataPlace,
  };
  for (const [name, ask] of Object.entries(asks)) {
    const first = ask();
    const { steps } = work;
    t.equal(ask(), first, name);
    t.equal(work.steps, steps, `${name}: steps`);
  }
  t.end();
});

void t.test('facts about traffic are those of the Services that are asked about', (t) => {
  const facts = new PodFacts(POD);
  const none: Surroundings['services'] = { isKnown: true, value: [] };
  const before = facts.trafficOf(none);
  t.not(facts.trafficOf({ isKnown: false, reason: 'not read' }), before);
  t.end();
});

void t.test('the work grows with what is read: words, mounts, variables that a hook names', (t) => {
  const stepsFor = (container: object, ask: (facts: PodFacts, pod: Pod) => unknown): number => {
    const work = new Work();
    const pod = podOf({ containers: [{ name: 'web', image: 'web:1', ...container }] });
    ask(new PodFacts(pod, work), pod);
    return work.steps;
  };
  const stop = (facts: PodFacts, pod: Pod): unknown => pod.spec.containers.map((container) => facts.stopOf(container));
  const script = (length: number): object => ({ command: ['sh', '-c', 'true;'.repeat(length)] });
  t.ok(stepsFor(script(1000), stop) >= stepsFor(script(10), stop) + 600, 'a long script');
  const volumes = (facts: PodFacts): unknown => facts.volumeUses;
  const mounts = (count: number): object => ({
    volumeMounts: Array.from({ length: count }, (_, index) => ({ name: `v${index}`, mountPath: `/${index}` })),
  });
  t.equal(stepsFor(mounts(50), volumes) - stepsFor(mounts(10), volumes), 40, 'a mount is a step');
  const env = Array.from({ length: 30 }, (_, index) => ({ name: `V${index}`, value: '1' }));
  const readHookWith =
    (command: readonly string[]) =>
    (facts: PodFacts, { spec }: Pod): unknown =>
      spec.containers.map((container) => facts.hookOf({ exec: { command: [...command] } }, container));
  const [plain, named] = [
    ['sleep', '5'],
    ['sh', '-c', 'sleep $V1'],
  ];
  t.equal(stepsFor({ env }, readHookWith(plain)), stepsFor({}, readHookWith(plain)), 'a hook without a variable reads none');
  t.ok(stepsFor({ env }, readHookWith(named)) >= stepsFor({}, readHookWith(named)) + 30);
  t.end();
});

void t.test('a command that only waits, and the words of an image’s own entrypoint', (t) => {
  const [waiting, ending] = ['until nc -z db 5432; do sleep 1; done', 'sleep 1'].map((script) =>
    podOf({ containers: [{ name: 'wait', image: 'busybox:1', command: ['sh', '-c'], args: [script] }] }),
  );
  const waits = (pod: Pod | undefined): boolean[] =>
    (pod?.spec.containers ?? []).map((container) => new PodFacts(POD).waitsForEver(container));
  t.same([waits(waiting), waits(ending)], [[true], [false]]);
  t.same(new PodFacts(POD).runningCommandsOf({ name: 'own', image: 'web:1' }), [], 'of the entrypoint of the image, nothing is read');
  t.end();
});

void t.test('one command that is a hook and a probe is read as each of them', (t) => {
  const { pod } = subjectOf({
    apiVersion: 'v1',
    kind: 'Pod',
    metadata: { name: 'web' },
    spec: {
      containers: [{ name: 'web', image: 'registry.example/web:1', lifecycle: { preStop: { exec: { command: ['sleep', '$(DRAIN)'] } } } }],
    },
  });
  const [container] = pod.spec.containers;
  const command = container?.lifecycle?.preStop;
  if (container === undefined || command == null) throw new Error('no hook');
  const facts = new PodFacts(pod);
  t.equal(facts.hookOf(command, container).duration.certainty, 'exact', 'nobody puts the value in, and it fails at once');
  t.equal(facts.hookOf(command, container, { isProbe: true }).duration.certainty, 'open', 'the kubelet puts the value in');
  t.end();
});
