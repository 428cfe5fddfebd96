import fc from '../fast-check.ts';
import assert from 'node:assert/strict';
import t from 'tap';
import { applyDefaults } from '../../src/core/defaults.ts';
import type { KubernetesMinor } from '../../src/core/kubernetes-version.ts';
import type { PodSpec, ResourceRequirements } from '../../src/core/pod.ts';
import { formatQuantity } from '../../src/core/quantity.ts';
import {
  aggregateContainers,
  aggregateResource,
  amountOf,
  defaultPodLevelResources,
  hasPodLevelResources,
  isPodLevelResource,
  positiveAmountOf,
  readAmount,
  writeAmount,
} from '../../src/core/resources.ts';

void t.test('an amount is absent, zero, or rounded up to milli units', (t) => {
  const list = { cpu: '100n', memory: 0, 'ephemeral-storage': '1Gi' };
  t.equal(amountOf(list, 'cpu')?.nano, 1_000_000n);
  t.equal(amountOf(list, 'memory')?.nano, 0n);
  t.equal(amountOf(list, 'ephemeral-storage')?.nano, 2n ** 30n * 10n ** 9n);
  t.equal(amountOf(list, 'hugepages-2Mi'), undefined);
  t.equal(amountOf(undefined, 'cpu'), undefined);
  t.equal(amountOf(null, 'cpu'), undefined);
  t.end();
});

void t.test('a text that is no quantity is a programming error and is named', (t) => {
  t.throws(() => readAmount('1 core'), { name: 'TypeError', message: 'not a quantity: "1 core"' });
  t.end();
});

void t.test('what is absent or 0 says nothing', (t) => {
  const list = { cpu: '0m', memory: '1Ki' };
  t.equal(positiveAmountOf(list, 'cpu'), undefined);
  t.equal(positiveAmountOf(list, 'ephemeral-storage'), undefined);
  t.equal(positiveAmountOf(list, 'memory')?.nano, 1024n * 10n ** 9n);
  t.end();
});

void t.test('an amount is written in canonical form, beside what is there', (t) => {
  const holder: { resources?: ResourceRequirements | null } = { resources: null };
  writeAmount(holder, 'limits', 'memory', readAmount('1024Mi'));
  writeAmount(holder, 'limits', 'cpu', readAmount('0.5'));
  t.same(holder, { resources: { limits: { memory: '1Gi', cpu: '500m' } } });
  t.end();
});

void t.test('a Pod has resources of its own where it names one that it can have, be it with 0', (t) => {
  t.ok(hasPodLevelResources({ resources: { limits: { cpu: '0' } } }));
  t.ok(hasPodLevelResources({ resources: { requests: { 'hugepages-2Mi': '2Mi' } } }));
  for (const resources of [undefined, null, {}, { limits: {}, requests: null }, { limits: { 'ephemeral-storage': '1Gi' } }]) {
    t.notOk(hasPodLevelResources({ resources }), JSON.stringify(resources));
  }
  t.end();
});

void t.test('cpu, memory and huge pages are what a Pod as a whole can have', (t) => {
  for (const resource of ['cpu', 'memory', 'hugepages-2Mi', 'hugepages-1Gi']) t.ok(isPodLevelResource(resource), resource);
  for (const resource of ['ephemeral-storage', 'nvidia.com/gpu', 'CPU', 'hugepages']) t.notOk(isPodLevelResource(resource), resource);
  t.end();
});

const container = (name: string, requests: Record<string, string>, more: object = {}): object => ({
  name,
  image: 'app:1',
  resources: { requests },
  ...more,
});

function sumsOf(spec: object): Record<string, string> {
  const sums = aggregateContainers(applyDefaults({ spec }, 'pod', 36).spec, 'requests', () => true);
  return Object.fromEntries([...sums].map(([resource, amount]) => [resource, formatQuantity(amount)]));
}

void t.test('main containers are added up', (t) => {
  const containers = [container('a', { cpu: '100m', memory: '64Mi' }), container('b', { cpu: '1', 'nvidia.com/gpu': '1' })];
  t.same(sumsOf({ containers }), { cpu: '1100m', memory: '64Mi', 'nvidia.com/gpu': '1' });
  t.end();
});

void t.test('an init container counts where it needs more than what runs later', (t) => {
  const containers = [container('a', { cpu: '1', memory: '64Mi' })];
  const initContainers = [container('migrate', { cpu: '500m', memory: '1Gi' }), container('seed', { memory: '128Mi' })];
  t.same(sumsOf({ initContainers, containers }), { cpu: '1', memory: '1Gi' });
  t.end();
});

