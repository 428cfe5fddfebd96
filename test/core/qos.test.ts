import t from 'tap';
import { applyDefaults } from '../../src/core/defaults.ts';
import { NEWEST_MINOR, OLDEST_MINOR, type KubernetesMinor } from '../../src/core/kubernetes-version.ts';
import { isHiddenByEmptyResources, isLowerQos, qosClassOf, qosObstacles, type QosClass, type QosObstacle } from '../../src/core/qos.ts';
import { atLeast } from '../long-tests.ts';
import { readGolden, skipWithoutGolden } from './golden.ts';

const MINORS = Array.from({ length: NEWEST_MINOR - OLDEST_MINOR + 1 }, (_, index) => OLDEST_MINOR + index);

type List = Readonly<Record<string, string | number | null>>;
interface Resources {
  readonly requests?: List;
  readonly limits?: List;
}

const main = (resources?: Resources): object => ({ name: 'main', image: 'app:1', ...(resources && { resources }) });
const init = (resources?: Resources): object => ({ ...main(resources), name: 'init' });
const sidecar = (resources?: Resources): object => ({ ...main(resources), name: 'proxy', restartPolicy: 'Always' });

const GUARANTEED: Resources = { limits: { cpu: '1', memory: '1Gi' } };
const SMALLER: Resources = { limits: { cpu: '100m', memory: '64Mi' } };

interface Case {
  readonly name: string;
  readonly spec: object;
  /** The class, and where 1.37 answers differently, that answer after it. */
  readonly classes: readonly [QosClass, QosClass?];
}

const one = (name: string, qosClass: QosClass, resources?: Resources): Case => ({
  name,
  spec: { containers: [main(resources)] },
  classes: [qosClass],
});

