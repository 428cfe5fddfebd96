/** Finds the containers of an updated Pod whose names belonged to other containers before the update. */
import { placeOf, type Renamed } from './finding.ts';
import type { FieldPath } from './path.ts';
import { containersOf, pathOf, type Container, type ContainerReference, type PodSpec } from './pod.ts';
import { imageRepository } from './process/image-knowledge.ts';

/** A Pod and its place in the object that the user sees. */
interface PlacedPod {
  readonly root: FieldPath;
  readonly pod: { readonly spec: PodSpec };
}

/**
 * A container is the one that had its name before, in the same list, with two exceptions. Where containers have exchanged their
 * names, each is the one that ran the same; one whose name belonged to such a container, and that runs what nobody ran before, is
 * new. And one that has become a sidecar, or ceased to be one, is new. So nothing that was there before stands for two now.
 *
 * @returns the places of the exceptions now, with those before; undefined for one that is new
 */
export function renamedContainers(now: PlacedPod, before: PlacedPod): Renamed {
  const renamed = new Map<string, string | undefined>();
  const pairs = new Map<string, Pair>();
  const earlier = new Map<string, ContainerReference>();
  for (const reference of containersOf(before.pod.spec)) earlier.set(nameIn(reference), reference);
  for (const reference of containersOf(now.pod.spec)) {
    const name = nameIn(reference);
    pairs.set(name, { now: reference, before: earlier.get(name) });
  }
  const exchanged = new Map<string, ContainerReference>();
  for (const signature of SIGNATURES) exchangesBy(signature, pairs, earlier, exchanged);
  const taken = new Set(exchanged.values());
  for (const [name, pair] of pairs) {
    const ranTheSame = exchanged.get(name);
    const counterpart = ranTheSame ?? pair.before;
    if (counterpart === undefined) continue;
    const isNew = counterpart.kind !== pair.now.kind || (ranTheSame === undefined && taken.has(counterpart));
    if (counterpart === pair.before && !isNew) continue;
    renamed.set(placeOf(pathOf(pair.now).within(now.root)), isNew ? undefined : placeOf(pathOf(counterpart).within(before.root)));
  }
  return renamed;
}

interface Pair {
  readonly now: ContainerReference;
  /** The one that had the name. */
  readonly before: ContainerReference | undefined;
}

/** What tells a container from another one if not its name: all that it runs and serves, or the image alone, whatever its tag is. */
const SIGNATURES: readonly ((container: Container) => string)[] = [
  ({ image, command, args, ports }) =>
    JSON.stringify([imageRepository(image), command, args, ports?.map(({ containerPort, protocol }) => [containerPort, protocol])]),
  ({ image }) => imageRepository(image),
];

/**
 * Adds the containers that run what one of another name ran before, which itself runs something else now or is gone; and that do
 * not run what the one of their own name ran.
 */
function exchangesBy(
  signature: (container: Container) => string,
  pairs: ReadonlyMap<string, Pair>,
  earlier: ReadonlyMap<string, ContainerReference>,
  into: Map<string, ContainerReference>,
): void {
  const hasMoved = ({ now, before }: Pair): boolean => before !== undefined && signature(before.container) !== signature(now.container);
  const left = new Map<string, ContainerReference | 'several'>();
  for (const [name, reference] of earlier) {
    const pair = pairs.get(name);
    if (pair !== undefined && !hasMoved(pair)) continue;
    const key = `${reference.list} ${signature(reference.container)}`;
    left.set(key, left.has(key) ? 'several' : reference);
  }
  for (const [name, pair] of pairs) {
    if (into.has(name) || !hasMoved(pair)) continue;
    const key = `${pair.now.list} ${signature(pair.now.container)}`;
    const counterpart = left.get(key);
    if (counterpart === undefined || counterpart === 'several') continue;
    into.set(name, counterpart);
    left.delete(key);
  }
}

function nameIn({ list, container }: ContainerReference): string {
  return `${list} ${container.name}`;
}
