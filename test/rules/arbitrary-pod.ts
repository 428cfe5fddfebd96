/** Pods with random resources and volumes for property tests, as somebody would send them; the API server accepts them all. */
import fc from '../fast-check.ts';
import { applyDefaults } from '../../src/core/defaults.ts';
import { cloneJson } from '../../src/core/json.ts';
import { NEWEST_MINOR, OLDEST_MINOR } from '../../src/core/kubernetes-version.ts';
import { compareQuantities } from '../../src/core/quantity.ts';
import { readAmount } from '../../src/core/resources.ts';
import { findInvalid } from './api-validation.ts';

export interface SentPod {
  readonly minor: number;
  readonly pod: object;
}

const CPU = ['0', '1m', '100m', 0.5, '500m', '1', '2000m', 4];
const MEMORY = ['0', 0, '1', '32Mi', '64Mi', '128Mi', '100M', '0.1Gi', '1500k', 512e6, '1024Mi', '4Gi'];
const STORAGE = ['0', '1Mi', '2G', '20Gi'];

type Amount = string | number;

interface Range {
  readonly requests: Amount | undefined;
  readonly limits: Amount | undefined;
}

/** A request, a limit, both or neither, the request at most the limit. */
function range(amounts: readonly Amount[]): fc.Arbitrary<Range> {
  const maybe = fc.option(fc.constantFrom(...amounts), { nil: undefined, freq: 2 });
  return fc.tuple(maybe, maybe).map(([a, b]) => {
    const isUpsideDown = a !== undefined && b !== undefined && compareQuantities(readAmount(a), readAmount(b)) > 0;
    return isUpsideDown ? { requests: b, limits: a } : { requests: a, limits: b };
  });
}

function resourcesOf(ranges: Readonly<Record<string, fc.Arbitrary<Range>>>): fc.Arbitrary<object> {
  return fc.record(ranges).map((chosen) => {
    const list = (part: keyof Range): Record<string, Amount> => {
      const amounts: Record<string, Amount> = {};
      for (const [resource, { [part]: amount }] of Object.entries(chosen)) if (amount !== undefined) amounts[resource] = amount;
      return amounts;
    };
    return { requests: list('requests'), limits: list('limits') };
  });
}

const NOTHING: Range = { requests: undefined, limits: undefined };
const cpu = range(CPU);
const memory = range(MEMORY);

const VOLUME_NAMES = ['a', 'b', 'c'] as const;

const emptyDir = fc.record(
  {
    medium: fc.constantFrom('', 'Memory', 'Memory', 'Memory', 'HugePages', 'Ramdisk'),
    sizeLimit: fc.constantFrom('0', 0, '1', '32Mi', '1Gi', '3Gi', '150G'),
  },
  { requiredKeys: ['medium'] },
);
const volume = fc.oneof(
  { weight: 6, arbitrary: fc.record({ emptyDir }) },
  { weight: 1, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.constant({ configMap: { name: 'config' } }) },
);

const storage = fc.oneof({ weight: 3, arbitrary: fc.constant(NOTHING) }, range(STORAGE));
const container = fc.record(
  { mounted: fc.subarray([...VOLUME_NAMES]), resources: resourcesOf({ cpu, memory, 'ephemeral-storage': storage }) },
  { requiredKeys: ['mounted'] },
);

const podResources = fc.oneof(
  { weight: 8, arbitrary: fc.constant(undefined) },
  { weight: 1, arbitrary: fc.constant({}) },
  { weight: 1, arbitrary: fc.constant({ requests: { cpu: '0' } }) },
  { weight: 2, arbitrary: resourcesOf({ cpu, memory }) },
);

function containerOf({ mounted, ...rest }: { mounted: string[]; resources?: object }, name: string): object {
  return {
    name,
    image: 'registry.example/app:1',
    ...rest,
    volumeMounts: mounted.map((volume) => ({ name: volume, mountPath: `/${volume}` })),
  };
}

export const anyPod: fc.Arbitrary<SentPod> = fc
  .record({
    minor: fc.integer({ min: OLDEST_MINOR, max: NEWEST_MINOR }),
    main: fc.array(container, { minLength: 1, maxLength: 2 }),
    init: fc.array(fc.record({ container, isSidecar: fc.boolean() }), { maxLength: 2 }),
    volumes: fc.tuple(volume, volume, volume),
    resources: podResources,
  })
  .map(({ minor, main, init, volumes, resources }) => ({
    minor,
    pod: {
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name: 'any' },
      spec: {
        ...(resources && { resources }),
        volumes: volumes.map((source, index) => ({ name: VOLUME_NAMES[index], ...source })),
        initContainers: init.map(({ container, isSidecar }, index) => ({
          ...containerOf(container, `init-${index}`),
          ...(isSidecar && { restartPolicy: 'Always' }),
        })),
        containers: main.map((fields, index) => containerOf(fields, `main-${index}`)),
      },
    },
  }))
  // As it comes off the wire: fast-check's objects have no prototype.
  .map(({ minor, pod }) => ({ minor, pod: cloneJson(pod) }))
  .filter(({ pod, minor }) => findInvalid(applyDefaults(pod, 'pod', minor), `1.${minor}`).length === 0);
