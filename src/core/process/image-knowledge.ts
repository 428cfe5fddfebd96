/**
 * What is known about an image: by its name, of a policy's own images and of those that everybody uses (`images.ts`); and by its
 * configuration, where somebody has asked its registry.
 */
import { nameMatcher, type NameMatcher } from '../glob.ts';
import type { Maybe } from '../pod.ts';
import type { ImageConfiguration, Known, Surroundings } from '../surroundings.ts';
import { TextMemo } from '../text-memo.ts';
import { upstreamOf } from './image-mirrors.ts';
import { IMAGES, type ImageEntry, type ImageFacts } from './images.ts';

interface CompiledEntry {
  readonly matchesRepository: NameMatcher;
  readonly matchesTag: NameMatcher;
  readonly facts: ImageFacts;
}

const NOTHING: ImageFacts = {};

type Configurations = ReadonlyMap<string, Known<ImageConfiguration>>;

/** The base image, by name (OCI image specification, annotations.md); build tools write it as a label, too. */
export const BASE_NAME = 'org.opencontainers.image.base.name';

/** With registry, tag and digest, few names of images are longer. */
const LONGEST_REMEMBERED = 256;
const MOST_REMEMBERED = 1024;

/** The first entry that matches says what it knows, and later ones fill the rest. */
export class ImageKnowledge {
  /** Without anything that a policy adds. */
  static readonly BUILT_IN = new ImageKnowledge([]);

  readonly #entries: readonly CompiledEntry[];
  readonly #configurations: Configurations | undefined;
  readonly #known = new TextMemo<ImageFacts>(MOST_REMEMBERED, LONGEST_REMEMBERED);
  /** The same with configurations: made once for each set of them. */
  readonly #withConfigurations = new WeakMap<Configurations, ImageKnowledge>();

  /** @param own entries that come before the built-in ones, and count more */
  constructor(own: readonly ImageEntry[] | ImageKnowledge, configurations?: Configurations) {
    this.#entries = own instanceof ImageKnowledge ? own.#entries : [...own, ...IMAGES].map(compileEntry);
    this.#configurations = configurations;
  }

  /** What is known besides, where image configurations are. */
  with(configurations: Surroundings['images']): ImageKnowledge {
    if (!configurations.isKnown) return this;
    let knowledge = this.#withConfigurations.get(configurations.value);
    if (knowledge === undefined) {
      knowledge = new ImageKnowledge(this, configurations.value);
      this.#withConfigurations.set(configurations.value, knowledge);
    }
    return knowledge;
  }

  /** What the registry of an image says of it; undefined where nobody has asked. */
  configurationOf(image: Maybe<string>): Known<ImageConfiguration> | undefined {
    return this.#configurations?.get(image ?? '');
  }

  /** What is known about an image; nothing for one that has no name. STOPSIGNAL is that of its configuration, where that is known. */
  factsOf(image: Maybe<string>): ImageFacts {
    if (image == null || image === '') return NOTHING;
    const remembered = this.#known.get(image);
    if (remembered !== undefined) return remembered;
    const byName = this.#factsByName(image);
    const configuration = this.configurationOf(image);
    const known = configuration?.isKnown === true ? this.#withConfiguration(byName, configuration.value) : byName;
    this.#known.set(image, known);
    return known;
  }

  /** The shell is that of the base image, where the name of the image does not tell. */
  #withConfiguration({ stopSignal: _, ...byName }: ImageFacts, { stopSignal, labels }: ImageConfiguration): ImageFacts {
    const base = Object.hasOwn(labels, BASE_NAME) ? labels[BASE_NAME] : undefined;
    const sh = byName.sh ?? (base === undefined || base === '' ? undefined : this.#factsByName(base).sh);
    return { ...byName, ...(sh !== undefined && { sh }), ...(stopSignal !== undefined && { stopSignal }) };
  }

  #factsByName(image: string): ImageFacts {
    const { repository, tag } = nameOf(image);
    const upstream = upstreamOf(repository);
    let known = NOTHING;
    for (const { matchesRepository, matchesTag, facts } of this.#entries) {
      if ((matchesRepository(repository) || matchesRepository(upstream)) && matchesTag(tag)) known = { ...facts, ...known };
    }
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
  // In the form in which images are compared; of a pattern nobody knows whether `*` stands for a slash, too.
  const compared = repository.includes('*') ? repository : nameOf(repository).repository;
  return { matchesRepository: nameMatcher(compared), matchesTag: nameMatcher(tag), facts };
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
