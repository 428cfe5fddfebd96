/** Where an image is, by its name in a Pod. */
import { parseImageReference } from '../core/image-reference.ts';
import { imageRepository } from '../core/process/image-knowledge.ts';

export interface ImageName {
  /** Host and port, as the name has it: `docker.io`, `localhost:5000`. */
  readonly registry: string;
  /** Within the registry: `library/nginx`. */
  readonly path: string;
  readonly tag: string;
  /** What it counts by, where the name has one. */
  readonly digest: string | undefined;
}

/** @returns undefined for a name that no container runtime can read */
export function imageNameOf(image: string): ImageName | undefined {
  const reference = parseImageReference(image);
  if (reference === undefined) return undefined;
  const repository = imageRepository(image);
  const slash = repository.indexOf('/');
  const { tag = 'latest', digest } = reference;
  return { registry: repository.slice(0, slash), path: repository.slice(slash + 1), tag, digest };
}

/** The host that answers for a registry; Docker Hub has another one than its name (distribution/reference). */
export function hostOf(registry: string): string {
  return registry === 'docker.io' ? 'registry-1.docker.io' : registry;
}