const CASES: readonly Case[] = [
  one('no resources', 'BestEffort'),
  one('limits of cpu and memory only', 'Guaranteed', GUARANTEED),
  one('equal amounts in different texts', 'Guaranteed', {
    requests: { cpu: 0.5, memory: '1024Mi' },
    limits: { cpu: '500m', memory: '1Gi' },
  }),
  one('a limit of cpu only', 'Burstable', { limits: { cpu: '1' } }),
  one('cpu equal, of memory a request only', 'Burstable', { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1' } }),
  one('requests only', 'Burstable', { requests: { cpu: '1', memory: '1Gi' } }),
  one('requests of zero', 'BestEffort', { requests: { cpu: '0', memory: 0 } }),
  one('requests and limits of zero', 'BestEffort', { requests: { cpu: '0', memory: '0' }, limits: { cpu: '0', memory: '0' } }),
  one('a request that is null counts as zero, not as the limit', 'Burstable', {
    requests: { cpu: null },
    limits: { cpu: '1', memory: '1Gi' },
  }),
  one('a request of zero below a limit', 'Burstable', { requests: { cpu: '0', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } }),
  one('a limit of cpu that is zero', 'Burstable', { limits: { cpu: '0', memory: '1Gi' } }),
  one('only ephemeral storage', 'BestEffort', { requests: { 'ephemeral-storage': '1Gi' }, limits: { 'ephemeral-storage': '1Gi' } }),
  one('only a GPU', 'BestEffort', { limits: { 'nvidia.com/gpu': '1' } }),
  one('Guaranteed beside ephemeral storage that is not equal', 'Guaranteed', {
    requests: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '1Gi' },
    limits: { cpu: '1', memory: '1Gi', 'ephemeral-storage': '2Gi' },
  }),
  {
    name: 'an init container without resources beside a Guaranteed one',
    spec: { initContainers: [init()], containers: [main(GUARANTEED)] },
    classes: ['Burstable'],
  },
  {
    name: 'an init container that is Guaranteed with other amounts',
    spec: { initContainers: [init(SMALLER)], containers: [main(GUARANTEED)] },
    classes: ['Guaranteed'],
  },
  {
    name: 'only the init container has resources',
    spec: { initContainers: [init(GUARANTEED)], containers: [main()] },
    classes: ['Burstable'],
  },
  {
    name: 'one container Guaranteed, one BestEffort',
    spec: { containers: [main(GUARANTEED), { ...main(), name: 'other' }] },
    classes: ['Burstable'],
  },
  {
    name: 'a sidecar without resources beside a Guaranteed container',
    spec: { initContainers: [sidecar()], containers: [main(GUARANTEED)] },
    classes: ['Burstable'],
  },
  {
    name: 'an ephemeral container never counts',
    spec: { containers: [main(GUARANTEED)], ephemeralContainers: [{ name: 'debug', image: 'busybox:1' }] },
    classes: ['Guaranteed'],
  },
  {
    name: 'an ephemeral container beside a BestEffort container',
    spec: { containers: [main()], ephemeralContainers: [{ name: 'debug', image: 'busybox:1' }] },
    classes: ['BestEffort'],
  },
  {
    name: 'empty Pod-level resources hide the containers up to 1.36',
    spec: { resources: {}, containers: [main(GUARANTEED)] },
    classes: ['BestEffort', 'Guaranteed'],
  },
  {
    name: 'Pod-level resources of empty maps are empty too',
    spec: { resources: { limits: {}, requests: {} }, containers: [main(GUARANTEED)] },
    classes: ['BestEffort', 'Guaranteed'],
  },
  {
    name: 'Pod-level resources of null are none',
    spec: { resources: null, containers: [main(GUARANTEED)] },
    classes: ['Guaranteed'],
  },
  {
    name: 'Pod-level limits, containers without requests',
    spec: { resources: { limits: { cpu: '2', memory: '2Gi' } }, containers: [main()] },
    classes: ['Guaranteed'],
  },
  {
    name: 'Pod-level limits, containers that request less',
    spec: { resources: { limits: { cpu: '2', memory: '2Gi' } }, containers: [main({ requests: { cpu: '1', memory: '1Gi' } })] },
    classes: ['Burstable'],
  },
  {
    name: 'Pod-level limits equal to a Guaranteed container’s',
    spec: { resources: { limits: { cpu: '1', memory: '1Gi' } }, containers: [main(GUARANTEED)] },
    classes: ['Guaranteed'],
  },
  {
    name: 'Pod-level limits above a Guaranteed container’s',
    spec: { resources: { limits: { cpu: '2', memory: '2Gi' } }, containers: [main(GUARANTEED)] },
    classes: ['Burstable'],
  },
  {
    name: 'Pod-level requests only: limits come from the containers from 1.37 on',
    spec: { resources: { requests: { cpu: '1', memory: '1Gi' } }, containers: [main(GUARANTEED)] },
    classes: ['Burstable', 'Guaranteed'],
  },
  {
    name: 'a Pod-level request of cpu only',
    spec: { resources: { requests: { cpu: '1' } }, containers: [main(GUARANTEED)] },
    classes: ['Burstable', 'Guaranteed'],
  },
  {
    name: 'Pod-level requests only, containers without limits',
    spec: { resources: { requests: { cpu: '1', memory: '1Gi' } }, containers: [main()] },
    classes: ['Burstable'],
  },
  {
    name: 'Pod-level limits that name only huge pages',
    spec: {
      resources: { limits: { 'hugepages-2Mi': '2Mi' } },
      containers: [main({ limits: { cpu: '1', memory: '1Gi', 'hugepages-2Mi': '2Mi' } })],
    },
    classes: ['Burstable', 'Guaranteed'],
  },
];

void t.test('the class is the one that the API server computes, in every version', (t) => {
  for (const { name, spec, classes } of CASES) {
    for (const minor of MINORS) {
      const expected = minor >= 37 ? (classes[1] ?? classes[0]) : classes[0];
      t.equal(qosClassOf(applyDefaults({ spec }, 'pod', minor).spec, minor), expected, `${name}, 1.${minor}`);
    }
  }
  t.end();
});

void t.test('a status that a client sent is not believed', (t) => {
  const pod = { spec: { containers: [main()] }, status: { qosClass: 'Guaranteed' } };
  t.equal(qosClassOf(applyDefaults(pod, 'pod', 36).spec, 36), 'BestEffort');
  t.end();
});

void t.test('classes are ordered from the first to be evicted to the last', (t) => {
  t.ok(isLowerQos('BestEffort', 'Burstable'));
  t.ok(isLowerQos('Burstable', 'Guaranteed'));
  t.notOk(isLowerQos('Guaranteed', 'Guaranteed'));
  t.notOk(isLowerQos('Guaranteed', 'BestEffort'));
  t.end();
});

type Reason = readonly [container: string | undefined, resource: string, request: string | undefined, limit: string | undefined];

function reasonsOf(spec: object, wanted: QosClass, minor: KubernetesMinor = 36): Reason[] {
  const obstacles = qosObstacles(applyDefaults({ spec }, 'pod', minor).spec, minor, wanted);
  return obstacles.map(({ reference, resource, request, limit }: QosObstacle) => [reference?.container.name, resource, request, limit]);
}

void t.test('nothing stands in the way of a class that is reached', (t) => {
  t.same(reasonsOf({ containers: [main(GUARANTEED)] }, 'Guaranteed'), []);
  t.same(reasonsOf({ containers: [main(GUARANTEED)] }, 'Burstable'), []);
  t.same(reasonsOf({ containers: [main()] }, 'BestEffort'), []);
  t.end();
});

void t.test('what keeps a Pod from Guaranteed is told for each container and resource, in start order', (t) => {
  const spec = {
    initContainers: [init(), sidecar(SMALLER)],
    containers: [
      main({ requests: { cpu: '0.1' }, limits: { cpu: '2', memory: '1024Mi' } }),
      { ...main({ requests: { cpu: 0 } }), name: 'other' },
    ],
    ephemeralContainers: [{ name: 'debug', image: 'busybox:1' }],
  };
  t.same(reasonsOf(spec, 'Guaranteed'), [
    ['init', 'cpu', undefined, undefined],
    ['init', 'memory', undefined, undefined],
    ['main', 'cpu', '100m', '2'],
    ['other', 'cpu', undefined, undefined],
    ['other', 'memory', undefined, undefined],
  ]);
  t.end();
});

void t.test('what keeps a Pod from Burstable is every container', (t) => {
  t.same(reasonsOf({ containers: [main(), { ...main({ limits: { 'nvidia.com/gpu': 1 } }), name: 'gpu' }] }, 'Burstable'), [
    ['main', 'cpu', undefined, undefined],
    ['main', 'memory', undefined, undefined],
    ['gpu', 'cpu', undefined, undefined],
    ['gpu', 'memory', undefined, undefined],
  ]);
  t.end();
});

void t.test('where Pod-level resources decide, they are the obstacle', (t) => {
  const spec = { resources: { limits: { cpu: '2', memory: '1Gi' } }, containers: [main(GUARANTEED)] };
  t.same(reasonsOf(spec, 'Guaranteed'), [[undefined, 'cpu', '1', '2']]);
  const empty = { resources: {}, containers: [main(GUARANTEED)] };
  t.same(reasonsOf(empty, 'Burstable', 36), [
    [undefined, 'cpu', undefined, undefined],
    [undefined, 'memory', undefined, undefined],
  ]);
  t.same(reasonsOf(empty, 'Guaranteed', 37), []);
  t.end();
});

void t.test('only an empty spec.resources hides the containers, and only up to 1.36', (t) => {
  const hides = (resources: object | null, minor: KubernetesMinor): boolean =>
    isHiddenByEmptyResources(applyDefaults({ spec: { resources, containers: [main(GUARANTEED)] } }, 'pod', minor).spec, minor);
  for (const minor of [34, 35, 36]) t.ok(hides({}, minor) && hides({ limits: {} }, minor), `1.${minor}`);
  for (const minor of [37, 38]) t.notOk(hides({}, minor), `1.${minor}`);
  t.notOk(hides(null, 36));
  t.notOk(hides({ requests: { cpu: '0' } }, 36), 'an amount of 0 is something');
  t.end();
});

void t.test('agrees with the class that a real API server gave to every Pod that it accepted', { skip: skipWithoutGolden() }, (t) => {
  const accepted = readGolden('pods').filter(({ code }) => code === 201);
  t.ok(accepted.length > atLeast(4000), `${accepted.length} Pods`);
  // Servers of 1.34 and 1.35 gave the same classes to the same Pods (golden/README.md).
  for (const minor of [34, 35, 36]) {
    const different = accepted.filter(({ posted, qosClass }) => qosClassOf(applyDefaults(posted, 'pod', minor).spec, minor) !== qosClass);
    t.same(
      different.map(({ file }) => file),
      [],
      `1.${minor}`,
    );
  }
  t.end();
});