void t.test('a sidecar runs beside the main containers and beside the init containers after it', (t) => {
  const sidecar = container('proxy', { cpu: '100m' }, { restartPolicy: 'Always' });
  const migrate = container('migrate', { cpu: '2' });
  const containers = [container('a', { cpu: '1' })];
  t.same(sumsOf({ initContainers: [sidecar, migrate], containers }), { cpu: '2100m' }, 'sidecar first');
  t.same(sumsOf({ initContainers: [migrate, sidecar], containers }), { cpu: '2' }, 'sidecar last');
  t.same(sumsOf({ initContainers: [sidecar], containers }), { cpu: '1100m' }, 'no init container');
  t.end();
});

void t.test('where one resource is added up, the amounts of others are not read', (t) => {
  // To read the second one would throw.
  const amounts = { memory: '64Mi', 'example.com/other': 'no quantity' };
  const spec = { containers: [container('a', amounts)], initContainers: [container('b', amounts)] } as never;
  const sum = aggregateResource(spec, 'requests', 'memory');
  t.equal(sum && formatQuantity(sum), '64Mi');
  t.equal(aggregateResource(spec, 'requests', 'cpu'), undefined);
  t.throws(() => aggregateContainers(spec, 'requests', () => true), TypeError);
  t.end();
});

void t.test('ephemeral containers need nothing', (t) => {
  t.same(sumsOf({ containers: [container('a', { cpu: '1' })], ephemeralContainers: [container('debug', { cpu: '4' })] }), { cpu: '1' });
  t.end();
});

void t.test('a sum prints in the format of its first amount that is not zero', (t) => {
  t.same(sumsOf({ containers: [container('a', { memory: '0' }), container('b', { memory: '1Gi' })] }), { memory: '1Gi' });
  t.same(sumsOf({ containers: [container('a', { memory: '1Mi' }), container('b', { memory: '1024k' })] }), { memory: '2024Ki' });
  t.end();
});

void t.test('the first amount of a sum is that of a main container, or of the init container that needs it', (t) => {
  const sidecar = container('proxy', { memory: '1Mi' }, { restartPolicy: 'Always' });
  const migrate = container('migrate', { memory: '1G' });
  t.same(sumsOf({ initContainers: [sidecar], containers: [container('a', { memory: '1k' })] }), { memory: '1049576' });
  t.same(sumsOf({ initContainers: [sidecar, migrate], containers: [container('a', {})] }), { memory: '1001048576' });
  t.end();
});

interface Part {
  readonly kind: 'main' | 'init' | 'sidecar';
  readonly requests: Record<string, string>;
}

const part = fc.record({
  kind: fc.constantFrom<Part['kind'][]>('main', 'init', 'sidecar'),
  requests: fc.dictionary(fc.constantFrom('cpu', 'memory', 'example.com/a'), fc.nat(9).map(String)),
});

void t.test('property: at each moment what runs then is added up, and the largest sum counts', (t) => {
  fc.assert(
    fc.property(fc.array(part, { maxLength: 8 }), (parts) => {
      const init = parts.filter(({ kind }) => kind !== 'main');
      const amount = ({ requests }: Part, resource: string): number => Number(requests[resource] ?? 0);
      const total = (running: readonly Part[], resource: string): number => running.reduce((sum, each) => sum + amount(each, resource), 0);
      const moments = [
        parts.filter(({ kind }) => kind !== 'init'),
        ...init.flatMap((starting, at) =>
          starting.kind === 'init' ? [[...init.slice(0, at).filter(({ kind }) => kind === 'sidecar'), starting]] : [],
        ),
      ];
      const named = new Set(parts.flatMap(({ requests }) => Object.keys(requests)));
      const expected = Object.fromEntries(
        [...named].map((resource) => [resource, String(Math.max(...moments.map((running) => total(running, resource))))]),
      );
      const spec = {
        containers: parts.filter(({ kind }) => kind === 'main').map(({ requests }) => container('main', requests)),
        initContainers: init.map(({ kind, requests }) =>
          container('init', requests, kind === 'sidecar' ? { restartPolicy: 'Always' } : {}),
        ),
      };
      assert.deepEqual(sumsOf(spec), expected);
    }),
  );
  t.end();
});

interface PodLevelCase {
  readonly name: string;
  readonly given: ResourceRequirements;
  readonly containers: readonly object[];
  readonly until36: ResourceRequirements;
  readonly from37: ResourceRequirements;
}

const limited = (name: string, limits: Record<string, string>): object => ({ name, image: 'app:1', resources: { limits } });
const unlimited: object = { name: 'plain', image: 'app:1' };

