/** From the place of a finding to the container that it is in. */
import { CONTAINER_LISTS, type Container, type ContainerReference, type Pod } from './pod.ts';
import type { FieldPath } from './path.ts';

/** The place of the container that a place is in, also where that is within a workload. */
export function containerPlaceOf(path: FieldPath): FieldPath | undefined {
  let found: FieldPath | undefined;
  for (let at: FieldPath = path; at.parent !== undefined; at = at.parent) {
    if (typeof at.step === 'number' && Object.hasOwn(CONTAINER_LISTS, at.parent.step)) found = at;
  }
  return found;
}

/** The container that a place of the Pod is in. */
export function containerAt(path: FieldPath, { spec }: Pod): Container | undefined {
  const place = containerPlaceOf(path);
  return spec[place?.parent?.step as ContainerReference['list']]?.[place?.step as number];
}
