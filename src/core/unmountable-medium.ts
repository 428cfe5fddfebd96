/** Why the kubelet cannot mount an emptyDir of a medium, in the words of a finding. */
import { meantMedium, mediumOf, pageSizeNamedBy, pageSizeOf } from './empty-dir.ts';
import { oncePer } from './once-per.ts';
import type { EmptyDir, Volume } from './pod.ts';
import { listed, shortened } from './shortened.ts';

export interface UnmountableMedium {
  readonly message: 'unknownMedium' | 'hugePagesNotRequested' | 'hugePagesOfSeveralSizes';
  readonly data: Readonly<Record<string, string>>;
}

/** The page sizes that the containers ask for, as they are written, by their value (`requestedPageSizesOf`). */
type PageSizes = ReadonlyMap<string, string>;

/** @returns undefined where the kubelet can mount the volume */
export function unmountableMediumOf(
  { name }: Pick<Volume, 'name'>,
  emptyDir: EmptyDir,
  pageSizes: PageSizes,
): UnmountableMedium | undefined {
  const medium = emptyDir.medium ?? '';
  if (mediumOf(emptyDir) === 'unknown') return { message: 'unknownMedium', data: { volume: name, medium, meant: meantMedium(medium) } };
  const found = pageSizeOf(pageSizes, emptyDir);
  if (found === 'found') return undefined;
  const sizes = sizesInOrder(pageSizes);
  const first = shortened(sizes[0] ?? '2Mi');
  if (found === 'one of several') {
    const named = sizes.length > SHOWN_SIZES ? listed(sizes, SHOWN_SIZES) : sizes.map((size) => shortened(size)).join(' and ');
    return { message: 'hugePagesOfSeveralSizes', data: { volume: name, size: first, sizes: named } };
  }
  const orMedium = sizes.length === 0 ? '' : `, or write \`medium: HugePages-${first}\``;
  return { message: 'hugePagesNotRequested', data: { volume: name, medium, size: pageSizeNamedBy(emptyDir) ?? first, orMedium } };
}

/** One list for all volumes: a Pod can have thousands of them, and ask for as many sizes. */
const sizesInOrder = oncePer((pageSizes: PageSizes) => [...pageSizes.values()].sort());

const SHOWN_SIZES = 2;
