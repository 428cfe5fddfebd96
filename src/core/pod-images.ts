/** The images that a Pod starts. */
import { containersOf, type Pod } from './pod.ts';

/** The images of the containers that are told to stop: main containers and sidecars. */
export function imagesOf({ spec }: Pod): Set<string> {
  const names = new Set<string>();
  for (const { kind, container } of containersOf(spec))
    if ((kind === 'main' || kind === 'sidecar') && container.image != null && container.image !== '') names.add(container.image);
  return names;
}
