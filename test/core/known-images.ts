/** Image configurations that are known to a test. */
import type { ImageConfiguration, Known } from '../../src/core/surroundings.ts';

const SAYS_NOTHING: ImageConfiguration = { entrypoint: [], cmd: [], user: '', stopSignal: undefined, labels: {} };

/** @param images by their names: what differs from a configuration that says nothing, or why nobody knows it */
export function knownImages(images: Readonly<Record<string, Partial<ImageConfiguration> | string>>): {
  readonly isKnown: true;
  readonly value: ReadonlyMap<string, Known<ImageConfiguration>>;
} {
  const value = Object.entries(images).map(([image, said]): [string, Known<ImageConfiguration>] => [
    image,
    typeof said === 'string' ? { isKnown: false, reason: said } : { isKnown: true, value: { ...SAYS_NOTHING, ...said } },
  ]);
  return { isKnown: true, value: new Map(value) };
}