const POD_LEVEL_CASES: readonly PodLevelCase[] = [
  {
    name: 'nothing is made of nothing',
    given: { limits: {}, requests: {} },
    containers: [limited('a', { cpu: '1', memory: '1Gi' })],
    until36: { limits: {}, requests: {} },
    from37: { limits: {}, requests: {} },
  },
  {
    name: 'a missing request is what the containers request',
    given: { limits: { cpu: '2', memory: '2Gi' } },
    containers: [limited('a', { cpu: '500m' }), container('b', { cpu: '250m', memory: '64Mi' })],
    until36: { requests: { cpu: '750m', memory: '64Mi' }, limits: { cpu: '2', memory: '2Gi' } },
    from37: { requests: { cpu: '750m', memory: '64Mi' }, limits: { cpu: '2', memory: '2Gi' } },
  },
  {
    name: 'where no container requests, the limit is the request',
    given: { limits: { cpu: '2', memory: '2Gi' } },
    containers: [unlimited],
    until36: { requests: { cpu: '2', memory: '2Gi' }, limits: { cpu: '2', memory: '2Gi' } },
    from37: { requests: { cpu: '2', memory: '2Gi' }, limits: { cpu: '2', memory: '2Gi' } },
  },
  {
    name: 'requests without limits are added to from 1.37 on',
    given: { requests: { cpu: '1' } },
    containers: [container('a', { cpu: '1', memory: '64Mi' })],
    until36: { requests: { cpu: '1' } },
    from37: { requests: { cpu: '1', memory: '64Mi' } },
  },
  {
    name: 'limits are the containers’ from 1.37 on, at least the request',
    given: { requests: { cpu: '4', memory: '1Gi' } },
    containers: [limited('a', { cpu: '1', memory: '1Gi' }), limited('b', { cpu: '1', memory: '1Gi' })],
    until36: { requests: { cpu: '4', memory: '1Gi' } },
    from37: { requests: { cpu: '4', memory: '1Gi' }, limits: { cpu: '4', memory: '2Gi' } },
  },
  {
    name: 'no limit is made where a container has none',
    given: { requests: { cpu: '1' } },
    containers: [limited('a', { cpu: '1' }), unlimited],
    until36: { requests: { cpu: '1' } },
    from37: { requests: { cpu: '1' } },
  },
  {
    name: 'huge pages of the containers become the Pod’s',
    given: { limits: { cpu: '1' } },
    containers: [limited('a', { cpu: '1', 'hugepages-2Mi': '4Mi' }), limited('b', { cpu: '0', 'hugepages-2Mi': '2Mi' })],
    until36: { requests: { cpu: '1', 'hugepages-2Mi': '6Mi' }, limits: { cpu: '1', 'hugepages-2Mi': '6Mi' } },
    from37: { requests: { cpu: '1', 'hugepages-2Mi': '6Mi' }, limits: { cpu: '1', 'hugepages-2Mi': '6Mi' } },
  },
  {
    name: 'huge pages that the Pod requests itself get no limit from the containers up to 1.36',
    given: { requests: { cpu: '1', 'hugepages-2Mi': '4Mi' } },
    containers: [limited('a', { cpu: '1', 'hugepages-2Mi': '4Mi' })],
    until36: { requests: { cpu: '1', 'hugepages-2Mi': '4Mi' } },
    from37: { requests: { cpu: '1', 'hugepages-2Mi': '4Mi' }, limits: { cpu: '1', 'hugepages-2Mi': '4Mi' } },
  },
  {
    name: 'what a Pod cannot have stays with the containers',
    given: { limits: { memory: '1Gi' } },
    containers: [limited('a', { 'ephemeral-storage': '1Gi', 'nvidia.com/gpu': '1' })],
    until36: { requests: { memory: '1Gi' }, limits: { memory: '1Gi' } },
    from37: { requests: { memory: '1Gi' }, limits: { memory: '1Gi' } },
  },
];

function podLevel(given: ResourceRequirements, containers: readonly object[], minor: KubernetesMinor): unknown {
  const { spec } = applyDefaults({ spec: { containers } }, 'pod', minor);
  return defaultPodLevelResources({ ...spec, resources: given }, minor);
}

void t.test('Pod-level requests and limits are filled in as each version does', (t) => {
  for (const { name, given, containers, until36, from37 } of POD_LEVEL_CASES) {
    for (const minor of [34, 35, 36]) t.same(podLevel(given, containers, minor), until36, `${name}, 1.${minor}`);
    for (const minor of [37, 38]) t.same(podLevel(given, containers, minor), from37, `${name}, 1.${minor}`);
  }
  t.end();
});

void t.test('Pod-level resources that need nothing stay the same object', (t) => {
  const resources = { requests: { cpu: '1', memory: '1Gi' }, limits: { cpu: '1', memory: '1Gi' } };
  const spec = { containers: [unlimited], resources } as unknown as PodSpec;
  for (const minor of [34, 38]) t.equal(defaultPodLevelResources(spec, minor), resources);
  t.equal(defaultPodLevelResources({ ...spec, resources: undefined }, 36), undefined);
  t.end();
});
