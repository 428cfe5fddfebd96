/** Names of images, as container runtimes read them. */
import { TextMemo } from './text-memo.ts';

export interface ImageReference {
  readonly tag: string | undefined;
  readonly digest: string | undefined;
}

/**
 * The parts of a name of an image. Mirrors github.com/distribution/reference, as kubernetes `pkg/util/parsers` `ParseImageName`
 * calls it.
 *
 * @returns undefined for what does not parse: an empty text, upper-case repositories, blanks, a digest that was cut off
 */
export function parseImageReference(image: string): ImageReference | undefined {
  const known = READ.get(image);
  if (known !== undefined) return known === UNREADABLE ? undefined : known;
  const reference = read(image);
  READ.set(image, reference ?? UNREADABLE);
  return reference;
}

function read(image: string): ImageReference | undefined {
  const match = IMAGE_REFERENCE.exec(image);
  if (match === null || IDENTIFIER.test(image)) return undefined;
  const { host, name = '', tag, digest } = match.groups as { host?: string; name?: string; tag?: string; digest?: string };
  if (lengthOfPath(host, name) > LONGEST_PATH) return undefined;
  return digest === undefined || isDigest(digest) ? { tag, digest } : undefined;
}

const UNREADABLE: ImageReference = { tag: undefined, digest: undefined };
const LONGEST_REMEMBERED = 256;
const READ = new TextMemo<ImageReference>(1024, LONGEST_REMEMBERED);

/** The grammar of github.com/distribution/reference, as far as its parts matter here. */
const IMAGE_REFERENCE =
  /^(?:(?<host>[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*(?:\.[A-Za-z0-9]+(?:-+[A-Za-z0-9]+)*)*(?::\d+)?|\[[0-9a-fA-F:]+\](?::\d+)?)\/)?(?<name>[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:[._]|__|-+)[a-z0-9]+)*)*)(?::(?<tag>\w[\w.-]{0,127}))?(?:@(?<digest>[A-Za-z][A-Za-z0-9]*(?:[-_+.][A-Za-z][A-Za-z0-9]*)*:[0-9a-fA-F]{32,}))?$/;

/** A name that is nothing but the number of an image, as a container runtime has it (`anchoredIdentifierRegexp`). */
const IDENTIFIER = /^[a-f0-9]{64}$/;

/** `RepositoryNameTotalLengthMax` */
const LONGEST_PATH = 255;

/** The name without its registry, as the hub has it: a single word is one of its own images (`splitDockerDomain`). */
function lengthOfPath(host: string | undefined, name: string): number {
  const isHost = host !== undefined && (host === 'localhost' || /[.:A-Z]/.test(host));
  if (host !== undefined && !isHost) return host.length + 1 + name.length;
  const isOfHub = host === undefined || host === 'docker.io' || host === 'index.docker.io';
  return name.length + (isOfHub && !name.includes('/') ? 'library/'.length : 0);
}

/** Mirrors github.com/opencontainers/go-digest, `Digest.Validate`, with the algorithms that the kubelet knows. */
function isDigest(digest: string): boolean {
  const [algorithm = '', encoded = ''] = digest.split(':');
  return encoded.length === DIGEST_LENGTHS.get(algorithm) && /^[a-f0-9]+$/.test(encoded);
}

const DIGEST_LENGTHS: ReadonlyMap<string, number> = new Map([
  ['sha256', 64],
  ['sha384', 96],
  ['sha512', 128],
]);
