/** What is known about an image by its name: of a policy's own images, and of those that everybody uses (`images.ts`). */
import { nameMatcher, type NameMatcher } from '../glob.ts';
import type { Maybe } from '../pod.ts';
import { TextMemo } from '../text-memo.ts';
import { IMAGES, type ImageEntry, type ImageFacts } from './images.ts';

interface CompiledEntry {
  readonly matchesRepository: NameMatcher;
  readonly matchesTag: NameMatcher;
  readonly facts: ImageFacts;
}

const NOTHING: ImageFacts = {};

/** With registry, tag and digest, few names of images are longer. */
const LONGEST_REMEMBERED = 256;
const MOST_REMEMBERED = 1024;

/** The first entry that matches says what it knows, and later ones fill the rest. */
export class ImageKnowledge {
  /** Without anything that a policy adds. */
  static readonly BUILT_IN = new ImageKnowledge([]);

  readonly #entries: readonly CompiledEntry[];
  readonly #known = new TextMemo<ImageFacts>(MOST_REMEMBERED, LONGEST_REMEMBERED);

  /** @param own entries that come before the built-in ones, and count more */
  constructor(own: readonly ImageEntry[]) {
    this.#entries = [...own, ...IMAGES].map(compileEntry);
  }

  /** What is known about an image by its name; nothing for one that has none. */
  factsOf(image: Maybe<string>): ImageFacts {
    if (image == null || image === '') return NOTHING;
    const remembered = this.#known.get(image);
    if (remembered !== undefined) return remembered;
    const { repository, tag } = nameOf(image);
    let known = NOTHING;
    for (const { matchesRepository, matchesTag, facts } of this.#entries) {
      if (matchesRepository(repository) && matchesTag(tag)) known = { ...facts, ...known };
    }
    this.#known.set(image, known);
    return known;
  }
}

function compileEntry({ repository = '*', tag = '*', sh, entrypoint, needsPidOne, stopSignal }: ImageEntry): CompiledEntry {
  const facts: ImageFacts = {
    ...(sh !== undefined && { sh }),
    ...(entrypoint !== undefined && { entrypoint }),
    ...(needsPidOne !== undefined && { needsPidOne }),
    ...(stopSignal !== undefined && { stopSignal }),
  };
  return { matchesRepository: nameMatcher(repository), matchesTag: nameMatcher(tag), facts };
}

/** Without tag and digest: `docker.io/library/nginx` of `nginx:1.27`. */
export function imageRepository(image: Maybe<string>): string {
  const name = image ?? '';
  let repository = REPOSITORIES.get(name);
  if (repository === undefined) REPOSITORIES.set(name, (repository = nameOf(name).repository));
  return repository;
}

const REPOSITORIES = new TextMemo<string>(MOST_REMEMBERED, LONGEST_REMEMBERED);

/** `nginx` is `docker.io/library/nginx:latest` (distribution/reference `ParseNormalizedNamed`). */
function nameOf(image: string): { repository: string; tag: string } {
  const [withoutDigest = ''] = image.split('@', 1);
  const colon = withoutDigest.lastIndexOf(':');
  const hasTag = colon > withoutDigest.lastIndexOf('/');
  const path = hasTag ? withoutDigest.slice(0, colon) : withoutDigest;
  const tag = hasTag ? withoutDigest.slice(colon + 1) : 'latest';
  const [first = ''] = path.split('/', 1);
  const hasRegistry = path.includes('/') && (first.includes('.') || first.includes(':') || first === 'localhost');
  const repository = hasRegistry
    ? path.replace(/^index\.docker\.io\//, 'docker.io/')
    : path.includes('/')
      ? `docker.io/${path}`
      : `docker.io/library/${path}`;
  return { repository: repository.replace(/^docker\.io\/([^/]+)$/, 'docker.io/library/$1'), tag };
}
